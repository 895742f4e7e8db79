"""Texts beside pictures: several items in one file, what they say, and which index a vector belongs to."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let an item be a place in a file; tell texts, files of texts, and vectors of each modality apart."""
    with op.batch_alter_table("item", recreate="always", table_kwargs={"sqlite_autoincrement": True}) as item:
        item.add_column(sa.Column("place", sa.String, nullable=False, server_default=""))
        item.add_column(sa.Column("parent_id", sa.Integer, sa.ForeignKey("item.id", name="fk_item_parent_id_item")))
        item.drop_constraint("uq_item_collection_id_uri")
        item.create_unique_constraint("uq_item_collection_id_uri_place", ["collection_id", "uri", "place"])
        item.create_index("ix_item_parent_id", ["parent_id"])
    op.add_column("embedding", sa.Column("modality", sa.String, nullable=False, server_default="image"))
    op.create_table(
        "passage",
        sa.Column("content_id", sa.Integer, sa.ForeignKey("content.id"), primary_key=True),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("body", sa.String, nullable=False),
    )
    op.create_table(
        "source",
        sa.Column("collection_id", sa.Integer, sa.ForeignKey("collection.id"), primary_key=True),
        sa.Column("uri", sa.String, primary_key=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("modified", sa.BigInteger, nullable=False),
    )
