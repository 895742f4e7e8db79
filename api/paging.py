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
    """A hit and the later ones that are near duplicates of it."""

    hit: Hit
    near: list[Hit] = field(default_factory=list)


def grouped(
    search: Callable[[int], Sequence[Hit]], visual: Callable[[Sequence[Hit]], FloatArray], page: Page, least: int = 1
) -> tuple[Sequence[Hit], list[Group]]:
    """Return the nearest hits, at least `least`, and the groups of the page.

    search(n): the n nearest; visual: unit visual halves (n, dv) of hits. Groups keep their order whatever the page.
    """
    wanted = max(page.end, least)
    hits = search(wanted)
    groups = _folded(hits, visual, page.fold)
    while len(groups) < page.end and len(hits) == wanted:
        wanted *= 2
        hits = search(wanted)
        groups = _folded(hits, visual, page.fold)
    return hits, groups[page.offset : page.end]


def _folded(hits: Sequence[Hit], visual: Callable[[Sequence[Hit]], FloatArray], fold: float | None) -> list[Group]:
    if fold is None or not hits:
        return [Group(hit) for hit in hits]
    groups: dict[int, Group] = {}
    for number, leader in enumerate(leaders(visual(hits), fold).tolist()):
        if number == leader:
            groups[number] = Group(hits[number])
        else:
            groups[leader].near.append(hits[number])
    return list(groups.values())
