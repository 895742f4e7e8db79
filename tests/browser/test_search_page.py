"""Searching by page: words, senses, sums, pictures, items, filters, order, and what goes wrong."""

import re

import pytest
from playwright.sync_api import expect

from mindseye.engine.vision.pictures import read_picture


def first_card(page):
    return page.locator("[data-gallery] .card").first


def first_picture(page):
    return first_card(page).locator(".frame img")


def test_the_first_page_shows_the_box_and_what_is_in_the_library(page, shoot):
    page.goto("/")
    expect(page.locator("#q")).to_be_focused()
    expect(page.locator(".section-title")).to_contain_text("44 pictures")
    expect(page.locator("[data-gallery] .card")).to_have_count(24)
    shoot(page, "home")


def test_a_word_finds_its_picture_and_the_link_can_be_sent(page, shoot):
    page.goto("/")
    page.locator("#q").press_sequentially("cat")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=cat")
    expect(first_picture(page)).to_have_attribute("alt", re.compile("chelsea.*labelled cat; found in photos"))
    expect(first_card(page).locator(".badge")).to_have_text("Found")
    expect(first_card(page).locator(".match")).to_have_text(re.compile(r"likely \d+ % · 0\.\d\d$"))
    expect(page.locator("[data-gallery] .card").last.locator(".badge")).to_have_text("Nearest")
    expect(page.locator(".outcome")).to_contain_text("among 44 pictures")
    expect(page.locator("aside .chip").first).to_have_text("cat")
    expect(page.locator("aside .paragraph").first).to_contain_text("whiskers")
    shoot(page, "cat")
    page.go_back()
    expect(page.locator(".hero h1")).to_be_visible()


@pytest.mark.parametrize("options", [{"viewport": {"width": 390, "height": 800}}], ids=["narrow"])
def test_every_card_says_score_and_probability_and_the_drawer_repeats_them(page, shoot, options):
    page.goto("/?q=cat")
    cards = page.locator("[data-gallery] .card")
    for said in (".score", ".likely", ".name"):
        assert cards.locator(said).evaluate_all("all => all.every(each => each.checkVisibility())")
    assert cards.locator(".score").count() == cards.locator(".likely").count() == cards.count()
    shoot(page, "cat-narrow")
    told = cards.first.locator(".match").inner_text()
    cards.first.locator(".frame").click()
    expect(page.locator("#drawer [data-match]")).to_have_text(f"Is it what was asked? {told}", use_inner_text=True)
    shoot(page, "drawer-narrow")


def test_near_duplicates_are_one_card_that_unfolds(page):
    page.goto("/?q=cat")
    twins = first_card(page).locator(".near")
    expect(twins.locator("summary")).to_contain_text("1 near duplicate")
    twins.locator("summary").click()
    expect(twins.locator("img")).to_have_attribute("alt", re.compile("chelsea"))
    page.goto("/?q=cat&twins=on")
    expect(page.locator("[data-gallery] .frame img").nth(1)).to_have_attribute("alt", re.compile("chelsea"))


def test_suggestions_tell_what_words_mean(page, shoot):
    page.goto("/")
    page.locator("#q").press_sequentially("motorc")
    option = page.get_by_role("option").first
    expect(option).to_contain_text("motorcycle")
    expect(option.locator(".gloss")).to_contain_text("vehicle")
    shoot(page, "suggestions")
    page.keyboard.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=motorcycle")
    expect(first_picture(page)).to_have_attribute("alt", re.compile("motorcycle"))


def test_a_sense_of_an_ambiguous_word_is_chosen(page):
    page.goto("/?q=coffee&imagine=never")
    chips = page.locator(".senses > a.chip")
    assert chips.count() > 1
    told = chips.nth(1).get_attribute("title")
    chips.nth(1).click()
    page.wait_for_url("**sense=*")
    expect(page.locator(".senses .chip[aria-current]")).to_have_attribute("title", re.compile(re.escape(told)))


def test_a_sum_is_answered(page):
    page.goto("/?q=" + "cat %2B coffee")
    expect(page.locator(".outcome")).to_contain_text("read as the sum")
    names = page.locator("[data-gallery] .name").all_inner_texts()[:3]
    assert any(name.endswith(" coffee") for name in names) and any(name.endswith(" cat") for name in names)
    assert "coffee.png coffee" in names, "a card says the file's name, then its labels"


def test_similar_in_one_click(page):
    page.goto("/?q=rocket")
    page.locator("[data-similar]").first.click()
    page.wait_for_url("**like=*")
    expect(page.locator("h1")).to_have_text("Like rocket")
    expect(page.locator("[data-gallery] .name").first).to_be_visible()
    assert "rocket.jpg rocket" not in page.locator("[data-gallery] .name").all_inner_texts()


def test_a_dropped_picture_is_searched_by(page, site, shoot):
    page.goto("/")
    data = (site.folder / "photos" / "chelsea-small.jpg").read_bytes()
    page.evaluate(
        """bytes => {
            const carrier = new DataTransfer();
            carrier.items.add(new File([new Uint8Array(bytes)], "kitty.jpg", {type: "image/jpeg"}));
            const options = {dataTransfer: carrier, bubbles: true, cancelable: true};
            for (const type of ["dragenter", "dragover", "drop"])
                document.body.dispatchEvent(new DragEvent(type, options));
        }""",
        list(data),
    )
    page.wait_for_url("**picture=*")
    expect(page.locator("h1")).to_have_text("Like kitty.jpg")
    expect(first_picture(page)).to_have_attribute("alt", re.compile("chelsea"))
    expect(page.locator("aside .chip").first).to_have_text("cat")
    shoot(page, "dropped")


def test_what_is_no_picture_is_refused_on_a_page(page, tmp_path):
    (tmp_path / "no.png").write_bytes(b"no picture")
    page.goto("/")
    page.locator("#picture-form input").set_input_files(tmp_path / "no.png")
    expect(page.locator(".notice.bad")).to_contain_text("no.png")


def test_a_page_more_keeps_the_total(page):
    page.goto("/?in=images")
    more = page.locator(".more a")
    expect(more).to_contain_text("24 of 44")
    more.click()
    expect(page.locator(".more")).to_contain_text("44 shown; that is all")
    cards = page.locator("[data-item]").evaluate_all("all => all.map(each => each.dataset.item)")
    assert len(cards) == len(set(cards)) == 44


@pytest.mark.parametrize(
    ("query", "count"),
    [("collection=photographs", 14), ("label=cat", 2), ("path=*painting-1*", 10), ("pixels=1280..", None)],
)
def test_filters(page, query, count, site):
    if count is None:
        pictures = (read_picture(p.read_bytes(), p.name).image for p in (site.folder / "photos").iterdir())
        count = sum(max(picture.size) >= 1280 for picture in pictures)
    page.goto(f"/?{query}")
    expect(page.locator("[data-gallery] .card, .notice")).to_have_count(count or 1)
    expect(page.locator("details.filters")).to_have_attribute("open", "")


def test_a_filter_is_chosen_by_hand(page, shoot):
    page.goto("/?q=cat&imagine=never")
    page.locator("details.filters summary").click()
    page.locator("[name=collection]:visible").select_option("paintings")
    shoot(page, "filters")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url(lambda url: "collection=paintings" in url and "label" not in url)
    assert "painting-" in (first_picture(page).get_attribute("alt") or "")


def test_another_order(page):
    page.goto("/?q=cat&in=images&imagine=never")
    page.get_by_label("Order").select_option("name")
    page.wait_for_url("**sort=name*")
    alts = page.locator(".card > .frame img").evaluate_all("all => all.map(each => each.alt.split(/[,;]/)[0])")
    assert alts == sorted(alts, key=str.casefold)


def test_an_unknown_word_is_told_and_can_be_explained(page, shoot):
    page.goto("/?q=wugglefrotz&imagine=never")
    expect(page.locator(".notice.bad")).to_contain_text("know 'wugglefrotz'")
    shoot(page, "unknown")
    page.get_by_label("What does").fill("a small cat with whiskers")
    page.get_by_role("button", name="Search with this meaning").click()
    page.wait_for_url("**means=*")
    expect(first_picture(page)).to_have_attribute("alt", re.compile("chelsea"))


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("/nothing", "no such page"),
        ("/items/999999", "No item"),
        ("/?q=cat&sense=x", "sense: Input"),
        ("/?since=x", "no date"),
    ],
)
def test_errors_are_pages(page, address, told):
    answer = page.goto(address)
    assert answer.status in (400, 404, 422)
    expect(page.locator(".notice.bad")).to_contain_text(told)
    expect(page.locator("nav a").first).to_be_visible()


def test_a_text_is_too_long(page):
    page.goto("/?q=" + "cat " * 700)
    expect(page.locator(".notice.bad")).to_contain_text("2799 characters")
