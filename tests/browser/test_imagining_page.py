"""Imagining by page: to the end, and stopped; and where an item came from."""

import re

import pytest
from playwright.sync_api import expect

PATIENCE = 120_000  # ms


@pytest.mark.slow  # a picture of full size, to its end; tests/api/test_web_pages.py has a small one
def test_what_no_picture_shows_is_imagined_and_tells_where_it_came_from(page, shoot):
    page.goto("/?q=okapi")
    expect(page.locator(".imagining h2")).to_contain_text("No picture")
    emerging = page.locator("[data-emerging]")
    expect(emerging).to_be_visible(timeout=PATIENCE)
    assert emerging.get_attribute("src").startswith("data:image/")
    shoot(page, "imagining")
    made = page.locator(".imagining a.stage")
    expect(made).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".imagining .badge")).to_have_text("Imagined, not found")
    expect(page.locator(".imagining")).to_contain_text(re.compile(r"Likeness to what was aimed at: 0\.\d\d of 1"))
    expect(page.locator("#told")).to_have_text("The picture of okapi is imagined")
    shoot(page, "imagined")
    page.get_by_role("link", name="Where it came from").click()
    drawer = page.locator("#drawer")
    expect(drawer.locator(".chain li").first).to_contain_text("Asked for “okapi”")
    expect(drawer.locator(".badge").first).to_have_text("Imagined, not found")
    expect(drawer.locator(".chain")).to_contain_text("Begun from")
    expect(drawer.locator(".chain")).to_contain_text("synthetic")
    assert re.search(r"/items/\d+$", page.url)
    shoot(page, "imagined-drawer")
    page.goto("/?origin=imagined")
    card = page.locator(".card.imagined", has=page.get_by_alt_text("imagined picture of okapi"))
    expect(card).to_have_count(1)
    expect(card.locator(".badge")).to_have_text("Imagined")
    shoot(page, "imagined-gallery")


def test_imagining_is_stopped(page, shoot):
    page.goto("/?q=xylophone&imagine=never")
    page.get_by_role("button", name="Imagine “xylophone”").click()
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".imagining")).to_contain_text("not imagined to the end", timeout=PATIENCE)
    expect(page.get_by_role("button", name="Imagine it after all")).to_be_visible()
    shoot(page, "stopped")


def test_leaving_the_page_stops_it_too(page):
    page.goto("/?q=violin")
    job = page.locator("[data-job]").get_attribute("data-job")
    page.goto("/status")
    page.wait_for_function(
        "async id => (await (await fetch(`/v1/jobs/${id}`)).json()).state === 'stopped'", arg=job, timeout=PATIENCE
    )


def test_the_drawer_tells_where_a_found_picture_came_from(page, shoot):
    page.goto("/?q=rocket")
    opener = page.locator(".card .frame").first
    opener.click()
    drawer = page.locator("#drawer[open]")
    expect(drawer.locator("h1")).to_have_text("rocket")
    expect(drawer.locator(".chain")).to_contain_text("The file rocket.jpg")
    expect(drawer.locator(".chain")).to_contain_text("Indexed")
    expect(drawer.get_by_role("link", name="Download the original")).to_have_attribute("download", "rocket.jpg")
    expect(drawer.locator("section .chip").first).to_have_text("rocket")
    expect(drawer.locator("[data-close]")).to_be_focused()
    address = page.url
    shoot(page, "drawer")
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_hidden()
    expect(opener).to_be_focused()
    expect(page).to_have_url(re.compile(r"\?q=rocket$"))
    page.goto(address)
    expect(page.locator("article h1")).to_have_text("rocket")


def test_the_focus_stays_in_the_drawer(page):
    page.goto("/?q=rocket")
    page.locator(".card .frame").first.click()
    expect(page.locator("#drawer .chain")).to_be_visible()
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('#drawer')")


def test_a_paragraph_leads_to_its_document(page):
    page.goto("/?q=rocket&in=paragraphs")
    page.locator(".texts .said").first.click()
    drawer = page.locator("#drawer[open]")
    expect(drawer.locator(".text")).to_contain_text("engines were lit")
    drawer.locator(".chain a").click()
    expect(drawer.locator(".small").first).to_contain_text("document")
