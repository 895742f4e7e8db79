"""A corpus is read from many files, the same each time; what cannot be read is told and the rest is read."""

import gzip
import json

import pytest

from mindseye.engine.text.corpus import Corpus

LONG = "A paragraph of more than two hundred characters stands alone, " + "and goes on and on, " * 10 + "to its end."


def record(title: str, *paragraphs: str) -> str:
    return json.dumps({"id": title, "title": title, "paragraphs": paragraphs})


@pytest.fixture
def folder(tmp_path):
    lines = [record("one", "First of one.", "Second of one."), "", "{broken", record("two", "First of two.")]
    data = "\n".join(lines).encode()
    (tmp_path / "b.jsonl").write_bytes(data)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "c.jsonl.gz").write_bytes(gzip.compress(data))
    (tmp_path / "a.txt").write_text(f"{LONG} A.\n\n{LONG} B.")
    return tmp_path


def test_files_are_read_in_one_order_each_time(folder):
    corpus = Corpus([folder / "a.txt", folder / "b.jsonl", folder / "sub" / "c.jsonl.gz"])
    records = [("First of one.", "Second of one."), ("First of two.",)]
    expected = [(f"{LONG} A.", f"{LONG} B."), *records, *records]
    assert list(corpus) == expected and list(corpus) == expected
    assert len(corpus.skipped) == 2 and all(place.endswith("#line=3") for place in corpus.skipped)


def test_a_damaged_file_is_told_and_the_others_are_read(folder):
    whole = (folder / "sub" / "c.jsonl.gz").read_bytes()
    (folder / "sub" / "c.jsonl.gz").write_bytes(whole[:-20])
    (folder / "junk.txt").write_bytes(bytes(range(256)) * 40)
    (folder / "no.pdf").write_bytes(b"%PDF-1.7 and nothing more")
    corpus = Corpus([folder / name for name in ("junk.txt", "no.pdf", "sub/c.jsonl.gz", "b.jsonl")])
    assert ("First of two.",) in list(corpus)
    assert {place.rpartition("/")[2] for place in corpus.skipped} >= {"c.jsonl.gz", "no.pdf", "junk.txt"}


def test_a_line_without_end_is_not_held(tmp_path, monkeypatch):
    monkeypatch.setattr("mindseye.engine.text.corpus._LONGEST", 1000)
    (tmp_path / "one.jsonl").write_text(record("one", "word " * 1000))
    corpus = Corpus([tmp_path / "one.jsonl"])
    assert list(corpus) == [] and "1,000 bytes" in corpus.skipped[str(tmp_path / "one.jsonl")]
