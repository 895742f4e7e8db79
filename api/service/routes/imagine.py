"""Imagining: begun here, followed and cancelled as a job."""

from typing import Annotated

from fastapi import APIRouter, Body

from mindseye.api.service.examples import example
from mindseye.api.service.imagining import start_imagining
from mindseye.api.service.parameters import WishBody
from mindseye.api.service.service import Served
from mindseye.api.service.shapes import JobTold
from mindseye.api.service.wish import Wish

router = APIRouter(prefix="/v1", tags=["imagine"])


@router.post("/imagine", status_code=202, responses=example("job", 202))
async def imagine(
    service: Served, asked: Annotated[WishBody, Body(examples=[{"word": "okapi"}, {"word": "2*zebra + car"}])]
) -> JobTold:
    """Begin to imagine a picture of a word, a phrase, a sentence or a mixture.

    The same wish gives the picture that is stored. `GET /v1/jobs/{id}/events` shows it as it emerges.
    """
    job = await service.in_turn(lambda: start_imagining(service, Wish(**asked.model_dump())))
    return JobTold(**job.as_dict())
