"""A library under examination: its folder, its database, and the run that mends it."""

from collections.abc import Collection
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mindseye.indexer import embeddings, meta, runs, store, thumbnails
from mindseye.indexer.batches import Progress
from mindseye.indexer.database import Database
from mindseye.indexer.index import IdArray
from mindseye.indexer.models import Embedding
from mindseye.indexer.space import Space

IMAGINED = "imagined"


class Facts(NamedTuple):
    """What the database says the library is, in a modality's encoder; empty where it does not say."""

    library: str
    encoder: str
    mapping: str

    @classmethod
    def read(cls, session: Session, modality: str = "image") -> "Facts":
        """Read them in the snapshot in which they are needed: `reembed` may change them at any time."""
        encoder = meta.fact(session, "encoder" if modality == "image" else "text_encoder")
        return cls(meta.fact(session, "id"), encoder, meta.fact(session, "mapping"))


class Case:
    """An open library and the space that it is examined in."""

    def __init__(self, database: Database, space: Space, progress: Progress, command: str) -> None:
        """Take the open database of a library; command: what to write into the run of a repair."""
        self.database = database
        self.space = space
        self.root: Path = database.path.parent
        self._progress = progress
        self._command = command
        self._done = self._lost = 0
        with database.read() as session:
            vectors = session.scalar(select(func.count(Embedding.id))) or 0
        files = sum(1 for name in (IMAGINED, thumbnails.FOLDER) for _ in (self.root / name).rglob("*.*"))
        self._total = 2 * vectors + files  # a vector is read, then compared with the index

    def is_in_its_space(self, session: Session) -> bool:
        """Return whether the space is of the library's encoders."""
        texts = Facts.read(session, "paragraph").encoder
        return Facts.read(session).encoder == self.space.encoder and texts in ("", self.space.text_encoder)

    def tell(self, steps: int) -> None:
        """Tell of so many more vectors or files that have been looked at."""
        self._done += steps
        self._progress(min(self._done, self._total), self._total)

    @cached_property
    def run_id(self) -> int:
        """The run that mends; it starts when it is first asked for, which no transaction may do."""
        with self.database.write() as session:
            return runs.start(session, "repair", self._command, {})

    def lose(self, session: Session, item_ids: Collection[int], run_id: int) -> None:
        """Mark present items as missing; the index follows."""
        contents = store.set_state(session, item_ids, "missing", run_id)
        embeddings.log_changes(session, contents)
        self._lost += len(contents)

    def finish(self) -> None:
        """Write down what the run that mended came to, if there was one."""
        if "run_id" in vars(self):
            with self.database.write() as session:
                runs.finish(session, self.run_id, {"missing": self._lost})


def vectors_named(ids: IdArray) -> tuple[str, ...]:
    """Return what to call vectors that no file is known of."""
    return tuple(f"vector {each}" for each in ids.tolist())
