"""`mindseye evaluate zero-shot`: the table of all methods, as Markdown, JSON, CSV and a plot."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from mindseye.api import formatting
from mindseye.api.session import AS_JSON, settings
from mindseye.engine.errors import UsageError
from mindseye.engine.evaluation.metrics import KS

_COLUMNS = {
    **{f"@{k}": f"hit_at_{k}" for k in KS},
    "with seen @1": "generalised.hit_at_1",
    "with seen @5": "generalised.hit_at_5",
    "both": "generalised.without_novelty.harmonic_mean",
    "both, by novelty": "generalised.novelty_gaussian.harmonic_mean",
    "hp@5": "hierarchical_precision_at_5",
    "hubness": "hubness",
    "fit s": "seconds_to_fit",
}


def zero_shot(
    images: Annotated[Path, typer.Option("--images", help="A folder with a folder of pictures for each WordNet id.")],
    methods: Annotated[
        list[str] | None, typer.Option(help="Only these rows; repeat it, or put commas between.", show_default=False)
    ] = None,
    correction: Annotated[
        list[str] | None, typer.Option(help="Also correct for hubs: z, csls, centred.", show_default=False)
    ] = None,
    csv_file: Annotated[Path | None, typer.Option("--csv", help="Write all figures here, a row a method.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw hit@k here (PNG).")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Measure again what earlier runs have kept.")] = False,
    as_json: AS_JSON = False,
) -> None:
    """Name pictures of classes that were held out of everything, by every method of the literature and by pocket.

    A run that was stopped goes on where it was.
    """
    from mindseye.api.evaluation.zero_shot import evaluate_zero_shot

    for output in (csv_file, plot):
        if output and not output.resolve().parent.is_dir():
            raise UsageError(f"there is no folder {output.resolve().parent}", "make it first")
    figures = evaluate_zero_shot(images, settings().cache, methods or (), correction or (), fresh=fresh)
    if csv_file:
        _write_csv(csv_file, flat_rows(figures))
    if plot:
        from mindseye.api.evaluation.hit_curves import plot_hits

        plot_hits(_methods(figures), plot)
    formatting.show(figures, as_json, lambda told: table_lines(flat_rows(told)))


def flat_rows(figures: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Return a row a method, nested names joined by dots, corrections among them."""
    corrections = figures.get("corrections", {})
    nested = {name: {**each, "corrections": corrections.get(name, {})} for name, each in _methods(figures).items()}
    return {name: dict(_flat(each)) for name, each in nested.items()}


def table_lines(rows: dict[str, dict[str, float]]) -> list[str]:
    """Return a Markdown table: hits in percent, the rest as it is; corrections as rows of their own."""
    lines = [" | ".join(["| method", *_COLUMNS]) + " |", "|---|" + "---|" * len(_COLUMNS)]
    for name, row in rows.items():
        lines.append(_line(name, row))
        kinds = dict.fromkeys(key.split(".")[1] for key in row if key.startswith("corrections."))
        for kind in kinds:
            prefix = f"corrections.{kind}."
            own = {key.removeprefix(prefix): value for key, value in row.items() if key.startswith(prefix)}
            lines.append(_line(f"{name}, {kind}", own))
    return lines


def _line(name: str, row: dict[str, float]) -> str:
    return " | ".join([f"| {name}", *(_number(key, row.get(key)) for key in _COLUMNS.values())]) + " |"


def _number(key: str, value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if key in ("hubness", "seconds_to_fit") else f"{100 * value:.1f}"


def _methods(figures: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: each for name, each in figures.items() if isinstance(each, dict) and name != "corrections"}


def _flat(nested: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    for name, value in nested.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _write_csv(path: Path, rows: dict[str, dict[str, float]]) -> None:
    columns = dict.fromkeys(key for row in rows.values() for key in row)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["method", *columns])
        writer.writeheader()
        writer.writerows({"method": name, **row} for name, row in rows.items())
