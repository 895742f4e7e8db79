"""The map by page: drawn, moved, enlarged, pointed at, searched, encircled, gathered."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.allow_hosts(["127.0.0.1", "::1"])
SCALE = "() => mindseyeMap.stage.view.scale"
MIDDLE = "() => [mindseyeMap.stage.view.x, mindseyeMap.stage.view.y]"
AT = """(name) => {
  const { map, stage } = mindseyeMap, i = map.title.findIndex((title) => title.includes(name));
  const box = stage.place.getBoundingClientRect();
  return [box.left + stage.view.screenX(map.x[i]), box.top + stage.view.screenY(map.y[i]), i];
}"""

SEEN = """(i) => {
  const { map, stage } = mindseyeMap;
  return [stage.view.screenX(map.x[i]), stage.view.screenY(map.y[i]), stage.placement().side];
}"""
ALPHA = """([x, y]) => {
  const context = document.querySelector("#map canvas").getContext("2d");
  return context.getImageData(Math.round(x * devicePixelRatio), Math.round(y * devicePixelRatio), 1, 1).data[3];
}"""

CHOOSE_THREE = """() => {
  const pictures = mindseyeMap.chosen.filter((i) => mindseyeMap.map.kind[i] === 0);
  mindseyeMap.choose(pictures.slice(0, 3), "chosen");
}"""


@pytest.fixture
def drawn(page):
    """The page once the map is drawn: by the first test's visit for all."""
    page.goto("/map")
    expect(page.locator("#map-body")).to_be_visible(timeout=60_000)
    expect(page.locator("#legend")).to_contain_text("paragraphs")
    return page


def hover(page, name: str) -> int:
    x, y, i = page.evaluate(AT, name)
    page.mouse.move(x, y)
    return i


def go_to(page, name: str) -> None:
    """Enlarge where an item is, so that nothing hides it."""
    i = page.evaluate(AT, name)[2]
    page.evaluate("(i) => mindseyeMap.stage.goTo([i])", i)
    page.wait_for_timeout(200)


def test_it_is_drawn_and_tells_what_is_in_view(drawn, shoot):
    expect(drawn.locator("#in-view-count")).to_contain_text("44 pictures, 16 words")
    expect(drawn.locator("#legend")).to_contain_text("paragraphs")
    drawn.locator("#in-view-count").click()
    expect(drawn.locator("#in-view a").first).to_be_visible()
    shoot(drawn, "map")


def test_it_is_moved_and_enlarged_by_mouse(drawn):
    scale, middle = drawn.evaluate(SCALE), drawn.evaluate(MIDDLE)
    box = drawn.locator("#map").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    drawn.mouse.move(x, y)
    for _ in range(4):
        drawn.mouse.wheel(0, -200)
    drawn.wait_for_timeout(100)
    assert drawn.evaluate(SCALE) > 2 * scale
    drawn.mouse.down()
    drawn.mouse.move(x + 120, y + 60, steps=5)
    drawn.mouse.up()
    moved = drawn.evaluate(MIDDLE)
    assert moved[0] < middle[0] and moved[1] < middle[1]
    drawn.locator("#zoom-whole").click()
    assert drawn.evaluate(SCALE) == pytest.approx(scale)


def test_it_is_moved_and_enlarged_by_keys(drawn):
    scale = drawn.evaluate(SCALE)
    drawn.locator("#map").focus()
    drawn.keyboard.press("+")
    drawn.keyboard.press("+")
    assert drawn.evaluate(SCALE) == pytest.approx(scale * 1.96)
    before = drawn.evaluate(MIDDLE)
    drawn.keyboard.press("ArrowRight")
    assert drawn.evaluate(MIDDLE)[0] > before[0]
    drawn.keyboard.press("0")
    assert drawn.evaluate(SCALE) == pytest.approx(scale)


def test_a_card_tells_what_is_pointed_at_and_a_click_opens_it(drawn, shoot):
    go_to(drawn, "coffee")
    hover(drawn, "coffee")
    card = drawn.locator("#map-card")
    expect(card).to_contain_text("coffee")
    shoot(drawn, "map-card")
    drawn.mouse.down()
    drawn.mouse.up()
    drawn.wait_for_url("**/items/*")
    expect(drawn.locator("#drawer")).to_be_visible()


def test_a_search_marks_what_is_near_on_the_map(drawn, shoot):
    drawn.locator("#map-query").fill("rocket")
    drawn.keyboard.press("Enter")
    expect(drawn.locator("#chosen-count")).to_contain_text("near “rocket”")
    expect(drawn.locator("#chosen li").first).to_contain_text("rocket")
    assert drawn.evaluate("() => mindseyeMap.stage.marks.any")
    shoot(drawn, "map-search")
    drawn.locator("#unchoose").click()
    expect(drawn.locator("#selection")).to_be_hidden()


def test_a_lasso_gathers_into_a_collection(drawn, shoot):
    box = drawn.locator("#map").bounding_box()
    left, top, right, bottom = box["x"] + 4, box["y"] + 4, box["x"] + box["width"] - 4, box["y"] + box["height"] - 4
    drawn.locator("#lasso").click()
    drawn.mouse.move(left, top)
    drawn.mouse.down()
    for x, y in [(right, top), (right, bottom), (left, bottom)]:
        drawn.mouse.move(x, y, steps=4)
    shoot(drawn, "map-lasso")
    drawn.mouse.up()
    expect(drawn.locator("#chosen-count")).to_contain_text("44 pictures, 16 words")
    expect(drawn.locator("#lasso")).to_have_attribute("aria-pressed", "false")
    drawn.locator("#map-query").fill("cat")
    drawn.keyboard.press("Enter")
    expect(drawn.locator("#chosen-count")).to_contain_text("near “cat”")
    drawn.evaluate(CHOOSE_THREE)
    drawn.locator("#gather-name").fill("my cats")
    drawn.locator("#gather button").click()
    expect(drawn.locator("#gathered")).to_contain_text("3 added to my cats")
    drawn.goto("/library")
    expect(drawn.locator("main")).to_contain_text("my cats")


def test_shift_and_drag_is_a_lasso_too(drawn):
    box = drawn.locator("#map").bounding_box()
    drawn.keyboard.down("Shift")
    drawn.mouse.move(box["x"] + 5, box["y"] + 5)
    drawn.mouse.down()
    drawn.mouse.move(box["x"] + 25, box["y"] + 5)
    drawn.mouse.move(box["x"] + 25, box["y"] + 25)
    drawn.mouse.up()
    drawn.keyboard.up("Shift")
    expect(drawn.locator("#chosen-count")).to_have_text("Nothing in the lasso")


def test_colours_hide_and_show_kinds(drawn):
    drawn.locator("#legend input").first.uncheck()
    expect(drawn.locator("#in-view-count")).not_to_contain_text("44 pictures")
    drawn.locator("#colouring").select_option("collection")
    expect(drawn.locator("#legend")).to_contain_text("paintings")
    expect(drawn.locator("#in-view-count")).to_contain_text("44 pictures")


def test_pictures_are_dots_until_their_sheets_are_there(page, shoot):
    page.route("**/v1/map/atlas/**", lambda route: route.abort())
    page.goto("/map")
    expect(page.locator("#map-body")).to_be_visible(timeout=60_000)
    expect(page.locator("#legend")).to_contain_text("paragraphs")
    shoot(page, "map-dots")
    i = page.evaluate("() => mindseyeMap.map.pictures.find((i) => mindseyeMap.stage.placement().shown[i] === 1)")
    page.evaluate("(i) => mindseyeMap.stage.goTo([i])", i)
    page.wait_for_timeout(200)
    x, y, side = page.evaluate(SEEN, i)
    assert page.evaluate(ALPHA, [x, y]) == 255, "the dot"
    assert page.evaluate(ALPHA, [x + 0.4 * side, y]) == 0, "no square around it"


@pytest.mark.parametrize("options", [{"viewport": {"width": 390, "height": 800}}], ids=["narrow"])
def test_no_button_covers_a_narrow_map(drawn, options):
    stage, tools = (drawn.locator(each).bounding_box() for each in ("#map", ".map-tools"))
    assert stage["y"] + stage["height"] <= tools["y"]


@pytest.mark.parametrize("options", [{"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 800}}], ids=str)
def test_dark_and_narrow(drawn, shoot, options):
    assert drawn.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    shoot(drawn, f"map-{next(iter(options))}")


def test_axe_finds_nothing_serious(drawn):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(drawn).response["violations"]
    assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []
