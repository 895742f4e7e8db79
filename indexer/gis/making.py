"""Rasters, layers and rules become a tile set: a new version of it, whole, or none."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from filelock import FileLock, Timeout

from mindseye.engine.errors import UnreadableFileError, UsageError
from mindseye.indexer.gis.cutting import Cut, cut_raster
from mindseye.indexer.gis.folders import MANIFEST
from mindseye.indexer.gis.grid import Grid, make_grid
from mindseye.indexer.gis.inputs import Asked
from mindseye.indexer.gis.labelling import Labeller, kept
from mindseye.indexer.gis.layers import Layers
from mindseye.indexer.gis.opening import readable
from mindseye.indexer.gis.raster import Raster
from mindseye.indexer.gis.rules import Rules
from mindseye.indexer.gis.tileset import Manifest, SkippedInput, TileSet, Version
from mindseye.indexer.gis.versions import FORMATS, JPEG, TableWriter, next_version

Progress = Callable[[float, int], None]
_LOCK = ".lock"
_MAKING = ".making-"  # what a folder within the tile set's is called while a version is made there


@dataclass(frozen=True)
class TileReport:
    """What came of labelling. version: None when there are no tiles; new: whether it is not the one before.

    seconds: what cutting, labelling and writing took, beyond reading and hashing what was given.
    """

    folder: str
    version: Version | None
    new: bool
    skipped: list[SkippedInput]
    notes: list[str]
    seconds: float = 0.0


def make_tiles(
    rasters: Sequence[Path], layers: Sequence[Path], rules: Rules, output: Path,
    image_format: str = "windows", command: str = "", progress: Progress | None = None,
) -> TileReport:  # fmt: skip
    """Cut rasters into tiles, label them by layers, and write them as the next version of the tile set in `output`.

    image_format: `windows` (of the rasters, which stay where they are) or `jpeg` (copies). The same inputs, rules and
    format write no new version. A raster or file of layers that cannot be read is skipped; progress is told (done,
    total) of tiles. Raises UsageError for no rasters, a folder of other things and rules that name no layer or column.
    """
    if not rasters or image_format not in FORMATS:
        raise UsageError("tiles are made of one raster or more", f"as one of {', '.join(FORMATS)}")
    asked = Asked.of(rasters, layers, rules, image_format, command)
    with _locked(output) as before:
        if before.history and asked.made(current := before.current):
            return TileReport(str(output.resolve()), current, False, current.skipped, current.notes)
        with TemporaryDirectory(dir=output, prefix=_MAKING) as folder:
            return _Making(asked, rules, output.resolve(), Path(folder), progress).run(Layers(layers), before)


class _Making:
    """The making of one version; what is skipped and noted grows on the way."""

    def __init__(self, asked: Asked, rules: Rules, output: Path, folder: Path, progress: Progress | None) -> None:
        self._asked = asked
        self._rules = rules
        self._output = output
        self._folder = folder
        self._progress = progress or (lambda done, total: None)
        self._done = self._total = 0
        self.skipped: list[SkippedInput] = []
        self._notes: list[str] = []

    def run(self, layers: Layers, before: Manifest) -> TileReport:
        began = perf_counter()
        found = list(self._opened())
        self._total = sum(len(grid) for _, grid in found)
        cuts = list(self._cuts(found, layers))
        self.skipped += [SkippedInput(path="", reason=reason) for reason in layers.unreadable]
        self._notes += [f"{cut.raster.path.name}: {note}" for cut in cuts for note in cut.notes]
        version = self._written(cuts, before)
        return TileReport(
            str(self._output), version, version is not None, self.skipped, self._notes, perf_counter() - began
        )

    def _written(self, cuts: Sequence[Cut], before: Manifest) -> Version | None:
        keep = kept([flag for cut in cuts for flag in cut.labelled], self._rules.background)
        if len(keep) and not keep.any():
            self._notes.append(f"none of {len(keep):,} tiles has a label, and of the others `background:` keeps none")
        if not keep.any():
            return None
        number = max((version.number for version in before.history), default=0) + 1
        copies, background = self._asked.format == JPEG, self._rules.background
        self._total += int(keep.sum()) if copies else 0
        writer = TableWriter(self._output, self._folder, number, copies, background.word if background else None)
        writer.write(cuts, keep, self)
        if not writer.tiles:
            return None
        version = next_version(writer, self._asked, len(keep), self.skipped, self._notes)
        writer.publish(before, version)
        return version

    def skip(self, path: Path, error: UnreadableFileError) -> None:
        """Remember why a raster gives nothing."""
        self.skipped.append(SkippedInput(path=readable(path), reason=str(error)))

    def tell(self, number: int) -> None:
        """Tell that so many tiles were done."""
        self._done += number
        self._progress(self._done, self._total)

    def _opened(self) -> Iterator[tuple[Raster, Grid]]:
        render = self._rules.render
        for path in self._asked.rasters:
            try:
                raster = Raster.open(path, render.bands, render.stretch, self._rules.date)
                yield raster, make_grid(raster, self._rules.tiles)
            except UnreadableFileError as error:
                self.skip(path, error)

    def _cuts(self, found: Sequence[tuple[Raster, Grid]], layers: Layers) -> Iterator[Cut]:
        names: set[str] = set()
        for number, (raster, grid) in enumerate(found):
            name = raster.path.stem
            name = name if name not in names else f"{name}-{number}"
            names.add(name)
            try:
                labeller = Labeller(layers, self._rules, raster)
                table = self._folder / f"{number}.parquet"
                yield cut_raster(raster, name, grid, labeller, self._rules.tiles, self._output, table, self.tell)
            except UnreadableFileError as error:
                self.skip(raster.path, error)


@contextmanager
def _locked(output: Path) -> Iterator[Manifest]:
    """Hold a folder for one labelling alone; yield what it holds so far, without leftovers of one that was killed."""
    if output.exists() and not output.is_dir():
        raise UsageError(f"{output} is no folder", "name the folder that the tiles go to")
    if output.is_dir() and not (output / MANIFEST).exists() and any(not _ours(path) for path in output.iterdir()):
        raise UsageError(f"{output} holds other files than tiles", "name a new folder")
    output.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(output / _LOCK, timeout=0):
            for left in output.glob(f"{_MAKING}*"):
                shutil.rmtree(left)
            yield TileSet.read(output).manifest if (output / MANIFEST).exists() else Manifest()
    except Timeout as error:
        raise UsageError(
            f"tiles are being made in {output} already", "wait for that, or name another folder"
        ) from error


def _ours(path: Path) -> bool:
    return path.name == _LOCK or path.name.startswith((_MAKING, "tiles-", ".tiles", "images"))
