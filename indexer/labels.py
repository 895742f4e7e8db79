"""Words for items: given by the user, or found in the files themselves."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Literal

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from mindseye.indexer.database import chunks
from mindseye.indexer.files import is_gone, path_of
from mindseye.indexer.models import Item, Label

Source = Literal["given", "file"]


def normalised(word: str) -> str:
    """Return a label as it is stored and looked for: NFC, in small letters, single spaces within."""
    return unicodedata.normalize("NFC", " ".join(unicodedata.normalize("NFD", word).casefold().split()))


def put(session: Session, words: Mapping[int, Iterable[str]], source: Source) -> None:
    """Write the words of items, by their ids, in place of those they had from the same source."""
    rows = [
        {"item_id": item_id, "word": word, "source": source}
        for item_id, told in words.items()
        for word in sorted(set(map(normalised, told)) - {""})
    ]
    for piece in chunks(list(words)):
        session.execute(delete(Label).where(Label.item_id.in_(piece), Label.source == source))
    if rows:
        session.execute(insert(Label), rows)


def inherited(session: Session, collection_id: int, contents: Mapping[int, int]) -> dict[int, set[str]]:
    """Return the words for items that are new to a collection: those given to files of their content that are gone.

    contents: the content of each item by its id.
    """
    given = Label.source == "given", Item.state != "removed", Item.collection_id == collection_id
    query = select(Item.id, Item.content_id, Item.uri, Label.word).join(Label, Label.item_id == Item.id).where(*given)
    gone = cache(lambda uri: is_gone(path_of(uri)))
    words: dict[int, set[str]] = defaultdict(set)
    for piece in chunks(sorted(set(contents.values()))):
        for item_id, content_id, uri, word in session.execute(query.where(Item.content_id.in_(piece))):
            if item_id not in contents and gone(uri):
                words[content_id].add(word)
    return {item_id: words[content_id] for item_id, content_id in contents.items() if content_id in words}


def shared(session: Session, collection_id: int, uri: str) -> set[str]:
    """Return the words given to every document of a file that was not removed: they are the file's own."""
    mine = Item.collection_id == collection_id, Item.uri == uri, Item.state != "removed", Item.modality == "document"
    documents = session.scalar(select(func.count()).where(*mine))
    given = select(Label.word).join(Item, Item.id == Label.item_id).where(*mine, Label.source == "given")
    return set(session.scalars(given.group_by(Label.word).having(func.count() == documents)))


def of(session: Session, item_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return the words of items by their ids, each once, sorted."""
    found: dict[int, dict[str, None]] = {item_id: {} for item_id in item_ids}
    for piece in chunks(item_ids):
        query = select(Label.item_id, Label.word).where(Label.item_id.in_(piece)).order_by(Label.word)
        for item_id, word in session.execute(query):
            found[item_id][word] = None
    return {item_id: tuple(words) for item_id, words in found.items()}
