"""How well a fixed bank of words does in this library: each word's top score, kept up to date."""

import logging
import zipfile
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np

from mindseye.engine.errors import VectorError
from mindseye.engine.vectors import FloatArray
from mindseye.indexer import embeddings
from mindseye.indexer.database import Database
from mindseye.indexer.files import replacing
from mindseye.indexer.index import IdArray, Searchable, VectorIndex
from mindseye.indexer.index.cache import IndexCache

CHUNK = 4096  # rows scored at once

log = logging.getLogger(__name__)


@dataclass
class _TopScores:
    """Top scores (b,) and the ids (b,) that reached them, as of change `seq`; id −1 where there is none."""

    scores: FloatArray
    ids: IdArray
    seq: int


class Background:
    """The top scores of one bank, computed once, kept in memory, and then only where a change touches them."""

    def __init__(self, path: Path, database: Database, index: IndexCache, whose: str, modality: str) -> None:
        """Keep the scores in the file at `path`; `whose` names library, encoder and mapping."""
        self._path = path
        self._database = database
        self._index = index
        self._whose = whose
        self._modality = modality
        self._lock = Lock()
        self._kept: tuple[str, _TopScores] | None = None  # of the bank asked for last

    def top_scores(self, bank: FloatArray, bank_id: str) -> FloatArray:
        """Return each bank row's best score (b,) among the found items, −inf while there are none.

        bank: (b, width). New pictures cost their number × b, deleted ones a search for the words they led. Raises
        VectorError for another width.
        """
        if bank.shape[1] != self._index.width:
            raise VectorError(f"vectors are {bank.shape[1]} numbers wide where {self._index.width} are expected")
        with self._index.fresh() as index, self._lock:
            seq = self._index.seq
            kept = self._remembered(bank_id, len(bank))
            if kept and kept.seq == seq:
                return kept.scores
            top = self._followed(kept, index, bank, seq) if kept and kept.seq < seq else _search(index, bank, seq)
            self._kept = bank_id, top
            self._write(top, bank_id)
        return top.scores

    def _remembered(self, bank_id: str, size: int) -> _TopScores | None:
        if self._kept is None or self._kept[0] != bank_id or len(self._kept[1].scores) != size:
            stored = self._read(bank_id, size)
            self._kept = (bank_id, stored) if stored else None
        return self._kept and self._kept[1]

    def _followed(self, before: _TopScores, index: VectorIndex, bank: FloatArray, seq: int) -> _TopScores:
        top = _TopScores(before.scores.copy(), before.ids.copy(), seq)  # who was given the scores keeps them
        with self._database.read() as session:
            net = embeddings.net_change(session, before.seq, seq, self._modality)
        led = np.isin(top.ids, net.deleted)
        if led.any():
            again = _search(index, bank[led], seq)
            top.scores[led], top.ids[led] = again.scores, again.ids
        for start in range(0, len(net.added), CHUNK):
            _raise(top, bank, net.added[start : start + CHUNK], index)
        return top

    def _read(self, bank_id: str, size: int) -> _TopScores | None:
        try:
            with self._path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                fits = (str(stored["bank"]), str(stored["whose"])) == (bank_id, self._whose)
                top = _TopScores(stored["scores"], stored["ids"], int(stored["seq"]))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        return top if fits and top.scores.shape == top.ids.shape == (size,) else None

    def _write(self, top: _TopScores, bank_id: str) -> None:
        try:
            with replacing(self._path) as path, path.open("wb") as file:
                np.savez(file, bank=bank_id, whose=self._whose, **vars(top))
        except OSError as error:  # a cache: it is computed again
            log.warning("the background cannot be written to %s: %s", self._path, error)


def background_file(root: Path, modality: str) -> Path:
    """Return the file, in a library's folder, that keeps what words reach among the items of a modality."""
    return root / ("background.npz" if modality == "image" else f"background-{modality}.npz")


def top_scores(index: Searchable, bank: FloatArray) -> FloatArray:
    """Return each bank row's best score (b,) in an index, −inf when it is empty."""
    return _search(index, bank, 0).scores


def _search(index: Searchable, bank: FloatArray, seq: int) -> _TopScores:
    found = index.search(bank, 1)
    scores = [each.scores[0] if len(each.scores) else -np.inf for each in found]
    ids = [each.ids[0] if len(each.ids) else -1 for each in found]
    return _TopScores(np.array(scores, np.float32), np.array(ids, np.int64), seq)


def _raise(top: _TopScores, bank: FloatArray, ids: IdArray, index: VectorIndex) -> None:
    """Raise the scores that new rows beat."""
    scores = bank @ index.rows(ids).T
    best = scores.argmax(axis=1)
    score = scores[np.arange(len(bank)), best]
    better = score > top.scores
    top.scores[better], top.ids[better] = score[better], ids[best[better]]
