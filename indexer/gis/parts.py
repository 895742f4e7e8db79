"""The files that a raster is read from: beside its own those that a VRT names, at any depth and under any name."""

import os
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from mindseye.engine.errors import UnreadableFileError
from mindseye.indexer.gis.opening import Source, opened

_VRT_TEXT = "xml:VRT"  # the domain, and in it the name, under which GDAL tells a VRT as it understood it
_NAMING = ("SourceFilename", "SourceDataset")  # elements of a VRT whose text is a name


def files_of(raster: Path) -> list[Path]:
    """Return every file that a raster is read from, itself first; files that are named and absent among them.

    GDAL tells what a file is by what it holds, whatever its name ends in, so each file is looked into. Raises
    UnreadableFileError for what is no raster, and where a name leads to what is no plain file (a part of an archive,
    an address, a VRT within a VRT) or to one that cannot be looked into: then nobody knows what would be read.
    """
    found, waiting = dict.fromkeys([raster.absolute()]), [raster.absolute()]
    while waiting:
        path = waiting.pop()
        own, named = _parts(path)
        new = [each for each in map(_plain, own | named) if each not in found]
        found |= dict.fromkeys(new)
        waiting += [each for each in new if each.is_file() and (str(each) in named or _is_raster(each))]
    return list(found)


def _parts(path: Path) -> tuple[dict[str, None], dict[str, None]]:
    """Return the names of files that a raster lies in, and of those that it names as a VRT, in order."""
    with opened(path) as source:
        own, is_vrt = dict.fromkeys(source.files), source.driver == "VRT"
        named = dict.fromkeys(_names_in(source, path)) if is_vrt else {}
    return own, (own | named) if is_vrt else named


def _names_in(vrt: Source, path: Path) -> Iterator[str]:
    """Yield what a VRT names: GDAL's own list of its files leaves out those of masks."""
    text = vrt.tags(ns=_VRT_TEXT)[_VRT_TEXT]
    for element in (each for kind in _NAMING for each in ElementTree.fromstring(text).iter(kind)):
        name = element.text or ""
        if element.get("relativeToVRT") == "1":  # to the file itself, where a link leads to it
            yield from dict.fromkeys(str(folder / name) for folder in (path.parent, path.resolve().parent))
        else:
            yield name


def _plain(name: str) -> Path:
    if not os.path.isabs(name) or name.startswith("/vsi"):  # noqa: PTH117 - a name of GDAL's need be no path
        raise UnreadableFileError(f"{name[:100]!r} is no plain file, but a raster names it", "name files in the VRT")
    return Path(name)


def _is_raster(path: Path) -> bool:
    """Return whether a file beside a raster is one, too, as overviews and masks are."""
    try:
        with opened(path):
            return True
    except UnreadableFileError:
        return False
