"""The plain values that the library answers with."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mindseye.indexer.files import path_of
from mindseye.indexer.gis.records import Box


class Placed:
    """Anything that lies at a `file://` URI."""

    uri: str

    @property
    def path(self) -> Path:
        """The file's path."""
        return path_of(self.uri)


@dataclass(frozen=True)
class Skip(Placed):
    """An input that a run could not take: `reason` for people, `code` for programs.

    size, modified: of the file, in bytes and ns since 1970, when its content is to blame: it is not read again until it
    changes.
    """

    uri: str
    reason: str
    code: str
    size: int | None = None
    modified: int | None = None


@dataclass(frozen=True)
class IngestReport:
    """What an indexing run did, in files and tiles: seen = added + updated + unchanged + the skipped among them.

    tiles: those of `seen` that are windows of rasters; documents, paragraphs: read in the files of texts that were
    added or updated; moved: of `added`, those whose content had been known under a name that is gone; missing: known
    names that are gone (moved ones included); dropped: tiles that their set no longer has. `skipped` also names folders
    and links that could not be followed, and records of files of texts.
    """

    run_id: int
    seen: int
    added: int
    updated: int
    unchanged: int
    moved: int
    missing: int
    imagined: int
    skipped: tuple[Skip, ...]
    seconds: float
    documents: int = 0
    paragraphs: int = 0
    tiles: int = 0
    dropped: int = 0


@dataclass(frozen=True)
class ReembedReport:
    """What a move to another encoder did, in contents: those encoded now, those that had been before."""

    run_id: int
    encoded: int
    kept: int
    skipped: tuple[Skip, ...]
    seconds: float


@dataclass(frozen=True)
class Run:
    """One command that wrote; `ended` is None while it runs or when it was killed."""

    id: int
    kind: str
    command: str
    settings: dict[str, Any]
    versions: dict[str, str]
    machine: str
    started: str
    ended: str | None
    counts: dict[str, Any]


@dataclass(frozen=True)
class Item(Placed):
    """A content at a place. modified: of the file, ns since 1970; width, height in px, size in bytes.

    taken: by the camera's clock, of a tile when its imagery was, ISO 8601, None when that is not told; labels: words
    given to it or found in it; place: where in the file a text or tile stands, a URI's fragment; parent_id: the
    document that a paragraph is of; title, text: what a text is called, a paragraph by its document's, and what it
    says, of a document how it begins.
    """

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
    taken: str | None = None
    labels: tuple[str, ...] = ()
    place: str = ""
    parent_id: int | None = None
    title: str = ""
    text: str = ""


@dataclass(frozen=True)
class Hit(Placed):
    """A found item and its score, higher is better; `also` holds the other places of the same content.

    place, title, text: of texts, as of `Item`; document_id: the item of a paragraph's document; box, date: of a tile,
    where on Earth it lies and when its imagery was taken.
    """

    item_id: int
    embedding_id: int
    uri: str
    modality: str
    score: float
    also: tuple[str, ...] = ()
    place: str = ""
    title: str = ""
    text: str = ""
    document_id: int | None = None
    box: Box | None = None
    date: str | None = None


@dataclass(frozen=True)
class Recalled(Placed):
    """A found picture that may seed an imagined one, and its similarity to the target."""

    item_id: int
    uri: str
    score: float


@dataclass(frozen=True)
class Collection:
    """A named set: its present items, their different contents, when it was made."""

    name: str
    items: int
    contents: int
    created: str


@dataclass(frozen=True)
class Status:
    """What a library holds: present items and contents, searchable vectors, imagined and missing items.

    modalities: the numbers of present found items by modality.
    """

    root: Path
    space: str
    encoder: str
    mapping: str
    items: int
    contents: int
    vectors: int
    imagined: int
    missing: int
    modalities: dict[str, int]
    generation: int
    bytes_on_disk: int
    last_run: Run | None


@dataclass(frozen=True)
class ImaginedRecord:
    """How a picture was imagined, to be kept with it.

    target_hash: of the target's features; parameters: all of the method's, JSON values; recalled: the
    pictures that seeded it; similarity: of its features to the target, as reached.
    """

    query: str
    target_hash: str
    method: str
    parameters: dict[str, Any]
    seed: int
    similarity: float
    recalled: tuple[Recalled, ...] = ()
    sense: str | None = None
    definition: str | None = None


@dataclass(frozen=True)
class Imagined(Placed):
    """A stored imagined picture: its provenance id, its item and file, and how it was made."""

    id: str
    item_id: int
    uri: str
    record: ImaginedRecord
    encoder: str
    mapping: str
    run_id: int
    created: str
