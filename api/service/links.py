"""Where to fetch what an answer names."""

from typing import Any

from mindseye.api.answers import Answer


def with_links(answer: Answer, job: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return an answer as `search --json` prints it, with links for each hit and the job that imagines, if any."""
    told = answer.as_dict() | {"job": job}
    for hit in told["hits"]:
        hit["links"] = links(hit["item_id"], hit["modality"])
    return told


def links(item_id: int, modality: str) -> dict[str, str | None]:
    """Return where to fetch an item's pictures."""
    here = f"/v1/items/{item_id}"
    return {
        "item": here,
        "thumbnail": f"{here}/thumbnail" if modality == "image" else None,
        "original": None if modality == "word" else f"{here}/original",
    }
