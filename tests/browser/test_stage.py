"""The presenter's view: what is read from the last row, and what a hand on the keyboard alone does."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, Route, expect

from demos.page import ASSETS
from tests.browser.steps import RUSSIAN, TABS, VOICE, answer, letters_of, open_tab, rest
from tests.conftest import OpenPage, Screenshot

PROGRAMME = json.loads((ASSETS / "programme.json").read_text(encoding="utf-8"))

# A key as a layout gives it: its letter and its place.
KEY = """([key, code]) =>
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true }))"""
SIZE = "box => parseFloat(getComputedStyle(box).fontSize)"


@pytest.fixture
def stage(open_page: OpenPage) -> Page:
    """The page on stage, with its first tab answered."""
    page = open_page(width=1920, height=1080)
    page.locator("#do-stage").click()
    expect(page.locator("body")).to_have_class(re.compile("stage"))
    expect(answer(page, "translate")).to_have_text(RUSSIAN)
    page.add_style_tag(content="* { transition: none !important; }")  # colours change at once
    return rest(page)


def is_read_from_afar(page: Page) -> None:
    """All that stands on the screen is large, and clear in both themes; the page is left in the light one."""
    for theme in ("dark", "light"):
        letters = letters_of(page, theme)
        assert len(letters) > 10
        assert {one.text for one in letters if one.size < 20} == set(), theme
        assert [one for one in letters if not one.is_clear] == [], theme


def test_everything_is_read_from_afar(stage: Page, screenshot: Screenshot) -> None:
    for tab in TABS:
        open_tab(stage, tab)
        is_read_from_afar(stage)
        assert answer(stage, tab).evaluate(SIZE) >= 44, tab
        labels = stage.locator(f"#{tab}-plot .textpoint text").all()
        assert labels, tab
        for label in labels:
            assert label.evaluate(SIZE) >= 22, tab
        assert stage.evaluate("document.documentElement.scrollWidth") <= 1920, tab
        screenshot(stage, f"stage-{tab}")
    header = stage.locator("#header").bounding_box()
    assert header is not None
    assert header["height"] < 60, "one line"
    expect(stage.locator(".ss-intro").first).to_be_hidden()
    stage.locator("#do-models").click()
    is_read_from_afar(stage)
    stage.locator("#style-answer .ss-more").first.click()
    expect(stage.locator("#ss-menu")).to_be_visible()
    is_read_from_afar(stage)


def test_keys_alone(stage: Page) -> None:
    keys = stage.keyboard
    keys.press("?")
    expect(stage.locator("#ss-dialog dt")).to_have_count(10)
    is_read_from_afar(stage)
    keys.press("Escape")
    for _ in range(2):  # the code of the same screen comes again
        keys.press("q")
        expect(stage.locator("#ss-dialog svg")).to_be_visible()
        expect(stage.locator("#ss-dialog p")).to_contain_text("a phone cannot open it")
        keys.press("Escape")
        expect(stage.locator("#ss-dialog")).to_have_count(0)
    stage.evaluate(f"() => {{ {VOICE} }}")
    keys.press("s")
    assert stage.evaluate("heard") == answer(stage, "translate").inner_text()
    stage.evaluate("document.documentElement.requestFullscreen = () => { window.whole = true; }")
    stage.evaluate(KEY, ["а", "KeyF"])  # the Russian layout has other letters there
    assert stage.evaluate("whole") is True
    keys.press("2")
    expect(answer(stage, "average")).not_to_be_empty()
    keys.press("1")
    expect(answer(stage, "translate")).to_be_visible()

    keys.press("4")
    expect(answer(stage, "style")).to_have_text(RUSSIAN)
    rest(stage)
    slider = stage.locator("#style-slider-ty_vy input[type=range]")
    low, high = (float(slider.get_attribute(end) or 0) for end in ("min", "max"))
    slider.evaluate(
        "box => { window.places = []; box.addEventListener('input', () => places.push(box.valueAsNumber)); }"
    )
    keys.press(" ")  # the slider goes from one end to the other
    stage.wait_for_function(f"places[0] === {low} && places.at(-1) === {high}")
    expect(stage.locator("#style-strip li").last).to_have_attribute("aria-current", "true")

    keys.press("3")
    expect(answer(stage, "algebra")).to_have_text("королева")
    rest(stage)
    keys.press("ArrowRight")
    term = stage.locator("#algebra-term-1").locator("textarea, input")
    expect(term).to_have_value("Лондон")
    rest(stage)
    stage.evaluate(KEY, ["y", "KeyZ"])  # the German layout has y there, and z elsewhere
    stage.evaluate(KEY, ["z", "KeyY"])
    expect(term).to_have_value("король")
    expect(answer(stage, "algebra")).to_have_text("королева")
    rest(stage)

    # What the mouse has pressed leaves the arrows to the programme and the examples.
    stage.locator("#algebra-mode label").first.click()
    rest(stage)
    keys.press("ArrowRight")
    expect(term).to_have_value("Зимой мы катаемся на лыжах.")
    rest(stage)
    stage.locator("#algebra-coefficient-1 input[type=range]").click()
    keys.press("ArrowLeft")
    expect(term).to_have_value("Лондон")
    stage.locator("#tabs button[role=tab]").nth(2).click()
    keys.press("ArrowLeft")
    expect(term).to_have_value("король")


def test_a_journey_is_played_and_its_map_fills_the_screen(stage: Page, screenshot: Screenshot) -> None:
    open_tab(stage, "algebra")
    stage.locator("#algebra-mode input").last.check()
    stops = stage.locator("#algebra-answer .strip li")
    expect(stops).not_to_have_count(0)
    rest(stage)
    is_read_from_afar(stage)
    assert stops.first.locator(".strip-text").evaluate(SIZE) >= 44
    stage.keyboard.press(" ")
    hovered = stage.locator("#algebra-plot .hoverlayer .hovertext")
    for stop in (stops.first, stops.last):
        expect(stop).to_have_attribute("aria-current", "true")
        expect(hovered).to_contain_text(
            stop.locator(".strip-text").evaluate("box => box.firstChild.textContent")
        )

    stage.evaluate(f"() => {{ {VOICE} }}")
    stage.keyboard.press("s")
    said = stops.locator(".ss-more").evaluate_all("all => all.map((one) => one.dataset.say)")
    assert stage.evaluate("heard") == ". ".join(said)

    stage.keyboard.press("m")
    plot = stage.locator("#algebra-plot .js-plotly-plot .main-svg").first
    stage.wait_for_function("plot => plot.getBoundingClientRect().height > 1000", arg=plot.element_handle())
    stage.mouse.click(1200, 300)
    words = stage.locator("#algebra-plot-speaks .map-says .ss-more")
    expect(words).to_have_attribute("data-say", RUSSIAN)
    screenshot(stage, "stage-map")
    for text in (*said, words.get_attribute("data-say")):
        stage.wait_for_function(
            "text => localStorage.getItem('sentence-space-history')?.includes(text)", arg=text
        )
    stage.keyboard.press("Escape")
    stage.wait_for_function("plot => plot.getBoundingClientRect().height < 700", arg=plot.element_handle())


def test_the_programme_goes_on_with_every_press(stage: Page) -> None:
    keys, bar = stage.keyboard, stage.locator("#stage-bar")
    keys.press("p")
    for place, step in enumerate(PROGRAMME, 1):
        expect(bar.locator("b")).to_contain_text(f"{place}/{len(PROGRAMME)}")
        expect(bar.locator("td").first).to_have_text(step["article"][0])
        expect(bar.locator("td").nth(1)).to_have_text(RUSSIAN)
        rest(stage)
        said = answer(stage, step["tab"])
        expect(bar.locator("td").nth(1)).to_have_text(said.inner_text())
        assert bar.locator("td").nth(1).locator("q").count() == said.locator("q").count()
        is_read_from_afar(stage)
        assert said.evaluate(SIZE) >= 44, step["name"]
        keys.press("ArrowRight")
    expect(bar.locator("b")).to_contain_text(f"{len(PROGRAMME)}/{len(PROGRAMME)}")
    keys.press("ArrowLeft")
    expect(bar.locator("b")).to_contain_text(f"{len(PROGRAMME) - 1}/{len(PROGRAMME)}")
    keys.press("PageUp")
    rest(stage)

    # Until the answer of a step comes the one before it does not stand there.
    held: list[Route] = []
    holds = [True]
    stage.route("**/queue/join*", lambda route: held.append(route) if holds else route.continue_())
    keys.press("PageUp")
    stage.wait_for_timeout(1000)
    expect(bar.locator("td").nth(1)).to_have_text("…")
    assert held
    holds.clear()
    for route in held:
        route.continue_()
    expect(bar.locator("td").nth(1)).to_have_text(RUSSIAN)
    expect(bar.locator("td").nth(1)).to_have_text(answer(stage, "algebra").inner_text())
    stage.unroute("**/queue/join*")
    keys.press("PageDown")
    expect(bar.locator("b")).to_contain_text(f"{len(PROGRAMME) - 2}/{len(PROGRAMME)}")
    rest(stage)
    stood = bar.locator("td").nth(1).inner_text()
    stage.reload()  # the step is the same, and is not pressed again
    expect(bar.locator("b")).to_contain_text(f"{len(PROGRAMME) - 2}/{len(PROGRAMME)}")
    expect(bar.locator("td").nth(1)).to_have_text(stood)
    keys.press("p")
    expect(bar.locator("td")).to_have_count(0)


def test_the_address_opens_the_stage_and_its_button_leaves_it(open_page: OpenPage) -> None:
    page = open_page(width=1920, height=1080)
    page.goto(f"{page.url}&stage")
    expect(page.locator("body")).to_have_class(re.compile("stage"))
    page.locator("#translate-text textarea").fill("Ich bin noch nicht fertig")
    page.locator("#do-language").click()
    expect(page.get_by_role("button", name="Уйти со сцены")).to_be_visible()
    expect(page.locator("#translate-text textarea")).to_have_value("Ich bin noch nicht fertig")
    page.locator("#do-language").click()
    page.get_by_role("button", name="Leave the stage").click()
    expect(page.locator("body")).not_to_have_class(re.compile("stage"))
    assert "stage" not in page.url
