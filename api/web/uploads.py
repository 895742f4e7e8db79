"""Pictures that people drop on the page, kept while the service runs, so that an answer to one has an address."""

import hashlib
import io
from collections import OrderedDict
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from threading import Lock
from weakref import finalize

from PIL import Image

from mindseye.engine.errors import NotFoundError
from mindseye.engine.vision.pictures import read_picture

KEPT = 64
_SIDE = 512  # px, of what is shown again
_DIGITS = 16


class Uploads:
    """The latest pictures, each by the hash of its bytes, in a temporary folder that goes with the process."""

    def __init__(self, kept: int = KEPT) -> None:
        self._folder: Path | None = None
        self._names: OrderedDict[str, str] = OrderedDict()
        self._kept = kept
        self._lock = Lock()

    def add(self, data: bytes, name: str) -> str:
        """Keep a picture and return its id. Raises UnreadableFileError when it is none."""
        picture = read_picture(data, name).image
        key = hashlib.sha256(data).hexdigest()[:_DIGITS]
        shown = picture.copy()
        shown.thumbnail((_SIDE, _SIDE), Image.Resampling.LANCZOS)
        buffer = io.BytesIO()
        shown.save(buffer, "JPEG", quality=88)
        with self._lock:
            folder = self._home()
            (folder / key).write_bytes(data)
            (folder / f"{key}.jpg").write_bytes(buffer.getvalue())
            self._names[key] = name
            self._names.move_to_end(key)
            while len(self._names) > self._kept:
                self._drop(folder, self._names.popitem(last=False)[0])
        return key

    def original(self, key: str) -> Path:
        """Return the file of a picture as it came. Raises NotFoundError when it is kept no more."""
        self.name(key)
        return self._home() / key

    def shown(self, key: str) -> bytes:
        """Return a small JPEG of a picture. Raises NotFoundError when it is kept no more."""
        with self._lock:  # others may push it out meanwhile
            self.name(key)
            return (self._home() / f"{key}.jpg").read_bytes()

    def name(self, key: str) -> str:
        """Return what a picture was called. Raises NotFoundError when it is kept no more."""
        name = self._names.get(key)
        if name is None:
            raise NotFoundError("that picture is not kept any more", "drop it on the page again")
        return name

    def _home(self) -> Path:
        if self._folder is None:
            self._folder = Path(mkdtemp(prefix="mindseye-uploads-"))
            finalize(self, rmtree, self._folder, ignore_errors=True)
        return self._folder

    def _drop(self, folder: Path, key: str) -> None:
        for name in (key, f"{key}.jpg"):
            (folder / name).unlink(missing_ok=True)
