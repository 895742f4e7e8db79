"""WordNet's noun hierarchy, read from Princeton's database files (Debian's `wordnet-base`), where it is installed."""

from functools import cached_property
from pathlib import Path

from mindseye.engine.errors import NotFoundError
from mindseye.engine.text.lexicon import normalised

DEFAULT = Path("/usr/share/wordnet")


class WordNet:
    """Nouns and what they are kinds of; synsets are named by offset, as in ImageNet's ids (`n` + 8 digits).

    folder: holds `index.noun` and `data.noun` (format: wndb(5WN)). Raises NotFoundError when it does not.
    """

    def __init__(self, folder: Path = DEFAULT) -> None:
        if not (folder / "data.noun").exists() or not (folder / "index.noun").exists():
            raise NotFoundError(f"no WordNet database in {folder}", "install Debian's `wordnet-base`")
        self._folder = folder

    @cached_property
    def _synsets(self) -> dict[str, tuple[str, ...]]:
        found = {}
        for line in _records(self._folder / "index.noun"):
            fields = line.split()
            found[fields[0].replace("_", " ")] = tuple(f for f in fields[6:] if len(f) == 8)
        return found

    @cached_property
    def _parents(self) -> dict[str, tuple[str, ...]]:
        found = {}
        for line in _records(self._folder / "data.noun"):
            fields = line.split(" | ")[0].split()
            count = int(fields[3], 16)
            pointers = fields[5 + 2 * count :]
            found[fields[0]] = tuple(
                pointers[i + 1] for i in range(0, len(pointers) - 3, 4) if pointers[i] in ("@", "@i")
            )
        return found

    def synsets(self, word: str) -> tuple[str, ...]:
        """Return the noun synsets of a word, the most usual first; empty when unknown."""
        return self._synsets.get(normalised(word), ())

    def parents(self, synset: str) -> tuple[str, ...]:
        """Return what a synset is directly a kind of. Raises NotFoundError for an unknown one."""
        if synset not in self._parents:
            raise NotFoundError(f"WordNet has no noun synset {synset}")
        return self._parents[synset]

    def ancestors(self, synset: str) -> frozenset[str]:
        """Return a synset and all that it is a kind of. Raises NotFoundError for an unknown one."""
        found, queue = {synset}, [synset]
        while queue:
            new = set(self.parents(queue.pop())) - found
            found |= new
            queue.extend(new)
        return frozenset(found)


def _records(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("  ")]  # the licence is indented
