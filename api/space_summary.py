"""What a space is made of, in a few facts for `space list` and `space show`."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from mindseye.api.spaces import BUILT_IN, GLOVE, kept_in, made_of, own_spaces
from mindseye.engine import pocket, swift

_SENTENCES = {"kind": "sentence encoder", "of": "MiniLM-L6 and the dictionary"}
_TEXTS = {
    pocket.NAME: _SENTENCES,
    swift.NAME: _SENTENCES,
    GLOVE: {"kind": "word vectors", "of": "GloVe 6B, 50 numbers each"},
}
_CLASSES = "the 1,000 classes of ImageNet, by their names and descriptions"
_CLASS_NAMES = "those classes of ImageNet whose names the vectors know"


def listed(library: Path, cache: Path) -> list[dict[str, Any]]:
    """Return the facts of all spaces, the built-in ones first."""
    return [summary(name, library, cache) for name in (*BUILT_IN, *own_spaces(library))]


def summary(name: str, library: Path, cache: Path) -> dict[str, Any]:
    """Return a space's facts: texts, pictures, size in bytes (0 before it is first used).

    text: what its texts are encoded by: kind, and corpus, method and parameters or file; pictures: what brought
    pictures in, and how many of the user's own. Raises NotFoundError for a space that is not there.
    """
    folder, made = kept_in(name, library, cache), made_of(name, library, cache)
    text = made.get("text") or _TEXTS.get(made.get("base", name)) or {"kind": "unknown", "of": "an older version's"}
    pictures: dict[str, Any] = {"by": _CLASSES if text is _SENTENCES else _CLASS_NAMES}
    pictures |= {name: made[name] for name in ("pairs", "collection", "pictures") if name in made}
    return {
        "name": name, "built_in": name in BUILT_IN, "text": text, "pictures": pictures,
        "folder": str(folder), "bytes": _size(folder),
    }  # fmt: skip


def _size(folder: Path) -> int:
    """Return the size of a space's own files: other spaces lie in folders below the pocket space's."""
    total = 0
    for path in folder.glob("*"):
        with suppress(OSError):  # another space may be taking its place
            total += path.stat().st_size if path.is_file() else 0
    return total


def list_lines(spaces: list[dict[str, Any]]) -> Iterator[str]:
    """Yield a line for each space."""
    wide = max(len(space["name"]) for space in spaces)
    for space in spaces:
        pictures = (
            f"; {space['pictures']['pictures']:,} pictures of your own" if "pictures" in space["pictures"] else ""
        )
        size = f"{space['bytes'] / 1e6:,.0f} MB" if space["bytes"] else "not made yet"
        yield f"{space['name']:<{wide}}  {_told(space['text'])}{pictures} ({size})"


def _told(text: Mapping[str, Any]) -> str:
    if "method" in text:
        return f"{text['kind']}: {text['method']}, {text['words']:,} words of {', '.join(text['corpus'])}"
    return f"{text['kind']}: {text.get('of') or text.get('file')}"


def show_lines(facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each fact, those of texts and pictures below their names."""
    for name, value in facts.items():
        if isinstance(value, dict) and name in ("text", "pictures"):
            yield name
            yield from (f"  {each:<11}{what}" for each, what in value.items())
        else:
            yield f"{name:<13}{value}"
