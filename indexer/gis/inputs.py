"""What a tile set is made of: rasters, layers and rules, told apart by their bytes."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from mindseye.engine.errors import UnreadableFileError
from mindseye.indexer.gis.opening import opened, readable
from mindseye.indexer.gis.rules import Rules
from mindseye.indexer.gis.tileset import Input, Version

_SIBLINGS = {".shp": (".shp", ".shx", ".dbf", ".prj", ".cpg"), ".tab": (".tab", ".dat", ".map", ".id", ".ind")}
_PART = 1 << 20  # bytes read at once


@dataclass(frozen=True)
class Asked:
    """What is asked of a labelling. rasters: each once; inputs: rasters and files of layers, as they are now."""

    rasters: tuple[Path, ...]
    inputs: tuple[Input, ...]
    rules: dict[str, Any]
    format: str
    command: str

    @classmethod
    def of(cls, rasters: Sequence[Path], layers: Sequence[Path], rules: Rules, image_format: str, command: str) -> Self:
        """Read and hash all files."""
        unique = tuple(dict.fromkeys(path.resolve() for path in rasters))
        inputs = [_input_of(path, _files_of_raster(path)) for path in unique]
        inputs += [_input_of(path, _files_of_layers(path)) for path in dict.fromkeys(path.resolve() for path in layers)]
        return cls(unique, tuple(inputs), rules.model_dump(mode="json"), image_format, readable(command))

    def made(self, version: Version) -> bool:
        """Return whether a version was made of just this."""
        made_of = (version.inputs, version.rules, version.format)
        return made_of == (list(self.inputs), self.rules, self.format)


def _input_of(path: Path, files: Iterable[Path]) -> Input:
    """Return the size and hash of all files of an input; those that cannot be read are told of by who reads them."""
    digest, size = hashlib.sha256(), 0
    for file in sorted(files):
        try:
            with file.open("rb") as source:
                while part := source.read(_PART):
                    digest.update(part)
                    size += len(part)
        except OSError:
            continue
    return Input(path=readable(path), size=size, sha256=digest.hexdigest())


def _files_of_raster(path: Path) -> list[Path]:
    try:
        with opened(path) as source:
            return [Path(name) for name in source.files]
    except UnreadableFileError:
        return [path]


def _files_of_layers(path: Path) -> list[Path]:
    if path.is_dir():
        return [file for file in path.rglob("*") if file.is_file()]
    return [path.with_suffix(suffix) for suffix in _SIBLINGS.get(path.suffix.lower(), [path.suffix])]
