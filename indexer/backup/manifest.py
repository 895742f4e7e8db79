"""The page of an export that says what is in it: whose library, how many rows, size and hash of every member."""

from functools import cached_property
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt

NAME = "manifest.json"  # written last
FORMAT = "mindseye-export"
VERSION = 1  # to be raised when an older Mindseye would misunderstand what is written
FOLDERS = ("imagined", "spaces", "methods", "studies")  # of a library: files that cannot be made again from its rows
LONGEST_LINE = 1 << 26  # bytes of a row
LARGEST_CHUNK = 1 << 29  # bytes of an array file
LARGEST_PAGE = 1 << 28  # bytes of the manifest

Number = Annotated[int, Field(ge=-(2**62), lt=2**62)]  # fits what SQLite and file systems keep
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Page(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)


class Member(_Page):
    """A file in the zip: its bytes, its rows if it holds any, when it changed (ns since 1970) if it was a file."""

    bytes: NonNegativeInt
    sha256: Hash
    rows: NonNegativeInt | None = None
    modified: Number | None = None


class Encoder(_Page):
    """An encoder that the library has vectors of: `features/<number>-….npz`; width in numbers."""

    number: PositiveInt
    fingerprint: str
    width: PositiveInt
    vectors: NonNegativeInt


class Manifest(_Page):
    """What an export holds.

    revision: of the tables; root: URI of the library's folder then; sequences: the highest id that each table
    ever gave, so that none is given again; members: by their names, this page left out.
    """

    format: str
    version: int
    mindseye: str
    created: str
    revision: Annotated[str, Field(pattern=r"^\d{4}$")]
    library: str
    encoder: str
    mapping: str
    root: str
    sequences: dict[str, Number]
    encoders: list[Encoder]
    members: dict[str, Member]

    def rows(self) -> dict[str, int]:
        """Return the number of rows by table."""
        return {
            name.removeprefix("tables/").removesuffix(".jsonl"): member.rows or 0
            for name, member in self.members.items()
            if name.startswith("tables/")
        }

    def files(self) -> list[str]:
        """Return the names of the members that are files of the library."""
        return [name for name in self.members if name.split("/")[0] in FOLDERS]

    def chunks(self, encoder: Encoder) -> list[str]:
        """Return the names of an encoder's array files, in order."""
        return self.arrays.get(str(encoder.number), [])

    @cached_property
    def arrays(self) -> dict[str, list[str]]:
        """The names of the array files by the number of their encoder; each damaged vector set aside has its own."""
        found: dict[str, list[str]] = {}
        for name in self.members:
            encoder, dash, _ = name.partition("-")
            if dash and encoder.startswith("features/"):
                found.setdefault(encoder.removeprefix("features/"), []).append(name)
        return found

    def understood(self) -> set[str]:
        """Return the names of the members that an import looks at."""
        arrays = (name for encoder in self.encoders for name in self.chunks(encoder))
        return {*map(table_member, self.rows()), *arrays, *self.files()}

    def work(self) -> int:
        """Return how much there is to do: rows and files."""
        return sum(self.rows().values()) + len(self.files())


def table_member(table: str) -> str:
    """Return the name of a table's member."""
    return f"tables/{table}.jsonl"


def chunk_member(encoder: int, chunk: int) -> str:
    """Return the name of an array file; both numbers count from 1."""
    return f"features/{encoder}-{chunk:06d}.npz"


def is_member_name(name: str) -> bool:
    """Return whether a name is of a file below the folder that it is put into, on any system."""
    parts, characters = set(name.split("/")), set(name)
    return not (parts & {"", ".", ".."} or characters & set("\\:\0")) and name.isprintable()
