"""The Style tab as a visitor uses it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

Screenshot = Callable[[Page, str], Path]
WAIT = 30_000  # milliseconds, on a busy machine
KEYS = re.compile(r"\b(?:common|style|error)_[a-z_]+")


@pytest.fixture
def tab(page: Page) -> Page:
    """The app with the Style tab open and its first example answered."""
    return opened(page, "Style")


def opened(page: Page, name: str) -> Page:
    page.get_by_role("tab", name=name, exact=True).click()
    expect(page.locator("#style-answer .ss-answer")).to_have_text(re.compile("[А-Яа-яЁё]"), timeout=WAIT)
    expect(page.locator("#style-strip .strip li")).to_have_count(7, timeout=WAIT)
    expect(page.locator("#style-plot .js-plotly-plot .points path").first).to_be_attached(timeout=WAIT)
    return page


def test_first_example_is_answered_when_the_tab_opens(tab: Page, screenshot: Screenshot) -> None:
    expect(tab.locator("#style-answer .ss-answer")).to_have_text(re.compile("[а-яё]", re.IGNORECASE))
    expect(tab.locator("#style-answer .ss-fidelity")).to_have_text(re.compile(r"-?[01]\.\d\d"))
    expect(tab.locator("#style-answer .ss-by")).to_contain_text("Compact")
    tab.wait_for_timeout(2000)  # the careful answer has come by now
    expect(tab.locator("#style-answer")).to_contain_text("+ 2 × (familiar")
    expect(tab.locator("#style-plot .legend")).to_contain_text("slider")
    screenshot(tab, "style")


def test_the_answer_and_the_filmstrip_follow_a_dragged_slider(tab: Page) -> None:
    first = tab.locator("#style-strip").inner_text()
    slider = tab.locator("#style-slider-negative_positive input[type=range]")
    box = slider.bounding_box()
    assert box is not None
    x, y, width = box["x"], box["y"] + box["height"] / 2, box["width"]
    tab.mouse.move(x + width / 2, y)
    tab.mouse.down()
    for step in range(20):
        tab.mouse.move(x + width * (0.5 + step * 0.02), y)
        tab.wait_for_timeout(20)
    expect(tab.locator("#style-answer .style-formula")).to_contain_text("negative → positive", timeout=WAIT)
    tab.mouse.up()
    value = tab.locator("#style-slider-negative_positive input[type=number]").input_value()
    assert float(value) > 1
    expect(tab.locator("#style-answer .style-formula")).to_contain_text(
        f"{float(value):g} × (negative → positive)", timeout=WAIT
    )
    expect(tab.locator("#style-strip .strip-end").last).to_contain_text("positive", timeout=WAIT)
    assert tab.locator("#style-strip").inner_text() != first
    expect(tab.locator("#style-axis input:checked")).to_have_value("negative_positive")


def test_the_slider_works_from_the_keyboard(tab: Page) -> None:
    before = tab.locator("#style-strip .strip li[aria-current] .strip-strength").inner_text()
    slider = tab.locator("#style-slider-ty_vy input[type=range]")
    slider.focus()
    tab.keyboard.press("Home")
    expect(tab.locator("#style-answer .style-formula")).to_contain_text("−", timeout=WAIT)
    now = tab.locator("#style-strip .strip li[aria-current] .strip-strength")
    expect(now).not_to_have_text(before, timeout=WAIT)
    expect(tab.locator("#style-strip .strip li").first).to_have_attribute("aria-current", "true")


def test_what_is_typed_is_answered_and_shown_as_text(tab: Page) -> None:
    before = tab.locator("#style-answer .ss-answer").inner_text()
    tab.locator("#style-sentence textarea").fill("Эта собака любит гулять в парке.")
    expect(tab.locator("#style-answer .ss-answer")).not_to_have_text(before, timeout=WAIT)
    tab.locator("#style-sentence textarea").fill("")
    expect(tab.locator("#style-answer .ss-error")).to_be_visible(timeout=WAIT)
    tab.locator("#style-sentence textarea").fill("<img src=x> {{a}} ${1} Где ты?")
    expect(tab.locator("#style-answer .ss-answer")).to_be_visible(timeout=WAIT)
    assert tab.locator("#style-answer img").count() == 0


def test_an_example_of_the_article_names_its_recorded_answer(tab: Page) -> None:
    tab.get_by_text("Был рад нашей с Вами встрече!").first.click()
    expect(tab.locator("#style-sentence textarea")).to_have_value(
        "Был рад нашей с Вами встрече!", timeout=WAIT
    )
    recorded = tab.locator("#style-answer .style-recorded")
    expect(recorded).to_contain_text("Recorded from the article", timeout=WAIT)
    expect(recorded).to_contain_text("Хорошо встретился с тобой!")
    expect(tab.locator("#style-slider-informal_formal input[type=number]")).to_have_value("-0.5")
    tab.locator("#style-reset").click()
    expect(tab.locator("#style-slider-informal_formal input[type=number]")).to_have_value("0", timeout=WAIT)


def test_the_visitors_own_axis(tab: Page) -> None:
    tab.locator("#style-own").get_by_text("Make your own axis").click()
    tab.locator("#style-own-make").click()
    expect(tab.locator("#style-own-said .ss-error")).to_be_visible(timeout=WAIT)
    tab.locator("#style-own-fill").click()
    expect(tab.locator("#style-own-name input, #style-own-name textarea")).to_have_value(
        "past → future", timeout=WAIT
    )
    tab.locator("#style-own-make").click()
    expect(tab.locator("#style-own-said")).to_contain_text("of 8", timeout=WAIT)
    expect(tab.locator("#style-slider-own-axis")).to_contain_text("past → future")
    expect(tab.locator("#style-strip .strip-end").last).to_contain_text("future", timeout=WAIT)
    number = tab.locator("#style-slider-own-axis input[type=number]")
    number.fill("2")
    expect(tab.locator("#style-answer .style-formula")).to_contain_text("2 × (past → future)", timeout=WAIT)


def test_files_can_be_downloaded(tab: Page) -> None:
    for kind in ("csv", "json", "html"):
        with tab.expect_download(timeout=WAIT) as download:
            tab.locator(f"#style-{kind}").click()
        assert download.value.suggested_filename == f"style.{kind}"


def test_three_dimensions(tab: Page) -> None:
    tab.locator("#style-dims input").last.check()
    expect(tab.locator("#style-plot .gl-container canvas").first).to_be_attached(timeout=WAIT)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_telephone_in_russian(open_page: Callable[..., Page], screenshot: Screenshot, theme: str) -> None:
    page = opened(open_page(width=390, height=844, locale="ru-RU", theme=theme), "Стиль")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not KEYS.search(page.locator("body").inner_text())
    expect(page.locator("#style-axis")).to_contain_text("сдержанно → эмоционально")
    screenshot(page, f"style-telephone-{theme}")
