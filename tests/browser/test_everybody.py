"""The page for everybody: by keyboard alone, on a phone, without scripts, in the dark, to axe."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

PHONE = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "has_touch": True}
PAGES = ("/", "/?q=cat", "/?q=okapi&imagine=never", "/?like=40", "/?q=rocket&in=paragraphs", "/?q=wugglefrotz",
         "/library", "/places", "/status", "/items/40", "/nothing")  # fmt: skip


def test_by_keyboard_alone(page, shoot):
    page.goto("/?q=cat")
    page.keyboard.press("ArrowRight")
    first = page.locator(".card .frame").first
    expect(first).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".card .frame").nth(1)).to_be_focused()
    page.keyboard.press("ArrowDown")
    place = page.evaluate("[...document.querySelectorAll('.card .frame')].indexOf(document.activeElement)")
    assert place > 1
    shoot(page, "keyboard")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator("#drawer[open] .chain")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    shoot(page, "keys")
    page.keyboard.press("Escape")
    page.locator(".card .frame").first.focus()
    page.keyboard.press("s")
    page.wait_for_url("**like=*")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("rocket")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=rocket")


def test_the_first_stop_of_the_tabulator_skips_to_the_content(page):
    page.goto("/library")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize("options", [PHONE], ids=["phone"])
def test_nothing_is_wider_than_a_phone(page, options, shoot):
    for number, address in enumerate(PAGES):
        page.goto(address)
        shoot(page, f"phone-{number}")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"], address


@pytest.mark.parametrize("options", [{"java_script_enabled": False}], ids=["no scripts"])
def test_the_form_works_without_scripts(page, options):
    page.goto("/")
    page.locator("#q").fill("coffee")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator(".card .name").first).to_contain_text("coffee")
    page.locator(".card .frame").first.click()
    expect(page.locator(".chain")).to_contain_text("coffee.png")


def test_pictures_have_their_place_before_they_are_loaded(page):
    page.route("**/thumbnail", lambda route: route.abort())
    page.goto("/?in=images")
    before = page.locator(".card").evaluate_all("all => all.map(each => each.getBoundingClientRect().width)")
    page.unroute("**/thumbnail")
    page.goto("/?in=images")
    page.wait_for_function("() => [...document.images].slice(0, 6).every(each => each.complete && each.naturalWidth)")
    after = page.locator(".card").evaluate_all("all => all.map(each => each.getBoundingClientRect().width)")
    assert before == pytest.approx(after, abs=1)


def test_axe_finds_nothing_serious_on_the_page_of_results(page):
    page.goto("/?q=cat")
    assert not serious(page)


@pytest.mark.slow
@pytest.mark.parametrize("options", [{"color_scheme": "light"}, {"color_scheme": "dark"}], ids=["light", "dark"])
def test_axe_finds_nothing_serious_on_any_page(page, options, shoot):
    for number, address in enumerate(PAGES):
        page.goto(address)
        shoot(page, f"{options['color_scheme']}-{number}")
        assert not serious(page), address
    page.goto("/?q=rocket")
    page.locator(".card .frame").first.click()
    page.locator("#drawer[open] .chain").wait_for()
    page.wait_for_timeout(300)  # until the drawer has slid in: what is half transparent has another contrast
    shoot(page, f"{options['color_scheme']}-drawer")
    assert not serious(page)


def serious(page):
    """Return what axe calls serious or critical: rule and elements."""
    told = Axe().run(page).response["violations"]
    return [
        (each["id"], [node["html"] for node in each["nodes"]])
        for each in told
        if each["impact"] in ("serious", "critical")
    ]
