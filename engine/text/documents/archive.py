"""DOCX and EPUB are zip archives of XML: opened within limits, since a small one can swell without end."""

import io
import zipfile
import zlib

from mindseye.engine.errors import UnreadableFileError
from mindseye.engine.text.documents.limits import MAX_MEMBERS, MAX_TEXT, MAX_UNPACKED
from mindseye.engine.text.documents.xml import DamagedXmlError, Target, tell

# What zipfile raises on bytes that are no zip, or no longer one; NotImplementedError for packing it does not know.
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError)


class Archive:
    """A zip archive in memory. Raises UnreadableFileError for a damaged one and for one beyond the limits."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except _BROKEN as error:
            raise UnreadableFileError("is damaged or cut short: its zip archive cannot be opened") from error
        self.names = frozenset(self._zip.namelist())
        self._unpacked = 0
        if len(self.names) > MAX_MEMBERS:
            raise UnreadableFileError(f"packs {len(self.names):,} files, over the limit of {MAX_MEMBERS:,}")

    def read(self, name: str) -> bytes:
        """Return one file of the archive; what its header claims is checked against the limits before."""
        if name not in self.names:
            raise UnreadableFileError(f"lacks its part {name[:200]!r}: it is damaged")
        member = self._zip.getinfo(name)
        if member.flag_bits & 1:
            raise UnreadableFileError("is protected by a password", "save a copy without one")
        self._unpacked += member.file_size
        if member.file_size > 4 * MAX_TEXT or self._unpacked > MAX_UNPACKED:
            raise UnreadableFileError(f"swells to more than {min(4 * MAX_TEXT, MAX_UNPACKED) / 1e6:,.0f} MB of XML")
        try:
            return self._zip.read(member)
        except _BROKEN as error:
            raise UnreadableFileError(f"is damaged in its part {name[:200]!r}") from error

    def tell(self, name: str, target: Target) -> None:
        """Tell a target what stands in a file of XML."""
        try:
            tell(self.read(name), target)
        except DamagedXmlError as error:
            raise UnreadableFileError(f"is damaged: its part {name[:200]!r} is no XML ({error})") from error
