from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mindseye.engine.errors import VectorError
from mindseye.engine.vectors import FloatArray
from mindseye.engine.vision.pictures import write_imagined_png
from mindseye.indexer import background
from mindseye.indexer.library import Library
from tests.pictures import paint, painting
from tests.tiny_space import TinySpace

BANK = np.random.default_rng(5).normal(size=(30, TinySpace().width)).astype(np.float32)


def change(file: Path, **arrays: object) -> None:
    with np.load(file) as stored:
        kept = dict(stored)
    np.savez(file, **(kept | arrays))


def brute_force(library: Library, folder: Path, bank: FloatArray = BANK) -> FloatArray:
    """The best score of each bank row among the pictures now in `folder`."""
    ids = [library.item(str(path)).id for path in sorted(folder.rglob("*.png"))]
    if not ids:
        return np.full(len(bank), -np.inf, np.float32)
    rows = library.space.image_rows(np.vstack([library.features(each) for each in ids]))
    return (bank @ rows.T).max(axis=1)


def test_an_empty_library_has_no_top_scores(library):
    assert library.background(BANK, "bank").tolist() == [-np.inf] * 30
    assert library.background(BANK, "bank").dtype == np.float32


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sets(st.integers(0, 12)), st.sets(st.integers(0, 12))), max_size=4))
def test_any_history_of_adds_and_deletes_gives_the_brute_force_scores(tmp_path_factory, steps):
    root = tmp_path_factory.mktemp("history")
    folder = root / "photos"
    folder.mkdir()
    with Library.open(root / "library", TinySpace()) as library:
        for come, go in steps:
            for seed in come:
                paint(folder / f"{seed}.png", seed)
            for seed in go - come:
                (folder / f"{seed}.png").unlink(missing_ok=True)
            library.index([folder])
            scores = library.background(BANK, "bank")
            np.testing.assert_allclose(scores, brute_force(library, folder), rtol=1e-5, atol=1e-6)


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bank rows each search of the background asks for."""
    asked: list[int] = []
    search = background._search
    monkeypatch.setattr(
        background, "_search", lambda index, bank, seq: asked.append(len(bank)) or search(index, bank, seq)
    )
    return asked


def test_new_pictures_cost_no_search_and_deleted_ones_only_their_words(library, photos, searches):
    library.index([photos])
    library.background(BANK, "bank")
    paint(photos / "new.png", 40)
    library.index([photos])
    scores = library.background(BANK, "bank")
    library.background(BANK, "bank")
    assert searches == [30]
    new = library.space.image_rows(library.features(library.item("new.png").id))
    led = int(np.isclose(scores, (BANK @ new.T)[:, 0], atol=1e-6).sum())
    assert 0 < led < 30
    (photos / "new.png").unlink()
    library.index([photos])
    library.background(BANK, "bank")
    assert searches[1:] == [led]


def test_the_scores_are_kept_in_a_file(open_library, photos, searches):
    library = open_library(TinySpace())
    library.index([photos])
    before = library.background(BANK, "bank")
    library.close()
    again = open_library(TinySpace())
    np.testing.assert_array_equal(again.background(BANK, "bank"), before)
    assert searches == [30]


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.unlink(),
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(file.read_bytes()[:-50]),
        lambda file: file.write_bytes(b"nonsense"),
        lambda file: np.savez(file, scores=np.zeros(30)),
        lambda file: change(file, seq=10_000, scores=np.zeros(30, np.float32)),
        lambda file: change(file, scores=np.zeros(7, np.float32)),
    ],
)
def test_a_file_that_does_not_fit_is_computed_again(open_library, photos, damage, searches):
    library = open_library(TinySpace())
    library.index([photos])
    before = library.background(BANK, "bank")
    library.close()
    damage(library.root / "background.npz")
    again = open_library(TinySpace())
    np.testing.assert_allclose(again.background(BANK, "bank"), before, rtol=1e-5)
    np.testing.assert_allclose(again.background(BANK, "bank"), before, rtol=1e-5)
    assert searches == [30, 30]


def test_the_scores_in_memory_follow_what_other_processes_change(open_library, photos, searches):
    (photos / "cat.jpg").unlink()  # brute force looks at the others
    one, other = open_library(TinySpace()), open_library(TinySpace())
    one.index([photos])
    before = one.background(BANK, "bank")
    kept = before.copy()
    paint(photos / "new.png", 40)
    (photos / "ape.png").unlink()
    other.index([photos])
    (one.root / "background.npz").unlink()
    np.testing.assert_allclose(one.background(BANK, "bank"), brute_force(one, photos), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(before, kept)  # what was given out stays as it was
    assert searches[0] == 30 and sum(searches[1:]) < 30


def test_another_bank_or_mapping_is_another_computation(open_library, photos, searches):
    library = open_library(TinySpace())
    library.index([photos])
    first = library.background(BANK, "bank")
    second = library.background(-BANK, "another")
    assert not np.allclose(first, second)
    library.close()
    other = open_library(TinySpace(mapping="tiny-projection-2"))
    scores = other.background(-BANK, "another")
    assert searches == [30, 30, 30]
    rows = [other.space.image_rows(other.features(each)) for each in range(1, 6)]
    np.testing.assert_allclose(scores, (-BANK @ np.vstack(rows).T).max(axis=1), rtol=1e-5)


def test_imagined_pictures_are_no_background(library, photos):
    library.index([photos])
    before = library.background(BANK, "bank")
    (photos / "dream.png").write_bytes(write_imagined_png(painting(7), "f00d", "0.1.0"))
    library.index([photos])
    np.testing.assert_array_equal(library.background(BANK, "bank"), before)
    row = library.space.image_rows(library.space.encode_images([painting(7)]))
    np.testing.assert_allclose(library.background(BANK, "bank", "imagined"), (BANK @ row.T).ravel(), rtol=1e-2)


def test_a_bank_of_another_width_is_refused(library):
    with pytest.raises(VectorError, match="5 numbers wide where 24"):
        library.background(np.ones((3, 5), np.float32), "bank")
