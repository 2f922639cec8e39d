"""The Algebra tab as a visitor uses it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from tests.browser.steps import (
    FIDELITY,
    download,
    drag,
    open_tab,
    rest,
    shows_its_map,
    three_dimensions,
)
from tests.conftest import Screenshot


@pytest.fixture
def tab(page: Page) -> Page:
    """The tab with its first example answered and drawn."""
    return open_tab(page, "algebra")


def formula(page: Page) -> Locator:
    return page.locator("#algebra-answer .algebra-formula")


def slider(page: Page, number: int) -> Locator:
    return page.locator(f"#algebra-coefficient-{number} input[type=range]")


def box(page: Page, number: int) -> Locator:
    return page.locator(f"#algebra-coefficient-{number} input[type=number]")


def start_again(page: Page) -> Page:
    """The first example, from whatever else stands in the tab."""
    page.locator("#algebra-example-queen").click()
    expect(formula(page)).to_have_text("король − мужчина + женщина ≈")
    return rest(page)


def test_a_sum_is_changed_by_hand(tab: Page, screenshot: Screenshot) -> None:
    the_first_example_and_its_sliders(tab, screenshot)
    numbers_may_be_typed_out_of_range_and_by_halves(start_again(tab))
    dragging_leaves_no_request_behind_and_ends_at_the_last_value(start_again(tab))
    terms_are_replaced_added_and_removed(start_again(tab))


def test_downloads_phrases_settings_and_three_dimensions(tab: Page, screenshot: Screenshot) -> None:
    downloads(tab)
    a_phrase_is_replaced(tab, screenshot)
    settings_and_what_cancels_out(start_again(tab))
    a_turned_picture_stays_turned_while_a_slider_moves(start_again(tab), screenshot)


def the_first_example_and_its_sliders(tab: Page, screenshot: Screenshot) -> None:
    expect(formula(tab)).to_have_text("король − мужчина + женщина ≈")
    expect(tab.locator("#algebra-answer .ss-fidelity").first).to_contain_text(FIDELITY)
    expect(tab.locator("#algebra-answer .ss-by")).to_contain_text("Answered by")
    recorded = tab.locator("#algebra-answer .ss-recorded")
    expect(recorded).to_contain_text("Recorded: the article's models")
    expect(recorded.locator(".ss-then")).to_have_text("королева")
    texts = tab.locator("#algebra-plot").text_content() or ""
    assert all(word in texts for word in ("король", "мужчина", "женщина", "component 1"))
    screenshot(tab, "algebra")

    arrows = tab.locator("#algebra-plot .scatterlayer .trace path.js-line").first
    before, drawn = tab.locator("#algebra-answer-text").inner_text(), arrows.get_attribute("d")
    slider(tab, 1).focus()
    slider(tab, 1).press("Home")
    expect(formula(tab)).to_have_text("−2 × король − мужчина + женщина ≈")
    expect(tab.locator("#algebra-answer-text")).not_to_have_text(before)
    expect(arrows).not_to_have_attribute("d", drawn or "")
    slider(tab, 1).press("ArrowRight")
    expect(formula(tab)).to_contain_text("−1.95 × король")


def numbers_may_be_typed_out_of_range_and_by_halves(tab: Page) -> None:
    box(tab, 2).fill("-0.5")
    box(tab, 2).press("Enter")
    expect(formula(tab)).to_have_text("король − 0.5 × мужчина + женщина ≈")
    box(tab, 1).fill("5")
    expect(formula(tab)).to_have_text("2 × король − 0.5 × мужчина + женщина ≈")
    expect(box(tab, 1)).to_have_value("2")
    box(tab, 1).fill("")
    box(tab, 2).fill("-7")
    expect(formula(tab)).to_have_text("2 × король − 2 × мужчина + женщина ≈")
    expect(box(tab, 1)).to_have_value("2")
    expect(tab.locator(".error")).to_have_count(0)


def dragging_leaves_no_request_behind_and_ends_at_the_last_value(tab: Page) -> None:
    waiting: set[Request] = set()
    most = [0]

    def asked(request: Request) -> None:
        if "/queue/join" in request.url:
            waiting.add(request)
            most[0] = max(most[0], len(waiting))

    tab.on("request", asked)
    tab.on("requestfinished", lambda request: waiting.discard(request))
    drag(tab, slider(tab, 3), 0.3)
    value = float(box(tab, 3).input_value())
    assert value < 0
    expect(formula(tab)).to_contain_text(f"− {abs(value):.4g} × женщина")
    assert most[0] <= 2


def terms_are_replaced_added_and_removed(tab: Page) -> None:
    tab.locator("#algebra-example-paris").click()
    expect(formula(tab)).to_have_text("Лондон − Англия + Франция ≈")
    expect(tab.locator("#algebra-term-1 textarea")).to_have_value("Лондон")
    expect(tab.locator("#algebra-answer")).to_contain_text("Париж")
    tab.locator("#algebra-example-blend").click()
    expect(formula(tab)).to_have_text("0.7 × Мама готовит ужин. + 0.7 × Папа смотрит футбол. ≈")
    expect(tab.locator("#algebra-term-3")).to_be_hidden()
    tops = set()
    for name in ("ivan", "vaccine", "bear", "queen"):  # the map keeps its place
        tab.locator(f"#algebra-example-{name}").click()
        rest(tab)
        plot = tab.locator("#algebra-plot")
        tops.add(plot.evaluate("plot => plot.getBoundingClientRect().top + scrollY"))
    assert max(tops) - min(tops) <= 8
    expect(formula(tab)).to_have_text("король − мужчина + женщина ≈")

    tab.locator("#algebra-add").click()
    added = tab.locator("#algebra-term-4 textarea")
    added.fill("ребёнок")
    expect(formula(tab)).to_have_text("король − мужчина + женщина + ребёнок ≈")
    tab.locator("#algebra-remove-2").click()
    expect(formula(tab)).to_have_text("король + женщина + ребёнок ≈")
    expect(added).to_be_hidden()
    for count in range(4, 9):
        tab.locator("#algebra-add").click()
        expect(tab.locator(f"#algebra-term-{count}")).to_be_visible()
    expect(tab.locator("#algebra-add")).to_be_disabled()
    for count in range(7, -1, -1):
        tab.locator("#algebra-remove-1").click()
        hidden = tab.locator(f"#algebra-term-{count + 1}")
        expect(hidden).to_be_hidden() if count else expect(hidden).to_be_visible()
        expect(tab.locator("#algebra-add")).to_be_enabled()
    expect(tab.locator("#algebra-answer [role=alert]")).to_contain_text("There is no text yet")


def a_phrase_is_replaced(tab: Page, screenshot: Screenshot) -> None:
    tab.locator("#algebra-mode label").nth(1).click()
    expect(tab.locator("#algebra-sentence")).to_be_visible()
    tab.locator("#algebra-example-train_phrase").click()
    sentence = "Завтра мы поедем в Москву на поезде."
    expect(formula(tab)).to_have_text(f"{sentence} − поезд + самолёт ≈")
    strength = tab.locator("#algebra-strength input[type=range]")
    strength.focus()
    strength.press("ArrowRight")
    expect(formula(tab)).to_have_text(f"{sentence} − 1.05 × поезд + 1.05 × самолёт ≈")
    tab.locator("#algebra-new textarea").fill("")
    expect(tab.locator("#algebra-notes")).to_contain_text("Write the phrase to remove")
    screenshot(tab, "algebra-phrase")
    tab.locator("#algebra-mode label").nth(0).click()


def settings_and_what_cancels_out(tab: Page) -> None:
    tab.locator("#algebra-settings button").first.click()
    tab.locator("#algebra-length label").nth(1).click()
    expect(tab.locator("#algebra-notes")).to_contain_text("decoded at 1.00")
    expect(tab.locator("#algebra-plot .legendtext", has_text="chosen length")).to_be_visible()
    tab.locator("#algebra-length label").nth(2).click()
    expect(tab.locator("#algebra-factor")).to_be_visible()
    tab.locator("#algebra-wordings input").check()
    expect(tab.locator("#algebra-notes .ss-others li").first).to_be_visible()
    tab.locator("#algebra-example-ivan").click()
    expect(tab.locator("#algebra-exclude input")).not_to_be_checked()
    tab.locator("#algebra-exclude input").check()
    rest(tab)
    assert tab.locator("#algebra-answer-text").inner_text().lower() not in ("пётр", "иван")

    for number, text in enumerate(("кот", "кот", ""), 1):
        tab.locator(f"#algebra-term-{number} textarea").fill(text)
    expect(tab.locator("#algebra-answer [role=alert]")).to_contain_text("cancelled out")
    expect(tab.locator("#algebra-term-1 textarea")).to_have_value("кот")
    markup = '<img src=x onerror="document.title=1"> {{value}} ${1+1} &amp;'
    tab.locator("#algebra-term-2 textarea").fill(markup)
    expect(formula(tab)).to_have_text(f"кот − {markup} ≈")
    expect(tab.locator("#algebra-plot .textpoint", has_text="<img src=x").first).to_be_attached()
    assert tab.locator("#algebra-answer img, #algebra-plot img").count() == 0


# Where the picture in three dimensions is seen from.
VIEW = """() => {
  const scene = document.querySelector("#algebra-plot .js-plotly-plot")?._fullLayout?.scene?._scene;
  const { x, y, z } = scene?.getCamera?.().eye ?? {};
  return [x, y, z].map((one) => Number(one?.toFixed(2))).join(" ");
}"""


def a_turned_picture_stays_turned_while_a_slider_moves(tab: Page, screenshot: Screenshot) -> None:
    three_dimensions(tab, "algebra")
    screenshot(rest(tab), "algebra-3d")
    front = tab.evaluate(VIEW)
    canvas = tab.locator("#algebra-plot .gl-container canvas").first  # its container has no height
    canvas.evaluate("canvas => canvas.scrollIntoView({ block: 'center', behavior: 'instant' })")
    place = canvas.bounding_box()
    assert place
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    tab.mouse.move(x, y)
    tab.mouse.down()
    tab.mouse.move(x + 120, y + 20, steps=5)
    tab.mouse.up()
    tab.wait_for_function(f"(front) => ({VIEW})() !== front", arg=front)
    rest(tab)
    turned = tab.evaluate(VIEW)
    tab.evaluate("document.querySelector('#algebra-plot .js-plotly-plot').id = 'before'")
    canvas.evaluate("canvas => { window.gone = canvas.getContext('webgl'); }")
    slider(tab, 3).focus()
    slider(tab, 3).press("ArrowLeft")
    expect(tab.locator("#before")).to_have_count(0)
    tab.wait_for_function("window.gone.isContextLost()")  # the browser has few of them
    tab.wait_for_function(f"(turned) => ({VIEW})() === turned", arg=turned)
    tab.locator("#algebra-term-1 textarea").fill("королева-мать")
    expect(formula(tab)).to_contain_text("королева-мать")
    tab.wait_for_function(f"(front) => ({VIEW})() === front", arg=front)  # another picture: from the front


def downloads(tab: Page) -> None:
    name, text = download(tab, "#algebra-json")
    rows = json.loads(text)
    assert name == "algebra.json"
    assert [row["text"] for row in rows[:3]] == ["король", "мужчина", "женщина"]
    assert rows[3]["text"] == tab.locator("#algebra-answer-text").inner_text()
    name, text = download(tab, "#algebra-csv")
    assert name == "algebra.csv"
    assert text.splitlines()[1].startswith("term,король,1")
    shows_its_map(tab, download(tab, "#algebra-html")[1])
    with tab.expect_download() as started:
        tab.locator("#algebra-plot .modebar-btn").first.click()
    assert started.value.suggested_filename == "sentence-space.png"
    assert Path(started.value.path()).read_bytes().startswith(b"\x89PNG")
