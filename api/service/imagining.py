"""Imagining as a job: told step by step, the picture shown as it emerges."""

import base64
import io
from collections.abc import Callable
from dataclasses import asdict
from time import monotonic
from typing import Any

from PIL import Image

from mindseye.api.service.jobs import Job
from mindseye.api.service.links import links
from mindseye.api.service.service import Service
from mindseye.api.service.wish import Wish
from mindseye.engine.mixture import Mixture, alone
from mindseye.engine.terms import is_mixture

IMAGINE = "imagine"  # the kind of job
_SHOWN_EVERY = 0.5  # seconds between two looks at a picture that emerges


def start_imagining(service: Service, wish: Wish) -> Job:
    """Return the job that imagines a picture; the same wish is one job, which ends when all who asked let it go.

    Raises UsageError and UnknownWordError as `Mindseye.imagine`, BusyError when too many wait.
    """
    about = asdict(wish)
    mixture = _mixture(service, wish)  # what cannot be imagined is told at once
    for job in service.jobs.all():
        if job.kind == IMAGINE and job.about == about and job.hold():
            return job

    def work(job: Job) -> dict[str, Any]:
        told = service.eye.imagine_mixtures(
            [mixture], [wish.seed], size=wish.size, method=wish.method, on_step=_shown(job)
        )[0].as_dict()
        return told | {"links": links(told["item_id"], "image")}

    return service.jobs.start(IMAGINE, work, about)


def _mixture(service: Service, wish: Wish) -> Mixture:
    if wish.means is None and wish.sense is None and is_mixture(wish.word):
        return service.eye.mixtures([wish.word])[0]
    return alone(service.eye.query(wish.word, wish.means, wish.sense))


def _shown(job: Job) -> Callable[[Any], None]:
    """Return what tells a job of each step and shows it the picture now and then."""
    last = 0.0

    def show(step: Any) -> None:
        nonlocal last
        job.tell(step.done, step.total)
        if (at := monotonic()) - last >= _SHOWN_EVERY:
            last = at
            job.show(_data_uri(Image.fromarray(step.look()[0])))

    return show


def _data_uri(picture: Image.Image) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=80)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"
