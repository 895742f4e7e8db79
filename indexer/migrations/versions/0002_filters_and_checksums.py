"""What filters ask for (labels, when a picture was taken), what is not read again, and checksums of vectors."""

import zlib
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns and the table of labels; checksums of the stored vectors are those they have now."""
    op.add_column("content", sa.Column("taken", sa.String, nullable=True))
    op.add_column("skip", sa.Column("size", sa.BigInteger, nullable=True))
    op.add_column("skip", sa.Column("modified", sa.BigInteger, nullable=True))
    op.create_index("ix_skip_uri", "skip", ["uri"])
    op.create_table(
        "label",
        sa.Column("item_id", sa.Integer, sa.ForeignKey("item.id"), primary_key=True),
        sa.Column("word", sa.String, primary_key=True),
        sa.Column("source", sa.String, primary_key=True),
        sa.Index(None, "word"),
    )
    op.add_column("embedding", sa.Column("crc32", sa.BigInteger, nullable=False, server_default="0"))
    _checksum_vectors()


def _checksum_vectors() -> None:
    connection: Any = op.get_bind().connection.dbapi_connection
    connection.create_function("crc32", 1, zlib.crc32, deterministic=True)
    op.execute("UPDATE embedding SET crc32 = crc32(vector)")
