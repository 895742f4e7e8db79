"""How answers are printed: lines for people, JSON for machines."""

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

import typer

from mindseye.api.answers import Answer, ImaginedPicture, RankedHit
from mindseye.engine.errors import UsageError
from mindseye.engine.vision.pictures import SUFFIXES
from mindseye.indexer.records import Collection, IngestReport, ReembedReport, Skip, Status

T = TypeVar("T")
SUFFIX_LIST = ", ".join(sorted(SUFFIXES))


def show(result: T, as_json: bool, lines: Callable[[T], Iterable[str]]) -> None:
    """Print a result on stdout."""
    if as_json:
        typer.echo(json.dumps(plain(result), indent=2, ensure_ascii=False, default=str))
    else:
        for line in lines(result):
            typer.echo(line)


def plain(result: Any) -> Any:
    """Return a result as JSON values."""
    if hasattr(result, "as_dict"):
        return result.as_dict()
    if isinstance(result, list | tuple):
        return [plain(each) for each in result]
    return asdict(result) if is_dataclass(result) and not isinstance(result, type) else result


def answer_lines(answer: Answer) -> list[str]:
    decision = answer.decision
    probability = "" if decision.probability is None else f" (P = {decision.probability:.2f})"
    lines = [f"{'match' if decision.matched else 'no match'}{probability}: {decision.reason}"]
    lines += [_hit_line(hit) for hit in answer.hits]
    return lines + (imagined_lines(answer.imagined) if answer.imagined else [])


def _hit_line(hit: RankedHit) -> str:
    probability = "    " if hit.probability is None else f"{hit.probability:.2f}"
    copies = f"  (and {len(hit.also)} more of the same content)" if hit.also else ""
    return f"{hit.rank:4d}  {probability}  {hit.score:.3f}  {hit.path}{copies}"


def imagined_lines(imagined: ImaginedPicture) -> list[str]:
    record = imagined.stored.record
    seeded = f"seeded by {len(record.recalled)} pictures" if record.recalled else "from noise"
    lines = [
        f"imagined {record.query!r}: {imagined.path}",
        f"  similarity to its target {record.similarity:.2f}, {seeded}, seed {record.seed}",
        f"  item {imagined.stored.item_id}; `mindseye explain {imagined.stored.item_id}` tells all of it",
        f"  {imagined.knowledge_in_words}",
    ]
    return [*lines, f"  meaning: {record.definition}"] if record.definition else lines


def report_lines(report: IngestReport) -> list[str]:
    counts = {
        "added": report.added, "updated": report.updated, "unchanged": report.unchanged, "missing": report.missing,
        "imagined, left out of search": report.imagined, "skipped": len(report.skipped),
    }  # fmt: skip
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing new"
    return [f"{report.seen} pictures seen: {told} ({report.seconds:.1f} s, run {report.run_id})"]


def skip_line(skip: Skip) -> str:
    return f"{skip.path} {skip.reason}"


def reembed_lines(report: ReembedReport) -> list[str]:
    return [f"{report.encoded} contents encoded, {report.kept} kept, {len(report.skipped)} skipped"]


def collection_lines(collections: list[Collection]) -> list[str]:
    return [f"{c.name}: {c.items} items, {c.contents} contents, since {c.created[:10]}" for c in collections]


def removed_lines(removed: dict[str, int]) -> list[str]:
    return [f"{removed['removed']} items removed"]


def status_lines(status: Status) -> list[str]:
    last = status.last_run
    ran = f"{last.command or last.kind}, {last.ended or 'not finished'}" if last else "none"
    return [
        f"library   {status.root}",
        f"pictures  {status.items} items, {status.contents} contents, {status.vectors} searchable",
        f"imagined  {status.imagined}",
        f"missing   {status.missing}",
        f"on disk   {status.bytes_on_disk / 1e6:.1f} MB, index generation {status.generation}",
        f"space     encoder {status.encoder}, mapping {status.mapping}",
        f"last run  {ran}",
    ]


def check_output(output: Path | None) -> None:
    """Raise UsageError, before any work, when a file cannot be written at `output`."""
    if output is None:
        return
    if output.suffix.lower() != ".png":
        raise UsageError(f"{output} is no .png file", "imagined pictures are written as PNG, which carries their mark")
    if not output.resolve().parent.is_dir():
        raise UsageError(f"there is no folder {output.resolve().parent}", "make it first")


def copy_file(source: Path, target: Path) -> None:
    """Copy an imagined picture, mark and all. Raises UsageError when it cannot be written."""
    try:
        shutil.copyfile(source, target)
    except OSError as error:
        raise UsageError(f"cannot write {target} ({error.strerror})", "choose another place") from error
