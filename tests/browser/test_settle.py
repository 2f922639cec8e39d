"""A moved slider gets a quick answer, and a resting one the careful answer, on each tab that has sliders."""

from __future__ import annotations

import re

import pytest
from gradio_client import Client
from playwright.sync_api import Page, expect

SLOW = 60_000  # milliseconds, on a busy machine
TABS = {  # place of the tab, a slider of it, how often it is moved: so that the answer is a new one
    "average": (1, "#average-trim", 2),
    "algebra": (2, "#algebra-coefficient-2", 7),
    "style": (3, "#style-slider-informal_formal", 1),
}

# Notes, frame by frame, what kind of answer the page shows.
WATCH = """
(answer) => {
  window.shown = [];
  const look = () => {
    const place = document.querySelector(answer);
    const kind = !place.querySelector(".ss-answer")?.textContent ? "nothing"
      : place.querySelector(".ss-quick") ? "quick" : "careful";
    if (window.shown.at(-1) !== kind) window.shown.push(kind);
    requestAnimationFrame(look);
  };
  look();
}
"""


@pytest.mark.parametrize("tab", TABS)
def test_the_careful_answer_takes_the_place_of_the_quick_one(page: Page, tab: str) -> None:
    place, slider, times = TABS[tab]
    answer = page.locator(f"#{tab}-answer")
    page.locator("#tabs button[role=tab]").nth(place).click()
    expect(answer.locator(".ss-answer")).to_have_text(re.compile("[а-яё]"), timeout=SLOW)
    expect(answer.locator(".ss-quick")).to_have_count(0, timeout=SLOW)
    page.wait_for_timeout(1000)
    page.evaluate(WATCH, f"#{tab}-answer")
    page.locator(f"{slider} input[type=range]").focus()
    for _ in range(times):
        page.keyboard.press("ArrowLeft" if tab == "algebra" else "ArrowRight")
    expect(answer.locator(".ss-quick")).to_have_count(1, timeout=SLOW)
    expect(answer.locator(".ss-quick")).to_contain_text("refining")
    expect(answer.locator(".ss-quick")).to_have_count(0, timeout=SLOW)
    page.wait_for_timeout(3000)  # it stays
    shown = page.evaluate("window.shown")
    assert shown == ["careful", "quick", "careful"]


def test_what_the_page_settles_on_is_the_answer_of_the_endpoint(page: Page, app_url: str) -> None:
    page.locator("#tabs button[role=tab]").nth(2).click()
    answer = page.locator("#algebra-answer")
    expect(answer.locator(".ss-answer")).to_have_text(re.compile("[а-яё]"), timeout=SLOW)
    page.locator("#algebra-coefficient-1 input[type=range]").focus()
    for _ in range(9):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(60)
    expect(answer.locator(".algebra-formula")).to_contain_text("1.45 × король", timeout=SLOW)
    expect(answer.locator(".ss-quick")).to_have_count(0, timeout=SLOW)
    client = Client(app_url, verbose=False)
    found = client.predict(["король", "мужчина", "женщина"], [1.45, -1, 1], api_name="/algebra")
    expect(answer.locator(".ss-answer")).to_have_text(found["russian"])
    expect(answer.locator(".ss-fidelity").first).to_contain_text(f"{found['fidelity']:.2f}")
