"""A library of 100,000 pictures in the real space: what one more costs, another mapping, and a filter."""

import pytest

from benchmarks.large import ITEMS, measure
from mindseye.api.spaces import open_space


@pytest.mark.slow
def test_one_more_picture_and_another_mapping(pocket, cache, tmp_path):
    figures = measure(pocket, open_space("glove", tmp_path, cache), tmp_path)
    assert figures["items"] == ITEMS == 100_000
    one = figures["add_one"]
    assert (one["encodes"], one["index_rewritten"]) == (1, False)
    assert one["transactions"] == 3, "the picture's, and the beginning and the end of the run"
    assert figures["of_which_matrix_products"] > 0.2, "another mapping is little more than matrix products"
    assert figures["filter_passes"] == ITEMS // 100
