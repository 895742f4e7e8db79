"""Where to fetch what an answer names."""

from dataclasses import asdict, replace
from typing import Any

from mindseye.api.answers import Answer
from mindseye.api.service.jobs import Job
from mindseye.api.service.roots import Roots
from mindseye.api.service.wish import Wish


def with_links(answer: Answer, roots: Roots, job: Job | None = None, to_imagine: Wish | None = None) -> dict[str, Any]:
    """Return an answer as `search --json` prints it, with links for each hit and what there is to imagine, if any.

    Texts of files outside of the roots are withheld.
    """
    told = replace(answer, hits=tuple(map(roots.as_shown, answer.hits))).as_dict()
    for hit in told["hits"]:
        hit["links"] = links(hit["item_id"], hit["modality"])
    return told | {"job": job and job.as_dict(), "to_imagine": to_imagine and asdict(to_imagine)}


def links(item_id: int, modality: str) -> dict[str, str | None]:
    """Return where to fetch an item's pictures."""
    here = f"/v1/items/{item_id}"
    return {
        "item": here,
        "thumbnail": f"{here}/thumbnail" if modality == "image" else None,
        "original": None if modality == "word" else f"{here}/original",
    }
