"""A version of a tile set written: pictures and table first, the manifest that names them last."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import rasterio
import shapely

from mindseye.engine.errors import UnreadableFileError
from mindseye.indexer.files import replacing
from mindseye.indexer.gis.cutting import Cut
from mindseye.indexer.gis.folders import MANIFEST
from mindseye.indexer.gis.holding import IMAGES, begin_publishing
from mindseye.indexer.gis.inputs import Asked
from mindseye.indexer.gis.opening import opened
from mindseye.indexer.gis.pixels import read_picture
from mindseye.indexer.gis.records import Window
from mindseye.indexer.gis.tileset import FORMAT, SCHEMA, Manifest, RasterRecord, SkippedInput, Version

WINDOWS, JPEG = FORMATS = ("windows", "jpeg")
_TABLE = "tiles.parquet"
_QUALITY = 95  # of JPEG

Flags = npt.NDArray[np.bool_]


class Watch(Protocol):
    """Who is told how the writing goes."""

    def tell(self, number: int) -> None:
        """Take note that so many pictures were written."""

    def skip(self, path: Path, error: UnreadableFileError) -> None:
        """Take note that a raster gives nothing."""


@dataclass
class TableWriter:
    """The table of a version in the making: the tiles of cuts that are kept, with their pictures where copied.

    output: the tile set's folder; folder: within it, where files lie until they are whole.
    """

    output: Path
    folder: Path
    number: int
    copies: bool
    background: str | None
    records: list[RasterRecord] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    tiles: int = 0
    unlabelled: int = 0

    def write(self, cuts: Sequence[Cut], keep: Flags, watch: Watch) -> None:
        """Write the tiles of all cuts that are kept, (n,); a raster whose pictures cannot be read is skipped."""
        with pq.ParquetWriter(self.folder / _TABLE, SCHEMA, compression="zstd") as writer:
            ends = np.cumsum([len(cut.labelled) for cut in cuts])
            for cut, mine in zip(cuts, np.split(keep, ends[:-1]), strict=True):
                try:
                    if self.copies:
                        self._copy(cut, mine, watch)
                except UnreadableFileError as error:
                    watch.skip(cut.raster.path, error)
                    continue
                for rows in _kept_rows(cut, mine):
                    writer.write_table(pa.Table.from_pylist([self._finished(row) for row in rows], SCHEMA))
                self.records.append(_record(cut, int(mine.sum())))

    def publish(self, before: Manifest, version: Version) -> None:
        """Put pictures and table in their places, then the manifest that names them."""
        begin_publishing(self.folder, self.number)
        if self.copies:
            images = self.output / IMAGES / str(self.number)
            images.parent.mkdir(exist_ok=True)
            (self.folder / IMAGES).rename(images)
        with replacing(self.output / version.table) as temporary:
            (self.folder / _TABLE).rename(temporary)
        manifest = Manifest(format=FORMAT, version=self.number, history=[*before.history, version])
        with replacing(self.output / MANIFEST) as temporary:
            temporary.write_text(manifest.model_dump_json(indent=2), encoding="utf-8")

    def _finished(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return a row as it is published: with the word of the background, and the place of its picture."""
        self.tiles += 1
        self.unlabelled += not row["labels"]
        labels = row["labels"] or ([self.background] if self.background else [])
        self.counts.update(labels)
        return {**row, "labels": labels, "image": f"{IMAGES}/{self.number}/{row['id']}.jpg" if self.copies else None}

    def _copy(self, cut: Cut, keep: Flags, watch: Watch) -> None:
        (self.folder / IMAGES).mkdir(exist_ok=True)
        with opened(cut.raster.path) as source:
            for rows in _kept_rows(cut, keep):
                for row in rows:
                    window = Window(row["column"], row["row"], row["width"], row["height"])
                    picture = read_picture(source, window, cut.raster.rendering)
                    picture.save(self.folder / IMAGES / f"{row['id']}.jpg", quality=_QUALITY)
                watch.tell(len(rows))


def next_version(
    writer: TableWriter, asked: Asked, seen: int, skipped: list[SkippedInput], notes: list[str]
) -> Version:
    """Return what the manifest tells of the version that a writer has written."""
    return Version(
        number=writer.number,
        when=datetime.now(UTC).isoformat(timespec="seconds"),
        command=asked.command,
        libraries=library_versions(),
        rules=asked.rules,
        format=asked.format,
        inputs=list(asked.inputs),
        rasters=writer.records,
        skipped=skipped,
        seen=seen,
        tiles=writer.tiles,
        unlabelled=writer.unlabelled,
        counts=dict(sorted(writer.counts.items())),
        notes=notes,
    )


def library_versions() -> dict[str, str]:
    """Return the versions of all that has a say in where things lie and what they look like."""
    packages = {name: version_of(name) for name in ("mindseye", "rasterio", "pyogrio", "shapely", "pyproj", "pillow")}
    inside = {"gdal": rasterio.__gdal_version__, "geos": shapely.geos_version_string, "proj": pyproj.proj_version_str}
    return {**packages, **inside}


def _kept_rows(cut: Cut, keep: Flags) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of a cut's table that are kept, in parts, so that no more than one is in memory."""
    with pq.ParquetFile(cut.table) as table:
        first = 0
        for number in range(table.num_row_groups):
            part = table.read_row_group(number)
            chosen = part.filter(pa.array(keep[first : first + part.num_rows])).to_pylist()
            first += part.num_rows
            if chosen:
                yield chosen


def _record(cut: Cut, tiles: int) -> RasterRecord:
    raster = cut.raster
    return RasterRecord(
        path=str(raster.path),
        crs=raster.crs_name,
        width=raster.width,
        height=raster.height,
        rendering=json.dumps(asdict(raster.rendering)),
        date=raster.date,
        date_from=raster.date_from,
        tiles=tiles,
        notes=cut.notes,
    )
