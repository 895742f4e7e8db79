"""Places by page: imagery drawn, moved and enlarged, searched by word and place, warmed, a tile told of, downloaded."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from mindseye.api.mindseye import Mindseye
from mindseye.api.service.service import Service
from tests.api.service.conftest import run_in_thread
from tests.browser.conftest import Site
from tests.browser.test_everybody import PHONE, serious
from tests.indexer.gis.tiling import paint_raster, tiles_of, write_tileset

pytestmark = pytest.mark.allow_hosts(["127.0.0.1", "::1"])
WORDS = {(0, 0): ("river",), (1, 0): ("river", "road"), (3, 2): ("farm",), (4, 3): ("farm",)}
DRAWN = (
    "() => [...document.querySelectorAll('.leaflet-tile-loaded')].filter((each) => each.naturalWidth === 256).length"
)
ZOOM = "() => mindseyePlaces.view.map.getZoom()"
CENTRE = "() => Object.values(mindseyePlaces.view.map.getCenter())"
AT = """([longitude, latitude]) => {
  const { map } = mindseyePlaces.view, box = map.getContainer().getBoundingClientRect();
  const at = map.latLngToContainerPoint([latitude, longitude]);
  return [box.left + at.x, box.top + at.y];
}"""


@pytest.fixture(scope="module")
def site(pocket, tmp_path_factory) -> Iterator[Site]:
    """A service of two dates of one place, whose tiles are a tenth of a degree wide from 20° E, 34° S on."""
    root = tmp_path_factory.mktemp("aerial")
    old, new = (paint_raster(root / f"{year}.tif", columns=6, rows=4, seed=year) for year in (2010, 2020))
    write_tileset(root / "tiles", [*tiles_of(old, WORDS, "2010-11-24"), *tiles_of(new, WORDS, "2020-08-31")])
    with Mindseye(root / "library", pocket, "pytest") as eye:
        eye.index([root / "tiles"], "aerial")
        for running in run_in_thread(Service(eye, [root]), root):
            yield Site(running.address, root)


@pytest.fixture
def places(page):
    page.goto("/places")
    expect(page.locator("#place-count")).to_have_text("48 tiles")
    page.wait_for_function(DRAWN)
    return page


def search(page, word: str) -> None:
    page.locator("#place-q").fill(word)
    page.keyboard.press("Enter")
    expect(page.locator("#place-found-count")).to_contain_text(f"nearest to “{word}”")


def at(page, longitude: float, latitude: float) -> tuple[float, float]:
    x, y = page.evaluate(AT, [longitude, latitude])
    return x, y


def test_imagery_is_drawn_with_its_words(places, shoot):
    expect(places.locator("#place-legend")).to_contain_text("river")
    expect(places.locator("nav [aria-current]")).to_have_text("Places")
    assert places.evaluate(DRAWN) >= 1
    shoot(places, "places")


@pytest.mark.slow
def test_it_is_moved_and_enlarged_by_mouse_and_keys(places):
    zoom = places.evaluate(ZOOM)
    x, y = at(places, 20.3, -34.2)
    places.mouse.move(x, y)
    places.mouse.wheel(0, -300)
    places.wait_for_function(f"() => mindseyePlaces.view.map.getZoom() > {zoom}")
    centre = places.evaluate(CENTRE)
    places.mouse.down()
    places.mouse.move(x + 150, y, steps=5)
    places.mouse.up()
    places.wait_for_function(f"() => mindseyePlaces.view.map.getCenter().lng < {centre[1] - 0.01}")
    places.keyboard.press("0")
    places.wait_for_function(f"() => mindseyePlaces.view.map.getZoom() === {zoom}")
    places.locator("#places").focus()
    places.keyboard.press("+")
    places.wait_for_function(f"() => mindseyePlaces.view.map.getZoom() > {zoom}")
    before = places.evaluate(CENTRE)
    places.keyboard.press("ArrowRight")
    places.wait_for_function(f"() => mindseyePlaces.view.map.getCenter().lng > {before[1]}")


def test_a_word_is_searched_and_the_list_and_the_map_point_at_each_other(places, shoot):
    search(places, "river")
    expect(places).to_have_url(re.compile("/places.q=river$"))
    expect(places.locator("#place-hits li")).to_have_count(30)
    assert places.evaluate("() => mindseyePlaces.view.hits.size") == 30
    entry = places.locator("#place-hits button").first
    entry.hover()
    number = int(entry.get_attribute("data-tile"))
    centre = places.evaluate("() => mindseyePlaces.view.pointed.getBounds().getCenter()")
    shape = places.evaluate(f"() => mindseyePlaces.view.shapes.get({number}).getBounds().getCenter()")
    assert centre == shape
    places.mouse.move(*at(places, shape["lng"], shape["lat"]))
    expect(places.locator("#place-hits li.pointed")).to_have_count(1)
    shoot(places, "places-search")
    places.reload()
    expect(places.locator("#place-found-count")).to_contain_text("river")
    places.locator("#place-clear").click()
    expect(places.locator("#place-found")).to_be_hidden()


@pytest.mark.slow
def test_a_heat_map_of_the_word_has_a_legend(places, shoot):
    expect(places.locator("#place-heat")).to_be_disabled()
    search(places, "farm")
    places.locator("#place-heat").check()
    expect(places.locator("#heat-legend")).to_be_visible()
    expect(places.locator("#heat-word")).to_contain_text("farm")
    low, high = (float(places.locator(f"#heat-{each}").inner_text()) for each in ("low", "high"))
    assert low < high
    expect(places).to_have_url(re.compile("heat=on$"))
    colours = places.evaluate(
        "() => new Set([...mindseyePlaces.view.shapes.values()].map((s) => s.options.fillColor)).size"
    )
    assert colours > 20
    shoot(places, "places-heat")
    places.locator("#place-heat").uncheck()
    expect(places.locator("#heat-legend")).to_be_hidden()


@pytest.mark.slow
def test_hits_tell_their_date_in_full_and_their_score_beside_many_words(places):
    search(places, "river")
    places.evaluate(
        """() => {
          mindseyePlaces.hits[0].properties.labels = ["a very long word", "another long word", "one more of them"];
          mindseyePlaces.list.show(mindseyePlaces.hits);
        }"""
    )
    first = places.locator("#place-hits li").first
    expect(first).to_contain_text(re.compile("20[12]0-"))
    edges = "(all) => all.map((each) => each.getBoundingClientRect().right)"
    right = first.locator("button").evaluate_all(edges)[0]
    assert max(first.locator(".unbroken, .number").evaluate_all(edges)) <= right


def test_a_question_that_fails_leaves_no_hits_of_the_one_before(places):
    search(places, "river")
    places.locator("#place-q").fill("qqzzxx")
    places.keyboard.press("Enter")
    expect(places.locator("#place-trouble")).to_contain_text("qqzzxx")
    expect(places.locator("#place-found")).to_be_hidden()
    assert places.evaluate("() => mindseyePlaces.view.hits.size") == 0


@pytest.mark.slow
def test_of_too_many_tiles_those_in_view_are_fetched(places):
    places.evaluate("async () => { mindseyePlaces.most = 10; await mindseyePlaces.ask(); }")
    expect(places.locator("#place-count")).to_have_text("48 tiles, 10 of them shown: zoom in for all")
    places.evaluate(
        "() => { mindseyePlaces.view.map.fitBounds([[-34.09, 20.01], [-34.01, 20.09]], { animate: false }); }"
    )
    expect(places.locator("#place-count")).to_have_text(re.compile(r"48 tiles, \d in view$"))
    shown = "() => [...mindseyePlaces.view.shapes.values()].map((each) => each.feature.properties.place)"
    assert places.evaluate(shown).count("xywh=0,0,32,32") == 2, "of both dates"


SOURCES = """async ([box, centre, zoom]) => {
  const { view } = mindseyePlaces, [raster] = mindseyePlaces.rasters;
  view.map.setView(centre, zoom, { animate: false });
  view.drawn = ""; // of the same address, elsewhere
  view.draw([{ ...raster, box }]);
  await new Promise((done) => setTimeout(done, 300));
  return [...document.querySelectorAll(".leaflet-tile")].map((each) => each.src.match(/(\\d+\\/-?\\d+\\/\\d+).png/)[1]);
}"""


@pytest.mark.slow
def test_the_earth_is_drawn_once_and_both_sides_of_the_date_line(places):
    found = places.evaluate(SOURCES, [[-180, -85, 180, 85], [0, 0], 1])
    assert sorted(found) == ["1/0/0", "1/0/1", "1/1/0", "1/1/1"]
    found = places.evaluate(SOURCES, [[175, -20, -175, -10], [-15, 180], 4])
    assert {each.split("/")[1] for each in found} >= {"0", "15"}


def test_a_box_is_drawn_and_searched_in(places, shoot):
    places.keyboard.press("b")
    expect(places.locator("#place-box")).to_have_attribute("aria-pressed", "true")
    left, top = at(places, 20.01, -34.01)
    right, bottom = at(places, 20.19, -34.09)
    places.mouse.move(left, top)
    places.mouse.down()
    places.mouse.move((left + right) / 2, bottom)
    places.mouse.move(right, bottom)
    shoot(places, "places-drawing")
    places.mouse.up()
    expect(places.locator("#place-count")).to_have_text("4 tiles")
    west, south, east, north = map(float, places.locator("[name=box]").input_value().split(","))
    assert (west, south, east, north) == pytest.approx((20.01, -34.09, 20.19, -34.01), abs=0.01)
    search(places, "river")
    expect(places.locator("#place-hits li")).to_have_count(4)
    expect(places.locator("#place-box")).to_have_attribute("aria-pressed", "false")
    shoot(places, "places-box")
    places.locator("summary").first.click()
    places.locator("#place-anywhere").click()
    expect(places.locator("#place-count")).to_have_text("48 tiles")


@pytest.mark.slow
def test_a_place_by_latitude_and_longitude_is_searched_in(places):
    places.locator("summary").first.click()
    places.locator("[name=near]").fill("-34.35, 20.55")
    places.locator("[name=radius]").select_option("1km")
    places.get_by_role("button", name="Search here").click()
    expect(places.locator("#place-count")).to_have_text("2 tiles")
    places.locator("[name=near]").fill("95, 20")
    places.get_by_role("button", name="Search here").click()
    expect(places.locator("#place-trouble")).to_be_visible()


def test_a_click_on_a_tile_tells_what_it_shows_and_leads_on(places, shoot):
    places.mouse.click(*at(places, 20.15, -34.05))
    card = places.locator(".place-card")
    expect(card).to_contain_text("river")
    expect(card).to_contain_text("50 %")
    expect(card.locator("img")).to_have_attribute("alt", re.compile("labelled river, road"))
    shoot(places, "places-card")
    card.get_by_role("button", name="Similar here").click()
    expect(places.locator("#place-found-count")).to_contain_text("like tile")
    places.locator("#place-hits button").first.click()
    expect(places.locator(".place-card")).to_be_visible()
    places.locator(".place-card a.primary").click()
    expect(places.locator("#drawer[open] .chain")).to_be_visible()
    shoot(places, "places-drawer")


@pytest.mark.slow
def test_one_date_is_shown_alone(places):
    places.get_by_text("2020-08-31", exact=True).first.click()
    expect(places.locator("#place-count")).to_have_text("24 tiles")
    expect(places).to_have_url(re.compile("date=2020-08-31$"))
    assert len(places.evaluate("() => mindseyePlaces.rasters")) == 1


@pytest.mark.slow
def test_hits_are_downloaded_as_geojson(places):
    search(places, "farm")
    with places.expect_download() as told:
        places.locator("#place-download").click()
    found = json.loads(told.value.path().read_text())
    assert told.value.suggested_filename == "hits.geojson"
    assert found["type"] == "FeatureCollection" and len(found["features"]) == 30
    assert found["features"][0]["properties"]["rank"] == 1


@pytest.mark.slow
def test_words_are_hidden_and_imagery_fades(places):
    places.evaluate(
        """() => {
          const shapes = [...mindseyePlaces.view.shapes.values()];
          window.farm = shapes.find((each) => each.feature.properties.labels.includes("farm"));
        }"""
    )
    assert places.evaluate("() => farm.options.stroke")
    places.locator("#place-legend label", has_text="farm").locator("input").uncheck()
    assert not places.evaluate("() => farm.options.stroke")
    places.locator("#place-opacity").fill("20")
    expect(places.locator(".leaflet-tile-pane .leaflet-layer").first).to_have_css("opacity", "0.2")


@pytest.mark.slow
@pytest.mark.parametrize("options", [PHONE], ids=["phone"])
def test_a_phone_has_room_for_it(places, options, shoot):
    assert places.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]
    search(places, "river")
    shoot(places, "places-phone")


@pytest.mark.slow
@pytest.mark.parametrize("options", [{"color_scheme": "light"}, {"color_scheme": "dark"}], ids=["light", "dark"])
def test_axe_finds_nothing_serious(places, shoot, options):
    search(places, "river")
    places.locator("summary").first.click()
    places.mouse.click(*at(places, 20.15, -34.05))
    expect(places.locator(".place-card")).to_be_visible()
    shoot(places, f"places-{options['color_scheme']}")
    assert not serious(places)


@pytest.mark.slow
def test_the_map_of_words_and_pictures_takes_a_collection(places, shoot):
    places.get_by_role("link", name="Words and tiles together").click()
    expect(places.locator("#map-only")).to_be_visible(timeout=60_000)
    expect(places.locator("#map-only-name")).to_contain_text("Only “aerial”")
    expect(places.locator("#in-view-count")).to_contain_text("48 pictures")
    shoot(places, "places-map")


def test_the_search_page_takes_places_among_its_filters(page):
    page.goto("/?in=images")
    page.locator("details.filters summary").click()
    page.locator("[name=near]").fill("-34.35,20.55")
    page.locator("[name=radius]").select_option("1km")
    page.locator("details.filters").get_by_role("button", name="Apply").click()
    expect(page.locator(".card")).to_have_count(2)
    expect(page).to_have_url(re.compile("near=-34.35%2C20.55&radius=1km"))
    page.locator("[name=near]").fill("95,20")
    page.locator("details.filters").get_by_role("button", name="Apply").click()
    expect(page.locator(".notice.bad")).to_contain_text("latitude")
