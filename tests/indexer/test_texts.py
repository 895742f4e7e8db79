"""Texts in a library: documents and paragraphs as items, kept up to date with their files."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mindseye.engine.errors import NotFoundError, SpaceMismatchError
from mindseye.engine.vectors import unit
from mindseye.indexer import doctor
from mindseye.indexer.filters import EVERYTHING, Filter
from mindseye.indexer.library import Library
from mindseye.indexer.records import Hit
from mindseye.indexer.texts.words import Word
from tests.pictures import paint
from tests.tiny_space import TinySpace

DOGS = {"title": "Dogs", "paragraphs": ["Dogs guard houses.", "Puppies are young dogs.", "A kennel is for dogs."]}
CATS = {"title": "Cats", "paragraphs": ["Cats purr at night.", "Kittens are young cats."]}


BAD = ["line 2 is no JSON", "line 4 has a 'title' that is no string"]


def write_records(path: Path, *records: object) -> Path:
    path.write_text("\n".join(each if isinstance(each, str) else json.dumps(each) for each in records) + "\n")
    return path


def touch_later(path: Path) -> None:
    os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns + 10**9))


def asked(library: Library, text: str, modality: str, n: int = 10, within: Filter = EVERYTHING) -> list[Hit]:
    """Return the hits for a text, best first."""
    space = library.space
    return library.select(within, modality).search(space.passage_rows(space.encode_texts([text])), n)[0]


def said(library: Library, modality: str = "paragraph") -> set[str]:
    """Return what all items of a modality say that a search can find."""
    return {hit.text for hit in asked(library, "anything", modality, 1000)}


@pytest.fixture(autouse=True)
def sound_after_every_change(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("index", "index_words", "remove"):
        monkeypatch.setattr(Library, name, _examined(getattr(Library, name)))


def _examined(change: Callable[..., object]) -> Callable[..., object]:
    def examined(library: Library, *args: object, **options: object) -> object:
        done = change(library, *args, **options)
        assert doctor.examine(library.root, type(library.space)()) == []
        return done

    return examined


@pytest.fixture
def animals(tmp_path: Path) -> Path:
    """Two records and a text file, in a folder with a picture."""
    folder = tmp_path / "animals"
    folder.mkdir()
    write_records(folder / "pets.jsonl", DOGS, CATS)
    (folder / "cranes.txt").write_text("Cranes are tall birds. They dance in spring.\n")
    paint(folder / "crane.png", 1)
    return folder


def test_documents_and_paragraphs_are_found_each_in_its_place(library, animals):
    report = library.index([animals])
    assert (report.seen, report.added, report.documents, report.paragraphs) == (3, 3, 3, 6)
    assert library.status().modalities == {"image": 1, "paragraph": 6, "document": 3}
    best = asked(library, "Kittens are young cats.", "paragraph")[0]
    assert (best.text, best.title, best.place) == ("Kittens are young cats.", "Cats", "line=2&paragraph=2")
    assert best.path == animals / "pets.jsonl"
    document = asked(library, "Cats purr at night. Kittens are young cats.", "document")[0]
    assert (document.title, document.place) == ("Cats", "line=2")
    whole = asked(library, "Cranes are tall birds. They dance in spring.", "document")[0]
    assert (whole.path.name, whole.place) == ("cranes.txt", "")
    assert library.item(str(best.item_id)).parent_id == document.item_id


def test_a_document_is_the_mean_of_all_its_paragraphs_and_its_title(library, animals):
    library.index([animals])
    dogs = next(hit for hit in asked(library, "dogs", "document") if hit.title == "Dogs")
    space = TinySpace()
    expected = unit(space.encode_texts([*DOGS["paragraphs"], "Dogs"]).mean(axis=0, keepdims=True))
    assert np.allclose(library.features(dogs.item_id), expected, atol=2e-3)


def test_unchanged_files_cost_a_stat_and_no_encoding(library, animals, space):
    library.index([animals])
    encoded = space.texts
    report = library.index([animals])
    assert (report.unchanged, report.added, space.texts) == (3, 0, encoded)


def test_a_changed_record_is_encoded_alone(library, animals, space):
    """Paragraphs are known by what they say: what stays is not encoded again, what is gone is not found."""
    library.index([animals])
    ids = {hit.text: hit.item_id for hit in asked(library, "x", "paragraph", 100)}
    encoded = space.texts
    changed = CATS | {"paragraphs": ["Cats purr at night.", "Tigers are large cats."]}
    touch_later(write_records(animals / "pets.jsonl", DOGS, changed))
    report = library.index([animals])
    assert (report.updated, report.added, report.unchanged) == (1, 0, 2)
    assert space.texts - encoded == 1 + 1, "one paragraph, and the title of its document"
    assert "Kittens are young cats." not in said(library)
    after = {hit.text: hit.item_id for hit in asked(library, "x", "paragraph", 100)}
    assert after["Dogs guard houses."] == ids["Dogs guard houses."]
    best = asked(library, "Tigers are large cats.", "paragraph")[0]
    assert (best.text, best.place) == ("Tigers are large cats.", "line=2&paragraph=2")


def test_a_shorter_file_loses_what_it_no_longer_holds(library, animals):
    library.index([animals])
    touch_later(write_records(animals / "pets.jsonl", DOGS))
    library.index([animals])
    assert {hit.title for hit in asked(library, "x", "document")} == {"Dogs", ""}
    assert not said(library) & set(CATS["paragraphs"])


def test_a_file_that_is_gone_is_missing_and_comes_back(library, animals, space):
    library.index([animals])
    text = (animals / "pets.jsonl").read_text()
    (animals / "pets.jsonl").unlink()
    assert library.index([animals]).missing == 1
    assert said(library) == {"Cranes are tall birds. They dance in spring."}
    encoded = space.texts
    (animals / "pets.jsonl").write_text(text)
    library.index([animals])
    assert said(library) >= set(DOGS["paragraphs"])
    assert space.texts - encoded == 1, "the question"


def test_a_renamed_file_keeps_labels_and_vectors(library, animals, space):
    library.index([animals], labels=["pets"])
    encoded = space.texts
    (animals / "pets.jsonl").rename(animals / "friends.jsonl")
    report = library.index([animals])
    assert (report.moved, report.missing) == (2, 1), "two documents moved in one file"
    assert space.texts == encoded
    labelled = asked(library, "x", "paragraph", 100, Filter(labels=("pets",)))
    assert {hit.path.name for hit in labelled} == {"friends.jsonl", "cranes.txt"}


def test_equal_paragraphs_are_one_hit_that_names_all_places(library, animals):
    (animals / "again.txt").write_text("Kittens are young cats.\n")
    library.index([animals])
    best = asked(library, "Kittens are young cats.", "paragraph", 2)
    assert [hit.text == "Kittens are young cats." for hit in best] == [True, False]
    places = {hit.rpartition("/")[2] for hit in (f"{best[0].uri}#{best[0].place}", *best[0].also)}
    assert places == {"again.txt#char=0,23", "pets.jsonl#line=2&paragraph=2"}


def test_a_document_of_one_paragraph_is_not_mistaken_for_it(library, tmp_path):
    """The bytes of the file are those of the paragraph, and both are contents."""
    (tmp_path / "one.txt").write_text("A single paragraph.")
    library.index([tmp_path / "one.txt"])
    assert said(library, "paragraph") == said(library, "document") == {"A single paragraph."}


def test_a_bad_record_is_told_each_time_and_shifts_no_other(library, animals):
    touch_later(write_records(animals / "pets.jsonl", DOGS, "{not json", CATS, {"title": 3}))
    for _ in range(2):
        report = library.index([animals])
        assert [skip.path.name for skip in report.skipped] == ["pets.jsonl", "pets.jsonl"]
        assert [skip.reason.split(" (")[0] for skip in report.skipped] == BAD
        assert [skip.reason for skip in library.skipped()] == [skip.reason for skip in report.skipped]
    assert asked(library, "Cats purr at night.", "paragraph")[0].place == "line=3&paragraph=1"
    touch_later(write_records(animals / "pets.jsonl", DOGS, CATS))
    assert library.index([animals]).skipped == () and library.skipped() == []


def test_a_file_that_cannot_be_read_any_more_is_told_and_its_items_are_missing(library, animals):
    library.index([animals])
    (animals / "pets.jsonl").write_bytes(b"\x00\x01\x02" * 100)
    touch_later(animals / "pets.jsonl")
    report = library.index([animals])
    assert [skip.path.name for skip in report.skipped] == ["pets.jsonl"] and report.missing == 1
    assert said(library) == {"Cranes are tall birds. They dance in spring."}
    again = library.index([animals])
    assert again.skipped == report.skipped


def test_the_copy_in_another_collection_follows_the_file(library, animals):
    library.index([animals], "first")
    library.index([animals], "second")
    touch_later(write_records(animals / "pets.jsonl", CATS))
    library.index([animals], "first")
    for name in ("first", "second"):
        texts = {hit.text for hit in asked(library, "x", "paragraph", 100, Filter(collection=name))}
        assert texts == {*CATS["paragraphs"], "Cranes are tall birds. They dance in spring."}


def test_a_removed_document_takes_its_paragraphs_along_until_it_is_indexed_again(library, animals):
    library.index([animals])
    cats = library.item("pets.jsonl#line=2")
    assert library.remove([str(cats.id)]) == 3
    assert not said(library) & set(CATS["paragraphs"])
    assert said(library) >= set(DOGS["paragraphs"])
    library.index([animals / "pets.jsonl"])
    assert said(library) >= set(CATS["paragraphs"])


def test_filters_let_texts_through_by_collection_path_and_label(library, animals):
    library.index([animals / "pets.jsonl"], "pets", labels=["tame"])
    library.index([animals], "all")
    assert len(library.select(Filter(collection="pets"), "paragraph")) == 5
    assert {hit.path.name for hit in asked(library, "x", "document", 9, Filter(path="*.txt"))} == {"cranes.txt"}
    assert len(library.select(Filter(labels=("tame",)), "document")) == 2
    assert len(library.select(Filter(side=(1, None)), "paragraph")) == 0, "texts have no sides"


class OtherTexts(TinySpace):
    """The same pictures, other vectors of words."""

    def __init__(self) -> None:
        super().__init__(name="other", text_encoder="tiny-words-2", mapping="tiny-projection-2", text_width=12)


def test_another_text_encoder_is_refused_until_the_library_is_moved_without_its_files(library, animals, open_library):
    library.index([animals])
    library.index_words([Word("crane", "a bird", library.space.encode_words(["crane"])[0])])
    (animals / "pets.jsonl").unlink()
    library.close()
    with pytest.raises(SpaceMismatchError, match=r"text encoder tiny-words-1.*reembed --space other"):
        open_library(OtherTexts())
    report = Library.reembed(library.root, OtherTexts())
    assert (report.encoded, report.kept, report.skipped) == (10, 1, ()), "6 paragraphs, 3 documents, 1 word; 1 picture"
    moved = open_library(OtherTexts())
    assert asked(moved, "Kittens are young cats.", "paragraph")[0].text == "Kittens are young cats."
    assert asked(moved, "Cats purr at night. Kittens are young cats.", "document")[0].title == "Cats"
    space = OtherTexts()
    dogs = next(hit for hit in asked(moved, "dogs", "document") if hit.title == "Dogs")
    expected = unit(space.encode_texts([*DOGS["paragraphs"], "Dogs"]).mean(axis=0, keepdims=True))
    assert np.allclose(moved.features(dogs.item_id), expected, atol=2e-3)
    assert doctor.examine(library.root, OtherTexts()) == []
    with pytest.raises(SpaceMismatchError):
        open_library(TinySpace())


def test_a_library_of_pictures_may_be_opened_with_any_text_encoder(library, photos, open_library):
    library.index([photos])
    library.close()
    open_library(OtherTexts()).close()
    open_library(TinySpace()).close()


def test_the_index_of_texts_is_made_when_it_is_first_asked_for_and_derived_when_it_is_gone(library, animals, space):
    library.index([animals])
    folder = library.root / "index-paragraph"
    assert not folder.exists()
    before = said(library)
    assert folder.is_dir()
    library.close()
    for path in folder.iterdir():
        path.unlink()
    with Library.open(library.root, space) as again:
        assert said(again) == before
        assert doctor.examine(again.root, space) == []


def test_words_are_items_of_their_own(library, space):
    def words(*texts: str) -> list[Word]:
        return [Word(text, f"what {text} is", space.encode_words([text])[0]) for text in texts]

    report = library.index_words(words("crane", "bat", "ice cream"))
    assert (report.seen, report.added) == (3, 3)
    best = asked(library, "bat", "word")[0]
    assert (best.uri, best.title, best.text) == ("word:bat", "bat", "what bat is")
    assert library.item("word:ice%20cream").title == "ice cream"
    assert "word        word:bat" in library.explain("word:bat").lines()
    again = library.index_words(words("crane", "bat"))
    assert (again.added, again.unchanged, again.missing) == (0, 2, 1)
    assert {hit.title for hit in asked(library, "x", "word")} == {"crane", "bat"}
    with pytest.raises(NotFoundError):
        library.item("word:ghost")


def test_doctor_finds_a_library_of_texts_sound(library, animals, space):
    library.index([animals])
    said(library), said(library, "document")
    library.background(space.passage_rows(space.encode_texts(["dog", "cat"])), "two", modality="paragraph")
    (animals / "pets.jsonl").unlink()
    library.index([animals])
    assert doctor.examine(library.root, space) == []


def test_a_batch_holds_many_documents_and_a_long_document_many_batches(library, tmp_path, space, monkeypatch):
    """Every paragraph is encoded once, and found in its own document, whatever the batches."""
    monkeypatch.setattr("mindseye.indexer.texts.encoding.BATCH", 4)
    monkeypatch.setattr("mindseye.indexer.texts.ingest.BATCH", 4)
    records = [{"title": f"t{n}", "paragraphs": [f"word{n} part{m}" for m in range(n)]} for n in range(1, 12)]
    library.index([write_records(tmp_path / "many.jsonl", *records)])
    for n, m in ((1, 0), (5, 4), (11, 0), (11, 10)):
        best = asked(library, f"word{n} part{m}", "paragraph")[0]
        assert (best.text, best.title) == (f"word{n} part{m}", f"t{n}")
    assert len(library.select(EVERYTHING, "paragraph")) == 66
    assert space.texts == 66 + 11 + 4, "paragraphs, titles, questions"
