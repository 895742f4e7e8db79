"""A tile set on disk: a manifest that names the version that counts, and a GeoParquet table of tiles for each."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pydantic import BaseModel, ValidationError

from mindseye.engine.errors import NotFoundError, UnreadableFileError
from mindseye.indexer.gis.folders import MANIFEST
from mindseye.indexer.gis.records import Rendering, Ring, Tile, Window

FORMAT = 1
_GEO = {
    "version": "1.1.0",
    "primary_column": "geometry",
    "columns": {
        "geometry": {"encoding": "WKB", "geometry_types": ["Polygon"]}
    },  # of OGC:CRS84, as nothing else is said
}
SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("raster", pa.string(), nullable=False),
        *(pa.field(name, pa.int64(), nullable=False) for name in ("column", "row", "width", "height")),
        pa.field("crs", pa.string(), nullable=False),
        pa.field("rendering", pa.string(), nullable=False),
        pa.field("labels", pa.list_(pa.string()), nullable=False),
        pa.field("cover", pa.string(), nullable=False),
        pa.field("valid", pa.float64(), nullable=False),
        pa.field("date", pa.string()),
        pa.field("image", pa.string()),
        pa.field("geometry", pa.binary(), nullable=False),
    ],
    metadata={"geo": json.dumps(_GEO)},
)


class Input(BaseModel):
    """A raster or a file of layers that was given; size and sha256 are of all the files that belong to it."""

    path: str
    size: int
    sha256: str


class RasterRecord(BaseModel):
    """A raster as a version cut it; date_from tells where the date was found, notes what was diagnosed."""

    path: str
    crs: str
    width: int
    height: int
    rendering: str
    date: str | None
    date_from: str | None
    tiles: int
    notes: list[str]


class SkippedInput(BaseModel):
    """An input that nothing was taken of, and why."""

    path: str
    reason: str


class Version(BaseModel):
    """One run of `mindseye gis label`: what went in, what came out, what was diagnosed.

    seen: tiles before those without a label were thinned out; unlabelled: how many of the tiles have none given by a
    rule; counts: tiles by word.
    """

    number: int
    when: str
    command: str
    libraries: dict[str, str]
    rules: dict[str, Any]
    format: str
    inputs: list[Input]
    rasters: list[RasterRecord]
    skipped: list[SkippedInput]
    seen: int
    tiles: int
    unlabelled: int
    counts: dict[str, int]
    notes: list[str]

    @property
    def table(self) -> str:
        """The name of the version's table in the folder."""
        return table_name(self.number)


class Manifest(BaseModel):
    """What `tiles.json` says: which version counts, and how each came about."""

    format: int
    version: int
    history: list[Version]

    @property
    def current(self) -> Version:
        """The version that counts. Raises NotFoundError when there is none yet."""
        found = next((version for version in self.history if version.number == self.version), None)
        if found is None:
            raise NotFoundError(f"the tile set has no version {self.version}", "label the rasters again")
        return found


@dataclass(frozen=True)
class TileSet:
    """A folder of tiles as the manifest describes it."""

    folder: Path
    manifest: Manifest

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Return the tile set in a folder. Raises NotFoundError for none, UnreadableFileError for a damaged one."""
        path = folder / MANIFEST
        if not path.is_file():
            raise NotFoundError(f"there is no tile set in {folder}", "make one with `mindseye gis label`")
        try:
            manifest = Manifest.model_validate_json(path.read_bytes())
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            told = f"{'.'.join(map(str, first['loc']))}: {first['msg']}".removeprefix(": ")
            hint = "move it away, or name another folder: other programs have a tiles.json, too"
            raise UnreadableFileError(f"{path} is no manifest of tiles ({told})", hint) from error
        if manifest.format > FORMAT:
            raise UnreadableFileError(f"{path} was written by a later Mindseye", "update this one")
        return cls(folder.resolve(), manifest)

    @property
    def version(self) -> int:
        """The number of the version that counts."""
        return self.manifest.version

    def tiles(self) -> list[Tile]:
        """Return the tiles of the version that counts, those of a raster together. Raises UnreadableFileError."""
        path = self.folder / self.manifest.current.table
        try:
            return [self._tile(row) for row in pq.read_table(path).to_pylist()]
        except (OSError, pa.ArrowException, KeyError, ValueError) as error:
            raise UnreadableFileError(f"{path} is no table of tiles ({error})", "label the rasters again") from error

    def _tile(self, row: dict[str, Any]) -> Tile:
        return Tile(
            id=row["id"],
            raster=absolute(self.folder, row["raster"]),
            window=Window(row["column"], row["row"], row["width"], row["height"]),
            crs=row["crs"],
            rendering=Rendering.of(json.loads(row["rendering"])),
            footprint=ring_of(row["geometry"]),
            labels=tuple(row["labels"]),
            cover=json.loads(row["cover"]),
            valid=row["valid"],
            date=row["date"],
            image=None if row["image"] is None else absolute(self.folder, row["image"]),
        )


def table_of(folder: Path, tiles: Sequence[Tile]) -> pa.Table:
    """Return tiles as rows of the table that lies in `folder`."""
    rows = [
        {
            "id": tile.id,
            "raster": relative(folder, tile.raster),
            **asdict(tile.window),
            "crs": tile.crs,
            "rendering": json.dumps(asdict(tile.rendering)),
            "labels": list(tile.labels),
            "cover": json.dumps(dict(tile.cover)),
            "valid": tile.valid,
            "date": tile.date,
            "image": None if tile.image is None else relative(folder, tile.image),
            "geometry": shapely.to_wkb(shapely.Polygon(tile.footprint)),
        }
        for tile in tiles
    ]
    return pa.Table.from_pylist(rows, SCHEMA)


def table_name(number: int) -> str:
    """Return the name of the table of a version."""
    return f"tiles-{number}.parquet"


def relative(folder: Path, path: Path) -> str:
    """Return a path as the tile set tells it: relative where it lies beside or below the folder, else absolute.

    So a tile set can be moved together with its rasters, and alone when they stay where they are.
    """
    whole = path.resolve()
    return os.path.relpath(whole, folder) if whole.is_relative_to(folder.parent) else str(whole)


def absolute(folder: Path, told: str) -> Path:
    """Return the path that a tile set tells."""
    return (folder / told).resolve()


def ring_of(geometry: bytes) -> Ring:
    """Return the corners of a footprint."""
    corners = shapely.get_coordinates(shapely.from_wkb(geometry)).tolist()
    return tuple((longitude, latitude) for longitude, latitude in corners[:-1])
