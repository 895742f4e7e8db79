"""The shapes of studies over HTTP: what a new one is asked with, and what is told of one."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, Field

from mindseye.api.service.parameters import Name, Seed, Strict, Text
from mindseye.api.studies.results import ItemResult, RaterResult
from mindseye.api.studies.wish import RATERS, WORDS, Confounders, Pictures, Question, StudyWish
from mindseye.api.studies.words import distinct
from mindseye.indexer.studies import Rater

_EXAMPLE = ["zebra", {"word": "okapi", "category": "animal"}, "piano"]


class StudyWord(Strict):
    """A word, and what it is a kind of: WordNet is asked where that is needed and not told."""

    word: Name
    category: Name | None = None


class StudyBody(Strict):
    """A study to be made, as `mindseye study new` takes it; words are given, never read from files."""

    name: Annotated[str, Field(min_length=1, max_length=64, examples=["pilot"])]
    words: Annotated[list[Name | StudyWord], Field(min_length=2, max_length=WORDS, examples=[_EXAMPLE])]
    question: Annotated[Question, Field(description="What is chosen: a word, a picture, a category.")] = "word"
    confounders: Annotated[Confounders, Field(description="Against any word, or one of its category.")] = "random"
    pictures: Annotated[Pictures, Field(description="Made for the word, or its best hit.")] = "imagined"
    raters: Annotated[int, Field(ge=1, le=RATERS, description="Links to make.")] = 10
    attention: Annotated[int, Field(ge=0, le=20, description="Checks of attention among the choices.")] = 6
    attention_limit: Annotated[float, Field(ge=0, le=1, description="The share that the attentive get right.")] = 0.8
    seed: Seed = 0
    size: Annotated[int | None, Field(ge=32, le=512, description="Side of imagined pictures, in pixels.")] = None
    method: Annotated[Name | None, Field(description="Way of imagining, by name.")] = None
    instructions: Annotated[Text | None, Field(description="Text before the first choice.")] = None
    consent: Annotated[Text | None, Field(description="Text that a rater agrees to before beginning.")] = None

    def wish(self) -> StudyWish:
        """Return it as a wish."""
        listed = [(each, None) if isinstance(each, str) else (each.word, each.category) for each in self.words]
        return StudyWish(words=distinct(listed), **self.model_dump(exclude={"words"}))


class MoreLinks(Strict):
    """How many links more."""

    count: Annotated[int, Field(ge=1, le=RATERS, examples=[2])]


class StudyTold(BaseModel):
    """A study: how many choices, raters and answers it has; settings: how it was made."""

    name: str
    question: Question
    confounders: Confounders | None
    trials: int
    attention: int
    attention_limit: float
    raters: int
    finished: int
    judgments: int
    seed: int
    created: str
    instructions: str
    consent: str | None
    settings: dict[str, Any]


class LinkTold(BaseModel):
    """A link, and how far who has it is."""

    rater: int
    link: str
    answered: int
    total: int
    finished: bool

    @classmethod
    def of(cls, rater: Rater, link: str) -> Self:
        """Return what is told of a rater."""
        total = len(rater.plan)
        return cls(rater=rater.number, link=link, answered=rater.answered, total=total, finished=rater.finished)


class ShareTold(BaseModel):
    """So many right, and 95 % intervals.

    interval: the one to tell, exact and crossed joined; wilson, exact: answers taken for independent; crossed: raters
    and items resampled, null where there are too few of them, or all answers are equal.
    """

    right: int
    judged: int
    share: float | None
    interval: tuple[float, float]
    wilson: tuple[float, float]
    exact: tuple[float, float]
    crossed: tuple[float, float] | None


class StudyResultsTold(BaseModel):
    """What a study found, as `mindseye study results --json` tells it; the last three of the question of categories."""

    study: StudyTold
    chance: float
    level: float
    correction: str
    attentive_only: bool
    raters_left_out: int
    accuracy: ShareTold
    interval_scope: str
    p: float
    items_above_chance: int
    agreement: float | None
    krippendorff_alpha: float | None
    items: list[ItemResult]
    raters: list[RaterResult]
    categories: list[str] | None = None
    confusion: list[list[int]] | None = None
    within: dict[str, ShareTold] | None = None
