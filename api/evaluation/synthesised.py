"""Imagined pictures of concepts that mapping and memory never saw, shown to independent judges."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mindseye.api.evaluation.arrays import Arrays
from mindseye.api.evaluation.contact_sheet import write_contact_sheet
from mindseye.api.evaluation.imagined_table import FOLDS, ImaginedTable, Table
from mindseye.api.evaluation.judging import Panel, Reality
from mindseye.api.evaluation.kept_pictures import Kept, KeptPictures
from mindseye.api.evaluation.remembering import KnownMemory, known_memory
from mindseye.api.evaluation.spaces import Refitter
from mindseye.api.evaluation.ways import load_ways
from mindseye.api.progress import progress_bar
from mindseye.engine.evaluation.concepts import evaluation_concepts, norm_concepts, norm_sample, wordnet_ids
from mindseye.engine.evaluation.judges import load_judge

# How many are imagined unless told otherwise: ten minutes' worth on two cores.
IMAGENET_CONCEPTS, NORM_CONCEPTS = 32, 16

Runs = Sequence[Sequence[Kept]]
"""For each seed, a picture of each imagined concept."""


@dataclass(frozen=True)
class Data:
    """What an evaluation reads; each may be missing.

    norms: McRae's; memory: a folder of pictures for each WordNet id, which may seed pictures; real: such a folder of
    what pictures are like, the memory when None; pipeline: a folder of a diffusion pipeline, for `unclip`.
    """

    norms: Path | None = None
    memory: Path | None = None
    real: Path | None = None
    pipeline: Path | None = None


def evaluate_synthesis(
    data: Data,
    cache: Path,
    *,
    methods: Sequence[str] = (),
    judges: Sequence[str] = ("lite2",),
    concepts: int | None = None,
    seeds: int = 1,
    sheet: Path | None = None,
) -> dict[str, Any]:
    """Return the judges' figures for each method, on the 200 concepts and, where there are norms, on McRae's.

    cache: what is imagined is kept below it, so that a run that was stopped goes on; methods: of
    `mindseye.engine.synthesis.METHODS`, or `all`; judges: names or files; concepts: how many are imagined of each
    table, a balanced choice; seeds: pictures of each; sheet: PNG to draw a part of the pictures to, with the answers in
    a JSON file beside it. Raises UsageError for missing data and unknown names.
    """
    kept = cache / "evaluation" / "synthesis"
    panel = Panel([load_judge(judge) for judge in judges], Arrays(kept / "arrays"))
    tables = _tables(data.norms, concepts)
    real = data.real or data.memory
    reality = Reality(real, panel.arrays) if real else None  # refused, if at all, before hours of imagining
    imagined = _imagined(tables, data, cache, kept, methods, seeds)
    if sheet:
        write_contact_sheet(sheet, {name: runs[0] for name, runs in imagined[0].items()}, tables[0].imagined)
    return {
        "concepts": tables[0].shown,
        "seeds": seeds,
        "judges": [judge.name for judge in panel.judges],
        "folds": FOLDS,
        **{
            name: _made(runs, reality)
            | panel.figures(runs, tables[0].imagined, tables[0].concepts)
            | _by_norms(panel, data.norms, tables[1:], [pictures[name] for pictures in imagined[1:]])
            for name, runs in imagined[0].items()
        },
    }


def _tables(norms: Path | None, most: int | None) -> list[Table]:
    """Return the tables to imagine: the 200 concepts and, where there are norms, McRae's."""
    tables = [Table.of("ImageNet", evaluation_concepts(), most or IMAGENET_CONCEPTS)]
    if norms is not None:
        tables.append(Table.of("McRae", norm_concepts(norms), most or NORM_CONCEPTS))
    return tables


def _imagined(
    tables: Sequence[Table], data: Data, cache: Path, kept: Path, methods: Sequence[str], seeds: int
) -> list[dict[str, list[list[Kept]]]]:
    """Return the pictures of each table by each method."""
    with progress_bar("encoding texts", "texts") as tell:
        refit = Refitter(cache, tell)
    memory = known_memory(data.memory, refit.picture, Arrays(kept / "arrays")) if data.memory else None
    ways = load_ways(methods, kept, _without(memory, tables), data.pipeline)
    found = []
    for table in tables:
        seeding, pictures = _without(memory, [table]), KeptPictures(kept / "pictures")
        with progress_bar(f"imagining: {table.name}", "pictures") as tell:
            found.append(ImaginedTable(table, ways, seeds, refit, seeding, pictures).pictures(tell))
    return found


def _without(memory: KnownMemory | None, tables: Sequence[Table]) -> KnownMemory | None:
    """Return the memory without any class of the tables' concepts."""
    if memory is None:
        return None
    wnids = wordnet_ids()
    return memory.without({wnids[concept.class_index] for table in tables for concept in table.concepts})


def _by_norms(panel: Panel, norms: Path | None, tables: Sequence[Table], runs: Sequence[Runs]) -> dict[str, Any]:
    """Return the figures on McRae's concepts and, when all of them are imagined, on the first 45."""
    if norms is None:
        return {}
    table, pictures = tables[0], runs[0]
    told = {"mcrae": {"concepts": table.shown, **panel.figures(pictures, table.imagined, table.concepts)}}
    sample = norm_sample(norms)
    places = {concept.class_index: place for place, concept in enumerate(table.imagined)}
    if all(concept.class_index in places for concept in sample):
        own = [[run[places[concept.class_index]] for concept in sample] for run in pictures]
        told["mcrae_45"] = {"concepts": len(sample), **panel.figures(own, sample, sample)}
    return told


def _made(runs: Runs, reality: Reality | None) -> dict[str, Any]:
    """Return how the pictures were made, and how far they are from real ones."""
    every = [kept for run in runs for kept in run]
    makings = [kept.making for kept in every]
    peaks = [making.peak_memory_mb for making in makings if making.peak_memory_mb is not None]
    names = makings[0].similarity
    return {
        "seconds_per_picture": round(float(np.mean([making.seconds for making in makings])), 3),
        "peak_memory_mb": max(peaks, default=None),
        "similarity": {name: float(np.mean([making.similarity[name] for making in makings])) for name in names},
        "starts": dict(Counter(str(making.start) for making in makings if making.start)),
        "frechet_distance": reality.distance(every) if reality else None,
    }
