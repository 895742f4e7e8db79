"""Words for items: given by the user, or found in the files themselves."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from mindseye.indexer.database import chunks
from mindseye.indexer.models import Label

Source = Literal["given", "file"]


def put(session: Session, words: Mapping[int, Iterable[str]], source: Source) -> None:
    """Write the words of items, by their ids, in place of those they had from the same source."""
    rows = [
        {"item_id": item_id, "word": word, "source": source}
        for item_id, told in words.items()
        for word in sorted({" ".join(word.casefold().split()) for word in told} - {""})
    ]
    for piece in chunks(list(words)):
        session.execute(delete(Label).where(Label.item_id.in_(piece), Label.source == source))
    if rows:
        session.execute(insert(Label), rows)


def of(session: Session, item_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return the words of items by their ids, each once, sorted."""
    found: dict[int, dict[str, None]] = {item_id: {} for item_id in item_ids}
    for piece in chunks(item_ids):
        query = select(Label.item_id, Label.word).where(Label.item_id.in_(piece)).order_by(Label.word)
        for item_id, word in session.execute(query):
            found[item_id][word] = None
    return {item_id: tuple(words) for item_id, words in found.items()}
