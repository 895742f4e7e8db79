"""The same word asked in several spaces over one library: which pictures each finds, and how far they agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, zip_longest
from pathlib import Path
from typing import Any

from mindseye.api.answers import Answer
from mindseye.api.mindseye import Mindseye
from mindseye.engine.errors import UsageError
from mindseye.engine.space import JointSpace
from mindseye.indexer.filters import Filter

_WIDTH = 44


@dataclass(frozen=True)
class Comparison:
    """Each space's answer by its name, and for each two the share of hits that both lists hold."""

    word: str
    answers: dict[str, Answer]
    overlap: dict[tuple[str, str], float]

    def as_dict(self) -> dict[str, Any]:
        return {
            "word": self.word,
            "spaces": {name: answer.as_dict() for name, answer in self.answers.items()},
            "overlap": [{"spaces": list(pair), "share": round(share, 4)} for pair, share in self.overlap.items()],
        }


def compare_spaces(
    library: Path, spaces: Sequence[JointSpace], word: str, n: int = 10, collection: str | None = None
) -> Comparison:
    """Search a library for a word in each space; its stored features serve all, nothing is encoded.

    Raises UsageError for fewer than two spaces, SpaceMismatchError for one with another picture encoder, and otherwise
    as `Mindseye.search`.
    """
    if len(spaces) < 2:
        raise UsageError("one space cannot be compared", "name two, as in --spaces pocket,glove")
    answers = {}
    for space in spaces:
        with Mindseye(library, space, "compare") as eye:
            answers[space.traits.name] = eye.search(word, n, within=Filter(collection))
    found = {name: {hit.item_id for hit in answer.hits} for name, answer in answers.items()}
    return Comparison(word, answers, {(a, b): _shared(found[a], found[b]) for a, b in combinations(found, 2)})


def _shared(one: set[int], other: set[int]) -> float:
    return len(one & other) / max(len(one), len(other), 1)


def comparison_lines(comparison: Comparison) -> list[str]:
    lines = ["      " + "".join(f"{name:<{_WIDTH}}" for name in comparison.answers).rstrip()]
    columns = [[_hit(hit.path, hit.score) for hit in answer.hits] for answer in comparison.answers.values()]
    for rank, hits in enumerate(zip_longest(*columns, fillvalue=""), 1):
        lines.append(f"{rank:4d}  " + "".join(f"{hit:<{_WIDTH}}" for hit in hits).rstrip())
    return lines + [f"{a} and {b} share {share:.0%}" for (a, b), share in comparison.overlap.items()]


def _hit(path: Path, score: float) -> str:
    shown = str(Path(path.parent.name) / path.name)
    return f"{score:.3f} {shown if len(shown) < _WIDTH - 8 else '…' + shown[-(_WIDTH - 9) :]}"
