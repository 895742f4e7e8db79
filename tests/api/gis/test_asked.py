"""Places as people write them."""

import pytest

from mindseye.api.gis.asked import read_box, read_kilometres, read_near
from mindseye.api.gis.gazetteer import towns
from mindseye.engine.errors import NotFoundError, UsageError
from mindseye.indexer.gis.nearness import Circle


def test_boxes_are_read():
    assert read_box(None) is None
    assert read_box("20.3, -34.1,20.6,-33.9") == (20.3, -34.1, 20.6, -33.9)
    assert read_box("170,-20,-170,-10") == (170, -20, -170, -10)


@pytest.mark.parametrize("told", ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "0,10,1,9", "200,0,201,1", "nan,0,1,1"])
def test_what_is_no_box_is_refused(told):
    with pytest.raises(UsageError, match="box"):
        read_box(told)


@pytest.mark.parametrize(
    ("told", "expected"), [("20km", 20), ("500m", 0.5), ("12 mi", 19.312128), ("3.5", 3.5), ("1KM", 1)]
)
def test_distances_are_read(told, expected):
    assert read_kilometres(told) == pytest.approx(expected)


@pytest.mark.parametrize("told", ["", "far", "-3km", "3 miles or so", "1e9"])
def test_what_is_no_distance_is_refused(told):
    with pytest.raises(UsageError, match="distance"):
        read_kilometres(told)


def test_points_are_read_latitude_first():
    assert read_near("-34.02, 20.44", None) == Circle(-34.02, 20.44, 20)
    assert read_near(None, None) is None
    with pytest.raises(UsageError, match="latitude"):
        read_near("134.02,20.44", None)
    with pytest.raises(UsageError, match="--near"):
        read_near(None, "5km")


def test_towns_are_found_by_name():
    told = []
    assert read_near("Swellendam", "30km", told.append) == Circle(-34.02262, 20.44171, 30) and not told
    circle = read_near("springfield", None, told.append)
    assert circle.latitude == pytest.approx(37.21533)
    assert told == [told[0]] and "Springfield, MO, US (" in told[0] and "IL" in told[0]
    assert towns("Springfield, IL")[0].region == "IL" and {each.country for each in towns("Springfield, US")} == {"US"}
    assert [each.country for each in towns("Alexandria, Egypt")] == ["EG"]
    assert towns("zurich") == towns("Zürich") and towns("München") == towns("Munich")


@pytest.mark.parametrize("told", ["Nosuchtownatall", "Alexandria, Peru", "12", ""])
def test_unknown_towns_are_not_found(told):
    with pytest.raises(NotFoundError):
        towns(told)


@pytest.mark.parametrize(
    ("told", "name"),
    [("Lodz", "Łódź"), ("Ōsaka", "Osaka"), ("Москва", "Moscow"), ("ﬁrenze", "Florence"), ("北京", "Beijing")],
)
def test_towns_are_found_in_other_languages_and_letters(told, name):
    assert towns(told)[0].name == name
