"""The library by page: a folder indexed with what was skipped, collections, runs, status and doctor."""

import re

from playwright.sync_api import expect

PATIENCE = 60_000  # ms


def test_a_folder_is_indexed_and_what_is_broken_is_told(page, shoot):
    page.goto("/library")
    page.locator("#folders").get_by_role("link", name="new", exact=True).click()
    expect(page.locator("#folders")).to_contain_text("4 files to take here")
    shoot(page, "library")
    page.locator("[name=collection]:visible").fill("fresh")
    page.get_by_role("button", name="Index it").click()
    job = page.locator("#jobs .job")
    expect(job).to_contain_text("3 added", timeout=PATIENCE)
    expect(job).to_contain_text("1 skipped")
    expect(job.locator(".skips")).to_contain_text("broken.png")
    shoot(page, "indexed")
    page.reload()
    expect(page.locator("table").first).to_contain_text("broken.png")
    row = page.locator(".rows li", has_text="fresh")
    expect(row).to_contain_text("3 items")
    expect(page.locator("table").last).to_contain_text("3 added")
    row.locator("summary").click()
    row.get_by_role("button", name="Remove fresh").click()
    expect(page.locator(".rows li", has_text="fresh")).to_contain_text("0 items")


def test_no_folder_outside_of_the_roots_is_shown(page):
    answer = page.goto("/library/folders?path=/etc")
    assert answer.status == 403
    expect(page.locator(".notice.bad")).to_contain_text("may be indexed")


def test_no_folder_chosen_is_told(page):
    page.goto("/library")
    page.locator("#folders input[name=path]").evaluate("each => each.remove()")
    page.get_by_role("button", name="Index it").click()
    expect(page.locator("#jobs .notice.bad")).to_contain_text("No folder is chosen")


def test_status_and_doctor(page, shoot):
    page.goto("/status")
    expect(page.locator(".figures div").first).to_contain_text(re.compile("4[4-9]"))  # others may gather some
    expect(page.locator(".notice.good")).to_contain_text("Sound", timeout=PATIENCE)
    shoot(page, "status")
