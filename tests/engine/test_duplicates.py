import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mindseye.engine import duplicates
from mindseye.engine.duplicates import leaders
from mindseye.engine.vectors import unit


def plainly(visual: np.ndarray, threshold: float) -> list[int]:
    found: list[int] = []
    for number, row in enumerate(visual):
        first = (n for n in range(number) if found[n] == n and row @ visual[n] >= threshold)
        found.append(next(first, number))
    return found


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.floats(0.1, 0.99))
def test_the_first_leader_that_is_near_leads(seed, count, threshold):
    rng = np.random.default_rng(seed)
    kinds = rng.normal(size=(5, 4))
    visual = unit((kinds[rng.integers(0, 5, count)] + rng.normal(scale=0.2, size=(count, 4))).astype(np.float32))
    near = np.abs(visual @ visual.T - threshold) < 1e-5
    if not near.any():  # float rounding may go either way at the limit itself
        assert leaders(visual, threshold).tolist() == plainly(visual, threshold)


def test_blocks_are_one_comparison(monkeypatch):
    visual = unit(np.random.default_rng(3).normal(size=(50, 3)).astype(np.float32))
    whole, told = leaders(visual, 0.9), []
    monkeypatch.setattr(duplicates, "_BLOCK", 7)
    np.testing.assert_array_equal(leaders(visual, 0.9, lambda *done: told.append(done)), whole)
    assert told[-1] == (50, 50)


def test_a_chain_of_small_steps_is_no_group():
    angles = np.radians([0, 20, 40])
    visual = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    assert leaders(visual, 0.9).tolist() == [0, 0, 2]


def test_nothing_has_no_leaders():
    assert leaders(np.empty((0, 3), np.float32), 0.9).tolist() == []
