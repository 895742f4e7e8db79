"""When imagery was taken, by tags and names."""

import pytest

from mindseye.indexer.gis.dating import date_of_name, date_of_tags


@pytest.mark.parametrize(
    ("stem", "date"),
    [
        ("m_4709963_se_14_1_20090818", "2009-08-18"),
        ("3420B_2010_328_RGB_LATLNG", "2010-11-24"),  # the 328th day
        ("T32TLT_20210712T102559_TCI", "2021-07-12"),
        ("town-2016-02-29", "2016-02-29"),
        ("town 2015.06.30 north", "2015-06-30"),
        ("leap_2016_366", "2016-12-31"),
        ("x2015063", "2015-03-04"),
        ("1985", "1985"),
        ("landsat_1999_summer", "1999"),
        ("mosaic_2004-07", "2004-07"),
        ("24-11-2010", "2010-11-24"),
        ("ortho2009", "2009"),
        ("town_33_2004", "2004"),
        ("2011-02-30", "2011"),  # there is no such day: the year is what can be believed
        ("20-13-2010", "2010"),
        ("05-06-2010", "2010"),  # which of them is the month cannot be told
        ("2015_999x", "2015"),
        ("flight_24.11.2010_b", "2010-11-24"),
        ("both_1999_and_20010203", "2001-02-03"),
    ],
)
def test_a_name_tells_the_date_as_exactly_as_it_can(stem, date):
    assert date_of_name(stem) == (date, "its name")


@pytest.mark.parametrize(
    "stem",
    [
        "town", "tile_32733", "20150631", "12345678", "sheet_3420", "r2100_1", "tile_1920_1080", "tile_2000_100",
        "ortho_2048_2048", "dop_EPSG2056_1", "N1985E03000", "2000x2000", "flown-2097", "2097-01-02", "20101-2001",
    ],
)  # fmt: skip
def test_other_numbers_are_no_dates(stem):
    assert date_of_name(stem) is None


@pytest.mark.parametrize(
    ("tags", "told"),
    [
        ({"TIFFTAG_DATETIME": "2012:03:04 05:06:07"}, ("2012-03-04", "its tag TIFFTAG_DATETIME")),
        ({"DATE_ACQUIRED": "2013-08-09"}, ("2013-08-09", "its tag DATE_ACQUIRED")),
        (
            {"TIFFTAG_DATETIME": "2020:01:01 00:00:00", "ACQUISITIONDATETIME": "2019-12-24 10:00:00"},
            ("2019-12-24", "its tag ACQUISITIONDATETIME"),  # the file's own date comes last
        ),
        ({"ACQUISITIONDATETIME": "2009-08-18T10:00:00Z"}, ("2009-08-18", "its tag ACQUISITIONDATETIME")),
        ({"ACQUISITIONDATETIME": "2009-08-18 10:00:00.123"}, ("2009-08-18", "its tag ACQUISITIONDATETIME")),
        ({"ACQUISITIONDATETIME": "2009-02-30"}, None),
        ({"TIFFTAG_DATETIME": "yesterday"}, None),
        ({}, None),
    ],
)
def test_tags_tell_the_date(tags, told):
    assert date_of_tags(tags) == told
