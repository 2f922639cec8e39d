"""The page as a whole: what it asks for when it opens, its header on a telephone, its copy buttons."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Request, expect

SLOW = 60_000  # milliseconds, on a busy machine


def tabs(page: Page) -> Locator:
    return page.locator("#tabs button[role=tab]")


def test_a_tab_is_answered_when_it_is_first_visited_and_kept_afterwards(page: Page) -> None:
    plot = page.locator("#translate-plot .main-svg").first
    expect(plot).to_be_visible(timeout=SLOW)  # what the first opening asks for is not counted
    asked: list[Request] = []
    page.on("request", lambda one: asked.append(one) if "/queue/join" in one.url else None)
    page.reload()
    expect(plot).to_be_visible(timeout=SLOW)
    assert len(asked) <= 2, "the pair's line and Translate: the other tabs wait"
    answers = {1: "#average-answer .ss-answer", 2: "#algebra-answer-text", 3: "#style-answer .ss-answer"}
    for tab, answer in answers.items():
        asked.clear()
        tabs(page).nth(tab).click()
        expect(page.locator(answer)).not_to_be_empty(timeout=SLOW)
        assert asked
    tabs(page).nth(2).click()
    slider = page.locator("#algebra-coefficient-1 input[type=range]")
    slider.focus()
    slider.press("Home")
    formula = page.locator("#algebra-answer .algebra-formula")
    expect(formula).to_contain_text("−2 × король", timeout=SLOW)
    tabs(page).nth(0).click()
    tabs(page).nth(2).click()
    page.wait_for_timeout(1000)
    expect(formula).to_contain_text("−2 × король")


@pytest.mark.parametrize("locale", ["en-US", "ru-RU"])
def test_a_telephone_shows_all_tabs_in_one_row_and_the_switch(
    open_page: Callable[..., Page], locale: str
) -> None:
    page = open_page(width=390, height=844, locale=locale)
    boxes = tabs(page).evaluate_all("tabs => tabs.map(tab => tab.getBoundingClientRect().toJSON())")
    assert len(boxes) == 4
    assert all(box["x"] >= 0 and box["right"] <= 390 for box in boxes)
    assert len({box["y"] for box in boxes}) == 1
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
