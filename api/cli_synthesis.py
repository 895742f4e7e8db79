"""`mindseye evaluate synthesis` and `mindseye evaluate concepts`: imagined pictures before judges."""

import json
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from mindseye.api import formatting
from mindseye.api.outputs import check_output
from mindseye.api.session import AS_JSON, settings
from mindseye.engine.errors import UsageError

_COLUMNS = {
    "random": "two_way_random",
    "category": "two_way_same_category",
    "16-way": "sixteen_way",
    "choice": "category_of_choice",
    "macro": "macro_category",
}
_TABLES = {"": "ImageNet", "mcrae": "McRae", "mcrae_45": "McRae, the first 45"}
_WIDTH = 36  # characters of the first column


def synthesis(
    methods: Annotated[
        list[str] | None,
        typer.Option(help="Ways of imagining, or `all`; repeat it, or put commas between.", show_default=False),
    ] = None,
    judge: Annotated[
        list[str] | None,
        typer.Option(
            help="lite2, a .tflite or .onnx file, or resnet50:FILE; may be repeated.",
            show_default="lite2, and MobileNet where it can be run",
        ),
    ] = None,
    concepts: Annotated[
        int | None, typer.Option(min=16, help="Imagined ones of each table; 200 are all.", show_default="32 and 16")
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Pictures of each concept.")] = 1,
    memory: Annotated[
        Path | None, typer.Option(help="Pictures that may seed: a folder for each WordNet id.", show_default=False)
    ] = None,
    real: Annotated[
        Path | None, typer.Option(help="What real pictures are like; the memory's own.", show_default=False)
    ] = None,
    norms: Annotated[
        Path | None, typer.Option(help="McRae's norms: concept_norms.tar.gz or its folder.", show_default=False)
    ] = None,
    sheet: Annotated[
        Path | None, typer.Option(help="Draw 40 pictures to this PNG file, the answers to a JSON file beside it.")
    ] = None,
    as_json: AS_JSON = False,
) -> None:  # fmt: skip
    """Have imagined pictures judged by networks that took no part in imagining them.

    What is imagined is kept: a run that was stopped goes on where it was.
    """
    from mindseye.api.evaluation.synthesised import Data, evaluate_synthesis

    check_output(sheet, [".png"])
    chosen = settings()
    figures = evaluate_synthesis(
        Data(norms or _existing(chosen.data / "concept_norms.tar.gz"), memory, real, chosen.unclip),
        chosen.cache,
        methods=methods or (),
        judges=judge or _judges(chosen.data),
        concepts=concepts,
        seeds=seeds,
        sheet=sheet,
    )
    formatting.show(figures, as_json, lambda told: list(table_lines(told)))


def concepts(
    apart: Annotated[Path, typer.Option(help="JSON object whose keys are WordNet ids that memory may have seen.")],
) -> None:
    """Choose the concepts whose pictures are judged; prints what ships as categories.json."""
    from mindseye.engine.evaluation.categories import categorise
    from mindseye.engine.text.wordnet import WordNet

    try:
        seen = set(json.loads(apart.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(
            f"{apart} is no JSON object of WordNet ids ({error})", "give tiny_imagenet_words.json"
        ) from error
    formatting.show(categorise(WordNet(), seen), True, lambda _: ())


def table_lines(figures: Mapping[str, Any]) -> Iterator[str]:
    """Yield the figures as tables in per cent: for each table of concepts and each judge a row a method."""
    methods = {name: told for name, told in figures.items() if isinstance(told, dict)}
    for name, title in _TABLES.items():
        own = {method: told.get(name, {}) if name else told for method, told in methods.items()}
        own = {method: told for method, told in own.items() if told}
        for judge in figures["judges"] if own else ():
            count = next(iter(own.values())).get("concepts", figures["concepts"])
            yield _row(f"{title} ({count}), {judge}", list(_COLUMNS))
            for method, told in own.items():
                yield _row(method, _percents(told[judge], ""))
                yield _row("  low-pass", _percents(told[judge], "_lowpass"))
            yield ""
    yield _row("", ["s each", "MB", "reached", "Fréchet", "real"])
    for method, told in methods.items():
        yield _row(method, _making(told))
    yield f"per cent, {figures['seeds']} picture(s) of each concept; low-pass: reduced to 40 pixels"


def _percents(told: Mapping[str, float], suffix: str) -> list[str]:
    names = (f"{task}{suffix}" for task in _COLUMNS.values())
    return [f"{100 * told[name]:.1f}" if name in told else "" for name in names]


def _making(told: Mapping[str, Any]) -> list[str]:
    reached, distance = told["similarity"].values(), told["frechet_distance"] or {}
    cells = [told["seconds_per_picture"], told["peak_memory_mb"], sum(reached) / len(reached)]
    cells += [distance.get("imagined"), distance.get("real")]
    return ["" if cell is None else f"{cell:.2f}" for cell in cells]


def _row(name: str, cells: Sequence[str]) -> str:
    return f"{name:<{_WIDTH}}" + "".join(f"{cell:>10}" for cell in cells)


def _judges(data: Path) -> list[str]:
    """Return the judges asked unless others are named: MobileNet where its file and its runtime are there."""
    mobilenet = _existing(data / "judge_mobilenet_v2.tflite") if find_spec("ai_edge_litert") else None
    return ["lite2", *([str(mobilenet)] if mobilenet else [])]


def _existing(path: Path) -> Path | None:
    return path if path.exists() else None
