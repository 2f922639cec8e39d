"""The map that speaks, as a visitor asks it: by mouse, keyboard and finger."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.steps import RUSSIAN, VOICE, answer, contrast, open_tab, rest, three_dimensions
from tests.conftest import OpenPage, Screenshot

# Where a mark of the Algebra tab's plot is on the screen.
PLACE_OF_MARK = """(mark) => {
  const plot = document.querySelector("#algebra-plot .js-plotly-plot"), frame = plot.getBoundingClientRect();
  const { xaxis, yaxis } = plot._fullLayout;
  for (const trace of plot.data) {
    const i = [...(trace.customdata ?? [])].indexOf(mark);
    if (i >= 0) return [
      frame.left + xaxis._offset + xaxis.d2p(trace.x[i]), frame.top + yaxis._offset + yaxis.d2p(trace.y[i]),
    ];
  }
}"""

# The part of the plane that the plot shows.
PART = """() => {
  const { xaxis, yaxis } = document.querySelector("#algebra-plot .js-plotly-plot")._fullLayout;
  return [...xaxis.range, ...yaxis.range].map((end) => end.toFixed(4)).join();
}"""

# The red, green and blue of the letters of three dimensions, and last those of what is behind them.
INKS = """() => {
  const plot = document.querySelector("#algebra-plot .js-plotly-plot"), { scene } = plot._fullLayout;
  const inks = [scene.xaxis, scene.yaxis, scene.zaxis].map((axis) => axis.title.font.color);
  for (const { text, textfont } of plot._fullData) if (text) inks.push(textfont.color);
  let ground = plot;
  const behind = () => getComputedStyle(ground).backgroundColor;
  while (behind() === "rgba(0, 0, 0, 0)") ground = ground.parentElement;
  const paint = document.body.appendChild(document.createElement("i"));
  const seen = [...inks, behind()].map((colour) => {
    paint.style.color = colour;
    return getComputedStyle(paint).color.match(/[0-9]+/g).map(Number);
  });
  paint.remove();
  return seen;
}"""

# Counts the questions to maps that are on their way at once, and makes each of them last a while.
COUNT_QUESTIONS = """
window.speaks = { asked: 0, now: 0, most: 0 };
const fetchIt = window.fetch;
window.fetch = async (...request) => {
  if (!String(request[0]?.url ?? request[0]).includes("component_server")) return fetchIt(...request);
  const { speaks } = window;
  speaks.asked += 1;
  speaks.now += 1;
  speaks.most = Math.max(speaks.most, speaks.now);
  try {
    await new Promise((go) => setTimeout(go, 300));
    return await fetchIt(...request);
  } finally {
    speaks.now -= 1;
  }
};
"""


@pytest.fixture
def tab(page: Page) -> Page:
    open_tab(page, "algebra")
    page.locator("#algebra-plot-speaks").scroll_into_view_if_needed()
    return page


def said(page: Page, plot: str = "algebra-plot") -> Locator:
    """What was said, the newest first."""
    return page.locator(f"#{plot}-speaks .map-list > li")


def within(page: Page, across: float, down: float, plot: str = "algebra-plot") -> tuple[float, float]:
    """A place of the plot on the screen, from shares of its width and height."""
    box = page.locator(f"#{plot} .js-plotly-plot").bounding_box()
    assert box
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


def mark(page: Page, number: int) -> tuple[float, float]:
    left, top = page.evaluate(PLACE_OF_MARK, number)
    return left, top


def swipe(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """A finger comes down, goes to another place and up."""
    browser = page.context.new_cdp_session(page)

    def touch(kind: str, *places: tuple[float, float]) -> None:
        fingers = [{"x": x, "y": y} for x, y in places]
        browser.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    touch("touchStart", start)
    for step in range(1, 11):
        share = step / 10
        touch("touchMove", (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])))
    touch("touchEnd")
    browser.detach()


def go_to(page: Page, number: int) -> None:
    """Move the keyboard's cross to a mark."""
    layer = page.locator("#algebra-plot-speaks .map-layer")
    while True:
        box, (left, top) = layer.locator(".map-cross").bounding_box(), mark(page, number)
        assert box
        right, down = left - box["x"] - box["width"] / 2, top - box["y"] - box["height"] / 2
        if max(abs(right), abs(down)) <= 12:
            return
        if abs(right) > 12:
            layer.press("ArrowRight" if right > 0 else "ArrowLeft")
        else:
            layer.press("ArrowDown" if down > 0 else "ArrowUp")


def test_by_mouse_and_by_keys(tab: Page, screenshot: Screenshot) -> None:
    places_points_and_ways_by_mouse(tab, screenshot)
    a_way_by_keys_and_escape_takes_it_away(tab)
    the_keyboard_alone_and_sending(tab)


def test_selections_say_their_average(page: Page) -> None:
    open_tab(page, "average")
    a_selection_says_its_average(page)
    a_frame_by_keys_says_its_average(page)


def places_points_and_ways_by_mouse(tab: Page, screenshot: Screenshot) -> None:
    tab.mouse.move(*within(tab, 0.3, 0.8))
    tab.mouse.down()
    for step in range(6):  # while the pointer is held the answer follows
        tab.mouse.move(*within(tab, 0.3 + 0.05 * step, 0.8))
    tab.mouse.up()
    expect(said(tab)).to_have_count(1)
    expect(tab.locator("#algebra-plot-speaks .map-said")).to_be_visible()
    expect(tab.locator("#algebra-plot-speaks .map-says")).to_contain_text(said(tab).locator("q").inner_text())

    tab.mouse.click(*mark(tab, 0))
    expect(said(tab).first.locator("q").first).to_have_text("король")
    expect(said(tab).first.locator("ol li")).to_have_count(3)

    tab.mouse.move(*mark(tab, 0))
    tab.mouse.down()
    tab.mouse.move(*mark(tab, 2), steps=4)
    tab.mouse.up()
    expect(said(tab).first.locator("ol li q").first).to_have_text("король")
    expect(said(tab).first.locator("ol li q").last).to_have_text("женщина")
    expect(tab.locator("#algebra-plot-speaks .map-bead")).to_have_count(5)
    expect(said(tab).first.locator("li:not(:has([data-say]))")).to_have_count(0)
    expect(tab.locator("#algebra-plot .hovertext")).to_have_count(0)
    screenshot(tab, "map")
    words = tab.locator("#algebra-plot-speaks .map-says")
    fewer = words.count()
    whole = tab.locator("#algebra-plot-speaks .map-whole")
    whole.click()  # where there is no list the map itself has the sentences of the way
    expect(words.nth(fewer)).to_be_visible()
    whole.click()
    expect(words).to_have_count(fewer)

    steps = tab.locator("#algebra-plot-speaks").get_by_label("Steps on the way")
    steps.focus()
    steps.press("Home")  # another number says the way anew
    expect(tab.locator("#algebra-plot-speaks .map-bead")).to_have_count(1)
    steps.press("ArrowDown")
    expect(tab.locator("#algebra-plot-speaks .map-bead")).to_have_count(2)
    open_tab(tab, "translate")
    open_tab(tab, "algebra")
    expect(steps).to_have_value("2")

    tab.locator("#algebra-plot-speaks .map-hint").get_by_role("button", name="Clear").click()
    expect(said(tab)).to_have_count(0)


def test_questions_wait_for_each_other_and_none_is_lost(open_page: OpenPage) -> None:
    page = open_page(script=COUNT_QUESTIONS)
    open_tab(page, "algebra")
    page.locator("#algebra-plot-speaks").scroll_into_view_if_needed()
    for place in ((0.2, 0.85), (0.5, 0.3), (0.8, 0.85)):
        page.mouse.click(*within(page, *place))
    places = page.locator("#algebra-plot-speaks .map-layer")
    expect(said(page).locator("q")).to_have_text([RUSSIAN] * 3)
    expect(places.locator(".map-quick, .map-waits")).to_have_count(0)
    assert page.evaluate("speaks.most") == 1

    before = page.evaluate("speaks.asked")
    page.mouse.move(*within(page, 0.3, 0.7))
    page.mouse.down()
    page.mouse.move(*within(page, 0.7, 0.7), steps=20)
    page.mouse.up()
    expect(said(page).first.locator("q")).to_have_text(RUSSIAN)
    expect(places.locator(".map-quick, .map-waits")).to_have_count(0)
    assert page.evaluate("speaks.most") == 1
    assert page.evaluate("speaks.asked") - before < 20

    page.mouse.move(*within(page, 0.3, 0.5))
    page.mouse.down()
    page.evaluate("dispatchEvent(new PointerEvent('pointercancel', { pointerId: 1 }))")
    expect(said(page)).to_have_count(5)
    expect(said(page).first.locator("q")).to_have_text(RUSSIAN)
    expect(places.locator(".map-quick, .map-waits")).to_have_count(0)
    page.mouse.up()


def the_keyboard_alone_and_sending(tab: Page) -> None:
    layer = tab.locator("#algebra-plot-speaks .map-layer")
    layer.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "Enter"):
        layer.press(key)
    expect(tab.locator("#algebra-plot-speaks .map-said")).to_be_visible()
    word = said(tab).locator("q").inner_text()
    expect(tab.locator("#algebra-plot-speaks [aria-live]")).to_contain_text(word)
    said(tab).locator(".ss-more").press("Enter")
    tab.get_by_role("menuitem", name="To Algebra").press("Enter")
    expect(tab.locator("#algebra-term-4 textarea, #algebra-term-4 input")).to_have_value(word)
    speaks = tab.locator("#algebra-plot-speaks")
    expect(speaks.locator(".map-layer .map-pin")).to_have_count(0)  # another plane
    expect(said(tab).locator("q")).to_have_text(word)  # the words stay
    expect(said(tab).locator(".map-pin")).to_be_hidden()

    for count in range(2, 12):  # nine have a pin
        tab.mouse.click(*mark(tab, 0))
        expect(said(tab)).to_have_count(count)
        expect(said(tab).first.locator("ol li")).to_have_count(3)
    expect(said(tab).locator(".map-pin:visible")).to_have_count(9)
    speaks.get_by_role("button", name="Clear").click()
    expect(said(tab)).to_have_count(0)
    tab.mouse.click(*mark(tab, 0))
    said(tab).locator(".ss-more").first.click()
    tab.get_by_role("menuitem", name="To Style").click()
    expect(tab.locator("#style-sentence textarea")).to_have_value("король")
    expect(tab.locator("#style-answer .ss-answer")).not_to_be_empty()
    expect(tab.locator("#style-axis")).not_to_contain_text("ty_vy")


def a_way_by_keys_and_escape_takes_it_away(tab: Page) -> None:
    speaks = tab.locator("#algebra-plot-speaks")
    layer = speaks.locator(".map-layer")
    layer.focus()
    layer.press("ArrowRight")
    go_to(tab, 0)
    layer.press("Space")
    expect(speaks.locator(".map-hint")).to_contain_text("The way begins here")
    go_to(tab, 2)
    layer.press("Space")
    expect(said(tab).locator("q").first).to_have_text("король")
    expect(said(tab).locator("q").last).to_have_text("женщина")
    layer.press("Enter")
    expect(said(tab).first.locator("q").first).to_have_text("женщина")
    expect(said(tab).first.locator("ol li")).to_have_count(3)
    layer.press("Escape")
    expect(said(tab)).to_have_count(0)
    expect(layer.locator(".map-cross")).to_have_count(0)
    expect(speaks.locator(".map-hint")).to_contain_text("Click, and the map says a sentence")


def test_a_finger_says_drags_and_scrolls(open_page: OpenPage) -> None:
    page = open_page(390, 844)
    scrolled = "before => scrollY !== before"
    open_tab(page, "algebra")
    page.locator("#algebra-plot").scroll_into_view_if_needed()
    page.touchscreen.tap(*within(page, 0.6, 0.7))
    expect(said(page).locator("q")).to_have_text(RUSSIAN)
    expect(said(page)).to_have_count(1)
    before = page.evaluate("scrollY")
    swipe(page, mark(page, 0), mark(page, 2))
    expect(said(page).first.locator("q").last).to_have_text("женщина")
    assert page.evaluate("scrollY") == before
    left, top = within(page, 0.3, 0.8)
    swipe(page, (left, top), (left, top - 200))
    page.wait_for_function(scrolled, arg=before)
    expect(said(page)).to_have_count(2)

    open_tab(page, "style")
    slider = page.locator("#style-slider-ty_vy input[type=range]")
    slider.evaluate("box => box.scrollIntoView({ block: 'center' })")
    words, value = answer(page, "style").inner_text(), slider.input_value()
    box = slider.bounding_box()
    assert box
    left, right, height = box["x"], box["x"] + box["width"], box["y"] + box["height"] / 2
    before = page.evaluate("scrollY")
    swipe(page, (right - 20, height), (right - 20, height - 200))
    page.wait_for_function(scrolled, arg=before)
    rest(page)
    assert slider.input_value() == value
    assert answer(page, "style").inner_text() == words

    slider.evaluate("box => box.scrollIntoView({ block: 'center' })")
    swipe(page, ((left + right) / 2, height), (right - 20, height))
    page.wait_for_function("([box, before]) => box.value !== before", arg=[slider.element_handle(), value])


def test_the_menu_of_a_sentence_in_the_list_on_the_map_and_in_a_dialog(open_page: OpenPage) -> None:
    page = open_page(script=VOICE)
    open_tab(page, "algebra")
    page.locator("#algebra-plot-speaks").scroll_into_view_if_needed()
    page.mouse.click(*mark(page, 0))
    near = said(page).locator("ol li")
    expect(near).to_have_count(3)
    near.last.locator(".ss-more").click()
    page.get_by_role("menuitem", name="Say it aloud").click()
    assert page.evaluate("heard") == near.last.locator("q").inner_text()

    part = page.evaluate(PART)
    full = page.locator("#algebra-plot-speaks .map-full")
    page.get_by_role("button", name="Full screen").click()
    plot = page.locator("#algebra-plot .js-plotly-plot .main-svg").first
    page.wait_for_function("plot => plot.getBoundingClientRect().height > 600", arg=plot.element_handle())
    page.locator("#algebra-plot-speaks .map-says .ss-more").click()
    expect(page.locator("#ss-menu")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#ss-menu")).to_have_count(0)
    expect(full).to_be_visible()
    page.locator("#algebra-plot-speaks .map-says .ss-more").click()
    page.get_by_role("menuitem", name="Say it aloud").click()
    assert page.evaluate("heard") == "король"
    page.keyboard.press("Escape")
    expect(full).to_have_count(0)
    page.wait_for_function(f"({PART})() === '{part}'")

    page.wait_for_function("localStorage.getItem('sentence-space-history')")
    page.locator("#do-history").click()
    kept = page.locator("#ss-dialog li").first
    kept.locator(".ss-more").click()
    page.keyboard.press("Escape")
    expect(page.locator("#ss-menu")).to_have_count(0)
    kept.locator(".ss-more").click()
    page.get_by_role("menuitem", name="Say it aloud").click()
    assert page.evaluate("heard") == "королева"
    kept.locator(".ss-more").click()
    page.get_by_role("menuitem", name="To Style").click()
    expect(page.locator("#ss-dialog")).to_have_count(0)
    expect(page.locator("#style-sentence textarea")).to_have_value("королева")
    expect(answer(page, "style")).not_to_be_empty()


def a_selection_says_its_average(page: Page) -> None:
    page.locator("#average-plot-speaks .map-select").click()
    page.mouse.move(*within(page, 0.15, 0.2, "average-plot"))
    page.mouse.down()
    page.mouse.move(*within(page, 0.6, 0.85, "average-plot"), steps=5)
    page.mouse.up()
    expect(said(page, "average-plot")).to_contain_text("The average of")
    page.mouse.click(*within(page, 0.7, 0.3, "average-plot"))  # it listens again
    expect(said(page, "average-plot")).to_have_count(2)


def test_letters_of_three_dimensions_are_read_in_light_and_dark(page: Page, screenshot: Screenshot) -> None:
    open_tab(page, "algebra")
    three_dimensions(page, "algebra")
    *light, ground = page.evaluate(INKS)
    assert len(light) > 3
    offered = page.locator("#algebra-plot-speaks .map-hint :is(button, label):visible")
    expect(offered).to_have_count(1)  # the whole screen
    expect(page.locator("#algebra-plot")).to_have_attribute("aria-label", "Map of the vectors")
    assert page.evaluate("document.querySelector('#algebra-plot .js-plotly-plot').offsetHeight") >= 420
    assert min(contrast(ink, ground) for ink in light) >= 4.5
    page.locator("#do-theme").click()
    page.wait_for_function(f"before => ({INKS})()[0].join() !== before", arg=",".join(map(str, light[0])))
    *dark, ground = page.evaluate(INKS)
    assert min(contrast(ink, ground) for ink in dark) >= 4.5
    screenshot(page, "map-3d-dark")


def test_in_dark_on_a_phone_in_russian(open_page: OpenPage, screenshot: Screenshot) -> None:
    page = open_page(390, 844, "ru-RU")
    open_tab(page, "algebra")
    page.evaluate("document.body.classList.add('dark')")
    page.locator("#algebra-plot").scroll_into_view_if_needed()
    page.mouse.click(*within(page, 0.6, 0.7))
    expect(page.locator("#algebra-plot-speaks .map-said")).to_be_visible()
    said(page).locator(".ss-more").click()
    expect(page.get_by_role("menuitem", name="В «Перевод»")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    screenshot(page, "map-phone")


def a_frame_by_keys_says_its_average(page: Page) -> None:
    speaks = page.locator("#average-plot-speaks")
    speaks.scroll_into_view_if_needed()
    layer, hint = speaks.locator(".map-layer"), speaks.locator(".map-hint")
    layer.focus()
    for _ in range(60):  # to a corner of the plot, where no point lies
        layer.press("ArrowLeft")
        layer.press("ArrowUp")
    layer.press("Space")
    expect(hint).to_contain_text("A corner of the frame")
    for _ in range(60):
        layer.press("ArrowRight")
        layer.press("ArrowDown")
    expect(speaks.locator(".map-frame")).to_be_attached()
    layer.press("Space")
    shown = page.evaluate(
        "() => document.querySelector('#average-plot .js-plotly-plot').data"
        ".filter(({ customdata }) => customdata).flatMap(({ customdata }) => [...customdata])"
        ".filter((mark) => mark >= 0).length"
    )
    assert shown > 10
    expect(said(page, "average-plot").first).to_contain_text(f"The average of {shown}")
    expect(speaks.locator(".map-frame")).to_have_count(0)
