"""`mindseye doctor`: what is not as it should be in a library, and its repair."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from mindseye.api import formatting
from mindseye.api.progress import progress_bar
from mindseye.api.session import AS_JSON, DONE, LIBRARY, PARTLY, SPACE, opened, settings
from mindseye.api.settings import Settings
from mindseye.api.spaces import open_space
from mindseye.engine.errors import MindseyeError
from mindseye.indexer.doctor import examine
from mindseye.indexer.doctor import repair as mend
from mindseye.indexer.doctor.finding import Finding, Repair
from mindseye.indexer.doctor.leftovers import is_old

_FILES = ("mapping.safetensors", "space.json")  # what makes a folder a space
_SHOWN = 5  # files or rows that people are told of one finding; JSON holds all


def doctor(
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended; nothing is encoded.")] = False,
    library: LIBRARY = None, space: SPACE = None, as_json: AS_JSON = False,
) -> int:  # fmt: skip
    """Compare database, index, pictures and caches, and name every difference."""
    chosen = settings(library, space)
    unusable = tuple(_unusable_spaces(chosen))
    told = Repair((), ())
    if not any(chosen.space in each.subjects for each in unusable):  # else it cannot be examined
        told = _examined(library, space, repair)
    told = Repair(told.mended, (*told.left, *unusable))
    formatting.show(told, as_json, lines)
    return PARTLY if told.left else DONE


def _examined(library: Path | None, space: str | None, repair: bool) -> Repair:
    with opened(library, space) as eye, progress_bar("examining", "checks") as tell:
        if repair:
            return mend(eye.root, eye.space, tell, eye.command)
        return Repair((), tuple(examine(eye.root, eye.space, tell)))


def _unusable_spaces(chosen: Settings) -> Iterator[Finding]:
    """Yield which of the user's own spaces cannot be opened, half-written ones too, but none that is just written."""
    written = {path.parent for name in _FILES for path in (chosen.library / "spaces").glob(f"[!.]*/{name}")}
    for home in sorted(written):
        if not all(map(is_old, [home, *home.glob("*")])):
            continue
        try:
            open_space(home.name, chosen.library, chosen.cache)
        except MindseyeError as error:
            what = f"the space {home.name!r} cannot be used: {error.what}"
            yield Finding("space_unusable", what, error.hint, (home.name,))


def lines(told: Repair) -> Iterator[str]:
    """Yield what was found: what is mended, what is left, and what to do."""
    for finding in told.mended:
        yield from _told("mended", finding, finding.then)
    for finding in told.left:
        yield from _told(finding.code, finding, "; then ".join(filter(None, (finding.hint, finding.then))))
    if not told.left:
        yield "sound: database, index, pictures, caches and spaces agree"


def _told(title: str, finding: Finding, to_do: str) -> Iterator[str]:
    some, more = finding.subjects[:_SHOWN], len(finding.subjects) - _SHOWN
    named = f" ({', '.join(some)}{f' and {more} more' if more > 0 else ''})" if some else ""
    yield f"{title}: {finding.what}{named}"
    if to_do:
        yield f"  {to_do}"
