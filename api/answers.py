"""What Mindseye answers: plain values, and their JSON shapes (one for the command line and for HTTP)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mindseye.indexer.records import Imagined, Placed


@dataclass(frozen=True)
class Decision:
    """Whether any hit shows what was asked; probability is None where none is calibrated (queries by picture)."""

    matched: bool
    probability: float | None
    reason: str


@dataclass(frozen=True)
class RankedHit(Placed):
    """One found item; probability: that this one shows it.

    also: other files of the same content; near: URIs of near duplicates that are folded into it.
    """

    rank: int
    item_id: int
    modality: str
    uri: str
    score: float
    probability: float | None
    also: tuple[str, ...] = ()
    near: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {
            "rank": self.rank, "item_id": self.item_id, "modality": self.modality, "uri": self.uri,
            "score": round(self.score, 4), "probability": _rounded(self.probability), "also": list(self.also),
            "near": list(self.near),
        }  # fmt: skip


@dataclass(frozen=True)
class Hits:
    """A page of hits, the number of contents that it is cut from, and how many came before it."""

    shown: tuple[RankedHit, ...]
    total: int
    offset: int


@dataclass(frozen=True)
class ImaginedPicture:
    """A picture made for a word.

    knowledge: how far the mapping knows the word, and that in words; concreteness: how concrete people find it, 0 (an
    idea) to 1 (a thing), None when nobody was asked; space: name of the space it was imagined in; view: how much it
    looks like its target to a network that took no part, where candidates were ranked (`mindseye.api.ranking`).
    """

    stored: Imagined
    knowledge: float
    knowledge_in_words: str
    concreteness: float | None
    space: str
    view: float | None = None

    @property
    def path(self) -> Path:
        return self.stored.path

    def as_dict(self) -> dict[str, Any]:
        record = self.stored.record
        return {
            "item_id": self.stored.item_id, "uri": self.stored.uri, "query": record.query,
            "definition": record.definition, "sense": record.sense, "method": record.method, "seed": record.seed,
            "similarity": round(record.similarity, 4), "knowledge": round(self.knowledge, 3),
            "knowledge_in_words": self.knowledge_in_words,
            "concreteness": _rounded(self.concreteness), "space": self.space, "view": _rounded(self.view),
            "recalled": len(record.recalled),
        }  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """The answer to a search: the decision, the nearest hits whatever it says, and an imagined picture perhaps.

    total: how many contents were looked among; offset: how many nearer hits earlier pages hold.
    """

    query: str
    decision: Decision
    hits: tuple[RankedHit, ...]
    imagined: ImaginedPicture | None
    timings_ms: dict[str, float]
    total: int = 0
    offset: int = 0

    def as_dict(self) -> dict[str, Any]:
        decision = {
            "matched": self.decision.matched,
            "probability": _rounded(self.decision.probability),
            "reason": self.decision.reason,
        }
        return {
            "query": self.query, "decision": decision, "hits": [hit.as_dict() for hit in self.hits],
            "total": self.total, "offset": self.offset,
            "imagined": self.imagined.as_dict() if self.imagined else None, "timings_ms": self.timings_ms,
        }  # fmt: skip


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
