"""Which part of an answer is shown: a page of hits, near duplicates folded into one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mindseye.engine.duplicates import leaders
from mindseye.engine.errors import UsageError
from mindseye.engine.vectors import FloatArray
from mindseye.indexer.records import Hit


@dataclass(frozen=True)
class Page:
    """Hits from `offset` on, at most `limit`.

    fold: the cosine of visual halves from which pictures are near duplicates, None to show them all. Raises UsageError
    for a page that cannot be.
    """

    limit: int = 10
    offset: int = 0
    fold: float | None = None

    def __post_init__(self) -> None:
        if self.limit < 1:
            raise UsageError(f"{self.limit} hits were asked for", "ask for at least 1")
        if self.offset < 0:
            raise UsageError(f"hits from number {self.offset} on were asked for", "start at 0 or later")
        if self.fold is not None and not 0 < self.fold <= 1:
            raise UsageError(f"{self.fold} is no likeness of near duplicates", "give one above 0, at most 1")

    @property
    def end(self) -> int:
        """The number of hits, or groups of them, up to the end of the page."""
        return self.offset + self.limit


@dataclass
class Group:
    """A hit and the later ones that are folded into it: near duplicates, or paragraphs of the same document."""

    hit: Hit
    near: list[Hit] = field(default_factory=list)


Fold = Callable[[Sequence[Hit]], list[Group]]  # hits in groups, in their order


def grouped(
    search: Callable[[int], Sequence[Hit]], fold: Fold, page: Page, least: int = 1
) -> tuple[Sequence[Hit], list[Group]]:
    """Return the nearest hits, at least `least`, and the groups of the page.

    search(n): the n nearest. Groups keep their order whatever the page.
    """
    wanted = max(page.end, least)
    hits = search(wanted)
    groups = fold(hits)
    while len(groups) < page.end and len(hits) == wanted:
        wanted *= 2
        hits = search(wanted)
        groups = fold(hits)
    return hits, groups[page.offset : page.end]


def by_look(visual: Callable[[Sequence[Hit]], FloatArray], likeness: float | None) -> Fold:
    """Return what folds near duplicates; visual: unit visual halves (n, dv) of hits; likeness: None for no folding."""

    def fold(hits: Sequence[Hit]) -> list[Group]:
        if likeness is None or not hits:
            return [Group(hit) for hit in hits]
        return _folded(hits, leaders(visual(hits), likeness).tolist())

    return fold


def by_document(hits: Sequence[Hit]) -> list[Group]:
    """Fold the paragraphs of one document, so that a long one is one answer among others."""
    first: dict[int | None, int] = {}
    return _folded(hits, [first.setdefault(hit.document_id, number) for number, hit in enumerate(hits)])


def _folded(hits: Sequence[Hit], leading: Sequence[int]) -> list[Group]:
    groups: dict[int, Group] = {}
    for number, leader in enumerate(leading):
        if number == leader:
            groups[number] = Group(hits[number])
        else:
            groups[leader].near.append(hits[number])
    return list(groups.values())
