"""Edited files of texts: what stayed keeps its id and labels wherever it stands, what went is in no answer."""

import json
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindseye.engine.errors import ReaderEndedError
from mindseye.indexer import doctor, labels
from mindseye.indexer.filters import EVERYTHING, Filter
from mindseye.indexer.library import Library
from mindseye.indexer.texts import ingest, reading
from mindseye.indexer.texts.places import DROPPED, Standing, match
from mindseye.indexer.texts.words import Word
from tests.indexer.damage import sql
from tests.indexer.processes import ask
from tests.indexer.test_texts import CATS, DOGS, asked, said, sound_after_every_change, touch_later, write_records
from tests.tiny_space import TinySpace

__all__ = ["sound_after_every_change"]  # a fixture of this file too


def prose(path: Path, *paragraphs: str) -> Path:
    """Write paragraphs too long to be joined."""
    path.write_text("\n\n".join(f"{each} {'and so on ' * 25}".strip() + "." for each in paragraphs))
    return path


def ids(library: Library, within: Filter = EVERYTHING) -> dict[str, int]:
    """Return the items of all paragraphs by their first word."""
    return {hit.text.split()[0]: hit.item_id for hit in asked(library, "x", "paragraph", 999, within)}


def states(library: Library) -> dict[str, int]:
    return dict(ask(library.root, "SELECT state, count(*) FROM item GROUP BY state"))


def give(library: Library, item_id: int, *words: str) -> None:
    with library.database.write() as session:
        labels.put(session, {item_id: words}, "given")


def test_the_text_that_a_place_held_before_is_in_no_answer(library, tmp_path):
    """As many stale rows as there are hits asked for, all of them better than the only true one."""
    file = tmp_path / "many.jsonl"
    zebras = [{"title": "", "paragraphs": [f"zebra zebra zebra {n}"]} for n in range(120)]
    library.index([write_records(file, *zebras)])
    assert len(asked(library, "zebra", "paragraph")) == 10
    bread = [{"title": "", "paragraphs": [f"bread {n}"]} for n in range(119)]
    touch_later(write_records(file, *bread, {"title": "", "paragraphs": ["A pony grazes."]}))
    library.index([file])
    assert len(asked(library, "zebra", "paragraph")) == 10
    assert asked(library, "pony grazes", "paragraph", 1)[0].text == "A pony grazes."
    assert len(library.select(EVERYTHING, "paragraph")) == 120


@pytest.mark.parametrize("within", [EVERYTHING, Filter(collection="default")])
def test_rows_without_an_item_cut_no_answer(library, tmp_path, within):
    """As when a process was stopped between an item and the log: the log still says that they can be found."""
    texts = [f"zebra {n}" for n in range(60)] + ["bread"]
    library.index([write_records(tmp_path / "x.jsonl", {"title": "", "paragraphs": texts})])
    selection = library.select(within, "paragraph")
    sql(
        library.root,
        "UPDATE item SET state = 'missing' WHERE content_id IN (SELECT content_id FROM passage WHERE body LIKE 'zeb%')",
    )
    row = library.space.passage_rows(library.space.encode_texts(["zebra"]))
    assert [hit.text for hit in selection.search(row, 1)[0]] == ["bread"]
    assert [hit.text for hit in selection.search(row, 70)[0]] == ["bread"]


def test_paragraphs_that_move_keep_their_ids_and_labels(library, tmp_path):
    file = prose(tmp_path / "notes.txt", "one", "two", "three", "four")
    library.index([file])
    before = ids(library)
    give(library, before["three"], "mine")
    touch_later(prose(file, "zero", "one", "two", "three", "four"))
    library.index([file])
    after = ids(library)
    assert {word: after[word] for word in before} == before and set(after) == {*before, "zero"}
    assert library.item(str(before["three"])).labels == ("mine",)
    assert states(library) == {"present": 5 + 1} and library.status().missing == 0
    text = file.read_text()
    for hit in asked(library, "x", "paragraph", 99):
        start, end = map(int, hit.place.removeprefix("char=").split(","))
        assert text[start:end] == hit.text


def test_what_an_edit_takes_out_is_dropped_and_comes_back_with_an_older_version(library, tmp_path):
    file = prose(tmp_path / "notes.txt", "one", "two", "three")
    library.index([file])
    before = ids(library)
    give(library, before["one"], "mine")
    kept = file.read_text()
    touch_later(prose(file, "two", "three"))
    library.index([file])
    assert ids(library) == {word: before[word] for word in ("two", "three")}
    assert states(library) == {"present": 3, DROPPED: 1}
    assert library.status().missing == 0, "its file is there"
    file.write_text(kept)
    touch_later(file)
    touch_later(file)
    library.index([file])
    assert ids(library) == before and library.item(str(before["one"])).labels == ("mine",)
    file.unlink()
    library.index([tmp_path])
    assert library.status().missing == 4, "they are gone with their file"


def test_records_that_move_keep_their_items_across_batches(library, tmp_path, space, monkeypatch):
    monkeypatch.setattr(ingest, "BATCH", 4)
    records = [{"title": f"t{n}", "paragraphs": [f"a{n} is told", f"b{n} is told"]} for n in range(20)]
    file = write_records(tmp_path / "x.jsonl", *records)
    library.index([file])
    before, encoded = ids(library), space.texts
    new = {"title": "new", "paragraphs": ["new words"]}
    for version in ([new, *records], records[5:], list(reversed(records)), records):
        touch_later(write_records(file, *version))
        library.index([file])
        told = {text.split()[0] for each in version for text in each["paragraphs"]}
        assert {word: each for word, each in ids(library).items() if word != "new"} == {
            word: before[word] for word in told - {"new"}
        }
        for hit in asked(library, "x", "paragraph", 99):
            line, part = (int(each.partition("=")[2]) for each in hit.place.split("&"))
            assert version[line - 1]["paragraphs"][part - 1] == hit.text
            assert hit.title == version[line - 1]["title"]
    assert space.texts - encoded == 1 + 1 + 8, "the new paragraph, its title, and the questions"


def test_any_edits_leave_the_library_as_a_new_one_would_be(library, tmp_path, monkeypatch):
    monkeypatch.setattr(ingest, "BATCH", 3)
    choose, file = random.Random(0), tmp_path / "x.jsonl"
    for turn in range(12):
        texts = [[f"word{choose.randrange(6)}" for _ in range(choose.randint(1, 3))] for _ in range(5)]
        records = [{"title": f"t{choose.randrange(3)}", "paragraphs": each} for each in texts]
        write_records(file, *records)
        for _ in range(turn):
            touch_later(file)
        library.index([file], choose.choice(["first", "second"]))
        for (collection,) in ask(library.root, "SELECT DISTINCT collection_id FROM item WHERE state = 'present'"):
            query = (
                "SELECT place, body FROM item JOIN passage USING (content_id) WHERE state = 'present'"
                " AND modality = 'paragraph' AND collection_id = ?"
            )
            expected = {
                (f"line={n}&paragraph={m}", text)
                for n, each in enumerate(records, 1)
                for m, text in enumerate(each["paragraphs"], 1)
            }
            assert set(ask(library.root, query, collection)) == expected
        assert said(library) == {text for each in texts for text in each}


def test_removed_paragraphs_stay_removed_in_the_other_collection_though_they_move(library, tmp_path):
    file = prose(tmp_path / "notes.txt", "one", "two", "three")
    library.index([file], "first")
    library.index([file], "second")
    two = ids(library, Filter(collection="second"))["two"]
    library.remove([str(two)])
    touch_later(prose(file, "zero", "one", "two", "three"))
    library.index([file], "first")
    assert set(ids(library, Filter(collection="second"))) == {"zero", "one", "three"}
    assert set(ids(library, Filter(collection="first"))) == {"zero", "one", "two", "three"}
    library.index([file], "second")
    assert ids(library, Filter(collection="second"))["two"] == two


PLACES = st.lists(st.integers(0, 5), max_size=8)


@given(before=PLACES, after=PLACES, states=st.lists(st.sampled_from(["present", DROPPED, "removed"]), min_size=8))
def test_every_place_gets_an_item_of_its_own_and_of_its_content_where_one_is_left(before, after, states):
    there = [Standing(n, str(n), *each) for n, each in enumerate(zip(before, states, strict=False))]
    wanted = {str(n): content for n, content in enumerate(after)}
    found = match(wanted, there)
    assert len({each.item_id for each in found.values()}) == len(found)
    for content in set(after):
        own = [each for place, each in found.items() if wanted[place] == content == each.content_id]
        assert len(own) == min(after.count(content), before[: len(there)].count(content))
    for place, each in found.items():
        if each.content_id != wanted[place]:
            assert (each.place, each.state != DROPPED) == (place, True)
        elif place in {one.place for one in there if one.content_id == wanted[place]}:
            assert each.place == place, "what stays where it was is not moved"


class FewWords(TinySpace):
    """It knows no text in which "strange" stands."""

    def __init__(self) -> None:
        super().__init__(name="few", text_encoder="tiny-words-3", mapping="tiny-projection-3")

    def encode_texts(self, texts):
        known = np.array([["strange" not in text] for text in texts])
        return np.where(known, super().encode_texts(texts), 0)

    def passage_rows(self, embeddings):
        told = embeddings.any(axis=1)
        rows = super().passage_rows(embeddings + ~told[:, None])
        return rows * told[:, None]


STRANGE = [DOGS, {"title": "strange", "paragraphs": ["strange words", "strange things"]}]


def word(space: TinySpace, text: str) -> Word:
    return Word(text, "", space.encode_words([text])[0])


def assert_strange_is_in_no_answer(library: Library) -> None:
    assert said(library) == set(DOGS["paragraphs"])
    assert {hit.title for hit in asked(library, "x", "document")} == {"Dogs"}
    assert [hit.title for hit in asked(library, "x", "word")] == ["dog"]
    for modality, number in (("paragraph", 3), ("document", 1), ("word", 1)):
        for within in (EVERYTHING, Filter(collection="default")):
            assert len(library.select(within, modality)) == number


def test_what_a_space_does_not_know_a_word_of_is_in_no_answer(open_library, tmp_path):
    library = open_library(FewWords())
    library.index([write_records(tmp_path / "x.jsonl", *STRANGE)])
    library.index_words([word(library.space, each) for each in ("dog", "strange")], "default")
    assert_strange_is_in_no_answer(library)
    assert library.index([tmp_path / "x.jsonl"]).unchanged == 1


def test_a_library_moved_to_a_space_answers_with_what_that_knows_and_moved_back_with_all(library, tmp_path):
    library.index([write_records(tmp_path / "x.jsonl", *STRANGE)])
    library.index_words([word(library.space, each) for each in ("dog", "strange")], "default")
    assert len(said(library)) == 5
    library.close()
    Library.reembed(library.root, FewWords())
    assert doctor.examine(library.root, FewWords()) == [], "the indexes that there were have moved too"
    with Library.open(library.root, FewWords()) as moved:
        assert_strange_is_in_no_answer(moved)
    assert doctor.examine(library.root, FewWords()) == []
    Library.reembed(library.root, TinySpace())
    with Library.open(library.root, TinySpace()) as back:
        assert len(said(back)) == 5 and len(asked(back, "x", "document")) == len(asked(back, "x", "word")) == 2
    assert doctor.examine(library.root, TinySpace()) == []


def test_a_file_whose_reader_was_killed_is_read_the_next_time_and_its_items_stand(library, tmp_path, monkeypatch):
    file = write_records(tmp_path / "pets.jsonl", DOGS)
    library.index([file])
    touch_later(write_records(file, CATS))

    def killed(data, name):
        raise ReaderEndedError(f"{name} was not read")
        yield

    with monkeypatch.context() as patch:
        patch.setattr(reading, "read_documents", killed)
        for _ in range(2):
            (skip,) = library.index([tmp_path]).skipped
            assert (skip.reason, skip.size, skip.modified) == ("was not read", None, None)
        assert said(library) == set(DOGS["paragraphs"])
    assert library.index([tmp_path]).updated == 1
    assert said(library) == set(CATS["paragraphs"]) and library.skipped() == []


def test_a_bad_line_is_told_without_its_file_twice(library, tmp_path):
    file = tmp_path / "x.jsonl"
    file.write_text(json.dumps(DOGS) + "\nno\n" + json.dumps({"title": "t"}) + "\n")
    reasons = [skip.reason for skip in library.index([file]).skipped]
    assert reasons[0].startswith("line 2 is no JSON (")
    assert all(reason.startswith("line ") and "x.jsonl" not in reason for reason in reasons)
