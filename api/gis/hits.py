"""The tiles among the hits of a search, written as a file for maps."""

from pathlib import Path

from mindseye.api.answers import Answer
from mindseye.api.mindseye import Mindseye
from mindseye.api.outputs import write_whole
from mindseye.indexer.filters import Filter
from mindseye.indexer.gis.exporting import encoded, features


def write_hits(path: Path, answer: Answer, within: Filter, eye: Mindseye) -> int:
    """Write the tiles of hits as GeoJSON, or as a GeoPackage by the path's suffix; return how many hits have none.

    Raises MindseyeError when the file cannot be written.
    """
    found = features(eye.library(), answer.hits, within)
    write_whole(path, encoded(found, path.suffix.lower()))
    return len(answer.hits) - len({each.hit.rank for each in found})
