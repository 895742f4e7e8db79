"""Layers by the names that rules call them: a file's stem, or the layer's name in its file."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

import pyogrio

from mindseye.engine.errors import UnreadableFileError, UsageError
from mindseye.indexer.gis.vectors import Layer, layers_in


class Layers:
    """The layers of some files, opened once for all rasters. unreadable: why files have none, in words."""

    def __init__(self, files: Sequence[Path]) -> None:
        """Look what layers the files hold; nothing of their features is read."""
        pyogrio.set_gdal_config_options({"CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "none"})  # nothing is fetched
        self.unreadable: list[str] = []
        self._layers: list[Layer] = []
        for file in dict.fromkeys(files):
            try:
                self._layers += layers_in(file)
            except UnreadableFileError as error:
                self.unreadable.append(str(error))

    def __iter__(self) -> Iterator[Layer]:
        return iter(self._layers)

    def find(self, name: str) -> Layer:
        """Return the layer of that name. Raises UsageError, listing names, when there is none or more than one."""
        found = [layer for layer in self._layers if name in self._names(layer)]
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(self.unambiguous(layer) for layer in found)
            raise UsageError(f"{name!r} names {len(found)} layers", f"write one of {names}")
        raise UsageError(f"there is no layer {name!r}", self._offered(name))

    def unambiguous(self, layer: Layer) -> str:
        """Return the shortest name that means this layer alone."""
        names = [layer.name, *sorted(self._names(layer) - {layer.name}, key=lambda name: (len(name), name))]
        alone = (name for name in names if sum(name in self._names(other) for other in self._layers) == 1)
        return next(alone, f"{layer.file}:{layer.name}")

    def _names(self, layer: Layer) -> set[str]:
        stem = layer.file.stem
        names = {layer.name, f"{stem}/{layer.name}", f"{layer.file.name}:{layer.name}", f"{layer.file}:{layer.name}"}
        siblings = {other.name for other in self._layers if other.file == layer.file}
        return names if stem in siblings else names | {stem}  # a stem means the file's one layer, or all: ambiguous

    def _offered(self, name: str) -> str:
        names = [self.unambiguous(layer) for layer in self._layers]
        near = get_close_matches(name, names, n=1)
        meant = f"did you mean {near[0]}? " if near else ""
        other = "other " if self.unreadable else ""
        listed = f"{meant}there are {', '.join(names)}" if names else f"no {other}file holds a layer"
        return "; ".join([*self.unreadable, listed])
