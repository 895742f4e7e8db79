"""The first tables. There is no way down: an older version refuses a newer library instead."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NEVER_REUSED = {"sqlite_autoincrement": True}


def upgrade() -> None:
    """Create every table; constraint names follow the convention of the models' metadata."""
    _create_what_is_known()
    _create_items()
    _create_vectors()
    _create_imagined()


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String, nullable=nullable)


def _reference(name: str, target: str, *, unique: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, sa.ForeignKey(target), nullable=False, unique=unique)


def _create_what_is_known() -> None:
    op.create_table("meta", sa.Column("key", sa.String, primary_key=True), _text("value"))
    op.create_table(
        "run",
        _id(),
        _text("kind"),
        _text("command"),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.Column("versions", sa.JSON, nullable=False),
        _text("machine"),
        _text("started"),
        _text("ended", nullable=True),
        sa.Column("counts", sa.JSON, nullable=False),
        **NEVER_REUSED,
    )
    op.create_table(
        "skip",
        _id(),
        _reference("run_id", "run.id"),
        _text("uri"),
        _text("reason"),
        _text("code"),
        sa.Index(None, "run_id"),
        **NEVER_REUSED,
    )


def _create_items() -> None:
    op.create_table(
        "collection",
        _id(),
        sa.Column("name", sa.String, nullable=False, unique=True),
        _text("created"),
        **NEVER_REUSED,
    )
    op.create_table(
        "content",
        _id(),
        _text("sha256"),
        _text("window"),
        sa.Column("size", sa.BigInteger, nullable=False),
        _text("media_type"),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.UniqueConstraint("sha256", "window"),
        **NEVER_REUSED,
    )
    op.create_table(
        "item",
        _id(),
        _reference("content_id", "content.id"),
        _reference("collection_id", "collection.id"),
        *(_text(name) for name in ("uri", "modality", "origin", "state")),
        sa.Column("modified", sa.BigInteger, nullable=False),
        _text("created"),
        _text("updated"),
        _reference("run_id", "run.id"),
        sa.UniqueConstraint("collection_id", "uri"),
        sa.Index(None, "uri"),
        sa.Index(None, "content_id"),
        **NEVER_REUSED,
    )


def _create_vectors() -> None:
    op.create_table(
        "embedding",
        _id(),
        _reference("content_id", "content.id"),
        _text("encoder"),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("content_id", "encoder"),
        **NEVER_REUSED,
    )
    op.create_table(
        "change",
        sa.Column("seq", sa.Integer, primary_key=True),
        _reference("embedding_id", "embedding.id"),
        _text("kind"),
        sa.Index(None, "embedding_id"),
        **NEVER_REUSED,
    )


def _create_imagined() -> None:
    op.create_table(
        "imagined",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("key", sa.String, nullable=False, unique=True),
        _reference("item_id", "item.id", unique=True),
        _text("query"),
        _text("sense", nullable=True),
        _text("definition", nullable=True),
        *(_text(name) for name in ("encoder", "mapping", "target_hash", "method")),
        sa.Column("parameters", sa.JSON, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("similarity", sa.Float(53), nullable=False),
        sa.Column("recalled", sa.JSON, nullable=False),
        _reference("run_id", "run.id"),
        _text("created"),
    )
