from contextlib import contextmanager

import numpy as np
import pytest

from mindseye.engine.errors import NotFoundError, UsageError, VectorError
from mindseye.indexer.filters import EVERYTHING, Filter
from tests.pictures import names, nearest, paint, query_of


@pytest.fixture
def two(library, photos, tmp_path):
    """Two collections: five photos, and two others of which one is a copy of a photo."""
    paint(tmp_path / "other" / "fox.png", 50)
    paint(tmp_path / "other" / "copy.png", 0)
    library.index([photos])
    library.index([tmp_path / "other"], collection="other")
    return library


def test_hits_come_best_first_with_the_scores_of_numpy(library, space, photos):
    library.index([photos])
    query = query_of(library, photos / "cat.jpg")
    hits = library.search(query, 3)[0]
    stored = {path.name: library.features(library.item(path.name).id) for path in photos.rglob("*.*")}
    scores = {name: float(space.image_rows(features)[0] @ query[0]) for name, features in stored.items()}
    expected = sorted(scores, key=scores.get, reverse=True)[:3]
    assert [hit.path.name for hit in hits] == expected
    assert [hit.score for hit in hits] == pytest.approx([scores[name] for name in expected])
    assert [hit.modality for hit in hits] == ["image"] * 3
    assert [hit.item_id for hit in hits] == [library.item(name).id for name in expected]


def test_several_queries_answer_one_list_each(two, photos, tmp_path):
    rows = np.vstack([query_of(two, photos / "bat.png"), query_of(two, tmp_path / "other" / "fox.png")])
    assert [hits[0].path.name for hits in two.search(rows, 2)] == ["bat.png", "fox.png"]


def test_a_collection_is_searched_inside_the_index(two, photos, tmp_path):
    query = query_of(two, photos / "ape.png")
    everywhere = two.search(query, 10)[0]
    assert len(everywhere) == 6
    assert (everywhere[0].path.name, everywhere[0].also) == (
        "ape.png",
        ((tmp_path / "other/copy.png").as_uri(),),
    )
    other = two.select(Filter(collection="other")).search(query, 1)[0]
    assert (other[0].path.name, other[0].also) == ("copy.png", ((photos / "ape.png").as_uri(),))
    assert [hit.path.name for hit in two.select(Filter(collection="other")).search(query, 10)[0]] == [
        "copy.png",
        "fox.png",
    ]


def test_what_cannot_be_searched_is_refused(two):
    row = np.ones((1, two.space.width), np.float32)
    with pytest.raises(NotFoundError, match=r"no collection is called 'others'.*default, other"):
        two.select(Filter(collection="others")).search(row, 1)
    with pytest.raises(UsageError, match="0 hits"):
        two.search(row, 0)
    with pytest.raises(VectorError, match="7 numbers wide where 24"):
        two.search(np.ones((1, 7), np.float32), 1)


def test_an_empty_library_finds_nothing(library):
    assert library.search(np.ones((2, library.space.width), np.float32), 3) == [[], []]


def test_collections_and_status_count(two, tmp_path):
    assert [(each.name, each.items, each.contents) for each in two.collections()] == [
        ("default", 5, 5),
        ("other", 2, 2),
    ]
    (tmp_path / "other" / "fox.png").unlink()
    two.index([tmp_path / "other"], collection="other")
    status = two.status()
    assert (status.items, status.contents, status.vectors, status.missing, status.imagined) == (6, 5, 5, 1, 0)
    assert (status.encoder, status.mapping) == (two.space.encoder, two.space.mapping)
    assert status.root == tmp_path / "library"
    assert status.bytes_on_disk > 10_000


def test_one_file_may_lie_in_two_collections(library, photos):
    library.index([photos / "ape.png"])
    library.index([photos], collection="all")
    query = query_of(library, photos / "ape.png")
    hit = library.search(query, 1)[0][0]
    assert (hit.path.name, hit.also) == ("ape.png", ())
    assert library.select(Filter(collection="all")).search(query, 1)[0][0].item_id != hit.item_id
    assert library.remove([str(photos / "ape.png")]) == 2
    assert names(library) == ["bat.png", "cat.jpg", "dog.png", "eel.png"]


def test_an_item_is_named_in_many_ways(two, photos, monkeypatch):
    item = two.item("eel.png")
    assert item.path == photos / "more" / "eel.png"
    monkeypatch.chdir(photos)
    relative = ("more/eel.png", "./more/eel.png", "photos/more/eel.png")
    for ref in (str(item.id), item.uri, str(item.path), *relative):
        assert two.item(ref) == item


def test_names_with_odd_characters_are_found(library, tmp_path):
    path = paint(tmp_path / "odd" / "Käse ♥ 100%_.png", 3)
    paint(tmp_path / "odd" / "Käse ♥ 100%x.png", 4)
    library.index([tmp_path / "odd"])
    assert library.item("Käse ♥ 100%_.png").path == path
    assert "Käse" not in library.item(path.as_uri()).uri


def test_a_name_that_fits_several_files_is_refused(library, tmp_path):
    for folder in "abcd":
        paint(tmp_path / "x" / folder / "one.png", ord(folder))
    library.index([tmp_path / "x"])
    with pytest.raises(UsageError, match=r"'one.png' names 4 files: .*a/one.png.*b/one.png.*c/one.png …;"):
        library.item("one.png")
    assert library.item("c/one.png").path == tmp_path / "x/c/one.png"


@pytest.mark.parametrize("ref", ["ONE.PNG", "ne.png", "", "99", "9" * 30, "a\0b", "%", "/"])
def test_a_name_of_nothing_is_not_found(library, tmp_path, ref):
    paint(tmp_path / "x" / "one.png", 1)
    library.index([tmp_path / "x"])
    with pytest.raises(NotFoundError, match="no item is called"):
        library.item(ref)


def test_features_are_asked_for_by_item_or_hit(two, photos):
    hits = two.search(query_of(two, photos / "dog.png"), 3)[0]
    by_hit = two.features_of([hit.embedding_id for hit in hits])
    by_item = np.vstack([two.features(hit.item_id) for hit in hits])
    np.testing.assert_array_equal(by_hit, by_item)
    assert by_hit.shape == (3, two.space.raw_width)
    with pytest.raises(NotFoundError, match="no item 999"):
        two.features(999)


def test_rows_of_hits_are_those_derived_from_what_is_stored_even_when_they_went_meanwhile(two, space, photos):
    selection = two.select(EVERYTHING)
    hits = selection.search(query_of(two, photos / "dog.png"), 3)[0]
    derived = space.image_rows(two.features_of([hit.embedding_id for hit in hits]))
    np.testing.assert_allclose(selection.rows(hits), derived, atol=1e-6)
    two.remove([str(hits[1].item_id)])
    np.testing.assert_allclose(selection.rows(hits), derived, atol=1e-6)
    assert selection.rows([]).shape == (0, space.width)


def test_the_best_score_is_that_of_the_best_hit_that_passes(two, photos, tmp_path):
    rows = np.vstack([query_of(two, photos / "bat.png"), query_of(two, tmp_path / "other" / "fox.png")])
    for within in (EVERYTHING, Filter(collection="other"), Filter(path="*.jpg")):
        selection = two.select(within)
        assert selection.best(rows).tolist() == [hits[0].score for hits in selection.search(rows, 2)]
    assert two.select(Filter(path="nothing")).best(rows).tolist() == [-np.inf, -np.inf]


def test_searches_are_timed_in_parts(two, photos):
    parts = []

    @contextmanager
    def watch(name):
        yield parts.append(name)

    selection = two.select(EVERYTHING, watch=watch)
    selection.search(query_of(two, photos / "bat.png"), 2)
    assert parts == ["search", "read"]


def test_what_is_removed_is_never_found_until_it_is_indexed_again(two, space, photos):
    query = query_of(two, photos / "bat.png")
    assert two.remove(["bat.png", str(two.item("cat.jpg").id)]) == 2
    assert names(two) == ["ape.png", "copy.png", "dog.png", "eel.png", "fox.png"]
    assert two.search(query, 1)[0][0].path.name != "bat.png"
    assert two.item("bat.png").state == "removed"
    assert two.remove(["bat.png"]) == 0
    encoded = space.encoded
    assert two.index([photos / "bat.png"]).added == 1
    assert nearest(two, photos / "bat.png") == "bat.png"
    assert space.encoded == encoded + 1  # the query


def test_removing_a_copy_leaves_the_other(two, photos):
    two.remove([(photos / "ape.png").as_uri()])
    assert nearest(two, photos / "ape.png") == "copy.png"


def test_a_whole_collection_can_be_removed(two):
    assert two.remove(collection="other", command="mindseye remove other") == 2
    assert names(two) == ["ape.png", "bat.png", "cat.jpg", "dog.png", "eel.png"]
    run = two.status().last_run
    assert (run.kind, run.command, run.counts) == ("remove", "mindseye remove other", {"removed": 2})
    assert [(each.name, each.items) for each in two.collections()] == [("default", 5), ("other", 0)]


def test_removing_something_unknown_removes_nothing(two):
    with pytest.raises(NotFoundError, match="'nothing'"):
        two.remove(["bat.png", "nothing"])
    assert two.item("bat.png").state == "present"
    assert two.status().last_run.kind == "index"


def test_explain_tells_the_whole_chain(two, space, photos, tmp_path):
    chain = two.explain("ape.png")
    text = "\n".join(chain.lines())
    for fact in (
        (photos / "ape.png").as_uri(),
        (tmp_path / "other" / "copy.png").as_uri(),
        chain.item.sha256,
        "24 × 24 px",
        "image/png",
        space.encoder,
        space.mapping,
        "5 added",
        "in collection default",
    ):
        assert fact in text
    as_dict = chain.as_dict()
    assert as_dict["item"]["sha256"] == chain.item.sha256
    assert as_dict["run"]["kind"] == "index"
    assert as_dict["imagined"] is None
