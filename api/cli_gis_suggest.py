"""`mindseye gis suggest`: what layers hold, and rules to begin with."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mindseye.api import formatting
from mindseye.api.outputs import check_output, write_whole
from mindseye.api.session import AS_JSON, DONE, NO_MATCH, PARTLY
from mindseye.engine.errors import UnreadableFileError
from mindseye.engine.text.lexicon import Lexicon

if TYPE_CHECKING:  # its libraries are loaded by the command
    from mindseye.api.gis.suggest import Draft


def suggest(
    files: Annotated[list[Path], typer.Argument(help="Files of layers: GeoPackage, GeoJSON, Shapefile, OSM PBF...")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Rules (.yaml) to write.")] = None,
    as_json: AS_JSON = False,
) -> int:
    """List layers, their attributes and values, and draw up rules with words that the dictionary knows."""
    from mindseye.api.gis.suggest import draw_up, written
    from mindseye.indexer.gis.layers import Layers
    from mindseye.indexer.gis.surveying import survey

    check_output(output, (".yaml", ".yml"))
    layers = Layers(files)
    lexicon = Lexicon()
    drafts = [draw_up(layer, lexicon) for layer in survey(layers)]
    for reason in layers.unreadable:
        typer.echo(formatting.printable(f"skipped: {reason}"), err=True)
    if not drafts:
        raise UnreadableFileError("none of the files holds a layer")
    text = written(drafts, layers.unreadable)
    if output is not None:
        write_whole(output, text.encode())
    if output is None and not as_json:
        sys.stdout.write(text)
    else:
        told = {"layers": [_told(draft) for draft in drafts], "unreadable": layers.unreadable, "file": output}
        formatting.show(told, as_json, lambda told: _lines(drafts, output))
    if not any(draft.rules for draft in drafts):
        return NO_MATCH
    return PARTLY if layers.unreadable else DONE


def _told(draft: "Draft") -> dict[str, Any]:
    return {**formatting.plain(draft.layer), "labels": list(draft.rules)}


def _lines(drafts: Sequence["Draft"], output: Path | None) -> Iterator[str]:
    from mindseye.api.gis.suggest import layer_lines

    for draft in drafts:
        words = {word: None for rule in draft.rules for word in rule.get("words") or [rule["word"]]}
        yield from layer_lines(draft.layer)
        yield f"    -> {', '.join(words) or 'no word known'}"
    yield f"wrote {sum(len(draft.rules) for draft in drafts)} rules to {output}"
