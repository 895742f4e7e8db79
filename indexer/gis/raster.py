"""A raster as labelling needs it: where its pixels lie on Earth, how it is shown, when it was taken."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError
from rasterio import Affine
from rasterio.enums import MaskFlags
from rasterio.errors import NotGeoreferencedWarning

from mindseye.engine.errors import UnreadableFileError
from mindseye.indexer.gis.dating import date_of_name, date_of_tags
from mindseye.indexer.gis.opening import Source, opened
from mindseye.indexer.gis.records import Rendering, Ring
from mindseye.indexer.gis.rendering import choose_rendering
from mindseye.indexer.gis.rings import EARTH, Corners, rings_of

_EXACT = 100  # per cent: how surely an authority's code must be meant to stand for a CRS


@dataclass(frozen=True)
class Raster:
    """A georeferenced raster. transform: pixels (column, row) to the CRS; files: all that it is made of.

    date: ISO 8601, and where it was found; all_valid: no pixel of it can lack data.
    """

    path: Path
    files: tuple[Path, ...]
    crs: CRS
    transform: Affine
    width: int
    height: int
    rendering: Rendering
    all_valid: bool
    date: str | None = None
    date_from: str | None = None

    @classmethod
    def open(
        cls, path: Path, bands: Sequence[int] | None = None, stretch: tuple[float, float] | None = None,
        date: str | None = None,
    ) -> Self:  # fmt: skip
        """Read what a raster says of itself; bands, stretch and date beat it.

        Raises UnreadableFileError when it is no raster, does not say where it lies, or cannot be shown.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # is told in words below
            with opened(path) as source:
                _require_place(source)
                told = (date, "the rules") if date else date_of_tags(_tags(source)) or date_of_name(path.stem)
                return cls(
                    path=path.resolve(),
                    files=tuple(Path(name).resolve() for name in source.files),
                    crs=_crs_of(source),
                    transform=source.transform,
                    width=source.width,
                    height=source.height,
                    rendering=choose_rendering(source, bands, stretch),
                    all_valid=_all_valid(source),
                    date=told[0] if told else None,
                    date_from=told[1] if told else None,
                )

    @property
    def crs_name(self) -> str:
        """The CRS as an authority's code where one is exactly meant, else as WKT."""
        code = self.crs.to_authority(min_confidence=_EXACT)
        return ":".join(code) if code else self.crs.to_wkt()

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, bottom, right and top in the raster's CRS."""
        x, y = self.corners(np.array([0]), np.array([0]), np.array([self.width]), np.array([self.height]))[0].T
        return float(x.min()), float(y.min()), float(x.max()), float(y.max())

    @property
    def upright(self) -> bool:
        """Whether its rows and columns run along the axes of its CRS, neither rotated nor sheared."""
        return bool(self.transform.b == 0 == self.transform.d)

    def corners(self, left: npt.ArrayLike, top: npt.ArrayLike, right: npt.ArrayLike, bottom: npt.ArrayLike) -> Corners:
        """Return the corners in the raster's CRS (n, 4, 2) of rectangles of pixels, beginning with left and top."""
        columns = np.stack(np.broadcast_arrays(left, left, right, right), axis=-1).astype(np.float64)
        rows = np.stack(np.broadcast_arrays(top, bottom, bottom, top), axis=-1).astype(np.float64)
        a, b, c, d, e, f = self.transform[:6]
        return np.stack([a * columns + b * rows + c, d * columns + e * rows + f], axis=-1)

    def footprints(self, corners: Corners) -> list[Ring | None]:
        """Return corners (n, 4, 2) in the raster's CRS as rings on Earth; None for what lies around a pole, or nowhere.

        Of `rings_of`, which tells how they run.
        """
        return rings_of(corners, self.crs)


def _require_place(source: Source) -> None:
    name = source.name
    if source.crs is None and source.gcps[0]:
        raise UnreadableFileError(f"{name} has ground control points only", "warp it to a CRS first (gdalwarp)")
    if source.crs is None:
        hint = f"say it: rio edit-info --crs EPSG:CODE {name}"
        raise UnreadableFileError(f"{name} does not say its coordinate reference system (CRS)", hint)
    if source.transform.is_identity or source.transform.is_degenerate:
        hint = f"say where it lies: rio edit-info --transform '[…]' {name}, or put a world file beside it"
        raise UnreadableFileError(f"{name} has a CRS, but does not say where its pixels lie", hint)


def _crs_of(source: Source) -> CRS:
    try:
        crs = CRS.from_wkt(source.crs.to_wkt()).to_2d()
        Transformer.from_crs(crs, EARTH, always_xy=True)
    except ProjError as error:
        hint = "give it a geographic or projected one (rio edit-info --crs)"
        raise UnreadableFileError(f"the CRS of {source.name} cannot be placed on Earth ({error})", hint) from error
    return crs


def _tags(source: Source) -> dict[str, str]:
    return {**source.tags(), **source.tags(ns="IMAGERY")}


def _all_valid(source: Source) -> bool:
    floats = any(np.dtype(kind).kind == "f" for kind in source.dtypes)  # which may be no numbers
    return not floats and all(flags == [MaskFlags.all_valid] for flags in source.mask_flag_enums)
