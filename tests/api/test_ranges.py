import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindseye.api.ranges import dates, sides, sizes
from mindseye.engine.errors import UsageError


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("2024", ("2024-01-01", "2025-01-01")),
        ("2024-12", ("2024-12-01", "2025-01-01")),
        ("2024-02-29", ("2024-02-29", "2024-03-01")),
        ("2024-05..2024-08", ("2024-05-01", "2024-09-01")),
        ("2023..", ("2023-01-01", None)),
        ("..2024-05-17", (None, "2024-05-18")),
        (None, (None, None)),
    ],
)
def test_dates(told, expected):
    assert dates(told) == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("100KB..2MB", (100_000, 2_000_001)),
        ("5MiB..", (5_242_880, None)),
        ("..700", (None, 701)),
        ("1kb", (1000, 1001)),
    ],
)
def test_sizes(told, expected):
    assert sizes(told) == expected


def test_sides():
    assert (sides("800.."), sides("640..1024"), sides("24")) == ((800, None), (640, 1025), (24, 25))


@pytest.mark.parametrize(
    "told", ["", "..", "yesterday", "2024-13", "2024-02-30", "0000", "9999", "20240501", "2024..x"]
)
def test_what_is_no_date_is_refused(told):
    with pytest.raises(UsageError, match=r"is no date or range.*2024-05\.\.2024-08"):
        dates(told)


@given(st.text(max_size=12))
def test_anything_is_a_range_or_a_usage_error(told):
    for read in (dates, sizes, sides):
        try:
            low, high = read(told)
        except UsageError:
            continue
        assert low is not None or high is not None
