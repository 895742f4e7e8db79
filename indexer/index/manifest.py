"""The page that says which index file is the published one and what is in it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

from mindseye.indexer.files import replacing

NAME = "manifest.json"


@dataclass(frozen=True)
class Manifest:
    """What the published file holds: its generation, the last change in it, whose rows, and its checksum."""

    generation: int
    seq: int
    library: str
    encoder: str
    mapping: str
    width: int
    count: int
    sha256: str

    @classmethod
    def read(cls, folder: Path) -> "Manifest | None":
        """Return the manifest in `folder`, None when there is none that can be understood."""
        try:
            told = cls(**json.loads((folder / NAME).read_bytes()))
        except (OSError, ValueError, TypeError, RecursionError):
            return None
        return told if all(type(value) is cls.__annotations__[name] for name, value in asdict(told).items()) else None

    def write(self, folder: Path) -> None:
        """Put this manifest in the place of the one in `folder`."""
        with replacing(folder / NAME) as path:
            path.write_text(json.dumps(asdict(self), indent=1))

    def of(self, library: str, encoder: str, mapping: str, width: int) -> bool:
        """Return whether the rows are of that library, encoder and mapping, and as wide."""
        return (self.library, self.encoder, self.mapping, self.width) == (library, encoder, mapping, width)

    def file(self, folder: Path) -> Path:
        """Return the path of the index file."""
        return index_file(folder, self.generation)


def index_folder(root: Path, modality: str) -> Path:
    """Return the folder, in a library's, of the index of a modality."""
    return root / ("index" if modality == "image" else f"index-{modality}")


def index_file(folder: Path, generation: int) -> Path:
    """Return the path of the index file of that generation."""
    return folder / f"index-{generation}.faiss"


def publish_lock(folder: Path) -> FileLock:
    """Return the lock of who publishes, beside the folder: in it, who deletes the folder would let two in at once."""
    return FileLock(folder.with_suffix(".lock"))


def generations(folder: Path) -> dict[int, Path]:
    """Return the index files in `folder` by generation."""
    numbers = {file: file.stem.removeprefix("index-") for file in folder.glob("index-*.faiss")}
    return {int(number): file for file, number in numbers.items() if number.isdecimal()}
