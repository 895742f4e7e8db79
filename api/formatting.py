"""How answers are printed: lines for people, JSON for machines."""

import json
import textwrap
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, is_dataclass
from itertools import groupby
from typing import Any, TypeVar

import typer

from mindseye.api.answers import Answer, ImaginedPicture, RankedHit
from mindseye.api.modalities import PLURAL
from mindseye.engine.senses import KnownSense, telling_senses
from mindseye.indexer.items import named
from mindseye.indexer.records import Collection, IngestReport, ReembedReport, Skip, Status
from mindseye.indexer.sources import SUFFIXES

T = TypeVar("T")
_UNSEEN = {"Cc", "Cs", "Zl", "Zp"}  # controls, bytes of file names that are no text, ends of lines
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
SUFFIX_LIST = ", ".join(sorted(SUFFIXES))
_SNIPPET = 100  # characters of what a text says


def show(result: T, as_json: bool, lines: Callable[[T], Iterable[str]]) -> None:
    """Print a result on stdout."""
    if as_json:
        typer.echo(json.dumps(plain(result), indent=2, ensure_ascii=False, default=str))
    else:
        for line in lines(result):
            typer.echo(printable(line))


def printable(text: str) -> str:
    """Return a text with escapes for what would move a terminal's cursor or turn its writing around."""
    return "".join(c if _harmless(c) else c.encode("unicode_escape").decode() for c in text)


def _harmless(character: str) -> bool:
    return unicodedata.category(character) not in _UNSEEN and character not in _TURNS


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
    verdict = ("match" if decision.matched else "no match") if decision.decided else "nearest"
    lines = [f"{verdict}{probability}: {decision.reason}"]
    for modality, hits in groupby(answer.hits, lambda hit: hit.modality if answer.apart else ""):
        lines += [f"{PLURAL[modality]}:"] if modality else []
        lines += [_hit_line(hit) for hit in hits]
    lines += _sense_lines(answer.senses)
    return lines + (imagined_lines(answer.imagined) if answer.imagined else [])


def _hit_line(hit: RankedHit) -> str:
    probability = "    " if hit.probability is None else f"{hit.probability:.2f}"
    copies = f"  (and {len(hit.also)} more of the same content)" if hit.also else ""
    folded = "near duplicates" if hit.modality == "image" else "more of its paragraphs"
    near = f"  (and {len(hit.near)} {folded})" if hit.near else ""
    return f"{hit.rank:4d}  {probability}  {hit.score:.3f}  {_hit_name(hit)}{copies}{near}"


def _hit_name(hit: RankedHit) -> str:
    """Return what a hit is called: a picture by its file, a text by what it says and where."""
    if hit.modality == "image":
        return named(str(hit.path), hit.place)
    said = textwrap.shorten(" ".join(hit.text.split()), _SNIPPET, placeholder=" …")
    if hit.modality == "word":
        return f"word {hit.title}: {said}"
    title = f"{hit.title}: " if hit.title else ""
    return f"{hit.modality} {title}“{said}” in {named(str(hit.path), hit.place)}"


def _sense_lines(senses: Sequence[KnownSense]) -> list[str]:
    if not senses:
        return []
    told = [f"  {each.number}  {each.definition}" for each in telling_senses(tuple(senses))]
    more = len(senses) - len(told)
    return [f"{len(senses)} senses; --sense N chooses one:", *told, *([f"  and {more} more"] if more else [])]


def imagined_lines(imagined: ImaginedPicture) -> list[str]:
    record = imagined.stored.record
    seeded = f"seeded by {len(record.recalled)} pictures" if record.recalled else "from noise"
    lines = [
        f"imagined {record.query!r}: {imagined.path}",
        f"  similarity to its target {record.similarity:.2f}, {seeded}, seed {record.seed}",
        f"  item {imagined.stored.item_id}; `mindseye explain {imagined.stored.item_id}` tells all of it",
        f"  {imagined.knowledge_in_words}",
    ]
    if imagined.concreteness is not None:
        lines.append(f"  concreteness {imagined.concreteness:.2f}, as people rate it (0 an idea, 1 a thing)")
    return [*lines, f"  meaning: {record.definition}"] if record.definition else lines


def all_imagined_lines(pictures: list[ImaginedPicture]) -> list[str]:
    several_spaces = len({picture.space for picture in pictures}) > 1
    return ["item  similarity  known  concrete", *(_imagined_line(picture, several_spaces) for picture in pictures)]


def _imagined_line(imagined: ImaginedPicture, with_space: bool) -> str:
    record = imagined.stored.record
    rated = "   " if imagined.concreteness is None else f"{imagined.concreteness:.2f}"
    space = f" in {imagined.space}" if with_space else ""
    figures = f"{imagined.stored.item_id:4d}  {record.similarity:10.2f}  {imagined.knowledge:5.2f}  {rated:>8}"
    return f"{figures}  {record.query!r}{space}, seed {record.seed}: {imagined.path}"


def report_lines(report: IngestReport) -> list[str]:
    counts = {
        "added": report.added, "updated": report.updated, "unchanged": report.unchanged, "missing": report.missing,
        "dropped (no longer in their tile set)": report.dropped,
        "imagined, left out of search": report.imagined, "skipped": len(report.skipped),
    }  # fmt: skip
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing new"
    texts = f"; {report.documents} documents, {report.paragraphs} paragraphs read" if report.documents else ""
    seen = f"{report.seen - report.tiles} files" + (f" and {report.tiles} tiles" if report.tiles else "")
    return [f"{seen} seen: {told}{texts} ({report.seconds:.1f} s, run {report.run_id})"]


def words_lines(report: IngestReport) -> list[str]:
    return [f"{report.seen} words: {report.added} added ({report.seconds:.1f} s, run {report.run_id})"]


def skip_line(skip: Skip) -> str:
    return printable(f"{skip.path} {skip.reason}")


def reembed_lines(report: ReembedReport) -> list[str]:
    return [f"{report.encoded} contents encoded, {report.kept} kept, {len(report.skipped)} skipped"]


def collection_lines(collections: list[Collection]) -> list[str]:
    return [f"{c.name}: {c.items} items, {c.contents} contents, since {c.created[:10]}" for c in collections]


def removed_lines(removed: dict[str, int]) -> list[str]:
    return [f"{removed['removed']} items removed"]


def status_lines(status: Status) -> list[str]:
    last = status.last_run
    texts = {name: number for name, number in status.modalities.items() if name != "image"}
    ran = f"{last.command or last.kind}, {last.ended or 'not finished'}" if last else "none"
    return [
        f"library   {status.root}",
        f"found     {status.items} items, {status.contents} contents, {status.vectors} searchable pictures",
        *([f"          {', '.join(f'{n} {PLURAL[name]}' for name, n in texts.items())}"] if texts else []),
        f"imagined  {status.imagined}",
        f"missing   {status.missing}",
        f"on disk   {status.bytes_on_disk / 1e6:.1f} MB, index generation {status.generation}",
        f"space     {status.space}, encoder {status.encoder}, mapping {status.mapping}",
        f"last run  {ran}",
    ]
