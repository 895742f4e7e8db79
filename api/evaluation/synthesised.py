"""Imagined pictures of concepts that mapping and memory never saw, shown to independent judges."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np

from mindseye.api.evaluation.spaces import Refitter
from mindseye.api.progress import progress_bar
from mindseye.engine.errors import UsageError
from mindseye.engine.evaluation.concepts import Concept, read_concepts, wordnet_ids
from mindseye.engine.evaluation.judges import load_judge
from mindseye.engine.evaluation.remembered import remember
from mindseye.engine.evaluation.synthesis import Trial, evaluate_synthesis
from mindseye.engine.query import word_query
from mindseye.engine.synthesis import EnsembleInversion, InversionSettings, Recollecting, Start


def evaluate(
    norms: Path,
    cache: Path,
    *,
    memory: Path | None,
    judges: Sequence[str],
    concepts: int | None,
    seeds: int,
    starts: Sequence[str],
) -> dict[str, Any]:
    """Return the judges' figures for each start, and for recollection alone where there is a memory.

    norms: McRae's, from which the concepts are taken; memory: a folder of pictures for each WordNet id; judges:
    names or files; concepts: only the first so many. Raises UsageError for missing data.
    """
    panel = [load_judge(judge) for judge in judges]
    chosen = read_concepts(norms)[:concepts]
    with progress_bar("encoding texts", "texts") as tell:
        refit = Refitter(cache, tell)
    trial = held_out_trial(refit, chosen, memory)
    figures: dict[str, Any] = {
        "concepts": len(chosen),
        "seeds": seeds,
        "judges": [judge.name for judge in panel],
    }
    for start in starts:
        method = EnsembleInversion(InversionSettings(start=cast(Start, start)))  # refuses what is none
        with progress_bar(f"imagining from {start}", "steps") as tell:
            figures[start] = evaluate_synthesis(
                trial, panel, method, range(seeds), lambda step: tell(step.done, step.total)
            )
    if memory is not None:
        figures["recollection_only"] = evaluate_synthesis(trial, panel, Recollecting())
    return figures


def held_out_trial(refit: Refitter, concepts: Sequence[Concept], memory: Path | None) -> Trial:
    """Return the concepts' targets by a mapping that never saw their classes, and a memory without them."""
    held_out = [concept.class_index for concept in concepts]
    space = refit(np.setdiff1d(np.arange(1000), held_out))
    queries = space.word_queries([word_query(refit.lexicon, concept.word) for concept in concepts])
    aims = [EnsembleInversion().target(space, query) for query in queries]
    if memory is None:
        return Trial(concepts, aims, [[] for _ in concepts])
    if not memory.is_dir():
        raise UsageError(f"{memory} is no folder", "name one with a folder of pictures for each WordNet id")
    wnids = wordnet_ids()
    excluded = {wnids[number] for number in held_out}
    with progress_bar("encoding the memory", "pictures") as tell:
        looks, mean = np.stack([space.target(query) for query in queries]), space.crossmodal.feature_mean
        recalled = remember(memory, excluded, looks, mean, refit.picture, InversionSettings().nearest, tell)
    return Trial(concepts, aims, recalled)
