"""Where to fetch what an answer names."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from mindseye.api.answers import Answer
from mindseye.api.gis.gazetteer import Town
from mindseye.api.service.jobs import Job
from mindseye.api.service.roots import Roots
from mindseye.api.service.wish import Wish


def with_links(
    answer: Answer,
    roots: Roots,
    towns: Sequence[Town] = (),
    job: Job | None = None,
    to_imagine: Wish | None = None,
) -> dict[str, Any]:
    """Return an answer as `search --json` prints it, with links for each hit and what there is to imagine, if any.

    towns: that the place to look around may mean: the first, which is taken, is told. Texts of files outside of the
    roots are withheld.
    """
    told = replace(answer, hits=tuple(map(roots.as_shown, answer.hits))).as_dict()
    for hit in told["hits"]:
        hit["links"] = links(hit["item_id"], hit["modality"])
    if towns:
        told["near"] = near(towns)
    return told | {"job": job and job.as_dict(), "to_imagine": to_imagine and asdict(to_imagine)}


def near(towns: Sequence[Town]) -> dict[str, Any]:
    """Return which town is looked around, and how many have its name."""
    town = towns[0]
    place = {"latitude": town.latitude, "longitude": town.longitude}
    return {"name": town.name, "region": town.region, "country": town.country, **place, "of": len(towns)}


def links(item_id: int, modality: str) -> dict[str, str | None]:
    """Return where to fetch an item's pictures."""
    here = f"/v1/items/{item_id}"
    return {
        "item": here,
        "thumbnail": f"{here}/thumbnail" if modality == "image" else None,
        "original": None if modality == "word" else f"{here}/original",
    }
