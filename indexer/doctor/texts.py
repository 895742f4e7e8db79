"""The rows of texts: their modality, the document that a paragraph stands in, what they say, which files are whole."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, tuple_, update
from sqlalchemy.orm import Session

from mindseye.indexer import models
from mindseye.indexer.database import chunks
from mindseye.indexer.doctor.case import Case
from mindseye.indexer.doctor.finding import Finding
from mindseye.indexer.files import path_of
from mindseye.indexer.models import Content, Embedding, Item, Source
from mindseye.indexer.texts import soundness

_AGAIN = "index these files again"
_SETS_APART = "`--repair` sets them apart"
_LOSES = "`--repair` marks them as missing"
_FORGETS = "`--repair` lets them be read again"
_WORDS = "words with `mindseye index --collection words`"


def examine(case: Case) -> list[Finding]:
    """Return what is wrong with the rows of texts; each kind is mended by itself."""
    with case.database.read() as session:
        wrong = [*_named(session, _ids(session, Item, soundness.UNKNOWN_ITEM))]
        wrong += [f"vector {each}" for each in _misfiled(session)]
        strays = _named(session, _ids(session, Item, soundness.WRONG_PARENT))
        speechless = _named(session, _ids(session, Item, soundness.SPEECHLESS))
        files = [str(path_of(uri)) for _, uri in _not_whole(session)]
    what = f"{len(wrong)} items or vectors are of an unknown or another modality"
    modality = Finding("modality_wrong", what, "`--repair` puts them right", tuple(wrong), partial(_put_right, case))
    what = f"{len(strays)} items are said to stand in what is no document of their file"
    parent = Finding("parent_wrong", what, _SETS_APART, tuple(strays), partial(_set_apart, case), _AGAIN)
    what, then = f"{len(speechless)} texts do not say what they say", f"{_AGAIN}; {_WORDS}"
    passage = Finding("passage_missing", what, _LOSES, tuple(speechless), partial(_lose_speechless, case), then)
    what = f"{len(files)} files of texts are taken for whole and are not"
    source = Finding("source_wrong", what, _FORGETS, tuple(files), partial(_read_again, case), _AGAIN)
    return [each for each in (modality, parent, passage, source) if each.subjects]


def _ids(session: Session, table: Any, which: ColumnElement[bool]) -> list[int]:
    return list(session.scalars(select(table.id).where(which).order_by(table.id)))


def _misfiled(session: Session) -> list[int]:
    return _ids(session, Embedding, soundness.UNKNOWN_VECTOR | soundness.MISFILED)


def _not_whole(session: Session) -> list[tuple[int, str]]:
    query = select(Source.collection_id, Source.uri).where(soundness.NOT_WHOLE)
    return [(collection_id, uri) for collection_id, uri in session.execute(query)]


def _named(session: Session, item_ids: Sequence[int]) -> list[str]:
    found: list[str] = []
    for piece in chunks(item_ids):
        uris = session.scalars(select(Item.uri).where(Item.id.in_(piece)).order_by(Item.id))
        found += [str(path_of(uri)) for uri in uris]
    return found


def _put_right(case: Case) -> None:
    """Give items and vectors the modality of their contents."""
    own = select(soundness.MODALITY_OF_CONTENT)
    with case.database.write() as session:
        of_item = own.where(Content.id == Item.content_id).scalar_subquery()
        session.execute(update(Item).where(soundness.UNKNOWN_ITEM).values(modality=of_item))
        shown = select(Item.modality).where(Item.content_id == Embedding.content_id, Item.state == "present").limit(1)
        of_vector = own.where(Content.id == Embedding.content_id).scalar_subquery()
        modality = func.coalesce(shown.scalar_subquery(), of_vector)
        for piece in chunks(_misfiled(session)):
            session.execute(update(Embedding).where(Embedding.id.in_(piece)).values(modality=modality))


def _set_apart(case: Case) -> None:
    with case.database.write() as session:
        for piece in chunks(_ids(session, Item, soundness.WRONG_PARENT)):
            session.execute(update(Item).where(Item.id.in_(piece)).values(parent_id=None))


def _lose_speechless(case: Case) -> None:
    run_id = case.run_id
    with case.database.write() as session:
        case.lose(session, _ids(session, Item, soundness.SPEECHLESS), run_id)


def _read_again(case: Case) -> None:
    with case.database.write() as session:
        for piece in chunks(_not_whole(session)):
            session.execute(delete(models.Source).where(tuple_(Source.collection_id, Source.uri).in_(piece)))
