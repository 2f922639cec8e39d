"""The page as a whole: what it asks for when it opens, its header on a telephone, its copy buttons."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

SLOW = 60_000  # milliseconds, on a busy machine


def tabs(page: Page) -> Locator:
    return page.locator("#tabs button[role=tab]")


@pytest.mark.parametrize("locale", ["en-US"])
def test_a_telephone_shows_all_tabs_in_one_row_and_the_switch(
    open_page: Callable[..., Page], locale: str
) -> None:
    page = open_page(width=390, height=844, locale=locale)
    boxes = [tabs(page).nth(place).bounding_box() for place in range(4)]
    assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= 390 for box in boxes)
    assert len({box["y"] for box in boxes if box}) == 1
    switch = page.locator("#switch-theme")
    expect(switch).to_have_text("Тёмная / светлая" if locale == "ru-RU" else "Dark / light")
    switch.click()
    assert page.evaluate("document.body.classList.contains('dark')")


def test_an_answer_is_copied_and_the_button_says_so(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    answer = page.locator("#translate-answers .ss-line").first
    answer.wait_for(timeout=SLOW)
    button = answer.locator(".ss-copy")
    button.click()
    expect(button).to_have_attribute("data-said", re.compile("Copied"))
    assert page.evaluate("navigator.clipboard.readText()") == answer.locator(".ss-answer").inner_text()
    expect(button).not_to_have_attribute("data-said", re.compile("."))
    expect(button.locator("svg")).to_be_visible()
