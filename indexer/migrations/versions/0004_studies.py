"""Forced-choice studies: what was asked, who was asked, and what they answered."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NEVER_REUSED = {"sqlite_autoincrement": True}


def upgrade() -> None:
    """Create the tables of studies; nothing that was there is touched."""
    op.create_table(
        "study",
        _number("id", primary_key=True),
        sa.Column("name", sa.String, nullable=False, unique=True),
        _text("question"),
        _text("confounders", nullable=True),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("attention_limit", sa.Float(53), nullable=False),
        _text("instructions"),
        _text("consent", nullable=True),
        sa.Column("settings", sa.JSON, nullable=False),
        _text("created"),
        **NEVER_REUSED,
    )
    op.create_table(
        "trial",
        _number("id", primary_key=True),
        _reference("study_id", "study.id"),
        _number("number"),
        _text("kind"),
        _text("word"),
        _text("category", nullable=True),
        sa.Column("options", sa.JSON, nullable=False),
        _number("answer"),
        sa.Column("pictures", sa.JSON, nullable=False),
        sa.UniqueConstraint("study_id", "number"),
        **NEVER_REUSED,
    )
    _create_answers()


def _create_answers() -> None:
    op.create_table(
        "rater",
        _number("id", primary_key=True),
        _reference("study_id", "study.id"),
        _number("number"),
        sa.Column("token", sa.String, nullable=False, unique=True),
        sa.Column("plan", sa.JSON, nullable=False),
        _text("created"),
        _text("began", nullable=True),
        _text("agreed", nullable=True),
        sa.UniqueConstraint("study_id", "number"),
        **NEVER_REUSED,
    )
    op.create_table(
        "judgment",
        _number("id", primary_key=True),
        _reference("rater_id", "rater.id"),
        _reference("trial_id", "trial.id"),
        _number("position"),
        _number("side"),
        _number("chosen"),
        sa.Column("response_ms", sa.Integer, nullable=True),
        _text("created"),
        sa.UniqueConstraint("rater_id", "trial_id"),
        **NEVER_REUSED,
    )


def _number(name: str, *, primary_key: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, primary_key=primary_key)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String, nullable=nullable)


def _reference(name: str, target: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, sa.ForeignKey(target), nullable=False)
