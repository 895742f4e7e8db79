"""The places of a map as they are kept: one file, replaced whole, that may be deleted at any time."""

import logging
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mindseye.engine.vectors import FloatArray
from mindseye.indexer.files import replacing
from mindseye.indexer.index import IdArray

FILE = "map.npz"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kept:
    """Places (n, 2) of embeddings by their ids (n,), ascending; fitted (n,): not those that were placed later."""

    ids: IdArray
    places: FloatArray
    fitted: NDArray[np.bool_]

    @classmethod
    def none(cls) -> Self:
        """Return the places of a map that was never made."""
        return cls(np.empty(0, np.int64), np.empty((0, 2), np.float32), np.empty(0, bool))

    def of(self, ids: IdArray) -> Self:
        """Return those of the places that are of some ids."""
        mine = np.isin(self.ids, ids)
        return type(self)(self.ids[mine], self.places[mine], self.fitted[mine])

    def joined(self, ids: IdArray, places: FloatArray, fitted: bool) -> Self:
        """Return these places and those of further ids."""
        all_ids = np.concatenate([self.ids, ids])
        order = np.argsort(all_ids)
        also = np.full(len(ids), fitted)
        both = all_ids, np.concatenate([self.places, places]), np.concatenate([self.fitted, also])
        return type(self)(*(each[order] for each in both))

    @classmethod
    def read(cls, root: Path, whose: str) -> Self | None:
        """Return the map kept in a library's folder, None when there is none of that library in that space.

        A damaged one is none, too, and is told of.
        """
        path = root / FILE
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                if str(stored["whose"]) != whose:
                    return None
                kept = cls(stored["ids"], stored["places"], stored["fitted"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            log.warning("the map %s cannot be read (%s); it is made again", path, error)
            return None
        if not kept._is_whole():
            log.warning("the map %s is damaged; it is made again", path)
            return None
        return kept

    def write(self, root: Path, whose: str) -> None:
        """Keep the map; when that fails it is logged, and made again next time."""
        try:
            with replacing(root / FILE) as path, path.open("wb") as file:
                np.savez(file, whose=whose, **vars(self))
        except OSError as error:
            log.warning("the map cannot be written to %s: %s", root / FILE, error)

    def _is_whole(self) -> bool:
        number = len(self.ids) if self.ids.ndim == 1 else -1
        shapes = (self.places.shape, self.fitted.shape) == ((number, 2), (number,))
        kinds = "".join(each.dtype.kind for each in (self.ids, self.places, self.fitted)) == "ifb"
        return shapes and kinds and bool((np.diff(self.ids) > 0).all() and np.isfinite(self.places).all())
