"""Stored vectors and the log of changes: what can be searched, whether it is whole, whether the log says so."""

import zlib
from functools import partial

import numpy as np
from sqlalchemy import LargeBinary, String, cast, exists, literal, select, update
from sqlalchemy import case as case_of
from sqlalchemy.orm import Session

from mindseye.indexer import embeddings
from mindseye.indexer.database import chunks
from mindseye.indexer.doctor.case import Case, Facts, vectors_named
from mindseye.indexer.doctor.finding import Finding
from mindseye.indexer.files import path_of
from mindseye.indexer.index import IdArray
from mindseye.indexer.items import MODALITIES
from mindseye.indexer.models import Embedding, Item

ASIDE = "damaged "  # with its own id, the encoder of a vector that is nobody's any more
CHUNK = 4096  # vectors read at once
_AGAIN = "index the folders of these files again: they are missing until then"


def examine(case: Case) -> tuple[list[Finding], IdArray]:
    """Return what is wrong with vectors and log, and the ids whose rows in the index prove nothing."""
    with case.database.read() as session:
        damaged = _damaged(case, session)
        names = _names(session, damaged)
        lacking = _paths(session, _lacking(case, session))
        unlogged = _unlogged(case, session)
    findings = []
    if len(damaged):
        what = f"{len(damaged)} stored vectors are damaged"
        hint, mend = "`--repair` sets them aside", partial(_set_aside, case, damaged)
        findings.append(Finding("vector_damaged", what, hint, names, mend, _AGAIN))
    if lacking:
        what = f"{len(lacking)} present items have no vector of the library's encoder"
        hint, mend = "`--repair` marks them as missing", partial(_lose_lacking, case)
        findings.append(Finding("vector_missing", what, hint, lacking, mend, _AGAIN))
    if len(unlogged):
        what = f"the log of changes does not say of {len(unlogged)} vectors whether they can be found"
        subjects = vectors_named(unlogged)
        findings.append(Finding("log_wrong", what, "`--repair` writes it down", subjects, partial(_log, case)))
    return findings, np.union1d(damaged, unlogged)


def _damaged(case: Case, session: Session) -> IdArray:
    """Return the ids of vectors whose checksum or width is wrong, or whose numbers are not finite."""
    vector = cast(Embedding.vector, LargeBinary).label("vector")
    mine = select(Embedding.id, Embedding.encoder, vector, Embedding.crc32).where(~Embedding.encoder.startswith(ASIDE))
    space = case.space  # the widths of other encoders' vectors are not known
    width = {space.encoder: space.raw_width, space.text_encoder: space.text_width}
    found: list[int] = []
    last = 0
    while rows := session.execute(mine.where(Embedding.id > last).order_by(Embedding.id).limit(CHUNK)).all():
        found += [row.id for row in rows if not _whole(row.vector, row.crc32, width.get(row.encoder))]
        last = rows[-1].id
        case.tell(len(rows))
    return np.array(found, np.int64)


def _whole(blob: bytes, crc32: int, width: int | None) -> bool:
    size = embeddings.STORED.itemsize
    if zlib.crc32(blob) != crc32 or len(blob) % size or width not in (None, len(blob) // size):
        return False
    return bool(np.isfinite(np.frombuffer(blob, embeddings.STORED)).all())


def _lacking(case: Case, session: Session) -> list[int]:
    """Return the ids of items that should be found and have no vector, told only in a space of their encoder."""
    if not case.is_in_its_space(session):
        return []
    texts, own = Facts.read(session, "paragraph").encoder, Facts.read(session).encoder
    encoder = case_of((Item.modality == "image", own), else_=texts)
    encoded = exists().where(Embedding.content_id == Item.content_id, Embedding.encoder == encoder)
    return list(session.scalars(select(Item.id).where(embeddings.SHOWN, ~encoded).order_by(Item.id)))


def _unlogged(case: Case, session: Session) -> IdArray:
    """Return the ids that can be found but are not added last, and the other way round, told as `_lacking` is."""
    if not case.is_in_its_space(session):
        return np.empty(0, np.int64)
    last, wrong = embeddings.last_change(session), [np.empty(0, np.int64)]
    for modality in MODALITIES:
        own = Facts.read(session, modality).encoder
        logged = embeddings.net_change(session, 0, last, modality).added
        wrong.append(np.setxor1d(logged, embeddings.searchable_ids(session, own, modality)))
    return np.concatenate(wrong)


def _names(session: Session, ids: IdArray) -> tuple[str, ...]:
    """Return a file of each vector, the vector's own name where no item is left."""
    found: dict[int, str] = {}
    for piece in chunks(ids.tolist()):
        query = select(Embedding.id, Item.uri).join(Item, Item.content_id == Embedding.content_id)
        for each, uri in session.execute(query.where(Embedding.id.in_(piece)).order_by(Item.id.desc())):
            found[each] = str(path_of(uri))
    return tuple(found.get(each, f"vector {each}") for each in ids.tolist())


def _paths(session: Session, item_ids: list[int]) -> tuple[str, ...]:
    uris = [uri for piece in chunks(item_ids) for uri in session.scalars(select(Item.uri).where(Item.id.in_(piece)))]
    return tuple(str(path_of(uri)) for uri in uris)


def _set_aside(case: Case, ids: IdArray) -> None:
    """Take vectors out of use; the rows stay, since the log needs them, with a zero that any export can hold."""
    run_id, zero = case.run_id, bytes(embeddings.STORED.itemsize)
    emptied = {"encoder": literal(ASIDE) + cast(Embedding.id, String), "vector": zero, "crc32": zlib.crc32(zero)}
    with case.database.write() as session:
        for piece in chunks(ids.tolist()):
            these = Embedding.id.in_(piece)
            own = these, embeddings.in_use(session), embeddings.SHOWN
            lost = select(Item.id).join(Embedding, Embedding.content_id == Item.content_id).where(*own)
            items = session.scalars(lost).all()
            session.execute(update(Embedding).where(these).values(emptied))
            case.lose(session, items, run_id)


def _lose_lacking(case: Case) -> None:
    run_id = case.run_id
    with case.database.write() as session:
        case.lose(session, _lacking(case, session), run_id)


def _log(case: Case) -> None:
    query = select(Embedding.content_id)
    with case.database.write() as session:
        for piece in chunks(_unlogged(case, session).tolist()):
            embeddings.log_changes(session, session.scalars(query.where(Embedding.id.in_(piece))))
