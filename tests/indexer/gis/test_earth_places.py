"""Where on Earth a point is, in words."""

import pytest

from mindseye.indexer.gis.earth_places import Places


@pytest.fixture(scope="module")
def places(earth_sources):
    return Places(earth_sources.layers)


def test_the_middle_of_paris_is_in_france_beside_paris(places):
    found = places.place(2.35, 48.85)
    assert found.country == "France" and found.city == "Paris, France" and found.away < 5


def test_the_middle_of_the_pacific_is_in_no_country_and_far_from_any_city(places):
    found = places.place(-120, -45)
    assert found.country is None and found.away > 3000


def test_distances_do_not_mind_the_date_line(places):
    east, west = places.place(180, -17.8), places.place(-180, -17.8)
    assert east.city == west.city and east.away == pytest.approx(west.away, abs=0.1)


def test_five_degrees_of_a_meridian_are_556_km(places):
    at_home, north = places.place(-157.86, 21.31), places.place(-157.86, 26.31)
    assert at_home.city == north.city == "Honolulu, United States"
    assert at_home.away < 3 and north.away == pytest.approx(556, abs=3)
