"""How pages put values into words: sizes, dates, likelihoods and names, one function each, used as template filters."""

from collections.abc import Callable
from pathlib import PurePath
from urllib.parse import unquote, urlsplit

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


def moment(iso: str) -> str:
    """Return an ISO 8601 time as day and minute."""
    return iso[:16].replace("T", " ")


def file_name(uri: str) -> str:
    """Return the last part of a URI or path, as its file is called."""
    return PurePath(unquote(urlsplit(uri).path)).name if "://" in uri else PurePath(uri).name


def folder_name(uri: str) -> str:
    """Return the name of the folder that a file lies in."""
    return PurePath(unquote(urlsplit(uri).path) if "://" in uri else uri).parent.name


FILTERS: dict[str, Callable[..., str]] = {
    "likelihood": likelihood, "percent": percent, "thousands": thousands, "plural": plural, "file_size": file_size,
    "moment": moment, "file_name": file_name, "folder_name": folder_name,
}  # fmt: skip
