"""Memory that indexing takes, by the number of pictures."""

import pytest

from benchmarks.memory import NUMBERS, figures, measured, painted

SLACK = 0.015  # of the peak: what differs from one run to the next


@pytest.mark.slow
def test_indexing_more_pictures_takes_no_more_memory_than_their_vectors(cache, tmp_path, monkeypatch):
    monkeypatch.setenv("MINDSEYE_CACHE", str(cache))
    files = painted(tmp_path / "painted", max(NUMBERS))
    runs = [measured(files[:number], tmp_path / str(number)) for number in NUMBERS]
    few, many = runs
    assert (few["pictures"], many["pictures"]) == NUMBERS == (1000, 3000)
    vectors = (many["pictures"] - few["pictures"]) * many["vector_kb"] / 1024
    assert many["peak_mb"] - few["peak_mb"] < vectors + SLACK * few["peak_mb"], figures(runs)
