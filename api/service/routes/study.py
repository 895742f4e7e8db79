"""Studies: made, listed, told, and every judgment as CSV."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from mindseye.api.service.service import Served, Service
from mindseye.api.service.shapes import JobTold
from mindseye.api.service.studying import MOST_RATERS, start_study
from mindseye.api.studies.making import add_raters, study_as_dict
from mindseye.api.studies.results import study_results
from mindseye.api.studies.table import judgments_csv
from mindseye.api.studies.wish import WORDS, Confounders, Pictures, Question, StudyWish
from mindseye.api.studies.words import distinct
from mindseye.indexer.studies import Studies

router = APIRouter(prefix="/v1/studies", tags=["studies"])
ACCEPTED = 202

Attentive = Annotated[bool, Query(description="Leave out raters who fail the checks of attention.")]


class WordAsked(BaseModel):
    """A word, and what it is a kind of: WordNet is asked where that is needed and not told."""

    word: Annotated[str, Field(min_length=1, max_length=200)]
    category: Annotated[str, Field(max_length=100)] | None = None


class NewStudy(BaseModel):
    """A study to be made of imagined or found pictures."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "pilot", "words": ["zebra", "okapi", "piano"], "raters": 4}]}
    )
    name: Annotated[str, Field(max_length=64)]
    words: Annotated[list[Annotated[str, Field(max_length=200)] | WordAsked], Field(max_length=WORDS)]
    question: Question = "word"
    confounders: Confounders = "random"
    pictures: Pictures = "imagined"
    raters: Annotated[int, Field(ge=1, le=MOST_RATERS)] = 10
    attention: Annotated[int, Field(ge=0, le=20)] = 6
    attention_limit: Annotated[float, Field(ge=0, le=1)] = 0.8
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    method: Annotated[str, Field(max_length=100)] | None = None
    size: Annotated[int, Field(ge=32, le=512)] | None = None
    instructions: Annotated[str, Field(max_length=10_000)] | None = None
    consent: Annotated[str, Field(max_length=10_000)] | None = None

    def wish(self) -> StudyWish:
        """Return it as a wish."""
        listed = [(each, None) if isinstance(each, str) else (each.word, each.category) for each in self.words]
        return StudyWish(words=distinct(listed), **self.model_dump(exclude={"words"}))


class RaterLink(BaseModel):
    """A link, and how far who has it is."""

    rater: int
    link: str
    answered: int
    total: int
    finished: bool


class MoreRaters(BaseModel):
    """How many links more."""

    count: Annotated[int, Field(ge=1, le=MOST_RATERS)]


@router.get("")
def studies(service: Served) -> list[dict[str, Any]]:
    """List the studies, the oldest first."""
    return [study_as_dict(each) for each in Studies.of(service.library).all()]


@router.post("", status_code=ACCEPTED)
def new_study(service: Served, asked: NewStudy) -> JobTold:
    """Begin to make a study; the job imagines what pictures are not there yet."""
    return JobTold(**start_study(service, asked.wish()).as_dict())


@router.get("/{name}")
def study(service: Served, name: str) -> dict[str, Any]:
    """Tell what a study is."""
    return study_as_dict(Studies.of(service.library).get(name))


@router.delete("/{name}")
def remove(service: Served, name: str) -> dict[str, Any]:
    """Remove a study with its links and judgments, for good."""
    return study_as_dict(Studies.of(service.library).remove(name))


@router.get("/{name}/links")
def links(request: Request, service: Served, name: str) -> list[RaterLink]:
    """List the links, one for each rater; who has a link can answer."""
    return _links(request, service, name)


@router.post("/{name}/links")
def more_links(request: Request, service: Served, name: str, more: MoreRaters) -> list[RaterLink]:
    """Make more links, and list all of them."""
    add_raters(Studies.of(service.library), name, more.count)
    return _links(request, service, name)


@router.get("/{name}/results")
def results(service: Served, name: str, attentive: Attentive = False) -> dict[str, Any]:
    """Tell what a study found: accuracy, every item with its exact test, every rater."""
    return study_results(Studies.of(service.library), name, attentive).as_dict()


@router.get("/{name}/judgments.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def judgments(service: Served, name: str) -> Response:
    """Send every judgment, one a row."""
    text = judgments_csv(Studies.of(service.library), name)
    return Response(text, media_type="text/csv; charset=utf-8", headers=_saved_as(f"{name}.csv"))


@router.get("/{name}/figure.png", response_class=Response, responses={200: {"content": {"image/png": {}}}})
def figure(service: Served, name: str, attentive: Attentive = False) -> Response:
    """Send the results as a figure."""
    from mindseye.api.studies.figure import results_figure  # imports matplotlib, which nothing else here needs

    png = results_figure(study_results(Studies.of(service.library), name, attentive))
    return Response(png, media_type="image/png", headers=_saved_as(f"{name}.png"))


def _links(request: Request, service: Service, name: str) -> list[RaterLink]:
    found = Studies.of(service.library)
    return [
        RaterLink(
            rater=each.number, link=str(request.url_for("judge", name=name, token=each.token)),
            answered=each.answered, total=len(each.plan), finished=each.finished,
        )
        for each in found.raters(found.get(name))
    ]  # fmt: skip


def _saved_as(file: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{file}"'}  # the study's name is letters, digits, - and _
