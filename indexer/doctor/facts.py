"""What the database says the library is: its id, its encoder, its mapping."""

from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from mindseye.indexer import meta
from mindseye.indexer.doctor.case import Case, Facts
from mindseye.indexer.doctor.finding import Finding
from mindseye.indexer.doctor.vectors import ASIDE
from mindseye.indexer.models import Content, Embedding


def examine(case: Case) -> list[Finding]:
    """Return what is wrong with the facts, those of a library that was never written to aside.

    Another mapping than this space's is none of it: the next command in a space takes its mapping over.
    """
    with case.database.read() as session:
        facts, own = Facts.read(session), meta.fact(session, "space") or "NAME"
    if not all(facts):
        return _missing(case, facts)
    if facts.encoder != case.space.encoder:
        what = f"the library's vectors are of encoder {facts.encoder}, this space has encoder {case.space.encoder}"
        hint = f"use the library's own space with --space {own}, or move it to this one with `mindseye reembed`"
        return [Finding("wrong_encoder", what, hint)]
    return []


def _missing(case: Case, facts: Facts) -> list[Finding]:
    with case.database.read() as session:
        if session.scalar(select(Content.id).limit(1)) is None:
            return []
        strange = _encoders(session) - {case.space.encoder}
    what = "the library does not say what it is: facts are gone from its table `meta`"
    if strange or facts.encoder not in ("", case.space.encoder):
        whose = ", ".join(sorted(strange)) or facts.encoder
        return [Finding("facts_missing", what, f"name the space with encoder {whose} by --space, or restore a copy")]
    hint = "`--repair` writes those of this space, whose encoder all vectors are of"
    return [Finding("facts_missing", what, hint, mend=partial(_write, case))]


def _write(case: Case) -> None:
    with case.database.write() as session:
        meta.set_fact(session, "encoder", case.space.encoder)
    meta.introduce(case.database, case.space)


def _encoders(session: Session) -> set[str]:
    return set(session.scalars(select(Embedding.encoder).where(~Embedding.encoder.startswith(ASIDE)).distinct()))
