"""How much of tiles geometries cover: exact intersections, what overlaps counted once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely

from mindseye.indexer.gis.fetching import cut

_MANY = 64  # corners: a geometry of more is first cut to the strip, so that it is not gone through for each tile


@dataclass(frozen=True)
class Pieces:
    """What of some geometries lies in tiles. tiles: (m,) the number of the tile that each of shapes, (m,), lies in."""

    tiles: np.ndarray
    shapes: np.ndarray

    @classmethod
    def joined(cls, several: Sequence["Pieces"]) -> Self:
        """Return all pieces of several."""
        return cls(np.concatenate([p.tiles for p in several]), np.concatenate([p.shapes for p in several]))

    def united(self) -> "Pieces":
        """Return one piece for each tile that has any, ascending: overlapping ones become one."""
        tiles, first, index, counts = np.unique(self.tiles, return_index=True, return_inverse=True, return_counts=True)
        shapes = self.shapes[first]
        several = np.flatnonzero(counts > 1)
        if len(several):
            order = np.argsort(index, kind="stable")
            order = order[counts[index[order]] > 1]
            groups = np.searchsorted(several, index[order])
            together = shapely.geometrycollections(self.shapes[order], indices=groups)
            shapes[several] = shapely.union_all(together[:, None], axis=1)
        return Pieces(tiles, shapes)

    def areas(self, tiles: int) -> np.ndarray:
        """Return the area of each tile, (tiles,), that the pieces cover."""
        one = self.united()
        return np.bincount(one.tiles, shapely.area(one.shapes), tiles)


class Shapes:
    """Geometries of one dimension in a raster's CRS, looked up by where they lie."""

    def __init__(self, geometries: np.ndarray) -> None:
        self.geometries = geometries
        self._tree = shapely.STRtree(geometries)

    def within(self, regions: np.ndarray) -> Pieces:
        """Return what lies in regions, (n,) polygons; what only touches one does not."""
        strip = shapely.box(*shapely.total_bounds(regions))
        near = self.geometries[np.sort(self._tree.query(strip))]
        large = shapely.get_num_coordinates(near) > _MANY
        near = np.concatenate([near[~large], cut(near[large], strip)[0]])
        which, tiles = shapely.STRtree(regions).query(near, predicate="intersects")
        whole, region = near[which], regions[tiles]
        found = whole.copy()
        crossing = ~_inside(whole, region)
        found[crossing] = shapely.intersection(whole[crossing], region[crossing])
        kept = ~shapely.is_empty(found) & (shapely.get_dimensions(found) == shapely.get_dimensions(whole))
        return Pieces(tiles[kept], found[kept])


def _inside(geometries: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """Return which geometries surely lie in their region: its box holds theirs, and it fills its box."""
    inner, outer = shapely.bounds(geometries), shapely.bounds(regions)
    boxes = shapely.get_num_coordinates(regions) == 5
    boxes &= np.isclose(shapely.area(regions), np.prod(outer[:, 2:] - outer[:, :2], axis=1), rtol=1e-12, atol=0)
    boxes &= (inner[:, :2] >= outer[:, :2]).all(axis=1) & (inner[:, 2:] <= outer[:, 2:]).all(axis=1)
    return np.asarray(boxes)
