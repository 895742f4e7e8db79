"""What every vector index must do, against numpy."""

from collections.abc import Callable
from pathlib import Path

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindseye.engine.errors import LibraryError, VectorError
from mindseye.engine.vectors import FloatArray
from mindseye.indexer.index import IdArray, VectorIndex
from mindseye.indexer.index.faiss import FaissIndex

WIDTH = 6
IMPLEMENTATIONS = [pytest.param(FaissIndex, id="faiss")]


@pytest.fixture(params=IMPLEMENTATIONS)
def make(request: pytest.FixtureRequest) -> Callable[[int], VectorIndex]:
    return request.param


def coarse(rng: np.random.Generator, n: int) -> FloatArray:
    """Rows of few different small whole numbers: inner products are exact and ties frequent."""
    return rng.integers(-1, 2, (n, WIDTH)).astype(np.float32)


def oracle(held: dict[int, FloatArray], query: FloatArray, k: int, allowed: set[int] | None) -> list[tuple]:
    scored = [(-float(row @ query), each) for each, row in held.items() if allowed is None or each in allowed]
    return [(-score, each) for score, each in sorted(scored)[:k]]


def answers(index: VectorIndex, queries: FloatArray, k: int, allowed: IdArray | None = None) -> list[list]:
    found = index.search(queries, k, allowed)
    return [list(zip(scores.tolist(), ids.tolist(), strict=True)) for scores, ids in found]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("make", IMPLEMENTATIONS)
def test_any_history_of_adds_and_removes_answers_like_numpy(make, data):
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1), "seed"))
    index, held = make(WIDTH), {}
    for _ in range(data.draw(st.integers(1, 4), "steps")):
        ids = rng.choice(60, data.draw(st.integers(0, 40), "new"), replace=False)
        new = np.array([each for each in ids if each not in held], np.int64)
        rows = coarse(rng, len(new))
        index.add(new, rows)
        held |= dict(zip(new.tolist(), rows, strict=True))
        gone = rng.choice(60, data.draw(st.integers(0, 20), "gone"), replace=False)
        assert index.remove(gone) == len(held.keys() & set(gone.tolist()))
        held = {each: row for each, row in held.items() if each not in gone}
    assert len(index) == len(held)
    assert index.ids.tolist() == sorted(held)
    queries, k = coarse(rng, data.draw(st.integers(1, 3), "queries")), data.draw(st.integers(1, 70), "k")
    assert answers(index, queries, k) == [oracle(held, query, k, None) for query in queries]
    allowed = rng.choice(80, data.draw(st.integers(0, 30), "allowed"), replace=False)
    expected = [oracle(held, query, k, set(allowed.tolist())) for query in queries]
    assert answers(index, queries, k, allowed) == expected


def test_a_tie_at_the_last_place_goes_to_the_smaller_id(make):
    index = make(2)
    ids = np.array([9, 3, 7, 1, 5])
    index.add(ids, np.ones((5, 2), np.float32))
    assert answers(index, np.ones((1, 2), np.float32), 2) == [[(2.0, 1), (2.0, 3)]]
    assert answers(index, np.ones((1, 2), np.float32), 1, np.array([9, 5, 100])) == [[(2.0, 5)]]


def test_fewer_rows_than_asked_for_give_no_padding(make):
    index = make(2)
    query = np.array([[1, 0]], np.float32)
    assert answers(index, query, 3) == [[]]
    index.add(np.array([4]), query)
    assert answers(index, query, 3) == [[(1.0, 4)]]
    assert answers(index, query, 3, np.array([], np.int64)) == [[]]


def test_rows_come_back_in_the_order_asked(make):
    rng = np.random.default_rng(0)
    index, rows = make(WIDTH), rng.normal(size=(20, WIDTH)).astype(np.float32)
    index.add(np.arange(100, 120), rows)
    index.remove(np.array([100]))
    np.testing.assert_array_equal(index.rows(np.array([119, 101])), rows[[19, 1]])
    assert index.rows(np.array([], np.int64)).shape == (0, WIDTH)
    with pytest.raises(VectorError, match="no row of id 100"):
        index.rows(np.array([101, 100]))


def test_another_width_is_refused_naming_both(make):
    index = make(4)
    with pytest.raises(VectorError, match="5 numbers wide where 4"):
        index.add(np.array([1]), np.ones((1, 5), np.float32))
    with pytest.raises(VectorError, match="3 numbers wide where 4"):
        index.search(np.ones((1, 3), np.float32), 1)


def test_an_id_cannot_be_held_twice(make):
    index = make(2)
    index.add(np.array([1, 2]), np.eye(2, dtype=np.float32))
    with pytest.raises(VectorError, match="id 2 twice"):
        index.add(np.array([3, 2]), np.ones((2, 2), np.float32))
    with pytest.raises(VectorError, match="id 5 twice"):
        index.add(np.array([5, 5]), np.ones((2, 2), np.float32))
    with pytest.raises(VectorError, match="1 ids cannot name 2 rows"):
        index.add(np.array([6]), np.ones((2, 2), np.float32))
    assert index.ids.tolist() == [1, 2]


def test_numbers_that_are_not_finite_never_enter(make):
    index = make(2)
    with pytest.raises(VectorError, match="not finite"):
        index.add(np.array([1]), np.array([[np.nan, 0]], np.float32))
    assert len(index) == 0


@pytest.mark.parametrize("k", [0, -1])
def test_asking_for_nothing_is_refused(make, k):
    with pytest.raises(VectorError, match="at least 1"):
        make(2).search(np.ones((1, 2), np.float32), k)


def test_a_saved_index_answers_the_same(make, tmp_path: Path):
    rng = np.random.default_rng(1)
    index = make(WIDTH)
    index.add(np.array([8, 2, 5]), coarse(rng, 3))
    index.save(tmp_path / "saved")
    loaded = make.load(tmp_path / "saved")
    query = coarse(rng, 2)
    assert loaded.width == WIDTH
    assert answers(loaded, query, 3) == answers(index, query, 3)
    loaded.add(np.array([9]), coarse(rng, 1))
    assert loaded.ids.tolist() == [2, 5, 8, 9]


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:-20], lambda data: b"nonsense" * 20])
def test_a_damaged_file_is_a_clear_error(make, tmp_path: Path, damage):
    index = make(WIDTH)
    index.add(np.arange(5), np.eye(5, WIDTH, dtype=np.float32))
    file = tmp_path / "saved"
    index.save(file)
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(LibraryError, match="cannot be read"):
        make.load(file)
    with pytest.raises(LibraryError, match="cannot be read"):
        make.load(tmp_path / "absent")


@pytest.mark.parametrize("queries", [1, 3])
def test_faiss_threads_are_given_back(queries):
    before = faiss.omp_get_max_threads()
    index = FaissIndex(2)
    index.add(np.array([1]), np.ones((1, 2), np.float32))
    try:
        faiss.omp_set_num_threads(3)
        index.search(np.ones((queries, 2), np.float32), 1)
        assert faiss.omp_get_max_threads() == 3
    finally:
        faiss.omp_set_num_threads(before)


def test_a_faiss_index_of_another_kind_is_refused(tmp_path: Path):
    other = faiss.serialize_index(faiss.IndexFlatIP(3))
    (tmp_path / "flat").write_bytes(other.tobytes())
    with pytest.raises(LibraryError, match="another kind of index: IndexFlatIP"):
        FaissIndex.load(tmp_path / "flat")


def test_room_for_more_changes_no_answer(make):
    rows = coarse(np.random.default_rng(5), 30)
    plain, roomy = make(WIDTH), make(WIDTH)
    plain.add(np.arange(30), rows)
    roomy.reserve(20)
    roomy.add(np.arange(10), rows[:10])
    assert len(roomy) == 10
    roomy.reserve(20)
    roomy.add(np.arange(10, 30), rows[10:])
    assert answers(roomy, rows, 30) == answers(plain, rows, 30)
