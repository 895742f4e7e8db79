"""`kill -9` while a folder is indexed and published: the next run ends as if nothing had been.

Every case of a parametrised test here, and in test_kills_of_changes.py, is one kill, and each must have found work half
done.
"""

import time
from pathlib import Path

import numpy as np
import pytest

from mindseye.indexer.index.manifest import Manifest, generations
from mindseye.indexer.library import Library
from tests.indexer.conftest import PICTURES
from tests.indexer.processes import (
    Hold,
    answers,
    assert_same,
    kill,
    killed_at,
    last_change,
    mostly_slow,
    start,
    stored,
    wait_until,
)
from tests.pictures import paint
from tests.tiny_space import TinySpace

LAST_BATCH = [("encode", "")] * 7
INSERTS = [f"INSERT INTO {table} " for table in ("content", "embedding", "item", "change")]
BETWEEN = "FROM content JOIN embedding"  # two batches: what of the next one is known
INDEXED = ("sql", "UPDATE run SET ended")
draw = np.random.default_rng(5)
MORE = 20  # pictures that make the tail long enough for compaction


def moments_of_publishing(generation: int) -> list[tuple[list[Hold], set[int], int]]:
    """Return where a process stands still while it publishes, which files are there and what the manifest names."""
    new, old = generation, generation - 1
    opened, renamed = ("open", rf"index-{new}\.faiss"), ("os.rename", rf"index-{new}\.faiss")
    manifest, removed = ("os.rename", r"manifest\.json"), ("os.remove", rf"index-{old}\.faiss")
    return [
        ([renamed, ("open", r"manifest\.json")], {old, new}, old),  # renamed; no manifest yet
        ([opened], {old}, old),  # nothing written yet
        ([opened, opened], {old}, old),  # written under its temporary name
        ([renamed], {old}, old),  # on disk, not renamed yet
        ([renamed, manifest], {old, new}, old),  # the new manifest lies beside the old one
        ([renamed, manifest, removed], {old, new}, new),  # published, and the old file still there
    ]


def finish(library: Path, pictures: list[Path], undisturbed: Library) -> TinySpace:
    """Index again and require that nothing shows of the kill; returns the space, which counted what it encoded."""
    with Library.open(library, TinySpace()) as opened:
        there = stored(library)
        assert opened.status().last_run.ended is None
        report = opened.index(pictures)
        assert (report.added, report.unchanged, report.skipped) == (report.seen - there, there, ())
        assert_same(opened, undisturbed)
        kept = {path.name for path in (library / "index").iterdir()}
        assert kept == {f"index-{opened.status().generation}.faiss", "manifest.json"}
    with Library.open(library, TinySpace()) as again:  # from the files
        assert answers(again) == answers(undisturbed)
    return opened.space


@pytest.fixture(scope="module")
def more(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("more")
    for seed in range(MORE):
        paint(folder / f"{PICTURES + seed}.png", PICTURES + seed)
    return folder


@pytest.fixture(scope="module")
def undisturbed_and_more(hundreds, more, tmp_path_factory):
    with Library.open(tmp_path_factory.mktemp("undisturbed") / "library", TinySpace()) as library:
        library.index([hundreds])
        library.index([more])
        yield library


@pytest.mark.parametrize("moment", mostly_slow(draw.uniform(0, 0.6, 10).round(3).tolist()))
def test_at_any_time_after_the_first_committed_row(moment, hundreds, undisturbed, tmp_path):
    process = start(tmp_path / "library", "index", hundreds, pace=0.08, hold=LAST_BATCH, mark=tmp_path / "mark")
    wait_until(lambda: stored(tmp_path / "library") > 0, process)
    time.sleep(moment)
    kill(process)
    there = stored(tmp_path / "library")
    assert 0 < there < PICTURES
    assert finish(tmp_path / "library", [hundreds], undisturbed).encoded == PICTURES - there


@pytest.mark.parametrize(
    ("batch", "statement"),
    mostly_slow([(int(draw.integers(2, 8)), each) for each in [*INSERTS, BETWEEN, *INSERTS]]),
)
def test_before_a_statement_of_a_batch(batch, statement, hundreds, undisturbed, tmp_path):
    killed_at(tmp_path / "mark", [("sql", statement)] * batch, tmp_path / "library", "index", hundreds)
    there = stored(tmp_path / "library")
    assert there == 32 * (batch - 1)
    assert finish(tmp_path / "library", [hundreds], undisturbed).encoded == PICTURES - there


@pytest.mark.parametrize(
    "hold",
    mostly_slow(
        [
            [INDEXED, ("open", r"index\.lock")],  # followed in memory, not published
            [INDEXED, ("sql", r"max\(change")],  # committed, not followed
            [INDEXED, ("sql", r"SELECT embedding\.id, embedding\.vector")],  # followed in part
        ]
    ),
    ids=["publish", "committed", "following"],
)
def test_between_the_commit_and_the_index(hold, hundreds, undisturbed, tmp_path):
    killed_at(tmp_path / "mark", hold, tmp_path / "library", "index", hundreds)
    assert stored(tmp_path / "library") == PICTURES
    assert Manifest.read(tmp_path / "library" / "index").seq < last_change(tmp_path / "library") == PICTURES
    with Library.open(tmp_path / "library", TinySpace()) as library:
        assert_same(library, undisturbed)
        assert library.space.encoded == 0


@pytest.mark.parametrize(("hold", "files", "named"), mostly_slow(moments_of_publishing(2)))
def test_while_the_index_is_published(hold, files, named, hundreds, undisturbed, tmp_path):
    killed_at(tmp_path / "mark", hold, tmp_path / "library", "index", hundreds)
    index = tmp_path / "library" / "index"
    assert (set(generations(index)), Manifest.read(index).generation) == (files, named)
    with Library.open(tmp_path / "library", TinySpace()) as library:
        assert_same(library, undisturbed)
        assert library.status().generation >= named


@pytest.mark.parametrize(("hold", "files", "named"), mostly_slow(moments_of_publishing(3)))
def test_during_compaction(hold, files, named, hundreds, more, undisturbed_and_more, tmp_path):
    with Library.open(tmp_path / "library", TinySpace()) as library:
        library.index([hundreds])
    killed_at(tmp_path / "mark", hold, tmp_path / "library", "index", more)
    index = tmp_path / "library" / "index"
    assert (set(generations(index)), Manifest.read(index).generation) == (files, named)
    with Library.open(tmp_path / "library", TinySpace()) as library:
        assert_same(library, undisturbed_and_more)
        assert library.space.encoded == 0


@pytest.mark.slow
def test_twice_in_ingest_and_then_in_the_publishing_of_the_next_opening(hundreds, undisturbed, tmp_path):
    for hold in ([("sql", INSERTS[1])] * 2, [("sql", INSERTS[2])] * 3, [INDEXED]):
        killed_at(tmp_path / "mark", hold, tmp_path / "library", "index", hundreds)
        assert 0 < stored(tmp_path / "library") <= PICTURES
    index = tmp_path / "library" / "index"
    hold, files, named = moments_of_publishing(Manifest.read(index).generation + 1)[0]
    killed_at(tmp_path / "mark", hold, tmp_path / "library", "open")
    assert (set(generations(index)), Manifest.read(index).generation) == (files, named)
    finish(tmp_path / "library", [hundreds], undisturbed)
