"""`mindseye gis change`: the same tiles at two dates."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from mindseye.api import formatting
from mindseye.api.gis.change import Change, Moved, change_between
from mindseye.api.gis.heat import middle
from mindseye.api.mindseye import Mindseye
from mindseye.api.outputs import check_output, write_whole
from mindseye.api.ranges import dates
from mindseye.api.session import AS_JSON, LIBRARY, SPACE, opened
from mindseye.engine.errors import UsageError
from mindseye.indexer.filters import Filter
from mindseye.indexer.gis.geojson import geometry


def change(
    first: Annotated[str, typer.Argument(help="The collection of the earlier imagery, or of both.", metavar="A")],
    second: Annotated[
        str | None, typer.Argument(help="The collection of the later imagery.", metavar="B", show_default=False)
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", help="When the earlier imagery of one collection was taken: 1985, 2009-08.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", help="When the later imagery was taken.")] = None,
    word: Annotated[
        list[str] | None, typer.Option(help="Tell directions by this word, too; may be repeated.")
    ] = None,
    n: Annotated[int, typer.Option("-n", min=1, help="How many of the most changed places to list.")] = 10,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="All places as .geojson, or the most changed ones as a picture (.png)."),
    ] = None,
    library: LIBRARY = None, space: SPACE = None, as_json: AS_JSON = False,
) -> None:  # fmt: skip
    """Rank places by how far they changed between two dates, and tell towards which words."""
    check_output(output, (".geojson", ".png"))
    before, after = _filters(first, second, since, until)
    with opened(library, space) as eye:
        found = change_between(eye, before, after, word or ())
        if output is not None:
            _write(output, eye, found, f"{_named(before, since)} → {_named(after, until)}")
    for note in found.notes:
        typer.echo(f"note: {note}", err=True)
    file = str(output.resolve()) if output else None
    told = {
        "places": [{"rank": rank, **_told(place)} for rank, place in enumerate(found.places, 1)],
        "unmatched": list(found.unmatched), "common": round(found.common, 4), "words": len(found.words),
        "file": file,
    }  # fmt: skip
    formatting.show(told, as_json, lambda _: _lines(found, n, file))


def _filters(first: str, second: str | None, since: str | None, until: str | None) -> tuple[Filter, Filter]:
    if second is None and (since is None or until is None):
        raise UsageError("change is between two dates", "name two collections, or one with --from and --to")
    return Filter(first, date=dates(since)), Filter(second or first, date=dates(until))


def _named(within: Filter, date: str | None) -> str:
    return f"{within.collection}{f', {date}' if date else ''}"


def _told(place: Moved) -> dict[str, Any]:
    before, after = place.before, place.after
    return {
        "moved": round(place.moved, 4),
        "towards": {word: round(gain, 2) for word, gain in place.towards},
        "away": {word: round(gain, 2) for word, gain in place.away},
        "before": {"item_id": before.item_id, "uri": before.uri, "place": before.place, "date": before.date},
        "after": {"item_id": after.item_id, "uri": after.uri, "place": after.place, "date": after.date},
        "box": list(after.box),
        "labels": list(after.labels),
    }


def _write(output: Path, eye: Mindseye, found: Change, title: str) -> None:
    if output.suffix.lower() == ".png":
        from mindseye.api.gis.change_picture import write_change  # imports matplotlib

        for note in write_change(eye, found, title, output):
            typer.echo(f"note: {formatting.printable(note)}", err=True)
        return
    features = [
        {"type": "Feature", "geometry": geometry(place.after.ring), "properties": {"rank": rank, **_told(place)}}
        for rank, place in enumerate(found.places, 1)
    ]
    told = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    write_whole(output, told.encode())


def _lines(found: Change, n: int, file: str | None) -> Iterator[str]:
    yield f"{len(found.places):,} places at both dates; the most changed:"
    for rank, place in enumerate(found.places[:n], 1):
        words = [*(f"+{word} ({gain:.1f})" for word, gain in place.towards)]
        words += [f"-{word} ({gain:.1f})" for word, gain in place.away]
        where = f"{middle(place.after)}  {place.after.raster.name}#{place.after.window.place}"
        yield formatting.printable(f"{rank:3d}  {place.moved:.3f}  {where}  {'  '.join(words)}")
    if file:
        yield file
