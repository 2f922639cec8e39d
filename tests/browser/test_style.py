"""The Style tab as a visitor uses it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import (
    FIDELITY,
    RUSSIAN,
    answer,
    download,
    drag,
    open_tab,
    shows_its_map,
    three_dimensions,
)
from tests.conftest import Screenshot


@pytest.fixture
def tab(page: Page) -> Page:
    """The app with the Style tab open and its first example answered."""
    return open_tab(page, "style")


def test_sliders_sentences_and_axes(tab: Page, screenshot: Screenshot, tmp_path: Path) -> None:
    the_first_example_and_its_sliders(tab, screenshot)
    what_is_typed_and_an_example_of_the_article(tab)
    the_visitors_own_axis(tab)
    pairs_from_a_file_are_read_as_a_hand_chooses(tab, tmp_path)
    three_dimensions(tab, "style")


def the_first_example_and_its_sliders(tab: Page, screenshot: Screenshot) -> None:
    said, strip = tab.locator("#style-answer"), tab.locator("#style-strip")
    expect(said.locator(".ss-fidelity").first).to_have_text(FIDELITY)
    expect(said.locator(".ss-by")).to_contain_text("Compact")
    expect(strip.locator(".strip li")).to_have_count(7)
    expect(tab.locator("#style-plot .legend")).to_contain_text("slider")
    screenshot(tab, "style")

    first = strip.inner_text()
    drag(tab, tab.locator("#style-slider-negative_positive input[type=range]"), 0.9)
    value = float(tab.locator("#style-slider-negative_positive input[type=number]").input_value())
    assert value > 1
    expect(said.locator(".style-formula")).to_contain_text(f"{value:g} × (negative → positive)")
    expect(strip.locator(".strip-end").last).to_contain_text("positive")
    assert strip.inner_text() != first
    expect(tab.locator("#style-axis input:checked")).to_have_value("negative_positive")

    polite = tab.locator("#style-slider-ty_vy input[type=range]")
    polite.focus()
    tab.keyboard.press("Home")
    expect(said.locator(".style-formula")).to_contain_text("−")
    expect(strip.locator(".strip li").first).to_have_attribute("aria-current", "true")

    for kind in ("csv", "json"):
        assert download(tab, f"#style-{kind}")[0] == f"style.{kind}"
    shows_its_map(tab, download(tab, "#style-html")[1])


def what_is_typed_and_an_example_of_the_article(tab: Page) -> None:
    before, typed = answer(tab, "style").inner_text(), tab.locator("#style-sentence textarea")
    typed.fill("Эта собака любит гулять в парке.")
    expect(answer(tab, "style")).not_to_have_text(before)
    typed.fill("")
    expect(tab.locator("#style-answer .ss-error")).to_be_visible()
    typed.fill("<img src=x> {{a}} ${1} Где ты?")
    expect(answer(tab, "style")).to_have_text(RUSSIAN)
    assert tab.locator("#style-answer img").count() == 0

    tab.get_by_text("Был рад нашей с Вами встрече!").first.click()
    expect(typed).to_have_value("Был рад нашей с Вами встрече!")
    recorded = tab.locator("#style-answer .style-recorded")
    expect(recorded).to_contain_text("Recorded from the article")
    expect(recorded).to_contain_text("Хорошо встретился с тобой!")
    number = tab.locator("#style-slider-informal_formal input[type=number]")
    expect(number).to_have_value("-0.5")
    tab.locator("#style-reset").click()
    expect(number).to_have_value("0")


def the_visitors_own_axis(tab: Page) -> None:
    tab.locator("#style-own").get_by_text("Make your own axis").click()
    tab.locator("#style-own-make").click()
    expect(tab.locator("#style-own-said .ss-error")).to_be_visible()
    tab.locator("#style-own-fill").click()
    expect(tab.locator("#style-own-name input, #style-own-name textarea")).to_have_value("past → future")
    tab.locator("#style-own-make").click()
    expect(tab.locator("#style-own-said")).to_contain_text("of 8")
    expect(tab.locator("#style-slider-own-1")).to_contain_text("past → future")
    expect(tab.locator("#style-strip .strip-end").last).to_contain_text("future")
    tab.locator("#style-slider-own-1 input[type=number]").fill("1.5")
    expect(tab.locator("#style-answer .style-formula")).to_contain_text("1.5 × (past → future)")


def pairs_from_a_file_are_read_as_a_hand_chooses(tab: Page, tmp_path: Path) -> None:
    path = tmp_path / "msf:33"  # as a phone names it
    path.write_text("ты;вы\nИди;Идите\nПой;Пойте\n", encoding="utf-8")
    lines = tab.locator("#style-own-from textarea")
    with tab.expect_file_chooser() as chooser:
        tab.locator("#style-own-file").click()
    chooser.value.set_files(path)
    expect(tab.locator("#style-own-delimiter")).to_be_visible()
    tab.locator("#style-own-delimiter input").click()
    tab.get_by_role("option", name=";").click()
    expect(lines).to_have_value("ты\nИди\nПой")
    tab.locator("#style-own-header input").click()
    tab.get_by_role("option", name="names the columns").click()
    expect(lines).to_have_value("Иди\nПой")
    expect(tab.locator("#style-own-name input, #style-own-name textarea")).to_have_value("ты → вы")
