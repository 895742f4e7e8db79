"""The tables of a library: what is known of every file, picture, vector and run."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Float, ForeignKey, Index, MetaData, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA = "0005"  # the newest revision in migrations/versions
NEVER_REUSED = {"sqlite_autoincrement": True}


def now() -> str:
    """Return the time as the tables keep it: ISO 8601, UTC, whole milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Base(DeclarativeBase):
    """Every table of a library."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        }
    )


class Meta(Base):
    """A fact about the whole library: `id`, `encoder` (of pictures), `text_encoder`, `mapping`, `space`, `created` …"""

    __tablename__ = "meta"
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class Run(Base):
    """A command that wrote: `kind` is index, remove, gather, imagine, reembed or repair; `ended` NULL till its end."""

    __tablename__ = "run"
    __table_args__ = (NEVER_REUSED,)
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    command: Mapped[str]
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)
    versions: Mapped[dict[str, str]] = mapped_column(JSON)
    machine: Mapped[str]
    started: Mapped[str]
    ended: Mapped[str | None]
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)


class Skip(Base):
    """An input that the last run to meet it could not take; size and modified only when its bytes are to blame."""

    __tablename__ = "skip"
    __table_args__ = (Index(None, "run_id"), Index(None, "uri"), NEVER_REUSED)
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    uri: Mapped[str]
    reason: Mapped[str]
    code: Mapped[str]
    size: Mapped[int | None] = mapped_column(BigInteger)  # bytes
    modified: Mapped[int | None] = mapped_column(BigInteger)  # of the file, ns since 1970


class Collection(Base):
    """A named set of items."""

    __tablename__ = "collection"
    __table_args__ = (NEVER_REUSED,)
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    created: Mapped[str]


class Content(Base):
    """Bytes, whatever their names: of a file, or of a record of it, a paragraph, a word, as `window` says.

    window: empty for a whole file or record, else "paragraph", "word" or "tile"; width, height: 0 for texts. Of a tile
    the bytes are its pixels as it is shown, written as a binary PPM.
    """

    __tablename__ = "content"
    __table_args__ = (UniqueConstraint("sha256", "window"), NEVER_REUSED)
    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    window: Mapped[str] = mapped_column(default="")
    size: Mapped[int] = mapped_column(BigInteger)  # bytes
    media_type: Mapped[str]
    width: Mapped[int]  # px, upright
    height: Mapped[int]
    taken: Mapped[str | None]  # by the camera's clock, ISO 8601 without a zone


class Passage(Base):
    """The text of a content: what it is called, and what it says; of a document only how it begins."""

    __tablename__ = "passage"
    content_id: Mapped[int] = mapped_column(ForeignKey("content.id"), primary_key=True)
    title: Mapped[str]
    body: Mapped[str]


class Source(Base):
    """A file of texts that was taken whole: its size in bytes and time of change, ns since 1970."""

    __tablename__ = "source"
    collection_id: Mapped[int] = mapped_column(ForeignKey("collection.id"), primary_key=True)
    uri: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    modified: Mapped[int] = mapped_column(BigInteger)


class Item(Base):
    """A content at a place: `origin` is found or imagined, `state` present, missing, dropped or removed.

    missing: gone with its file; dropped: its file is there and no longer holds it; removed: by the user;
    uri: of the file, `word:…` of a word; place: where in the file, as a URI's fragment, empty for all of it;
    parent: the document that a paragraph stands in.
    """

    __tablename__ = "item"
    __table_args__ = (
        UniqueConstraint("collection_id", "uri", "place"),
        Index(None, "uri"),
        Index(None, "content_id"),
        Index(None, "parent_id"),
        NEVER_REUSED,
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    content_id: Mapped[int] = mapped_column(ForeignKey("content.id"))
    collection_id: Mapped[int] = mapped_column(ForeignKey("collection.id"))
    uri: Mapped[str]
    modality: Mapped[str]
    origin: Mapped[str]
    state: Mapped[str]
    modified: Mapped[int] = mapped_column(BigInteger)  # of the file, ns since 1970
    created: Mapped[str]
    updated: Mapped[str]
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))  # the last one that changed the row
    place: Mapped[str] = mapped_column(server_default="")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))


class Label(Base):
    """A word for an item, in small letters: `source` is given (by the user) or file (its own keywords)."""

    __tablename__ = "label"
    __table_args__ = (Index(None, "word"),)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    word: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)


class Tile(Base):
    """Where on Earth a picture lies that a tile set told of, as `mindseye.indexer.gis.records.Tile` says it.

    west to north: the box around its footprint, in degrees of WGS 84, west > east across the date line; rendering:
    bands and ranges; date: of the imagery, ISO 8601; raster: its URI; window: of it, as a URI's fragment; raster_size:
    in bytes when the tile was read, 0 where a copied picture is; tileset: URI of the set's manifest; name: of the tile
    in that set.
    """

    __tablename__ = "tile"
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    west: Mapped[float] = mapped_column(Float(53))
    south: Mapped[float] = mapped_column(Float(53))
    east: Mapped[float] = mapped_column(Float(53))
    north: Mapped[float] = mapped_column(Float(53))
    footprint: Mapped[list[list[float]]] = mapped_column(JSON)
    crs: Mapped[str]
    rendering: Mapped[dict[str, list[Any]]] = mapped_column(JSON)
    cover: Mapped[dict[str, float]] = mapped_column(JSON)
    valid: Mapped[float] = mapped_column(Float(53))
    date: Mapped[str | None]
    raster: Mapped[str]
    window: Mapped[str]
    raster_size: Mapped[int] = mapped_column(BigInteger)
    tileset: Mapped[str]
    version: Mapped[int]
    name: Mapped[str]


class Embedding(Base):
    """The raw output of one encoder for one content, little-endian float16; its id is the index's id."""

    __tablename__ = "embedding"
    __table_args__ = (UniqueConstraint("content_id", "encoder"), NEVER_REUSED)
    id: Mapped[int] = mapped_column(primary_key=True)
    content_id: Mapped[int] = mapped_column(ForeignKey("content.id"))
    encoder: Mapped[str]
    vector: Mapped[bytes]
    modality: Mapped[str] = mapped_column(server_default="image")
    crc32: Mapped[int] = mapped_column(BigInteger, server_default="0")  # of `vector`, for `doctor`


class Change(Base):
    """What the index must do, in order: `kind` is add or delete."""

    __tablename__ = "change"
    __table_args__ = (Index(None, "embedding_id"), NEVER_REUSED)
    seq: Mapped[int] = mapped_column(primary_key=True)
    embedding_id: Mapped[int] = mapped_column(ForeignKey("embedding.id"))
    kind: Mapped[str]


class Imagined(Base):
    """How an imagined picture came to be; `key` is one for each encoder, mapping, target, method, seed …"""

    __tablename__ = "imagined"
    id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), unique=True)
    query: Mapped[str]
    sense: Mapped[str | None]
    definition: Mapped[str | None]
    encoder: Mapped[str]
    mapping: Mapped[str]
    target_hash: Mapped[str]
    method: Mapped[str]
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON)
    seed: Mapped[int] = mapped_column(BigInteger)
    similarity: Mapped[float] = mapped_column(Float(53))
    recalled: Mapped[list[list[Any]]] = mapped_column(JSON)  # [item id, URI, similarity]
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    created: Mapped[str]


class Study(Base):
    """A forced-choice experiment: `question` is word, image or category, `confounders` random, category or NULL.

    attention_limit: the share of attention checks below which a rater is flagged; settings: how it was made.
    """

    __tablename__ = "study"
    __table_args__ = (NEVER_REUSED,)
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    question: Mapped[str]
    confounders: Mapped[str | None]
    seed: Mapped[int] = mapped_column(BigInteger)
    attention_limit: Mapped[float] = mapped_column(Float(53))
    instructions: Mapped[str]
    consent: Mapped[str | None]
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)
    created: Mapped[str]


class Trial(Base):
    """A choice that every rater makes once: `kind` is judged or attention, `answer` the number of the right option.

    pictures: [SHA-256 of the kept file, SHA-256 of the content, origin, item id or null]: one of the word, or one of
    each option. Items are named, not referred to: a study outlives what the library shows.
    """

    __tablename__ = "trial"
    __table_args__ = (UniqueConstraint("study_id", "number"), NEVER_REUSED)
    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id"))
    number: Mapped[int]
    kind: Mapped[str]
    word: Mapped[str]
    category: Mapped[str | None]
    options: Mapped[list[str]] = mapped_column(JSON)
    answer: Mapped[int]
    pictures: Mapped[list[list[Any]]] = mapped_column(JSON)


class Rater(Base):
    """Someone with a link; plan: for each position the number of a trial, then its options from left to right."""

    __tablename__ = "rater"
    __table_args__ = (UniqueConstraint("study_id", "number"), NEVER_REUSED)
    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id"))
    number: Mapped[int]
    token: Mapped[str] = mapped_column(unique=True)
    plan: Mapped[list[list[int]]] = mapped_column(JSON)
    created: Mapped[str]
    began: Mapped[str | None]
    agreed: Mapped[str | None]


class Judgment(Base):
    """One answer: the options chosen, the place (0 is left) where the right one stood, the time that it took."""

    __tablename__ = "judgment"
    __table_args__ = (UniqueConstraint("rater_id", "trial_id"), NEVER_REUSED)
    id: Mapped[int] = mapped_column(primary_key=True)
    rater_id: Mapped[int] = mapped_column(ForeignKey("rater.id"))
    trial_id: Mapped[int] = mapped_column(ForeignKey("trial.id"))
    position: Mapped[int]
    side: Mapped[int]
    chosen: Mapped[int]
    response_ms: Mapped[int | None]
    created: Mapped[str]
