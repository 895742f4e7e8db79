"""Small rasters and tile sets of them, written without rules or layers: what indexing needs is known beforehand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import rasterio

from mindseye.indexer.gis.folders import MANIFEST
from mindseye.indexer.gis.pixels import read_tile
from mindseye.indexer.gis.records import Rendering, Tile, Window
from mindseye.indexer.gis.tileset import FORMAT, Input, Manifest, RasterRecord, TileSet, Version, table_of

SIDE = 32  # px of a tile
DEGREE = SIDE * 10  # px: a tile is a tenth of a degree wide
CRS = "EPSG:4326"


def paint_raster(
    path: Path, columns: int = 4, rows: int = 3, seed: int = 0, west: float = 20, north: float = -34
) -> Path:
    """Write a GeoTIFF of tiles of different colours and a little noise, and return its path."""
    draw = np.random.default_rng(seed)
    colours = draw.integers(0, 256, (3, rows, columns)).repeat(SIDE, axis=1).repeat(SIDE, axis=2)
    pixels = np.clip(colours + draw.integers(-70, 71, colours.shape), 0, 255).astype(np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = {"width": columns * SIDE, "height": rows * SIDE, "count": 3, "dtype": "uint8"}
    place = rasterio.Affine(1 / DEGREE, 0, west, 0, -1 / DEGREE, north)
    with rasterio.open(path, "w", driver="GTiff", crs=CRS, transform=place, **shape) as raster:
        raster.write(pixels)
    return path


def vrt_of(path: Path, named: Path | str, size: tuple[int, int] = (4 * SIDE, 3 * SIDE)) -> Path:
    """Write a VRT of the three bands of a raster of `paint_raster`, or of what else is named, and return its path."""
    bands = "".join(
        f'<VRTRasterBand dataType="Byte" band="{each}"><SimpleSource><SourceFilename>{named}</SourceFilename>'
        f"<SourceBand>{each}</SourceBand></SimpleSource></VRTRasterBand>"
        for each in (1, 2, 3)
    )
    place = f"<SRS>{CRS}</SRS><GeoTransform>20, {1 / DEGREE}, 0, -34, 0, {-1 / DEGREE}</GeoTransform>"
    path.write_text(f'<VRTDataset rasterXSize="{size[0]}" rasterYSize="{size[1]}">{place}{bands}</VRTDataset>')
    return path


def tiles_of(
    raster: Path, words: Mapping[tuple[int, int], Sequence[str]] | None = None, date: str | None = None
) -> list[Tile]:
    """Return the tiles of a raster; words: by column and row of tiles."""
    with rasterio.open(raster) as opened:
        columns, rows = opened.width // SIDE, opened.height // SIDE
        west, north = opened.transform.c, opened.transform.f
    return [
        _tile(raster.resolve(), column, row, west, north, tuple((words or {}).get((column, row), ())), date)
        for row in range(rows)
        for column in range(columns)
    ]


def _tile(
    raster: Path, column: int, row: int, west: float, north: float, words: tuple[str, ...], date: str | None
) -> Tile:
    left, top, step = west + column / 10, north - row / 10, 0.1
    ring = (left, top), (left + step, top), (left + step, top - step), (left, top - step)
    return Tile(
        id=f"{raster.stem}-{column}-{row}", raster=raster, crs=CRS,
        window=Window(column * SIDE, row * SIDE, SIDE, SIDE),
        rendering=Rendering((1, 2, 3)), footprint=ring, labels=words, cover=dict.fromkeys(words, 0.5), date=date,
    )  # fmt: skip


def write_tileset(folder: Path, tiles: Sequence[Tile], version: int = 1) -> Path:
    """Write tiles as the only version of a tile set and return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(table_of(folder.resolve(), tiles), folder / f"tiles-{version}.parquet")
    rasters = list(dict.fromkeys(tile.raster for tile in tiles))
    made = Version(
        number=version, when="2026-01-01T00:00:00+00:00", command="mindseye gis label", libraries={"rasterio": "1"},
        rules={"labels": [{"layer": "roads", "word": "road"}]}, format="windows",
        inputs=[Input(path="roads.gpkg", size=5, sha256="1" * 64)], rasters=[_record(each, tiles) for each in rasters],
        skipped=[], seen=len(tiles), tiles=len(tiles), unlabelled=0, counts={}, notes=[],
    )  # fmt: skip
    (folder / MANIFEST).write_text(Manifest(format=FORMAT, version=version, history=[made]).model_dump_json())
    return folder


def _record(raster: Path, tiles: Sequence[Tile]) -> RasterRecord:
    number = sum(tile.raster == raster for tile in tiles)
    about = {"crs": CRS, "width": 0, "height": 0, "rendering": "{}", "date": None, "date_from": None, "notes": []}
    return RasterRecord(path=str(raster), tiles=number, **about)


def copied(folder: Path, tiles: Sequence[Tile]) -> list[Tile]:
    """Copy the pictures of tiles below a folder, without loss, and return the tiles with their copies."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    found = []
    for tile in tiles:
        path = (folder / "images" / f"{tile.id}.png").resolve()
        read_tile(tile.raster, tile.window, tile.rendering).save(path)
        found.append(replace(tile, image=path))
    return found


def read_back(folder: Path) -> list[Tile]:
    """Return the tiles of a set."""
    return TileSet.read(folder).tiles()
