"""The map of the library: places, drawing it anew, sheets of its pictures."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Response

from mindseye.api.maps.sprites import MEDIA_TYPE
from mindseye.api.service.examples import example
from mindseye.api.service.jobs import Job
from mindseye.api.service.mapping import KIND
from mindseye.api.service.parameters import Strict
from mindseye.api.service.service import Served
from mindseye.api.service.shapes import JobTold

router = APIRouter(prefix="/v1/map", tags=["map"])
_FOREVER = {"Cache-Control": "private, max-age=31536000, immutable"}  # an address with ?v= names one sheet only
_TOLD: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "application/json": {
                "example": {
                    "state": "ready", "version": "0123456789abcdef", "count": 2, "added": 0, "waiting": 0,
                    "x": [1.5, -2.25], "y": [0.5, 3.0], "item": [1, 2],
                    "kinds": ["image", "word", "paragraph", "document", "imagined"], "kind": [0, 1],
                    "collections": ["photos", "words"], "collection": [0, 1], "groups": ["zebra"], "group": [0, -1],
                    "title": ["zebra", "zebra"], "text": ["", "a striped African equine"],
                    "pictures": [0], "texts": [1],
                    "sheets": {"side": 48, "across": 32, "addresses": ["/v1/map/atlas/0?v=0123456789abcdef"]},
                }
            }
        }
    }
}  # fmt: skip
_SHEET: dict[int | str, dict[str, Any]] = {
    200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}, "example": "(the bytes of the sheet)"}}}
}


class Wish(Strict):
    """refit: whether to make the map anew, all places with it, rather than give places to what is new."""

    refit: bool = False


@router.get("", responses=_TOLD)
def map_told(service: Served) -> Response:
    """Tell the map as it was last drawn, a list for each column; `state` is `none` where it never was.

    `waiting` counts what has no place yet, `added` what was placed among the others since the map was made; `pictures`
    and `texts` name points in the order in which they are to come into view, `sheets` where their pictures are.
    """
    return Response(service.map.told(), media_type="application/json")


@router.post("", status_code=202, responses=example("job", 202))
def draw(service: Served, wish: Annotated[Wish, Body(examples=[{"refit": False}])]) -> JobTold:
    """Start the job that brings the map up to date, or makes it anew; one that is under way is joined."""
    under_way = [job for job in service.jobs.all() if job.kind == KIND and not job.has_ended]
    job = under_way[0] if under_way and not wish.refit else _start(service, wish)
    return JobTold(**job.as_dict())


@router.get("/atlas/{number}", response_class=Response, responses=_SHEET)
def atlas(
    service: Served,
    number: Annotated[int, Path(ge=0, lt=10_000, examples=[0])],
    v: Annotated[str, Query(pattern="^[0-9a-f]{16}$", examples=["0123456789abcdef"])],
) -> Response:
    """Send a sheet of small pictures, in the order of the map's `pictures`."""
    return Response(service.map.sheet(v, number), media_type=MEDIA_TYPE, headers=_FOREVER)


def _start(service: Served, wish: Wish) -> Job:
    return service.jobs.start(KIND, lambda job: service.map.draw(wish.refit, job.tell), wish.model_dump())
