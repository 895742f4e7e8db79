import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from mindseye.engine.errors import LibraryError, NotFoundError
from mindseye.engine.vision.pictures import read_picture
from mindseye.indexer.filters import Filter
from mindseye.indexer.library import Library
from mindseye.indexer.records import Imagined, ImaginedRecord, Recalled
from tests.pictures import names, painting, query_of
from tests.tiny_space import TinySpace

OKAPI = ImaginedRecord(
    query="okapi",
    target_hash="ab12",
    method="inversion",
    parameters={"steps": 120, "start": "noise"},
    seed=7,
    similarity=0.53,
    sense="okapi%1",
    definition="similar to the giraffe",
)


def imagine(library: Library, record: ImaginedRecord = OKAPI, seed: int = 90) -> Imagined:
    run = library.start_run("imagine", f"mindseye imagine {record.query}", {"seed": record.seed})
    stored = library.record_imagined(record, painting(seed), run)
    library.finish_run(run, {"imagined": 1})
    return stored


def recall(library: Library, path: Path, n: int) -> tuple[Recalled, ...]:
    hits = library.search(query_of(library, path), n)[0]
    return tuple(Recalled(hit.item_id, hit.uri, hit.score) for hit in hits)


def test_the_picture_and_how_it_came_to_be_are_kept(library, photos):
    library.index([photos])
    recalled = recall(library, photos / "cat.jpg", 2)
    stored = imagine(library, replace(OKAPI, recalled=recalled))
    assert stored.record == replace(OKAPI, recalled=recalled)
    assert (stored.encoder, stored.mapping) == (library.space.encoder, library.space.mapping)
    picture = read_picture(stored.path.read_bytes(), "it")
    assert picture.synthetic == {"version": "0.1.0", "provenance": stored.id}
    assert picture.image.tobytes() == painting(90).tobytes()
    assert stored.path == library.root / "imagined" / f"{stored.id}.png"
    assert library.imagined() == [stored]
    assert library.item(stored.id) == library.item(str(stored.item_id)) == library.item(stored.uri)


def test_the_same_target_method_parameters_and_seed_give_the_stored_picture(library):
    first = imagine(library)
    key = library.imagined_key("ab12", "inversion", {"start": "noise", "steps": 120}, 7)
    assert library.imagined_by_key(key) == first
    assert imagine(library, replace(OKAPI, query="the same target"), seed=91) == first
    assert read_picture(first.path.read_bytes(), "it").image.tobytes() == painting(90).tobytes()


@pytest.mark.parametrize(
    "changed", [{"target_hash": "cd"}, {"method": "recollection"}, {"parameters": {"steps": 60}}, {"seed": 8}]
)
def test_anything_else_is_another_picture(library, changed):
    first, second = imagine(library), imagine(library, replace(OKAPI, **changed), seed=91)
    assert first.id != second.id
    assert {each.id for each in library.imagined()} == {first.id, second.id}


def test_another_space_is_another_picture(library):
    space = library.space
    keys = {library.imagined_key("ab12", "inversion", {}, 7)}
    for library.space in (TinySpace(encoder="other"), TinySpace(mapping="other")):
        keys.add(library.imagined_key("ab12", "inversion", {}, 7))
    library.space = space
    assert len(keys) == 3


def test_an_imagined_picture_is_never_found_nor_memory(library, photos):
    library.index([photos])
    stored = imagine(library)
    assert names(library) == ["ape.png", "bat.png", "cat.jpg", "dog.png", "eel.png"]
    hits = library.search(query_of(library, stored.path), 100)[0]
    assert stored.item_id not in [hit.item_id for hit in hits]
    assert library.select(Filter(collection="imagined")).search(query_of(library, stored.path), 5) == [[]]
    with pytest.raises(NotFoundError, match="imagined, has no features"):
        library.features(stored.item_id)
    status = library.status()
    assert (status.items, status.imagined, status.vectors) == (5, 1, 5)


def test_explain_tells_how_it_was_imagined(library, photos):
    library.index([photos])
    recalled = recall(library, photos / "cat.jpg", 2)
    stored = imagine(library, replace(OKAPI, recalled=recalled))
    chain = library.explain(stored.id)
    text = "\n".join(chain.lines())
    for fact in ("okapi", "similar to the giraffe", "okapi%1", "inversion, seed 7, start noise, steps 120"):
        assert fact in text
    assert f"item {recalled[0].item_id}, {recalled[0].uri}" in text
    assert "similarity 0.530" in text
    assert "mindseye imagine okapi" in text
    as_dict = json.loads(json.dumps(chain.as_dict()))
    assert as_dict["imagined"]["record"]["recalled"][0]["uri"] == recalled[0].uri
    assert as_dict["run"]["counts"] == {"imagined": 1}
    assert as_dict["encoder"] is None


def test_a_copy_met_in_a_folder_is_explained_like_the_first(library, photos):
    stored = imagine(library)
    shutil.copy(stored.path, photos / "dream.png")
    assert library.index([photos]).imagined == 1
    chain = library.explain("dream.png")
    assert chain.item.origin == "imagined"
    assert chain.imagined == stored
    assert chain.also == (stored.uri,)


def test_the_library_may_lie_in_an_indexed_folder(open_library, photos):
    library = open_library(TinySpace(), photos / "library")
    imagine(library)
    report = library.index([photos])
    assert (report.added, report.imagined) == (5, 0)
    assert names(library) == ["ape.png", "bat.png", "cat.jpg", "dog.png", "eel.png"]


def test_a_lost_picture_can_be_imagined_again_under_its_id(library):
    first = imagine(library)
    first.path.unlink()
    key = library.imagined_key("ab12", "inversion", OKAPI.parameters, 7)
    assert library.imagined_by_key(key) is None
    again = imagine(library, replace(OKAPI, similarity=0.54))
    assert (again.id, again.item_id, again.record.similarity) == (first.id, first.item_id, 0.54)
    assert again.run_id > first.run_id
    assert library.explain(again.id).item.sha256 == library.item(again.uri).sha256


def test_a_removed_picture_is_gone_until_it_is_imagined_again(library):
    stored = imagine(library)
    assert library.remove([stored.id]) == 1
    assert library.imagined() == []
    assert imagine(library).item_id == stored.item_id
    assert len(library.imagined()) == 1


def test_a_picture_that_cannot_be_written_leaves_no_row(library):
    (library.root / "imagined").write_text("in the way")
    with pytest.raises(LibraryError, match="cannot be stored"):
        imagine(library)
    assert library.imagined() == []
    assert (library.root / "imagined").read_text() == "in the way"
