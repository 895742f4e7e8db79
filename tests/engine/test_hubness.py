import numpy as np
import pytest
from scipy.stats import skew

from mindseye.engine.decision.hubness import background_z, centred, csls, hubness, k_occurrence
from mindseye.engine.vectors import unit


def test_k_occurrence_counts_who_is_among_the_k_best():
    scores = np.array([[9, 5, 1, 0], [9, 1, 5, 0], [5, 0, 9, 1]], np.float32)
    assert k_occurrence(scores, 1).tolist() == [2, 0, 1, 0]
    assert k_occurrence(scores, 2).tolist() == [3, 1, 2, 0]
    assert k_occurrence(scores, 10).tolist() == [3, 3, 3, 3]


def test_hubness_is_the_skewness_of_n_k_and_none_where_all_are_met_alike():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(300, 50)).astype(np.float32)
    assert hubness(scores) == pytest.approx(skew(k_occurrence(scores)))
    hub = scores.copy()
    hub[:, 0] += 10
    assert hubness(hub) > 2 > abs(hubness(scores))
    assert hubness(np.eye(5, dtype=np.float32), 1) == 0


def test_background_z_takes_a_hub_down():
    rng = np.random.default_rng(0)
    background = rng.normal([0, 5, 0], [1, 1, 2], (5000, 3)).astype(np.float32)
    asked = np.array([[1, 5, 0], [0, 5, 4]], np.float32)
    corrected = background_z(asked, background)
    assert corrected == pytest.approx(np.array([[1, 0, 0], [0, 0, 2]]), abs=0.1)
    assert asked.argmax(axis=1).tolist() == [1, 1] and corrected.argmax(axis=1).tolist() == [0, 2]


def test_a_candidate_that_no_background_tells_apart_keeps_its_place():
    assert background_z(np.array([[0.5]], np.float32), np.full((4, 1), 0.2, np.float32)) == pytest.approx(0.3)


def test_csls_is_conneaus_formula():
    rng = np.random.default_rng(1)
    rows, candidates, others = (unit(rng.normal(size=(n, 4))) for n in (5, 7, 9))
    found = csls(rows @ candidates.T, others @ candidates.T, k=3)
    for i, row in enumerate(rows):
        nearest = np.mean(sorted(candidates @ row)[-3:])
        for j, candidate in enumerate(candidates):
            expected = 2 * row @ candidate - nearest - np.mean(sorted(others @ candidate)[-3:])
            assert found[i, j] == pytest.approx(expected, abs=1e-5)


def test_centred_queries_are_unit_and_leave_out_what_all_share():
    shared = np.array([3, 0, 0], np.float32)
    queries = np.array([[4, 0, 0], [3, 2, 0]], np.float32)
    assert np.allclose(centred(queries, shared), [[1, 0, 0], [0, 1, 0]])
