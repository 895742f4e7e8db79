"""What requests may say: every text, number and path within bounds."""

from typing import Annotated, Literal

from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from mindseye.api import ranges
from mindseye.api.gis.asked import read_box, read_near, towns_meant
from mindseye.api.gis.gazetteer import Town
from mindseye.api.modalities import read_modalities
from mindseye.engine.errors import UsageError
from mindseye.indexer.filters import Filter

LONGEST = 2_000  # characters of a text
LONGEST_NAME = 300
MOST_HITS = 500
MOST_STARS = 8  # of a pattern of paths: each may be tried at every place
LAST = 10_000  # the number of the last hit that a page may begin with
MOST_SEEDS = 2**32 - 1


def _text(value: str) -> str:
    """Refuse what no file, database or answer can hold."""
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("holds a NUL, or half a character")
    return value


Text = Annotated[str, Field(min_length=1, max_length=LONGEST), AfterValidator(_text)]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), AfterValidator(_text)]
ItemId = Annotated[int, Path(ge=1, lt=2**53, description="An item's id.", examples=[3])]
Collection = Annotated[Name, Path(description="A collection's name.", examples=["default"])]
Fold = Annotated[float | None, Field(gt=0, le=1, description="The likeness from which near duplicates are one hit.")]
Seed = Annotated[int, Field(ge=0, le=MOST_SEEDS, description="Another seed imagines another picture.")]


class Strict(BaseModel):
    """Values of a request; one that is not known is refused, so that no misspelt filter is passed over."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Paging(Strict):
    """Which part of a list is asked for."""

    limit: Annotated[int, Field(ge=1, le=MOST_HITS, description="How many.", examples=[10])] = 10
    offset: Annotated[int, Field(ge=0, le=LAST, description="How many to leave to earlier pages.")] = 0


class Filters(Paging):
    """What to look among, as the options of `mindseye search` say it."""

    collection: Annotated[Name | None, Field(description="In this collection only.")] = None
    path: Annotated[Name | None, Field(description="Paths, or ends of them, like this: 2024/*.jpg")] = None
    date: Annotated[Name | None, Field(description="Taken then: 2024, 2024-05..2024-08, ..2023-12-31")] = None
    size: Annotated[Name | None, Field(description="Files of this size: 100KB..2MB, 5MB..")] = None
    pixels: Annotated[Name | None, Field(description="Longer sides of this length: 640..1024, 800..")] = None
    label: Annotated[list[Name], Field(max_length=16, description="With all of these words.")] = []
    origin: Annotated[Literal["found", "imagined"], Field(description="Found pictures, or imagined ones.")] = "found"
    box: Annotated[Name | None, Field(description="On Earth within west,south,east,north, in degrees.")] = None
    near: Annotated[Name | None, Field(description="Near latitude,longitude or a town: Alexandria, EG.")] = None
    radius: Annotated[Name | None, Field(description="How near: 20km, 500m. Without it 20km.")] = None

    @property
    def towns(self) -> tuple[Town, ...]:
        """The towns that `near` may mean, first the one that is meant; none of a point. Raises NotFoundError."""
        return towns_meant(self.near)

    @property
    def within(self) -> Filter:
        """The filter. Raises UsageError for what is no date, size, length or place, and for a path of many stars.

        NotFoundError is for a town that is unknown; of several of one name the largest is meant.
        """
        if self.path and self.path.count("*") > MOST_STARS:
            raise UsageError(f"{self.path!r} has more than {MOST_STARS} stars", "write a simpler pattern")
        dated, sized, sides = ranges.dates(self.date), ranges.sizes(self.size), ranges.sides(self.pixels)
        place = read_box(self.box), read_near(self.near, self.radius)
        return Filter(self.collection, self.path, dated, sized, sides, tuple(self.label), self.origin, *place)


class Look(Filters):
    """What to look for, and how hits are shown."""

    among: Annotated[Name | None, Field(alias="in", description="images,words,paragraphs,documents")] = None
    by_modality: Annotated[bool, Field(description="The hits of each modality by themselves.")] = False
    fold: Fold = None

    @property
    def modalities(self) -> tuple[str, ...] | None:
        """The modalities, None for all. Raises UsageError for an unknown one."""
        return read_modalities(self.among)


class Question(Look):
    """A question in words."""

    q: Annotated[Text, Field(description="A word, a phrase, a sentence, or a sum.", examples=["cat"])]
    means: Annotated[Text | None, Field(description="What the word means, in place of the dictionary.")] = None
    sense: Annotated[int | None, Field(ge=1, le=1000, description="The dictionary's sense, by number.")] = None
    imagine: Annotated[
        Literal["never", "auto", "always"],
        Field(description="When to imagine a picture; only POST begins it."),
    ] = "never"
    seed: Seed = 0

    def check_text(self) -> None:
        """Raise UsageError for a text of white space."""
        if not self.q.strip():
            raise UsageError("the query is empty", "ask for a word")


class WishBody(Strict):
    """What to imagine."""

    word: Annotated[Text, Field(description="A word, phrase or sentence, or a mixture.", examples=["2*zebra + car"])]
    means: Annotated[Text | None, Field(description="What the word means, in place of the dictionary.")] = None
    sense: Annotated[int | None, Field(ge=1, le=1000, description="The dictionary's sense, by number.")] = None
    seed: Seed = 0
    size: Annotated[int | None, Field(ge=32, le=512, description="Side of the picture, in pixels.")] = None
    method: Annotated[Name | None, Field(description="Way of imagining, by name.")] = None


class IndexBody(Strict):
    """What to index."""

    path: Annotated[Text | None, Field(description="A folder or file inside a root.", examples=["photos"])] = None
    collection: Annotated[Name, Field(description="The collection they belong to.")] = "default"
    labels: Annotated[list[Name] | None, Field(max_length=16, description="Words for all of them.")] = None
