"""Items gathered by hand: the same contents under another collection's name, with how that came about."""

import pytest

from mindseye.engine.errors import NotFoundError, UsageError
from mindseye.indexer.doctor import examine
from mindseye.indexer.filters import Filter
from mindseye.indexer.gathering import gather
from mindseye.indexer.models import Item
from tests.pictures import query_of


@pytest.fixture
def filled(library, photos, tmp_path):
    library.index([photos], "photos", labels=["pet"])
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "note.txt").write_text("An ape sleeps in a tree.\n\nA bat hangs below it all day long.\n")
    library.index([tmp_path / "texts"], "texts")
    return library


def held(library, collection: str) -> list[str]:
    return sorted(hit.path.name for hit in library.select(Filter(collection=collection)).everything())


def test_items_are_in_both_collections(filled, photos):
    ape, cat = (filled.item(name).id for name in ("ape.png", "cat.jpg"))
    told = gather(filled, [ape, cat, ape], "animals", "the command")
    assert (told.added, told.unchanged) == (2, 0)
    assert held(filled, "animals") == ["ape.png", "cat.jpg"]
    assert len(held(filled, "photos")) == 5
    query = query_of(filled, photos / "ape.png")
    (hits,) = filled.select(Filter(collection="animals")).search(query, 5)
    assert hits[0].path.name == "ape.png"
    assert {each.name: each.items for each in filled.collections()}["animals"] == 2


def test_its_run_is_their_provenance_and_labels_go_along(filled):
    told = gather(filled, [filled.item("ape.png").id], "animals", "the command", {"by": "test"})
    (hit,) = filled.select(Filter(collection="animals", labels=("pet",))).everything()
    chain = filled.explain(str(hit.item_id))
    assert chain.run.id == told.run_id and chain.run.kind == "gather" and chain.run.command == "the command"
    assert chain.run.settings["by"] == "test"


def test_gathering_again_changes_nothing(filled):
    ape = filled.item("ape.png").id
    gather(filled, [ape], "animals")
    told = gather(filled, [ape, filled.item("dog.png").id], "animals")
    assert (told.added, told.unchanged) == (1, 1)
    assert held(filled, "animals") == ["ape.png", "dog.png"]


def test_removed_from_the_collection_it_can_be_gathered_again(filled):
    ape = filled.item("ape.png").id
    gather(filled, [ape], "animals")
    filled.remove(collection="animals")
    assert held(filled, "animals") == [] and len(held(filled, "photos")) == 5
    assert gather(filled, [ape], "animals").added == 1
    assert held(filled, "animals") == ["ape.png"]


def test_texts_are_gathered_and_the_library_stays_sound(filled, space):
    with filled.database.read() as session:
        texts = [item.id for item in session.query(Item).filter(Item.modality != "image")]
    assert gather(filled, texts, "mine").added == len(texts) > 1
    filled.memories.publish()
    assert examine(filled.root, space) == []


def test_a_paragraph_brings_its_document_along(filled, space):
    with filled.database.read() as session:
        paragraph = session.query(Item).filter(Item.modality == "paragraph").first().id
    assert gather(filled, [paragraph], "mine").added == 2
    assert gather(filled, [paragraph], "mine").unchanged == 2
    filled.memories.publish()
    assert examine(filled.root, space) == []


def test_indexing_the_folder_again_keeps_what_was_gathered(filled, photos):
    gather(filled, [filled.item("ape.png").id], "animals")
    filled.index([photos], "photos")
    assert held(filled, "animals") == ["ape.png"]
    (photos / "ape.png").unlink()
    filled.index([photos], "photos")
    assert held(filled, "animals") == []


def test_an_unknown_item_is_named_and_nothing_is_written(filled):
    with pytest.raises(NotFoundError, match="no item 999"):
        gather(filled, [filled.item("ape.png").id, 999], "animals")
    assert "animals" not in {each.name for each in filled.collections()}


@pytest.mark.parametrize(("ids", "name"), [([], "animals"), ([1], ""), ([1], "  "), ([1], "a\udcff")])
def test_nothing_and_no_name_are_refused(filled, ids, name):
    with pytest.raises(UsageError):
        gather(filled, ids, name)
