"""A library of texts damaged in every way, one at a time: found, mended without encoding, and as before."""

import json
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mindseye.indexer import doctor
from mindseye.indexer.filters import EVERYTHING
from mindseye.indexer.library import Library
from mindseye.indexer.texts.words import Word
from tests.indexer.damage import INDEX, flip, old, sql
from tests.indexer.processes import ask, mostly_slow
from tests.indexer.test_doctor import codes
from tests.tiny_space import TinySpace

PARAGRAPHS, DOCUMENTS = 60, 12
LAST = "tail.txt"


def said(library: Library) -> dict[str, list[tuple]]:
    """Return the answers of every modality to fixed questions."""
    queries = np.random.default_rng(3).normal(size=(4, library.space.width)).astype(np.float32)
    return {
        modality: [
            [(hit.uri, hit.place, hit.title, hit.text, round(hit.score, 5)) for hit in hits]
            for hits in library.select(EVERYTHING, modality).search(queries, 100)
        ]
        for modality in ("word", "paragraph", "document")
    }


class SoundTexts:
    """A library of texts whose indexes are published, but for a tail; `fresh` puts it back."""

    def __init__(self, folder: Path) -> None:
        self.root, self.texts, self._copy = folder / "library", folder / "texts", folder / "copy"
        self.texts.mkdir()
        each = PARAGRAPHS // DOCUMENTS
        records = (
            {"title": f"title{n}", "paragraphs": [f"word{n} part{n * each + m} is told here" for m in range(each)]}
            for n in range(DOCUMENTS)
        )
        (self.texts / "many.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
        with Library.open(self.root, TinySpace()) as library:
            library.index([self.texts])
            words = [Word(f"w{n}", "", library.space.encode_words([f"w{n}"])[0]) for n in range(5)]
            library.index_words(words)
            said(library)
            bank = library.space.passage_rows(library.space.encode_texts(["word1", "word2"]))
            library.background(bank, "bank", modality="paragraph")
            (self.texts / LAST).write_text("A crane at last.\n")
            library.index([self.texts])  # one change is too few to publish
            library.remove([str(library.item("many.jsonl#line=12&paragraph=5").id)])
            self.answers = said(library)
        shutil.copytree(self.root, self._copy)

    def fresh(self) -> None:
        shutil.rmtree(self.root)
        shutil.copytree(self._copy, self.root)

    def assert_mended(self) -> None:
        """Require a sound library with the answers that it gave before, nothing having been encoded."""
        space = TinySpace()
        assert doctor.examine(self.root, space) == []
        with Library.open(self.root, space, create=False) as library:
            assert said(library) == self.answers
        assert doctor.examine(self.root, space) == []
        assert space.texts == 0

    def index_again(self) -> int:
        """Bring back what a repair marked as missing, and return how many texts were encoded for it."""
        space = TinySpace()
        with Library.open(self.root, space) as library:
            library.index([self.texts])
            library.remove([str(library.item("many.jsonl#line=12&paragraph=5").id)])
        return space.texts


@pytest.fixture(scope="module")
def built_texts(tmp_path_factory) -> SoundTexts:
    return SoundTexts(tmp_path_factory.mktemp("texts"))


@pytest.fixture
def sound(built_texts) -> SoundTexts:
    built_texts.fresh()
    return built_texts


def in_texts(make: Callable[[Path], object], root: Path) -> None:
    """Do a damage made for the index of pictures to that of paragraphs."""
    (root / "index").rename(root / "pictures")
    (root / "index-paragraph").rename(root / "index")
    make(root)
    if (root / "index").exists():
        (root / "index").rename(root / "index-paragraph")
    (root / "pictures").rename(root / "index")


def test_a_sound_library_of_texts_is_sound(sound):
    sound.assert_mended()
    assert {path.name for path in sound.root.glob("index-*/")} == {f"index-{each}" for each in sound.answers}


@pytest.mark.parametrize("damage", mostly_slow(list(INDEX)))
def test_a_damaged_index_of_texts_is_found_and_derived_anew(sound, damage):
    make, told = INDEX[damage]
    in_texts(make, sound.root)
    wanted = [] if damage == "no folder" else told.split()  # it is made when it is first asked for
    space = TinySpace()
    assert codes(doctor.examine(sound.root, space)) == wanted
    if damage == "a file in the folder's place":
        (sound.root / "index-paragraph").unlink()
        wanted = []
    mended = doctor.repair(sound.root, space)
    assert (codes(mended.mended), mended.left, space.texts) == (wanted, (), 0)
    sound.assert_mended()


PARAGRAPH = "content_id = (SELECT content_id FROM item WHERE place = 'line=3&paragraph=2')"
DOCUMENT = "content_id = (SELECT content_id FROM item WHERE place = 'line=3')"
WORD = "content_id = (SELECT content_id FROM item WHERE uri = 'word:w3')"


def narrow(root: Path) -> None:
    """Give a paragraph a vector as wide as a picture's, its checksum right."""
    blob = bytes(128)
    sql(root, f"UPDATE embedding SET vector = x'{blob.hex()}', crc32 = {zlib.crc32(blob)} WHERE {PARAGRAPH}")


def without_vector(root: Path, which: str) -> None:
    mine = f"(SELECT id FROM embedding WHERE {which})"
    sql(root, f"DELETE FROM change WHERE embedding_id = {mine}", f"DELETE FROM embedding WHERE {which}")


# damage, what is found first, how many texts the next run encodes (None: the repair alone brings all back)
ROWS: dict[str, tuple[Callable[[Path], object], set[str], int | None]] = {
    "a flipped byte": (
        lambda root: sql(root, f"UPDATE embedding SET crc32 = 1 WHERE {PARAGRAPH}"),
        {"vector_damaged"},
        1,
    ),
    "another width": (narrow, {"vector_damaged"}, 1),
    "a paragraph without a vector": (lambda root: without_vector(root, PARAGRAPH), {"vector_missing"}, 1),
    "a document without a vector": (lambda root: without_vector(root, DOCUMENT), {"vector_missing"}, 1),
    "an unknown modality of an item": (
        lambda root: sql(root, f"UPDATE item SET modality = 'sound' WHERE {PARAGRAPH}"),
        {"modality_wrong"},
        None,
    ),
    "an unknown modality of a document": (
        lambda root: sql(root, f"UPDATE item SET modality = '' WHERE {DOCUMENT}"),
        {"modality_wrong"},
        None,
    ),
    "an unknown modality of a vector": (
        lambda root: sql(root, f"UPDATE embedding SET modality = 'sound' WHERE {PARAGRAPH}"),
        {"modality_wrong"},
        None,
    ),
    "a paragraph filed with pictures": (
        lambda root: sql(root, f"UPDATE embedding SET modality = 'image' WHERE {PARAGRAPH}"),
        {"modality_wrong"},
        None,
    ),
    "a text that says nothing": (
        lambda root: sql(root, f"DELETE FROM passage WHERE {PARAGRAPH}"),
        {"passage_missing"},
        1,
    ),
    "a paragraph in another paragraph": (
        lambda root: sql(
            root,
            f"UPDATE item SET parent_id = (SELECT id FROM item WHERE place = 'line=1&paragraph=1') WHERE {PARAGRAPH}",
        ),
        {"parent_wrong"},
        0,
    ),
    "a paragraph whose document is gone": (
        lambda root: sql(root, f"UPDATE item SET parent_id = NULL WHERE {PARAGRAPH}"),
        set(),
        0,
    ),
    "a file that would never be read again": (
        lambda root: sql(
            root,
            "UPDATE item SET state = 'missing' WHERE uri LIKE '%tail.txt'",
            "INSERT INTO change (embedding_id, kind) SELECT embedding.id, 'delete' FROM embedding JOIN item"
            " USING (content_id) WHERE uri LIKE '%tail.txt'",
        ),
        {"source_wrong"},
        0,
    ),
    "a missing document in a whole file": (
        lambda root: sql(
            root,
            "INSERT INTO source SELECT collection_id, uri, 1, 1 FROM item WHERE uri LIKE '%many.jsonl' LIMIT 1",
            f"UPDATE item SET state = 'missing' WHERE {DOCUMENT}",
            f"INSERT INTO change (embedding_id, kind) SELECT id, 'delete' FROM embedding WHERE {DOCUMENT}",
        ),
        {"source_wrong"},
        0,
    ),
    "the text encoder's name gone": (
        lambda root: sql(root, "DELETE FROM meta WHERE key = 'text_encoder'"),
        {"facts_missing"},
        None,
    ),
    "all facts gone": (lambda root: sql(root, "DELETE FROM meta"), {"facts_missing"}, None),
    "a background with a flipped byte": (
        lambda root: flip(root / "background-paragraph.npz", 400),
        {"background_damaged"},
        None,
    ),
    "half a background": (lambda root: old(root / ".background-word.npz.0badcafe.tmp"), {"leftover"}, None),
    "a background of no modality": (lambda root: old(root / "background-sound.npz"), {"cache_stray"}, None),
    "an index of no modality": (
        lambda root: shutil.copytree(root / "index-word", root / "index-sound"),
        {"cache_stray"},
        None,
    ),
}


@pytest.mark.parametrize("damage", ROWS)
def test_damaged_texts_are_found_and_mended(sound, damage):
    make, wanted, encoded = ROWS[damage]
    make(sound.root)
    space = TinySpace()
    assert wanted <= set(codes(doctor.examine(sound.root, space)))
    repaired = doctor.repair(sound.root, space)
    assert wanted <= set(codes(repaired.mended)) and (repaired.left, space.texts) == ((), 0)
    assert doctor.examine(sound.root, space) == []
    if encoded is not None:
        assert sound.index_again() == encoded
    sound.assert_mended()


def test_a_word_that_says_nothing_comes_back_with_the_words(sound):
    sql(sound.root, f"DELETE FROM passage WHERE {WORD}")
    (found,) = doctor.repair(sound.root, TinySpace()).mended
    assert (found.code, found.subjects) == ("passage_missing", ("word:w3",))
    space = TinySpace()
    with Library.open(sound.root, space) as library:
        library.index_words([Word(f"w{n}", "", space.encode_words([f"w{n}"])[0]) for n in range(5)])
        assert said(library) == sound.answers


def test_what_is_not_of_an_index_is_left_alone(sound):
    (sound.root / "index-notes").mkdir()
    (sound.root / "index-notes" / "mine.txt").write_text("mine")
    assert doctor.repair(sound.root, TinySpace()).mended == ()
    assert (sound.root / "index-notes" / "mine.txt").read_text() == "mine"


def test_another_text_encoder_is_told(sound):
    (found,) = doctor.examine(sound.root, TinySpace(text_encoder="another"))
    assert found.code == "wrong_encoder" and "tiny-words-1" in found.what and found.mend is None


def test_a_source_of_bad_records_alone_is_sound(sound):
    (sound.texts / "bad.jsonl").write_text("{\n[]\n")
    try:
        with Library.open(sound.root, TinySpace()) as library:
            assert len(library.index([sound.texts / "bad.jsonl"]).skipped) == 2
        assert ask(sound.root, "SELECT count(*) FROM source WHERE uri LIKE '%bad.jsonl'") == [(1,)]
        assert doctor.examine(sound.root, TinySpace()) == []
    finally:
        (sound.texts / "bad.jsonl").unlink()
