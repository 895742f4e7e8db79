"""The rows of an index against those that the database gives."""

import numpy as np
from sqlalchemy.orm import Session

from mindseye.indexer import embeddings
from mindseye.indexer.doctor.case import Case, Facts
from mindseye.indexer.index import IdArray, VectorIndex
from mindseye.indexer.index.cache import CHUNK
from mindseye.indexer.index.manifest import Manifest
from mindseye.indexer.space import Known, known

TOLERANCE = 1e-3  # of one number in a row: machines differ in the last digits


def compare(
    case: Case, session: Session, index: VectorIndex, manifest: Manifest, suspects: IdArray, modality: str
) -> dict[str, IdArray]:
    """Return the ids that a published index and the tail behind it hold wrongly, by kind.

    extra: held, or held twice, and not to be found; missing: the other way round; wrong: not the row that the
    stored vector gives, told only of an index of this space's mapping. Ids among `suspects` are left out.
    """
    facts, own = Facts.read(session, modality), known(case.space, modality)
    held, copies = np.unique(index.ids, return_counts=True)
    net = embeddings.net_change(session, manifest.seq, embeddings.last_change(session), modality)
    seen = np.union1d(np.setdiff1d(held, net.deleted), net.added)
    wanted = embeddings.searchable_ids(session, facts.encoder, modality)
    shared = np.setdiff1d(np.intersect1d(held[copies == 1], wanted), suspects)
    whose = facts.library, own.encoder, case.space.mapping, case.space.width
    found = {
        "extra": np.union1d(np.setdiff1d(seen, wanted), held[copies > 1]),
        "missing": np.setdiff1d(wanted, seen),
        "wrong": _wrong(case, session, index, shared, own) if manifest.of(*whose) else shared[:0],
    }
    return {kind: np.setdiff1d(ids, suspects) for kind, ids in found.items()}


def _wrong(case: Case, session: Session, index: VectorIndex, ids: IdArray, own: Known) -> IdArray:
    wrong = [ids[:0]]
    for start in range(0, len(ids), CHUNK):
        piece = ids[start : start + CHUNK]
        rows = own.rows(embeddings.features(session, piece, own.width))
        far = np.abs(index.rows(piece) - rows).max(axis=1)
        wrong.append(piece[~(far <= TOLERANCE)])  # what is no number is wrong too
        case.tell(len(piece))
    return np.concatenate(wrong)
