import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mindseye.engine.errors import VectorError
from mindseye.engine.vectors import halves, rows, unit

MATRICES = hnp.arrays(
    np.float32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=6), elements=st.floats(-1e6, 1e6, width=32)
)


@given(MATRICES)
def test_unit_rows_have_length_one_and_keep_their_direction(matrix):
    result = unit(matrix)
    lengths = np.linalg.norm(matrix.astype(np.float64), axis=1)
    for row, made, length in zip(matrix, result, lengths, strict=True):
        if length > 1e-12:
            assert np.linalg.norm(made) == pytest.approx(1, abs=1e-5)
            assert np.allclose(made * length, row, rtol=1e-3, atol=length * 1e-5)


def test_a_zero_row_stays_zero():
    assert not unit([[0.0, 0.0]]).any()


def test_rows_are_contiguous_float32():
    made = rows(np.asfortranarray(np.ones((3, 2))))
    assert made.dtype == np.float32 and made.flags.c_contiguous


def test_a_wrong_width_names_both():
    with pytest.raises(VectorError, match="2 numbers wide where 5"):
        rows([[1.0, 2.0]], 5)


def test_a_single_vector_is_refused_with_the_way_out():
    with pytest.raises(VectorError, match="reshape"):
        rows([1.0, 2.0])


def test_numbers_that_are_not_finite_name_their_row():
    with pytest.raises(VectorError, match="first in row 1"):
        rows([[0.0], [np.nan], [np.inf]])


def test_halves_join_unit_rows_only():
    assert halves([[1.0, 0.0]], [[0.0, 1.0]]).tolist() == [[1, 0, 0, 1]]
    with pytest.raises(VectorError, match="visual half of row 0"):
        halves([[1.0]], [[2.0]])
    with pytest.raises(VectorError, match="1 semantic halves cannot join 2"):
        halves([[1.0]], [[1.0], [1.0]])
