"""A study from start to result in a browser: made by page, judged by two raters, told."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

PATIENCE = 120_000  # ms
PHONE = {"viewport": {"width": 390, "height": 780}, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}
DARK = {"viewport": {"width": 1280, "height": 860}, "color_scheme": "dark"}
SERIOUS = {"serious", "critical"}


def make(page, name, words, question="word", raters=2, consent=""):
    """Make a study of found pictures by page, and return the raters' links."""
    page.goto("/studies")
    form = page.locator("details.new-study")
    if form.get_attribute("open") is None:
        form.locator("summary").first.click()
    for field, value in {"name": name, "raters": str(raters), "attention": "2", "words": words}.items():
        form.locator(f"[name={field}]").fill(value)
    page.locator(f"[name=question][value={question}]").check()
    page.locator("[name=pictures][value=found]").check()
    if consent:
        page.get_by_text("Texts for raters").click()
        page.get_by_label("Consent").fill(consent)
    page.get_by_role("button", name="Make the study").click()
    page.wait_for_url(f"**/studies/{name}", timeout=PATIENCE)
    return page.locator("[data-copy]").evaluate_all("all => all.map(each => each.dataset.copy)")


def judge(page, link, press, total):
    """Go through a study; press(position) makes an answer."""
    page.goto(link)
    page.get_by_role("button", name="Begin").click()
    for position in range(total):
        expect(page.locator(".progress .number")).to_have_text(f"{position + 1} / {total}")
        press(position)
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()


def key(page, name):
    """Press a key once the picture is seen: before that, keys are passed over."""
    page.wait_for_function("[...document.querySelectorAll('[data-shown]')].every(each => each.complete)")
    before = page.locator(".progress .number").inner_text()
    while page.locator(".progress .number").count() and page.locator(".progress .number").inner_text() == before:
        page.keyboard.press(name)
        page.wait_for_timeout(60)


def serious(page):
    found = Axe().run(page).response["violations"]
    return [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in found if each["impact"] in SERIOUS]


def test_a_study_from_start_to_result(page, browser, site, shoot):
    links = make(page, "pilot", "cat\nrocket\ncoffee\nastronaut")
    expect(page.get_by_text("Nobody has answered yet")).to_be_visible()
    shoot(page, "study-new")
    assert len(set(links)) == 2 and all(re.fullmatch(rf"{site.address}/study/pilot/r/[\w-]+", each) for each in links)
    first = browser.new_context(viewport={"width": 1280, "height": 860}).new_page()
    first.goto(links[0])
    shoot(first, "study-welcome")
    judge(first, links[0], lambda position: key(first, "ArrowLeft"), 6)
    shoot(first, "study-thanks")
    second = browser.new_context(**PHONE).new_page()
    judge(second, links[1], lambda position: second.locator(".choice").last.tap(), 6)
    for each in (first, second):
        each.context.close()
    page.reload()
    # Raters 1 and 2 see opposite sides, half of each left: who presses one side is right by half, and both at the same.
    expect(page.locator(".figure")).to_contain_text("4 of 8 answers right; chance is 50.0 %")
    expect(page.locator(".overall")).to_contain_text("100.0 % of pairs of raters")
    expect(page.locator(".items tbody tr")).to_have_count(4)
    assert page.locator(".items img").evaluate_all("all => all.every(each => each.alt.includes('picture for'))")
    shoot(page, "study-results")
    told = page.request.get("/v1/studies/pilot/judgments.csv").text().splitlines()
    assert len(told) == 1 + 12 and all(re.search(r",\d+,2\d{3}-", row) for row in told[1:]), "times were taken"
    with page.expect_download() as download:
        page.get_by_role("link", name="Judgments (CSV)").click()
    assert download.value.suggested_filename == "pilot.csv"
    assert serious(page) == []


def test_a_rater_goes_on_after_closing_and_cannot_go_back(page, browser, shoot):
    (link,) = make(page, "back", "cat\nrocket\ncoffee", raters=1, consent="My answers may be published.")
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    rater = context.new_page()
    rater.goto(link)
    shoot(rater, "study-consent")
    assert serious(rater) == []
    rater.get_by_role("button", name="Begin").click()
    expect(rater.get_by_role("heading", name="Welcome")).to_be_visible()  # nobody begins without agreeing
    rater.get_by_label("I have read this").check()
    rater.get_by_role("button", name="Begin").click()
    expect(rater.locator(".choice").first).to_be_visible()
    shoot(rater, "study-question")
    assert serious(rater) == []
    rater.locator(".choice").first.dblclick()
    expect(rater.locator(".progress .number")).to_have_text(re.compile("[23] / 5"))
    rater.go_back()
    rater.reload()
    reached = rater.locator(".progress .number").inner_text()
    rater.close()
    again = context.new_page()
    again.goto(link)
    expect(again.locator(".progress .number")).to_have_text(reached)
    context.close()


@pytest.mark.slow
@pytest.mark.parametrize("options", [DARK], ids=["dark"])
def test_pictures_and_categories_are_chosen_too(page, options, browser, shoot):
    (link,) = make(page, "look", "cat\nrocket", "image", raters=1)
    look = browser.new_context(**DARK).new_page()
    look.goto(link)
    look.get_by_role("button", name="Begin").click()
    expect(look.locator(".choice img")).to_have_count(2)
    shoot(look, "study-pictures")
    assert serious(look) == []
    key(look, "ArrowRight")
    expect(look.locator(".progress .number")).to_have_text("2 / 4")
    (link,) = make(page, "kinds", "cat, animal\nrocket, machine\ncoffee, drink", "category", raters=1)
    look.goto(link)
    look.get_by_role("button", name="Begin").click()
    expect(look.locator(".choice")).to_have_count(3)
    shoot(look, "study-categories")
    for answered in range(1, 5):
        key(look, "2")
        expect(look.locator(".progress .number")).to_have_text(f"{answered + 1} / 5")
    key(look, "3")
    expect(look.get_by_role("heading", name="Thank you")).to_be_visible()
    look.context.close()
    page.goto("/studies/kinds")
    expect(page.locator(".confusion tbody tr")).to_have_count(3)
    shoot(page, "study-kinds")
    assert serious(page) == []
    page.goto("/studies")
    shoot(page, "study-list")
    assert serious(page) == []


@pytest.mark.slow
@pytest.mark.parametrize("options", [{"java_script_enabled": False}], ids=["no scripts"])
def test_judging_works_without_scripts(page, options, browser, site):
    with_scripts = browser.new_context(base_url=site.address).new_page()
    (link,) = make(with_scripts, "plain", "cat\nrocket", raters=1)
    with_scripts.context.close()
    judge(page, link, lambda position: page.locator(".choice").first.click(), 4)


def test_what_cannot_be_made_is_told(page, shoot):
    page.goto("/studies")
    if not page.locator("details.new-study[open]").count():
        page.locator("details.new-study summary").first.click()
    page.get_by_label("Name").fill("none")
    page.get_by_label("Words, one a line").fill("wugglefrotz\nblorptang")
    page.get_by_role("button", name="Make the study").click()
    expect(page.get_by_role("alert")).to_contain_text("Fewer than two words can take part", timeout=PATIENCE)
    shoot(page, "study-refused")
