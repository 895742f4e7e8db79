"""How pages put values into words: sizes, dates, likelihoods and names, one function each, used as template filters."""

from collections.abc import Callable
from pathlib import PurePath
from textwrap import shorten
from urllib.parse import unquote, urlsplit

from mindseye.indexer.records import Item

LIKELY = ((0.9, "very likely"), (0.6, "likely"), (0.4, "perhaps"), (0.1, "unlikely"), (0.0, "very unlikely"))
_STEPS = ("kB", "MB", "GB", "TB")


def likelihood(probability: float) -> str:
    """Say a probability as people do: "likely", "perhaps", "very unlikely"."""
    return next(word for least, word in LIKELY if probability >= least)


def percent(share: float) -> str:
    """Return a share between 0 and 1 in whole per cent, never 0 % of something nor 100 % of less than all."""
    if 0 < share < 0.01:
        return "under 1 %"
    if 0.99 < share < 1:
        return "over 99 %"
    return f"{share:.0%}".replace("%", " %")


def thousands(number: float) -> str:
    """Return a whole number with thin spaces between its thousands."""
    return f"{number:,.0f}".replace(",", "\u202f")


def plural(number: int, one: str, several: str = "") -> str:
    """Return a number with its noun: "1 picture", "3 pictures"."""
    return f"{thousands(number)} {one if number == 1 else several or one + 's'}"


def file_size(size: float) -> str:
    """Return bytes in the largest decimal unit of which there is one."""
    if size < 1000:
        return f"{size:.0f} bytes"
    for unit in _STEPS:
        size /= 1000
        if size < 1000 or unit == _STEPS[-1]:
            break
    return f"{size:.1f} {unit}" if size < 10 else f"{size:.0f} {unit}"


def beginning(text: str, most: int) -> str:
    """Return a text's first characters, cut between words, on one line."""
    return shorten(" ".join(text.split()), most, placeholder=" …") if text else ""


def sentence(text: str) -> str:
    """Return a text as a sentence begins; a file's name, or any other sign, stays as it is."""
    first = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first.isalpha() and first.islower() else text


def moment(iso: str) -> str:
    """Return an ISO 8601 time as day and minute."""
    return iso[:16].replace("T", " ")


def file_name(uri: str) -> str:
    """Return the last part of a URI or path, as its file is called."""
    return _path(uri).name or uri


def file_name_of(item: Item) -> str:
    """Return what an item's file is called; of a word, the word."""
    return item.title if item.modality == "word" else item.path.name


def title_of(item: Item) -> str:
    """Return what an item is called best: a text's title, a picture's labels, or its file's name."""
    return item.title or ", ".join(item.labels[:3]) or file_name_of(item)


def said_by(item: Item) -> str:
    """Return what a text says, its title left out where it only repeats it."""
    return item.text.removeprefix(item.title).lstrip() if item.title else item.text


def alt(item: Item, query: str = "") -> str:
    """Say what a picture is to those who do not see it; query: what an imagined one was imagined for."""
    if item.origin == "imagined":
        return f"imagined picture of {query}" if query else "imagined picture"
    labelled = f", labelled {', '.join(item.labels[:5])}" if item.labels else ""
    return f"{item.path.name}{labelled}; found in {item.path.parent.name}"


def _path(uri: str) -> PurePath:
    return PurePath(unquote(urlsplit(uri).path) if "://" in uri else uri)


FILTERS: dict[str, Callable[..., str]] = {
    function.__name__: function
    for function in (
        likelihood, percent, thousands, plural, file_size, beginning, sentence, moment, file_name, file_name_of,
        title_of, said_by, alt,
    )
}  # fmt: skip
