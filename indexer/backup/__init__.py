"""Portable copies of a library: one zip of JSON lines, arrays and pictures, restored whole or not at all."""

from mindseye.indexer.backup.exporting import ExportReport, export_library
from mindseye.indexer.backup.importing import ImportReport, import_library
from mindseye.indexer.backup.moves import Move

__all__ = ["ExportReport", "ImportReport", "Move", "export_library", "import_library"]
