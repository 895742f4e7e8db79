"""One raster cut and labelled into a table of its own, a strip at a time; a raster that fails leaves nothing behind."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from mindseye.indexer.gis.grid import Grid
from mindseye.indexer.gis.labelling import Labelled, Labeller
from mindseye.indexer.gis.raster import Raster
from mindseye.indexer.gis.records import Tile
from mindseye.indexer.gis.rules import TileRules
from mindseye.indexer.gis.strips import Strip, strips
from mindseye.indexer.gis.tileset import SCHEMA, table_of


@dataclass(frozen=True)
class Cut:
    """A raster's tiles, as a table in a file; labelled: which have words; notes: what was diagnosed."""

    raster: Raster
    name: str
    table: Path
    labelled: list[bool]
    notes: list[str]


def cut_raster(
    raster: Raster, name: str, grid: Grid, labeller: Labeller, rules: TileRules, output: Path, table: Path,
    tell: Callable[[int], None],
) -> Cut:  # fmt: skip
    """Cut and label a raster; tell is told how many tiles were done each time.

    name: what its tiles' ids begin with; output: the folder of the tile set. Raises UnreadableFileError.
    """
    labelled: list[bool] = []
    lacking = astray = 0
    with pq.ParquetWriter(table, SCHEMA, compression="zstd") as writer:
        for strip in strips(raster, grid, rules.max_nodata):
            tiles = list(_tiles(raster, name, strip, labeller.label(strip) if strip.windows else []))
            if tiles:
                writer.write_table(table_of(output, tiles))
            labelled += [bool(tile.labels) for tile in tiles]
            lacking += strip.lacking
            astray += strip.astray
            tell(len(tiles) + strip.lacking + strip.astray)
    return Cut(raster, name, table, labelled, [*_notes(raster, grid, rules, lacking, astray), *labeller.diagnoses])


def _tiles(raster: Raster, name: str, strip: Strip, labelled: list[Labelled]) -> Iterator[Tile]:
    for window, footprint, valid, words in zip(
        strip.windows, strip.footprints, strip.valid.tolist(), labelled, strict=True
    ):
        yield Tile(
            id=f"{name}_{window.column}_{window.row}",
            raster=raster.path,
            window=window,
            crs=raster.crs_name,
            rendering=raster.rendering,
            footprint=footprint,
            labels=words.labels,
            cover=words.cover,
            valid=valid,
            date=raster.date,
        )


def _notes(raster: Raster, grid: Grid, rules: TileRules, lacking: int, astray: int) -> Iterator[str]:
    size = f"{raster.width:,} x {raster.height:,} pixels"
    if not len(grid):
        yield (
            f"no whole tile of {rules.size:g} {rules.unit} of the map's grid lies within its {size}: "
            "write smaller ones, or `align: raster`"
        )
    if lacking:
        yield f"{_share(lacking, grid)} tiles were left out, as more than {rules.max_nodata:.0%} of each holds no data"
    if astray:
        where = "lie around a pole, or partly beyond the Earth, where no ring of longitudes and latitudes tells them"
        yield f"{_share(astray, grid)} tiles were left out, as they {where}"


def _share(left: int, grid: Grid) -> str:
    return "all" if left == len(grid) else f"{left:,} of {len(grid):,}"
