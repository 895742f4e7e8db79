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
        facts, texts = Facts.read(session), meta.fact(session, "text_encoder")
        own, lacking = meta.fact(session, "space") or "NAME", not texts and _has_texts(session)
    if not all(facts) or lacking:
        return _missing(case)
    for what, theirs, mine in (
        ("encoder", facts.encoder, case.space.encoder),
        ("text encoder", texts or case.space.text_encoder, case.space.text_encoder),
    ):
        if theirs != mine:
            told = f"the library's vectors are of {what} {theirs}, this space has {what} {mine}"
            hint = f"use the library's own space with --space {own}, or move it to this one with `mindseye reembed`"
            return [Finding("wrong_encoder", told, hint)]
    return []


def _missing(case: Case) -> list[Finding]:
    with case.database.read() as session:
        if session.scalar(select(Content.id).limit(1)) is None:
            return []
        ours = {case.space.encoder, case.space.text_encoder}
        told = {meta.fact(session, "encoder"), meta.fact(session, "text_encoder")} - {""}
        strange = sorted((_encoders(session) | told) - ours)
    what = "the library does not say what it is: facts are gone from its table `meta`"
    if strange:
        hint = f"name the space with encoder {', '.join(strange)} by --space, or restore a copy"
        return [Finding("facts_missing", what, hint)]
    hint = "`--repair` writes those of this space, whose encoders all vectors are of"
    return [Finding("facts_missing", what, hint, mend=partial(_write, case))]


def _write(case: Case) -> None:
    with case.database.write() as session:
        meta.set_fact(session, "encoder", case.space.encoder)
        if _has_texts(session):
            meta.claim_texts(session, case.space)
    meta.introduce(case.database, case.space)


def _has_texts(session: Session) -> bool:
    return session.scalar(select(Embedding.id).where(Embedding.modality != "image").limit(1)) is not None


def _encoders(session: Session) -> set[str]:
    return set(session.scalars(select(Embedding.encoder).where(~Embedding.encoder.startswith(ASIDE)).distinct()))
