"""The plane on which items lie near what they are like."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mindseye.engine.projection import NEAREST, Near, fit, place

CLUSTERS, EACH = 6, 40


def lists(asking: np.ndarray, among: np.ndarray, kinds: tuple[np.ndarray, np.ndarray], own: bool) -> list[Near]:
    """Return the exact nearest by inner product, a list for each pair of kinds."""
    found = []
    for kind in np.unique(kinds[0]):
        for other in np.unique(kinds[1]):
            mine, theirs = np.flatnonzero(kinds[0] == kind), np.flatnonzero(kinds[1] == other)
            scores = asking[mine] @ among[theirs].T
            if own and kind == other:
                np.fill_diagonal(scores, -np.inf)
            k = min(NEAREST, len(theirs) - (own and kind == other))
            if k:
                best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
                found.append(Near(mine, theirs[best], np.take_along_axis(scores, best, 1), bool(kind != other)))
    return found


@pytest.fixture(scope="module")
def planted() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, their clusters and kinds; the two kinds of a cluster lie apart in space, but nearest to one another."""
    rng = np.random.default_rng(0)
    clusters = np.repeat(np.arange(CLUSTERS), EACH)
    kinds = np.arange(len(clusters)) % 2
    rows = np.eye(12)[clusters] + 1.5 * np.eye(12)[6 + kinds] + 0.1 * rng.normal(size=(len(clusters), 12))
    return rows.astype(np.float32), clusters, kinds


@pytest.fixture(scope="module")
def fitted(planted) -> np.ndarray:
    rows, _, kinds = planted
    return fit(rows, lists(rows, rows, (kinds, kinds), own=True))


def neighbours(places: np.ndarray, k: int) -> np.ndarray:
    away = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(away, np.inf)
    return np.argsort(away, axis=1)[:, :k]


def test_items_lie_among_their_cluster_of_both_kinds(planted, fitted):
    _, clusters, kinds = planted
    near = neighbours(fitted, 10)
    assert (clusters[near] == clusters[:, None]).mean() > 0.99
    assert 0.2 < (kinds[near] != kinds[:, None]).mean() < 0.6


def test_the_same_input_gives_the_same_places(planted, fitted):
    rows, _, kinds = planted
    assert np.array_equal(fit(rows, lists(rows, rows, (kinds, kinds), own=True)), fitted)


def test_places_are_finite_and_in_the_middle(fitted):
    assert fitted.dtype == np.float32 and np.isfinite(fitted).all()
    assert np.allclose(fitted.max(axis=0) + fitted.min(axis=0), 0, atol=1e-3)


def test_a_new_item_lies_in_its_cluster_and_moves_nothing(planted, fitted):
    rows, clusters, kinds = planted
    new = np.arange(0, len(rows), 17)
    before = fitted.copy()
    near = lists(rows[new] + np.float32(0.01), rows, (kinds[new], kinds), own=False)
    places = place(fitted, near, len(new))
    assert np.array_equal(fitted, before)
    nearest = np.linalg.norm(places[:, None] - fitted[None], axis=2).argsort(axis=1)[:, :5]
    assert (clusters[nearest] == clusters[new, None]).mean() > 0.95


def test_new_items_do_not_move_each_other(planted, fitted):
    rows, _, kinds = planted
    together = place(fitted, lists(rows[:3], rows, (kinds[:3], kinds), own=False), 3)
    alone = [place(fitted, lists(rows[i : i + 1], rows, (kinds[i : i + 1], kinds), own=False), 1)[0] for i in range(3)]
    assert np.allclose(together, alone, atol=0.05)


def test_many_places_take_new_items_by_the_fft(planted):
    """Above two thousand reference points another way of computing is taken; it agrees in what matters."""
    rng = np.random.default_rng(1)
    places = rng.uniform(-40, 40, (2500, 2)).astype(np.float32)
    scores = np.tile(np.linspace(1, 0.5, 30, dtype=np.float32), (1, 1))
    around = np.argsort(np.linalg.norm(places - places[7], axis=1))[:30]
    found = place(places, [Near(np.array([0]), around[None], scores, False)], 1)
    assert np.linalg.norm(found[0] - places[7]) < 8


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 8])
def test_a_few_items_have_places_apart(count):
    rows = np.random.default_rng(0).normal(size=(count, 8)).astype(np.float32)
    kinds = np.zeros(count, int)
    places = fit(rows, lists(rows, rows, (kinds, kinds), own=True))
    assert places.shape == (count, 2) and np.isfinite(places).all()
    if count > 1:
        assert np.linalg.norm(places[:, None] - places[None], axis=2)[~np.eye(count, dtype=bool)].min() > 1e-3


def test_equal_rows_have_places():
    rows = np.ones((30, 8), np.float32)
    kinds = np.zeros(30, int)
    assert np.isfinite(fit(rows, lists(rows, rows, (kinds, kinds), own=True))).all()


@settings(max_examples=15, deadline=None)
@given(arrays(np.float32, (12, 6), elements=st.floats(-1e3, 1e3, width=32)))
def test_whatever_the_rows_places_are_finite(rows):
    kinds = np.arange(12) % 3
    near = lists(rows, rows, (kinds, kinds), own=True)
    places = fit(rows, near)
    assert np.isfinite(places).all()
    assert np.isfinite(place(places, lists(rows[:2], rows, (kinds[:2], kinds), own=False), 2)).all()


def test_it_tells_how_far_it_is_and_stops_where_that_raises(planted):
    rows, _, kinds = planted
    near, told = lists(rows, rows, (kinds, kinds), own=True), []

    def tell(done: float, total: int) -> None:
        told.append((done, total))
        if done >= 50:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(rows, near, progress=tell)
    assert [done for done, _ in told] == [10, 20, 30, 40, 50]


ORDERS = ["openTSNE torch faiss openvino", "torch faiss openvino openTSNE", "faiss openTSNE openvino torch"]


@pytest.mark.slow
@pytest.mark.parametrize("order", [ORDERS[0], *(pytest.param(each, marks=pytest.mark.slow) for each in ORDERS[1:])])
def test_it_shares_a_process_with_others_that_bring_openmp(order):
    code = f"""
import importlib
import mindseye.engine, numpy as np
for name in {order!r}.split(): importlib.import_module(name)
import faiss, torch
from mindseye.engine.projection import Near, fit
rows = np.random.default_rng(0).normal(size=(60, 16)).astype("f")
index = faiss.IndexFlatIP(16); index.add(rows)
torch.from_numpy(rows) @ torch.from_numpy(rows).T
scores, ids = index.search(rows, 10)
fit(rows, [Near(np.arange(60), ids[:, 1:], scores[:, 1:], False)])
torch.nn.functional.conv2d(torch.ones(1, 3, 16, 16), torch.ones(4, 3, 3, 3)).sum()
"""
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=100).returncode == 0
