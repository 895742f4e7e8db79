"""Studies: made, listed, told, and every judgment as CSV."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Request, Response

from mindseye.api.service.examples import example
from mindseye.api.service.service import Served, Service
from mindseye.api.service.shapes import JobTold
from mindseye.api.service.study_shapes import LinkTold, MoreLinks, StudyBody, StudyResultsTold, StudyTold
from mindseye.api.service.studying import start_study
from mindseye.api.studies.making import add_raters, study_as_dict
from mindseye.api.studies.results import study_results
from mindseye.api.studies.table import judgments_csv
from mindseye.indexer.studies import Studies

router = APIRouter(prefix="/v1/studies", tags=["studies"])

StudyName = Annotated[str, Path(max_length=64, description="A study's name.", examples=["pilot"])]
_PILOT = {"name": "pilot", "words": ["zebra", "okapi", "piano"], "raters": 4}
Attentive = Annotated[bool, Query(description="Leave out raters who fail the checks of attention.")]


def _file(media_type: str, shown: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {media_type: {"example": shown}}}}


@router.get("", response_model=list[StudyTold], responses=example("studies"))
def studies(service: Served) -> list[dict[str, Any]]:
    """List the studies, the oldest first."""
    return [study_as_dict(each) for each in Studies.of(service.library).all()]


@router.post("", status_code=202, responses=example("job", 202))
def new_study(service: Served, asked: Annotated[StudyBody, Body(examples=[_PILOT])]) -> JobTold:
    """Begin to make a study; the job imagines what pictures are not there yet."""
    return JobTold(**start_study(service, asked.wish()).as_dict())


@router.get("/{name}", response_model=StudyTold, responses=example("study"))
def study(service: Served, name: StudyName) -> dict[str, Any]:
    """Tell what a study is."""
    return study_as_dict(Studies.of(service.library).get(name))


@router.delete("/{name}", response_model=StudyTold, responses=example("study"))
def remove(service: Served, name: StudyName) -> dict[str, Any]:
    """Remove a study with its links and judgments, for good."""
    return study_as_dict(Studies.of(service.library).remove(name))


@router.get("/{name}/links", responses=example("study_links"))
def links(request: Request, service: Served, name: StudyName) -> list[LinkTold]:
    """List the links, one for each rater; who has a link can answer."""
    return _links(request, service, name)


@router.post("/{name}/links", responses=example("study_links"))
def more_links(
    request: Request, service: Served, name: StudyName, more: Annotated[MoreLinks, Body(examples=[{"count": 5}])]
) -> list[LinkTold]:
    """Make more links, and list all of them."""
    add_raters(Studies.of(service.library), name, more.count)
    return _links(request, service, name)


@router.get("/{name}/results", response_model=StudyResultsTold, responses=example("study_results"))
def results(service: Served, name: StudyName, attentive: Attentive = False) -> dict[str, Any]:
    """Tell what a study found: accuracy, every item with its exact test, every rater."""
    return study_results(Studies.of(service.library), name, attentive).as_dict()


@router.get("/{name}/judgments.csv", response_class=Response, responses=_file("text/csv", "study,question,…\n"))
def judgments(service: Served, name: StudyName) -> Response:
    """Send every judgment, one a row."""
    text = judgments_csv(Studies.of(service.library), name)
    return Response(text, media_type="text/csv", headers=_saved_as(f"{name}.csv"))


@router.get("/{name}/figure.png", response_class=Response, responses=_file("image/png", "a PNG file"))
def figure(service: Served, name: StudyName, attentive: Attentive = False) -> Response:
    """Send the results as a figure."""
    from mindseye.api.studies.figure import results_figure  # imports matplotlib, which nothing else here needs

    png = results_figure(study_results(Studies.of(service.library), name, attentive))
    return Response(png, media_type="image/png", headers=_saved_as(f"{name}.png"))


def _links(request: Request, service: Service, name: str) -> list[LinkTold]:
    found = Studies.of(service.library)
    raters = found.raters(found.get(name))
    return [LinkTold.of(each, str(request.url_for("judge", name=name, token=each.token))) for each in raters]


def _saved_as(file: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{file}"'}  # a study's name is letters, digits, - and _
