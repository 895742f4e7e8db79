"""Tiles of aerial imagery: where on Earth a picture lies, and what its tile set says of it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of tiles; nothing that was there is touched."""
    op.create_table(
        "tile",
        sa.Column("item_id", sa.Integer, sa.ForeignKey("item.id"), primary_key=True),
        *(sa.Column(name, sa.Float(53), nullable=False) for name in ("west", "south", "east", "north")),
        sa.Column("footprint", sa.JSON, nullable=False),
        sa.Column("crs", sa.String, nullable=False),
        sa.Column("rendering", sa.JSON, nullable=False),
        sa.Column("cover", sa.JSON, nullable=False),
        sa.Column("valid", sa.Float(53), nullable=False),
        sa.Column("date", sa.String, nullable=True),
        sa.Column("raster", sa.String, nullable=False),
        sa.Column("window", sa.String, nullable=False),
        sa.Column("raster_size", sa.BigInteger, nullable=False),
        sa.Column("tileset", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
    )
