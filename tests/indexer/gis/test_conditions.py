"""Conditions on columns: one language whatever the file."""

import numpy as np
import pytest

from mindseye.engine.errors import UsageError
from mindseye.indexer.gis.conditions import columns_in, matching, written_column

COLUMNS = {
    "TYPE": np.array(["road", "Road", None, "it's"], object),
    "lanes": np.array([1.0, 2.0, np.nan, 4.0]),
    "built": np.array(["2001-05-01", "2010-01-01", "NaT", "1999-12-31"], "datetime64[ms]"),
    "addr:city": np.array(["x", "y", "", "x"], object),
}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("TYPE = 'road'", [1, 0, 0, 0]),
        ("type LIKE 'road'", [1, 1, 0, 0]),
        ("TYPE = 'it''s' OR lanes = 2", [0, 1, 0, 1]),
        ("lanes >= 2", [0, 1, 0, 1]),
        ("lanes IS NULL", [0, 0, 1, 0]),
        ("TYPE IN ('road', 'Road') AND NOT lanes = 1", [0, 1, 0, 0]),
        ("\"addr:city\" = 'x'", [1, 0, 0, 1]),
        ("built < '2002'", [1, 0, 0, 1]),
        ("TYPE = 'road' -- all the roads", [1, 0, 0, 0]),
    ],
)
def test_which_features_a_condition_means(where, expected):
    used = {name: COLUMNS[name] for name in columns_in(where, list(COLUMNS))}
    assert matching(where, used, list(COLUMNS)).astype(int).tolist() == expected


@pytest.mark.parametrize(
    "where", ["colour = 'red'", "\"TPYE\" = 'road'", "TYPE =", "1 = 1", "TYPE = 'a'); DROP TABLE layer; --", ""]
)
def test_what_cannot_be_asked_lists_the_columns(where):
    used = {name: COLUMNS[name] for name in columns_in(where, list(COLUMNS))}
    with pytest.raises(UsageError, match="its columns are TYPE, lanes, built, addr:city"):
        matching(where, used, list(COLUMNS))


@pytest.mark.parametrize("name", ["highway", "addr:city", "order", 'odd "name"', "natural", "2nd"])
def test_written_columns_can_be_asked(name):
    values = {name: np.array(["a", "b"], object)}
    assert matching(f"{written_column(name)} = 'b'", values, [name]).tolist() == [False, True]
