"""What Mindseye answers: plain values, and their JSON shapes (one for the command line and for HTTP)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mindseye.engine.senses import KnownSense
from mindseye.indexer.gis.records import Box
from mindseye.indexer.records import Imagined, Placed


@dataclass(frozen=True)
class Decision:
    """Whether any hit is what was asked for; probability is None in spaces where none is calibrated.

    decided: not for queries by picture, item or sum, which only have what is nearest; by_modality: the decisions about
    each modality that was looked among.
    """

    matched: bool
    probability: float | None
    reason: str
    decided: bool = True
    by_modality: Mapping[str, "Decision"] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        told = {"matched": self.matched, "probability": _rounded(self.probability), "reason": self.reason}
        told |= {"decided": self.decided}
        each = {name: own.as_dict() for name, own in self.by_modality.items()}
        return told | ({"by_modality": each} if each else {})


@dataclass(frozen=True)
class RankedHit(Placed):
    """One found item; probability: that this one shows it.

    also: other places of the same content; near: what is folded into it, near duplicates or other paragraphs of its
    document; place, title, text: of texts, where in the file they stand, what they are called, a paragraph by its
    document's name, what they say; document_id: the item of a paragraph's document; box, date: of a tile, which has a
    place too if it is a window of a raster: where on Earth it lies, and when its imagery was taken.
    """

    rank: int
    item_id: int
    modality: str
    uri: str
    score: float
    probability: float | None
    also: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    place: str = ""
    title: str = ""
    text: str = ""
    document_id: int | None = None
    box: Box | None = None
    date: str | None = None

    def as_dict(self) -> dict[str, Any]:
        told = {
            "rank": self.rank, "item_id": self.item_id, "modality": self.modality, "uri": self.uri,
            "score": round(self.score, 4), "probability": _rounded(self.probability), "also": list(self.also),
            "near": list(self.near),
        }  # fmt: skip
        texts = {"place": self.place, "title": self.title, "text": self.text, "document_id": self.document_id}
        if self.modality != "image":
            return told | texts
        tile = {"box": list(self.box), "date": self.date} if self.box else {}
        return told | ({"place": self.place} if self.place else {}) | tile


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

    total: how many contents were looked among; offset: how many nearer hits earlier pages hold; senses: of an ambiguous
    word, for `--sense` to choose from; apart: whether each modality has hits of its own, one after another.
    """

    query: str
    decision: Decision
    hits: tuple[RankedHit, ...]
    imagined: ImaginedPicture | None
    timings_ms: dict[str, float]
    total: int = 0
    offset: int = 0
    senses: tuple[KnownSense, ...] = ()
    apart: bool = False

    def as_dict(self) -> dict[str, Any]:
        return {
            "query": self.query, "decision": self.decision.as_dict(), "hits": [hit.as_dict() for hit in self.hits],
            "total": self.total, "offset": self.offset, "senses": [sense.as_dict() for sense in self.senses],
            "imagined": self.imagined.as_dict() if self.imagined else None, "timings_ms": self.timings_ms,
        }  # fmt: skip


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
