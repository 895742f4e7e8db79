"""The shapes of what is answered: those that the commands print with `--json`, and where to fetch more."""

from typing import Any, Literal

from pydantic import BaseModel

from mindseye.indexer import records
from mindseye.indexer.gis.telling import TileFacts

State = Literal["waiting", "running", "done", "stopped", "failed"]


class ErrorTold(BaseModel):
    """What was wrong, and what to do."""

    code: str
    message: str
    hint: str


class ErrorAnswer(BaseModel):
    """Every answer that is not 2xx."""

    error: ErrorTold


class Links(BaseModel):
    """Where to fetch an item and its pictures; null where there is none."""

    item: str
    thumbnail: str | None
    original: str | None


class JobTold(BaseModel):
    """Work that outlasts a request; total is 0 while it is not known."""

    id: str
    kind: str
    state: State
    done: float
    total: int
    what: dict[str, Any]
    result: Any
    error: ErrorTold | None
    about: dict[str, Any]
    created_at: str
    started_at: str | None
    ended_at: str | None


class OneDecision(BaseModel):
    """Whether any hit of one modality is what was asked for."""

    matched: bool
    probability: float | None
    reason: str
    decided: bool


class DecisionTold(OneDecision):
    """Whether any hit is what was asked for; decided is false for questions that only have what is nearest."""

    by_modality: dict[str, OneDecision] = {}


class HitTold(BaseModel):
    """A found item; title, text and document_id are told of texts alone, place also of tiles, box and date of these."""

    rank: int
    item_id: int
    modality: str
    uri: str
    score: float
    probability: float | None
    also: list[str]
    near: list[str]
    place: str = ""
    title: str = ""
    text: str = ""
    document_id: int | None = None
    box: tuple[float, float, float, float] | None = None
    date: str | None = None
    links: Links


class SenseTold(BaseModel):
    """A sense of an ambiguous word, and how far the mapping knows it."""

    number: int
    definition: str
    knowledge: float


class WishTold(BaseModel):
    """What may be posted to `/v1/imagine`."""

    word: str
    means: str | None
    sense: int | None
    seed: int
    size: int | None
    method: str | None


class NearTold(BaseModel):
    """The town that was looked around; of: how many have its name, of which it is the largest."""

    name: str
    region: str
    country: str
    latitude: float
    longitude: float
    of: int


class SearchAnswer(BaseModel):
    """The answer to a search: `imagined` is always null here, `job` imagines, `to_imagine` says what one would.

    near: only where the place was named by a town.
    """

    query: str
    decision: DecisionTold
    hits: list[HitTold]
    total: int
    offset: int
    senses: list[SenseTold]
    imagined: None
    job: JobTold | None
    to_imagine: WishTold | None
    near: NearTold | None = None
    timings_ms: dict[str, float]


class SuggestedSense(BaseModel):
    """A sense of a suggested word."""

    number: int
    definition: str


class SuggestionTold(BaseModel):
    """A word, the whole text that it makes of what was typed, its most telling meaning, and all of them."""

    word: str
    text: str
    gloss: str
    senses: list[SuggestedSense]


class ItemTold(BaseModel):
    """An item, as `mindseye.indexer.records.Item` tells of it, and where to fetch its pictures."""

    id: int
    uri: str
    collection: str
    modality: str
    origin: str
    state: str
    content_id: int
    sha256: str
    size: int
    media_type: str
    width: int
    height: int
    modified: int
    created: str
    updated: str
    run_id: int
    taken: str | None
    labels: tuple[str, ...]
    place: str
    parent_id: int | None
    title: str
    text: str
    links: Links


class ItemList(BaseModel):
    """A page of items, how many there are in all, and how many came before it."""

    items: list[ItemTold]
    total: int
    offset: int


class ProvenanceTold(BaseModel):
    """Where an item came from, as `mindseye explain --json` tells it."""

    item: records.Item
    run: records.Run
    document: records.Item | None
    also: tuple[str, ...]
    encoder: str | None
    mapping: str | None
    imagined: records.Imagined | None
    concreteness: float | None
    tile: TileFacts | None


class Removed(BaseModel):
    """How many contents were taken out."""

    removed: int


class SpaceTold(BaseModel):
    """A joint space, as `mindseye space list --json` tells of it, and whether the library is served in it."""

    name: str
    built_in: bool
    text: dict[str, Any]
    pictures: dict[str, Any]
    folder: str
    bytes: int
    in_use: bool


class FindingTold(BaseModel):
    """Something that is not as it should be."""

    code: str
    what: str
    hint: str
    then: str
    subjects: list[str]
    repairable: bool
    mended: bool


class DoctorReport(BaseModel):
    """Whether the library is sound, as `mindseye doctor --json` tells it."""

    sound: bool
    findings: list[FindingTold]


class Health(BaseModel):
    """How the service is."""

    status: Literal["live", "ready"]
