"""Files of texts as they come: packed, linked, renamed, damaged, edited, changed by several processes at once."""

import gzip
import json
import os
import time
from pathlib import Path

import numpy as np
import pytest

from mindseye.indexer import doctor
from mindseye.indexer.filters import EVERYTHING, Filter
from mindseye.indexer.library import Library
from mindseye.indexer.texts import ingest
from tests.indexer.processes import ask, finished, start
from tests.indexer.test_texts import CATS, DOGS, asked, said, touch_later, write_records
from tests.tiny_space import TinySpace


def packed(path: Path, records: list[dict], cut: int = 0) -> Path:
    data = gzip.compress("".join(json.dumps(each) + "\n" for each in records).encode(), mtime=0)
    path.write_bytes(data[: len(data) - cut])
    return path


def test_packed_records_in_a_folder_are_found_and_other_packed_files_are_not(library, tmp_path):
    (tmp_path / "texts").mkdir()
    packed(tmp_path / "texts" / "pets.JSONL.gz", [DOGS, CATS])
    (tmp_path / "texts" / "other.gz").write_bytes(gzip.compress(b"no records"))
    report = library.index([tmp_path / "texts"])
    assert (report.seen, report.documents, report.paragraphs) == (1, 2, 5)
    assert library.index([tmp_path / "texts"]).unchanged == 1


def test_a_packed_file_that_is_cut_short_keeps_what_came_before(library, tmp_path):
    records = [{"title": f"t{n}", "paragraphs": [f"word{n} {os.urandom(8).hex()}"]} for n in range(600)]
    file = packed(tmp_path / "many.jsonl.gz", records, cut=3000)
    for _ in range(2):
        report = library.index([file])
        assert [skip.uri for skip in report.skipped] == [file.as_uri()] and report.missing == 0
        assert len(library.select(EVERYTHING, "document")) > 300
    assert (report.unchanged, report.documents) == (1, 0)


def test_links_and_second_names_are_the_same_file_or_the_same_content(library, tmp_path, space):
    folder = tmp_path / "texts"
    folder.mkdir()
    write_records(folder / "pets.jsonl", DOGS)
    (folder / "link.jsonl").symlink_to(folder / "pets.jsonl")
    os.link(folder / "pets.jsonl", folder / "twin.jsonl")
    report = library.index([folder])
    assert (report.seen, space.texts) == (2, 3 + 1)
    best = asked(library, "Dogs guard houses.", "paragraph")[0]
    assert {Path(best.uri).name, *(Path(each).name.partition("#")[0] for each in best.also)} == {
        "pets.jsonl",
        "twin.jsonl",
    }


def test_equal_paragraphs_of_one_document_count_as_often_as_they_stand(library, tmp_path, space):
    library.index([write_records(tmp_path / "x.jsonl", {"title": "", "paragraphs": ["same words"] * 600})])
    assert space.texts == 1
    assert len(library.select(EVERYTHING, "paragraph")) == 1
    assert ask(library.root, "SELECT count(*) FROM item WHERE modality = 'paragraph'") == [(600,)]
    assert doctor.examine(library.root, space) == []


def test_labels_of_a_file_reach_what_is_new_in_it(library, tmp_path):
    """Places in a text shift when it is edited: its labels are the file's, not the places'."""
    notes, pets = tmp_path / "notes.txt", tmp_path / "pets.jsonl"
    notes.write_text(f"{'First it was so. ' * 20}\n\n{'Then it was so. ' * 20}\n")
    write_records(pets, DOGS)
    library.index([notes, pets], labels=["mine"])
    notes.write_text(f"Before. {'First it was so. ' * 20}\n\n{'Now it is so. ' * 20}\n")
    touch_later(notes)
    touch_later(write_records(pets, DOGS, CATS))
    library.index([notes, pets])
    for modality, number in (("paragraph", 2 + 5), ("document", 3)):
        assert len(library.select(Filter(labels=("mine",)), modality)) == number
        assert len(library.select(EVERYTHING, modality)) == number


def test_what_was_removed_stays_removed_in_the_other_collection(library, tmp_path):
    file = write_records(tmp_path / "pets.jsonl", DOGS, CATS)
    library.index([file], "first")
    library.index([file], "second")
    second = ask(library.root, "SELECT max(id) FROM item WHERE place = 'line=2'")[0][0]
    library.remove([str(second)])
    touch_later(write_records(file, DOGS | {"paragraphs": ["Dogs are new."]}, CATS))
    library.index([file], "first")
    texts = {hit.text for hit in asked(library, "x", "paragraph", 99, Filter(collection="second"))}
    assert texts == {"Dogs are new."}
    library.index([file], "second")
    assert len(asked(library, "x", "paragraph", 99, Filter(collection="second"))) == 3


def test_what_is_removed_while_its_file_is_taken_comes_back_at_the_next_run(library, tmp_path, monkeypatch):
    monkeypatch.setattr(ingest, "BATCH", 2)
    file = write_records(tmp_path / "pets.jsonl", DOGS, CATS)
    store = ingest.TextIngest._store

    def remove_then_store(self, source, batch, *rest):
        if batch[0].title == "Cats":
            library.remove(["pets.jsonl#line=1"])
        return store(self, source, batch, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(ingest.TextIngest, "_store", remove_then_store)
        library.index([file])
    assert said(library) == set(CATS["paragraphs"])
    library.index([file])
    assert said(library) == {*CATS["paragraphs"], *DOGS["paragraphs"]}


def test_a_file_that_cannot_be_opened_is_tried_every_time(library, tmp_path, monkeypatch):
    file = write_records(tmp_path / "pets.jsonl", DOGS)
    with monkeypatch.context() as patch:
        patch.setattr("mindseye.indexer.reading._opener", lambda path, flags: (_ for _ in ()).throw(OSError(5, "EIO")))
        assert [skip.size for skip in library.index([tmp_path / "pets.jsonl"]).skipped] == [None]
    assert library.index([file]).documents == 1


@pytest.mark.slow
def test_four_times_the_paragraphs_of_one_file_cost_about_four_times_as_much(library, tmp_path, space, monkeypatch):
    monkeypatch.setattr(TinySpace, "encode_texts", lambda self, texts: np.full((len(texts), 16), 0.25, np.float32))

    def cost(count: int) -> float:
        file = tmp_path / f"{count}.txt"
        file.write_text("\n\n".join(f"Paragraph {n} is told here. " * 12 for n in range(count)))
        started = time.process_time()
        assert library.index([file]).paragraphs == count
        touch_later(file)
        library.index([file])
        file.unlink()
        library.remove(collection="default")
        assert len(library.select(EVERYTHING, "paragraph")) == 0
        return time.process_time() - started

    assert cost(20_000) < 8 * cost(5_000)  # were it quadratic, sixteen times


@pytest.mark.slow
def test_two_processes_take_one_file_into_two_collections_while_one_removes_and_one_searches(tmp_path):
    root, file = tmp_path / "library", tmp_path / "many.jsonl"
    records = [{"title": f"t{n}", "paragraphs": [f"word{n} part{m}" for m in range(40)]} for n in range(30)]
    write_records(file, *records)
    Library.open(root, TinySpace()).close()
    both = [start(root, "index-into", name, file, pace=0.05) for name in ("one", "two")]
    space = TinySpace()
    with Library.open(root, space) as library:
        removed = 0
        while any(process.poll() is None for process in both):
            hits = asked(library, "word3 part7", "paragraph", 2000)
            texts = [hit.text for hit in hits]
            assert len(texts) == len(set(texts)), "a paragraph is answered twice"
            if library.modalities():
                removed += library.remove([str(each) for each in _some(root)])
        for process in both:
            finished(process)
        assert removed > 0
        for name in ("one", "two"):
            library.index([file], name)
        for name in ("one", "two"):
            assert len(library.select(Filter(collection=name), "paragraph")) == 1200
            assert len(library.select(Filter(collection=name), "document")) == 30
        assert ask(root, "SELECT count(*), count(DISTINCT collection_id || uri || place) FROM item") == [(2460, 2460)]
        assert ask(root, "SELECT count(*) FROM embedding") == [(1230,)]
        assert doctor.examine(root, space) == []


def _some(root: Path) -> list[int]:
    query = "SELECT id FROM item WHERE modality = 'document' AND state = 'present' ORDER BY random() LIMIT 2"
    return [item_id for (item_id,) in ask(root, query)]


def test_an_interrupted_run_keeps_what_it_encoded(library, tmp_path, space, monkeypatch):
    file = write_records(tmp_path / "x.jsonl", {"title": "t", "paragraphs": [f"word{n}" for n in range(600)]})
    encode = TinySpace.encode_texts

    def interrupted(self, texts):
        if self.texts >= 512:
            raise KeyboardInterrupt
        return encode(self, texts)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(TinySpace, "encode_texts", interrupted)
        library.index([file])
    assert library.status().last_run.counts["interrupted"] and library.modalities() == []
    library.index([file])
    assert space.texts == 600 + 1, "the title with them"
    assert len(library.select(EVERYTHING, "paragraph")) == 600
    assert doctor.examine(library.root, space) == []
