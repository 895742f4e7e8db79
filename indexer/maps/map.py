"""A library's map: made once, following what comes and goes, made anew when asked or when the space has changed."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindseye.engine import projection
from mindseye.engine.projection import Progress
from mindseye.engine.vectors import FloatArray
from mindseye.indexer.index import IdArray, VectorIndex
from mindseye.indexer.library import Library
from mindseye.indexer.maps.kept import Kept
from mindseye.indexer.maps.neighbours import Group, near
from mindseye.indexer.meta import fact

_RECIPE = "1"  # of how maps are made; another one makes them anew
_IMAGINED = "imagined"  # pictures, which shape no map: they are placed on it
_SEARCH = 0.25  # of the work, the search for neighbours


@dataclass(frozen=True)
class Map:
    """Where the contents of a library lie.

    ids (n,): of their embeddings, ascending; places (n, 2), around (0, 0); fitted (n,): whether each was there when the
    map was made, or placed among the others later; waiting: how many contents have no place yet.
    """

    ids: IdArray
    places: FloatArray
    fitted: NDArray[np.bool_]
    waiting: int = 0

    @property
    def added(self) -> int:
        """How many were placed on the map since it was made."""
        return int((~self.fitted).sum())


def open_map(library: Library, refit: bool = False, progress: Progress | None = None) -> Map:
    """Return the library's map as of now.

    What is new since it was made is placed among what was there, which does not move; what is gone is left out, and
    comes back to its place. It is made anew when that is asked (`refit`), when the space has changed, and when nothing
    that it was made from is left. progress is told (part done, 1); what it raises ends the work and changes nothing.
    """
    whose, ids = _whose(library), _ids(library)
    kept = None if refit else Kept.read(library.root, whose)
    if kept is None or not _lasts(kept, ids):
        kept = _made(library, ids, progress)
        kept.write(library.root, whose)
    missing = {name: np.setdiff1d(each, kept.ids) for name, each in ids.items()}
    if any(map(len, missing.values())):
        kept = _with_places(library, kept, ids, missing, progress)
        kept.write(library.root, whose)
    return _shown(kept, ids)


def kept_map(library: Library) -> Map | None:
    """Return the map as it was last brought up to date, at once; None when there is none that lasts."""
    ids = _ids(library)
    kept = Kept.read(library.root, _whose(library))
    return _shown(kept, ids) if kept is not None and _lasts(kept, ids) else None


def _shown(kept: Kept, ids: Mapping[str, IdArray]) -> Map:
    present = _all(ids)
    shown = kept.of(present)
    return Map(shown.ids, shown.places, shown.fitted, len(present) - len(shown.ids))


def _made(library: Library, ids: Mapping[str, IdArray], progress: Progress | None) -> Kept:
    """Make a map of all that was found; of imagined pictures where there is nothing else."""
    names = [name for name in ids if name != _IMAGINED] or list(ids)
    groups = _groups(library, {name: ids[name] for name in names})
    if not groups:
        return Kept.none()
    neighbours = near(library.space, groups, groups, _part(progress, 0, _SEARCH))
    rows = np.concatenate([group.rows for group in groups])
    places = projection.fit(rows, neighbours, progress=_part(progress, _SEARCH, 1))
    return Kept.none().joined(_all_of(groups), places, fitted=True)


def _with_places(
    library: Library,
    kept: Kept,
    ids: Mapping[str, IdArray],
    missing: Mapping[str, IdArray],
    progress: Progress | None,
) -> Kept:
    """Give what is missing places among what the map was made from."""
    made_from = kept.ids[kept.fitted]
    asking = _groups(library, missing)
    among = _groups(library, {name: np.intersect1d(each, made_from) for name, each in ids.items()})
    neighbours = near(library.space, asking, among, _part(progress, 0, _SEARCH))
    old, new = _all_of(among), _all_of(asking)
    coordinates = kept.places[np.searchsorted(kept.ids, old)]
    places = projection.place(coordinates, neighbours, len(new), _part(progress, _SEARCH, 1))
    return kept.joined(new, places, fitted=False)


def _lasts(kept: Kept, ids: Mapping[str, IdArray]) -> bool:
    """Return whether some of what a map was made from is there; of an empty library nothing need be."""
    there = np.isin(_all(ids), kept.ids[kept.fitted])
    return bool(there.any()) or not len(there)


def _ids(library: Library) -> dict[str, IdArray]:
    """Return the ids of all that is to be on the map, by modality; imagined pictures last."""
    found = {modality: library.memories.index(modality).ids for modality in library.modalities()}
    return found | {_IMAGINED: library.imagined_index.fresh().ids}


def _groups(library: Library, wanted: Mapping[str, IdArray]) -> list[Group]:
    """Return the rows of ids by modality; those that have gone meanwhile are left out."""
    groups = []
    for name, ids in wanted.items():
        if name == _IMAGINED:
            groups.append(_group("image", ids, library.imagined_index.fresh()))
        else:
            with library.memories.index(name).fresh() as index:
                groups.append(_group(name, ids, index))
    return [group for group in groups if len(group.ids)]


def _group(modality: str, ids: IdArray, index: VectorIndex) -> Group:
    held = np.intersect1d(ids, index.ids)
    return Group(modality, held, index.rows(held))


def _all(ids: Mapping[str, IdArray]) -> IdArray:
    return np.concatenate([np.empty(0, np.int64), *ids.values()])


def _all_of(groups: list[Group]) -> IdArray:
    return np.concatenate([np.empty(0, np.int64), *(group.ids for group in groups)])


def _whose(library: Library) -> str:
    """Return what a map depends on beside the items: library, encoders, mapping and recipe."""
    with library.database.read() as session:
        own = fact(session, "id")
    space = library.space
    return " ".join([own, space.encoder, space.text_encoder, space.mapping, _RECIPE])


def _part(progress: Progress | None, start: float, end: float) -> Progress | None:
    """Return what tells of a part of the work as of the whole."""
    if progress is None:
        return None
    return lambda done, total: progress(round(start + (end - start) * done / max(total, 1), 3), 1)
