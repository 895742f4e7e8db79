"""Rasters, layers and rules become a tile set: a new version of it, whole, or none."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from mindseye.engine.errors import UnreadableFileError, UsageError
from mindseye.indexer.gis.cutting import Cut, cut_raster
from mindseye.indexer.gis.grid import Grid, make_grid
from mindseye.indexer.gis.holding import MAKING, free_number, held
from mindseye.indexer.gis.inputs import Asked
from mindseye.indexer.gis.labelling import Labeller, kept
from mindseye.indexer.gis.layers import Layers
from mindseye.indexer.gis.opening import readable
from mindseye.indexer.gis.raster import Raster
from mindseye.indexer.gis.rules import Rules
from mindseye.indexer.gis.tileset import Manifest, SkippedInput, Version
from mindseye.indexer.gis.versions import FORMATS, JPEG, TableWriter, next_version

Progress = Callable[[float, int], None]


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
    with held(output) as before:
        if before.history and asked.made(current := before.current):
            return TileReport(str(output.resolve()), current, False, current.skipped, current.notes)
        with TemporaryDirectory(dir=output, prefix=MAKING) as folder:
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
        self.skipped += [SkippedInput(path="", reason=readable(reason)) for reason in layers.unreadable]
        if all(rule.negative for rule in self._rules.labels):
            self._notes.append("no tile has a label: all rules are `negative: true`, which takes words away")
        self._notes += [readable(f"{cut.raster.path.name}: {note}") for cut in cuts for note in cut.notes]
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
        copies, background = self._asked.format == JPEG, self._rules.background
        self._total += int(keep.sum()) if copies else 0
        number, word = free_number(self._output, before), background.word if background else None
        writer = TableWriter(self._output, self._folder, number, copies, word)
        writer.write(cuts, keep, self)
        if not writer.tiles:
            return None
        version = next_version(writer, self._asked, len(keep), self.skipped, self._notes)
        writer.publish(before, version)
        return version

    def skip(self, path: Path, error: UnreadableFileError) -> None:
        """Remember why a raster gives nothing."""
        self.skipped.append(SkippedInput(path=readable(path), reason=readable(str(error))))

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
        names = _names([raster.path for raster, _ in found])
        for number, ((raster, grid), name) in enumerate(zip(found, names, strict=True)):
            try:
                labeller = Labeller(layers, self._rules, raster)
                table = self._folder / f"{number}.parquet"
                yield cut_raster(raster, name, grid, labeller, self._rules.tiles, self._output, table, self.tell)
            except UnreadableFileError as error:
                self.skip(raster.path, error)


def _names(paths: Sequence[Path]) -> list[str]:
    """Return a name for each raster, its stem where that is free: no two are one, in capitals or small letters."""
    names: dict[str, str] = {}
    for path in paths:
        tries = (path.stem if number == 1 else f"{path.stem}-{number}" for number in count(1))
        name = next(each for each in tries if each.casefold() not in names)
        names[name.casefold()] = name
    return list(names.values())
