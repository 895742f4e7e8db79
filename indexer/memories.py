"""What a library keeps ready of each modality: its index, and what common words reach in it."""

from functools import cache
from threading import RLock

from mindseye.indexer import items
from mindseye.indexer.background import Background, background_file
from mindseye.indexer.database import Database
from mindseye.indexer.index.cache import IndexCache
from mindseye.indexer.index.manifest import index_folder
from mindseye.indexer.items import MODALITIES
from mindseye.indexer.meta import fact
from mindseye.indexer.space import Space, known


class Memories:
    """An index and a background for each modality, opened when they are first asked for; that of pictures at once."""

    def __init__(self, database: Database, space: Space) -> None:
        self._root = database.path.parent
        self._database = database
        self._space = space
        with database.read() as session:
            self._library = fact(session, "id")
        self._lock = RLock()
        self._modalities: tuple[tuple[int, int], tuple[str, ...]] | None = None  # as of a version of the database
        self._opened = {"image": self._open("image")}
        self.background = cache(self._background)

    def index(self, modality: str) -> IndexCache:
        """Return the index of a modality."""
        with self._lock:
            if modality not in self._opened:
                self._opened[modality] = self._open(modality)
            return self._opened[modality]

    def modalities(self) -> tuple[str, ...]:
        """Return the modalities of what can be found, pictures first; counted again when anything was written."""
        version = self._database.version
        if self._modalities is None or self._modalities[0] != version:
            with self._database.read() as session:
                self._modalities = version, tuple(items.modalities(session))
        return self._modalities[1]

    def publish(self) -> None:
        """Bring every index up to date that was ever made."""
        for modality in MODALITIES:
            if index_folder(self._root, modality).is_dir():
                self.index(modality)

    def compact(self) -> None:
        """Publish what has changed much since it was last published."""
        for index in list(self._opened.values()):  # another thread may open one
            index.compact()

    def _open(self, modality: str) -> IndexCache:
        folder = index_folder(self._root, modality)
        return IndexCache(folder, self._database, self._library, self._space, modality)

    def _background(self, modality: str) -> Background:
        whose = f"{self._library} {known(self._space, modality).encoder} {self._space.mapping}"
        return Background(background_file(self._root, modality), self._database, self.index(modality), whose, modality)
