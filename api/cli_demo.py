"""`mindseye demo`: what Mindseye does, shown on photographs, or on the Earth."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from mindseye.api import formatting
from mindseye.api.demo import run_demo
from mindseye.api.outputs import check_output, write_whole
from mindseye.api.session import AS_JSON, settings
from mindseye.engine.errors import MindseyeError, UsageError

_EARTH = "earth"


def demo(
    what: Annotated[str | None, typer.Argument(help="earth: the whole Earth labelled by layers.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The page to write.", show_default=False)
    ] = None,
    keep: Annotated[Path | None, typer.Option(help="Of earth: a new folder for all that is made.")] = None,
    as_json: AS_JSON = False,
) -> None:
    """Index a dozen photographs, search and imagine, and write one page that shows it all; or do so with the Earth."""
    if what not in (None, _EARTH):
        raise UsageError(
            f"there is no demo of {what!r}", "`mindseye demo` shows photographs, `mindseye demo earth` the Earth"
        )
    if what == _EARTH:
        _earth(output or Path("mindseye-earth.html"), keep, as_json)
        return
    if keep is not None:
        raise UsageError("the demo of photographs keeps nothing but its page", "leave out --keep")
    page = run_demo(output or Path("mindseye-demo.html"), settings().cache).resolve()
    formatting.show({"page": str(page)}, as_json, lambda told: [told["page"]])


def _earth(page: Path, keep: Path | None, as_json: bool) -> None:
    check_output(page, (".html",))
    with _folder(keep) as folder:  # refused before what follows is loaded, which takes seconds
        from mindseye.api.gis.earth.demo import run_earth, told
        from mindseye.api.gis.earth.page import render
        from mindseye.api.gis.earth.report import lines

        try:
            earth = run_earth(folder, settings().cache)
        except KeyboardInterrupt:
            kept = (
                "nothing is kept"
                if keep is None
                else f"what was made stays in {folder}, and another run wants a new folder"
            )
            raise MindseyeError("stopped", kept) from None
        write_whole(page, render(earth).encode())
        formatting.show({"page": str(page.resolve()), **told(earth)}, as_json, lines)


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """Give a folder to work in, which goes afterwards unless it is to be kept."""
    if keep is None:
        with TemporaryDirectory(prefix="mindseye-earth-") as folder:
            yield Path(folder)
        return
    if keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
        raise UsageError(f"{keep} is there already", "name a new folder")
    keep.mkdir(parents=True, exist_ok=True)
    yield keep.resolve()
