"""Where the items of an edited file stand: a paragraph that moved within it is the same item at another place."""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from mindseye.indexer import models, store
from mindseye.indexer.database import chunks
from mindseye.indexer.models import Item

DROPPED = "dropped"  # the state of an item whose file is there and no longer holds it


class Standing(NamedTuple):
    """An item as it stood before its file was taken."""

    item_id: int
    place: str
    content_id: int
    state: str


def settle(
    session: Session, collection_id: int, run_id: int, uri: str, wanted: Mapping[str, int], settled: Collection[str]
) -> tuple[dict[str, Standing], set[int]]:
    """Move the items of a file in a collection to where their contents are now.

    wanted: the contents of some places; settled: the places whose items stay. Returns how the items of the wanted
    places stood before, where there are any, and the contents whose items changed. An item whose place goes to another
    one is dropped; it comes back with its text.
    """
    there = [each for each in _standing(session, collection_id, uri, wanted) if each.place not in settled]
    found = match(wanted, there)
    kept = {each.item_id for each in found.values()}
    pushed = [each for each in there if each.place in wanted and each.item_id not in kept]
    moving = {each.item_id: place for place, each in found.items() if each.place != place}
    lost = store.set_state(session, [each.item_id for each in pushed], DROPPED, run_id)
    aside = {item_id: f"was={item_id}" for item_id in [*moving, *(each.item_id for each in pushed)]}
    _move(session, aside)  # first, since two items may change places
    _move(session, moving)
    return found, {*lost, *(each.content_id for each in found.values())}


def match(wanted: Mapping[str, int], there: Iterable[Standing]) -> dict[str, Standing]:
    """Return the item of each place: the one there if its content is the same, else another one of that content.

    Where there is none of that content, the item there goes on with the new content, unless it was dropped or moves.
    """
    at = {each.place: each for each in there}
    found = {place: at[place] for place, content in wanted.items() if place in at and at[place].content_id == content}
    kept = {each.item_id for each in found.values()}
    free = defaultdict[int, deque[Standing]](deque)
    for each in sorted(at.values()):
        if each.item_id not in kept:
            free[each.content_id].append(each)
    for place, content in wanted.items():
        if place not in found and free[content]:
            found[place] = free[content].popleft()
    kept = {each.item_id for each in found.values()}
    same = {place: at[place] for place in wanted if place not in found and place in at}
    return found | {place: each for place, each in same.items() if each.item_id not in kept and each.state != DROPPED}


def _standing(session: Session, collection_id: int, uri: str, wanted: Mapping[str, int]) -> list[Standing]:
    """Return the items of a file at some places or with their contents."""
    query = select(Item.id, Item.place, Item.content_id, Item.state)
    mine = query.where(Item.collection_id == collection_id, Item.uri == uri)
    found = set[Standing]()
    for piece in chunks(list(wanted)):
        found.update(Standing(*row) for row in session.execute(mine.where(Item.place.in_(piece))))
    for some in chunks(sorted(set(wanted.values()))):
        found.update(Standing(*row) for row in session.execute(mine.where(Item.content_id.in_(some))))
    return sorted(found)


def _move(session: Session, places: Mapping[int, str]) -> None:
    item = models.Base.metadata.tables["item"]
    values = [{"moved": item_id, "to": place} for item_id, place in places.items()]
    if values:
        session.execute(update(item).where(item.c.id == bindparam("moved")).values(place=bindparam("to")), values)
