"""Layers of geometries in files of any format that GDAL or GeoPandas reads."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from mindseye.indexer.gis.rules import LayerRules


class Layers:
    """The layers of some files, opened once for all rasters."""

    def __init__(self, files: Sequence[Path], told: Mapping[str, LayerRules]) -> None:
        """Look what layers the files hold. Raises UsageError, UnreadableFileError."""
        raise NotImplementedError
