"""What must hold of the rows of texts, as conditions on rows for which it does not."""

from sqlalchemy import case, exists, select
from sqlalchemy.orm import aliased

from mindseye.indexer.items import MODALITIES
from mindseye.indexer.models import Content, Embedding, Item, Passage, Skip, Source

_document, _part = aliased(Item), aliased(Item)

UNKNOWN_ITEM = Item.modality.not_in(MODALITIES)
UNKNOWN_VECTOR = Embedding.modality.not_in(MODALITIES)

# An item has a parent that is no document in the same file and collection, or is no paragraph itself.
WRONG_PARENT = (Item.parent_id.is_not(None) & Item.modality.in_(MODALITIES)) & (
    (Item.modality != "paragraph")
    | ~exists().where(
        _document.id == Item.parent_id,
        _document.modality.not_in(set(MODALITIES) - {"document"}),
        _document.uri == Item.uri,
        _document.collection_id == Item.collection_id,
    )
)

# A text that can be found and does not say what it says.
SPEECHLESS = (
    (Item.state == "present")
    & Item.modality.in_(set(MODALITIES) - {"image"})
    & ~exists().where(Passage.content_id == Item.content_id)
)

# A file is taken for whole although nothing of it is there, for no reason told, or a paragraph's document is not.
_theirs = Item.collection_id == Source.collection_id, Item.uri == Source.uri, Item.state == "present"
_whole = exists().where(_document.id == _part.parent_id, _document.state == "present")
NOT_WHOLE = (~exists().where(*_theirs) & ~exists().where(Skip.uri == Source.uri)) | exists().where(
    _part.collection_id == Source.collection_id,
    _part.uri == Source.uri,
    _part.state == "present",
    _part.modality == "paragraph",
    ~_whole,
)

# A vector in the index of another modality than that of the items that show it.
_shown = select(Item.modality).where(
    Item.content_id == Embedding.content_id, Item.state == "present", Item.modality.in_(MODALITIES)
)
MISFILED = Embedding.modality != _shown.limit(1).scalar_subquery()

# What a content must be, by its window and whether it is a text. (SQLite misreads `window END AS …`.)
MODALITY_OF_CONTENT = case(
    (Content.window == "tile", "image"),
    (Content.window != "", Content.window),
    (exists().where(Passage.content_id == Content.id), "document"),
    else_="image",
)
