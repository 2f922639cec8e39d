"""The page as a whole: on every screen, in both languages, from tab to tab, without storage or a network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, Request, expect

from demos.api import FORGOTTEN_VISIT
from demos.hosting import NO_ROOM
from demos.page import SERVER
from demos.ui.i18n import TEXTS
from tests.browser.steps import KEYS, TABS, answer, open_tab, rest
from tests.conftest import OpenPage, Screenshot

FRONTEND = Path(gr.__file__).parent / "templates" / "frontend" / "assets"
RUSSIAN_WORDS = {
    "translate": ("#translate-go", "Сказать по-русски"),
    "average": ("#average-go", "Подвести итог"),
    "algebra": ("#algebra-plot .legendtext >> nth=0", "слагаемые"),
    "style": ("#style-axis", "сдержанно → эмоционально"),
}
ENGLISH_WORDS = {
    "translate": ("#translate-go", "Say it in Russian"),
    "average": ("#average-go", "Sum up"),
    "algebra": ("#algebra-plot .legendtext >> nth=0", "terms"),
    "style": ("#style-axis", "reserved → emotional"),
}


# How tall the tab's idea is in lines, and where its answer ends on a page that has not been scrolled.
IDEA_AND_ANSWER = """(tab) => {
  const idea = [...document.querySelectorAll(".ss-intro p")].find((one) => one.offsetParent);
  const answer = document.querySelector(tab === "translate" ? "#translate-answers" : `#${tab}-answer`);
  const tall = idea.getBoundingClientRect().height / parseFloat(getComputedStyle(idea).lineHeight);
  return [Math.round(tall), answer.getBoundingClientRect().bottom + scrollY];
}"""

# The open tab's texts in letters smaller than so many pixels, of what is answered.
SMALL_LETTERS = """(least) => {
  const places = "[id$='-answer'], [id$='-answers'], [id$='-list'], [id$='-notes'], #style-strip, .map-side";
  const found = [];
  for (const place of document.querySelectorAll(places)) {
    const walk = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
    for (let node; (node = walk.nextNode()); ) {
      const box = node.parentElement;
      const seen = box.checkVisibility({ visibilityProperty: true }) && !box.closest(".map-quiet");
      const small = parseFloat(getComputedStyle(box).fontSize) < least;
      if (node.data.trim() && seen && small) found.push(node.data.trim());
    }
  }
  return found;
}"""

# The contrasts of the borders of the open tab's fields with what is behind them.
BORDERS = """() => {
  const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (colour) => {
    paint.fillStyle = colour;
    paint.fillRect(0, 0, 1, 1);
    const [red, green, blue] = [...paint.getImageData(0, 0, 1, 1).data]
      .map((one) => one / 255).map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const fields = "textarea, input[type=text], input[type=number], input[type=radio], input[type=checkbox]";
  const found = [];
  for (const field of document.querySelectorAll(fields)) {
    if (!field.checkVisibility() || field.checked || !field.closest(".tabitem")) continue;
    let ground = field.parentElement;
    const ink = (box, kind) => getComputedStyle(box)[kind];
    while (ink(ground, "backgroundColor") === "rgba(0, 0, 0, 0)") ground = ground.parentElement;
    let framed = field;
    while (!parseFloat(ink(framed, "borderTopWidth"))) framed = framed.parentElement;
    const both = [light(ink(framed, "borderTopColor")), light(ink(ground, "backgroundColor"))];
    found.push([(Math.max(...both) + 0.05) / (Math.min(...both) + 0.05), field.outerHTML.slice(0, 160)]);
  }
  return found;
}"""


def tabs(page: Page) -> Locator:
    return page.locator("#tabs button[role=tab]")


def fits_a_laptop(page: Page, tab: str) -> None:
    """The idea takes one line, and the answer ends on the screen."""
    lines, end = page.evaluate(IDEA_AND_ANSWER, tab)
    assert lines == 1, tab
    assert end <= 720, tab
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), tab


@pytest.mark.parametrize(
    ("width", "height", "locale", "theme"),
    [
        (1280, 720, "ru-RU", "dark"),
        (1920, 1080, "de-DE", "light"),
        (390, 844, "ru-RU", "light"),
        (390, 844, "en-US", "dark"),
    ],
)
def test_all_tabs_fit_the_screen_and_speak_its_language(
    open_page: OpenPage, screenshot: Screenshot, width: int, height: int, locale: str, theme: str
) -> None:
    """On the largest screen in a window of a laptop's size too."""
    page = open_page(width=width, height=height, locale=locale, theme=theme)
    russian = locale == "ru-RU"
    for tab in TABS:
        open_tab(page, tab)
        if width == 1920:
            page.set_viewport_size({"width": 1280, "height": 720})
            fits_a_laptop(rest(page), tab)
            page.set_viewport_size({"width": width, "height": height})
            rest(page)
        text = page.locator("body").inner_text()
        assert not KEYS.findall(text)
        assert "__i18n__" not in text
        place, words = (RUSSIAN_WORDS if russian else ENGLISH_WORDS)[tab]
        expect(page.locator(place)).to_contain_text(words)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), tab
        if width == 1280:
            fits_a_laptop(page, tab)
        if width == 1920:
            size = answer(page, tab).evaluate("box => parseFloat(getComputedStyle(box).fontSize)")
            assert size >= 28, tab
            assert page.evaluate(SMALL_LETTERS, 18) == [], tab
        if width == 390 and tab != "translate":  # the answer stays in view while a slider moves
            page.locator(f"#tab-{tab} input[type=range]:visible").last.press("ArrowRight")
            expect(answer(page, tab)).to_be_in_viewport(ratio=1)
            rest(page)
        for contrast, field in page.evaluate(BORDERS):
            assert contrast >= 3, f"{tab}: {field}"
        screenshot(page, f"{tab}-{width}-{locale[:2]}-{theme}")
    if width == 390:
        page.wait_for_function("localStorage.getItem('sentence-space-history')")
        page.locator("#do-models").click()
        page.locator("#more-history").click()
        expect(page.locator("#ss-dialog li")).not_to_have_count(0)
        page.keyboard.press("Escape")
        page.locator("#do-models").click()
        slider = page.locator("#tab-style input[type=range]:visible").last
        before = slider.input_value()
        page.locator("#more-undo").click()
        expect(slider).not_to_have_value(before)
    boxes = tabs(page).evaluate_all("tabs => tabs.map(tab => tab.getBoundingClientRect().toJSON())")
    assert len(boxes) == 4
    assert all(box["x"] >= 0 and box["right"] <= width for box in boxes)
    assert len({box["y"] for box in boxes}) == 1, "one row"
    assert page.evaluate("document.body.classList.contains('dark')") == (theme == "dark")
    switch = page.locator("#do-theme")
    expect(switch).to_have_attribute("title", "Тёмная или светлая тема" if russian else "Dark or light")
    switch.click()
    assert page.evaluate("document.body.classList.contains('dark')") == (theme != "dark")


def test_copying_tabs_and_a_page_that_is_loaded_anew(page: Page) -> None:
    a_tab_is_answered_when_it_is_first_visited_and_kept_afterwards(page)
    an_answer_is_copied_and_the_button_says_so(open_tab(page, "translate"))
    a_page_that_is_loaded_anew_in_the_middle_of_a_run_keeps_what_was_typed(page)


def a_tab_is_answered_when_it_is_first_visited_and_kept_afterwards(page: Page) -> None:
    asked: list[Request] = []
    page.on("request", lambda one: asked.append(one) if "/queue/join" in one.url else None)
    page.reload()
    open_tab(page, "translate")
    assert len(asked) <= 2, "the pair's line and Translate: the other tabs wait"
    for tab in TABS[1:]:
        asked.clear()
        open_tab(page, tab)
        assert asked
    open_tab(page, "algebra")
    slider = page.locator("#algebra-coefficient-1 input[type=range]")
    slider.focus()
    slider.press("Home")
    formula = page.locator("#algebra-answer .algebra-formula")
    expect(formula).to_contain_text("−2 × король")
    rest(page)
    open_tab(page, "translate")
    open_tab(page, "algebra")
    expect(formula).to_contain_text("−2 × король")


DENIED = """
for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });
}
"""


def test_a_browser_that_denies_storage_loses_nothing_else(open_page: OpenPage) -> None:
    page = open_page(script=DENIED)
    for tab in ("translate", "style"):
        open_tab(page, tab)
    before = answer(page, "style").inner_text()
    page.locator("#style-sentence textarea").fill("Эта собака любит гулять в парке.")
    expect(answer(page, "style")).not_to_have_text(before)
    page.locator("#do-theme").click()
    assert page.evaluate("document.body.classList.contains('dark')")


def an_answer_is_copied_and_the_button_says_so(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    line = page.locator("#translate-answers .ss-line").first
    line.wait_for()
    button = line.locator(".ss-copy")
    button.click()
    expect(button).to_have_attribute("data-said", re.compile("Copied"))
    assert page.evaluate("navigator.clipboard.readText()") == line.locator(".ss-answer").inner_text()
    expect(button).not_to_have_attribute("data-said", re.compile("."))
    expect(button.locator("svg")).to_be_visible()
    told = page.locator(".ss-quiet[role=status]")  # who does not see the table
    expect(told).to_have_text(re.compile(f"7 answers in .*{line.locator('.ss-answer').inner_text()}"))


def a_page_that_is_loaded_anew_in_the_middle_of_a_run_keeps_what_was_typed(page: Page) -> None:
    open_tab(page, "translate")
    lines = "\n".join(f"Good morning, this is line {number}." for number in range(20))
    page.locator("#translate-text textarea").fill(lines)
    page.locator("#translate-go").click()
    expect(page.locator("#translate-status progress")).to_be_visible()
    page.reload()
    expect(page.locator("#translate-text textarea")).to_have_value(lines)
    expect(page.locator("#translate-answers .ss-answer")).to_have_count(20)
    expect(page.locator("#translate-go")).to_be_visible()
    page.locator("#do-language").click()
    expect(page.locator("#translate-go")).to_have_text("Сказать по-русски")
    expect(page.locator("#translate-text textarea")).to_have_value(lines)
    expect(page.locator("#translate-answers .ss-answer")).to_have_count(20)
    expect(page.locator("#do-language")).to_have_text("EN")


SLEPT = """
const now = Date.now;
window.sleep = (milliseconds) => { Date.now = () => now() + milliseconds; };
"""


def test_a_page_that_has_slept_says_so_with_one_button(open_page: OpenPage) -> None:
    page = open_page(locale="ru-RU", script=SLEPT)
    open_tab(page, "style")
    page.locator("#style-sentence textarea").fill("Где ты был вчера?")
    rest(page)
    told = page.locator("#ss-connection")
    page.evaluate("window.sleep(3 * 60 * 1000)")
    page.wait_for_timeout(2500)
    expect(told).to_have_count(0)
    page.evaluate("window.sleep(60 * 60 * 1000)")
    expect(told).to_contain_text("Сервер забыл этот визит")
    told.get_by_role("button", name="Загрузить страницу заново").click()
    expect(told).to_have_count(0)
    expect(page.locator("#style-sentence textarea")).to_have_value("Где ты был вчера?")


FREEZES = """
const now = Date.now;
window.freeze = () => { const frozen = now(); Date.now = () => frozen; };
"""


def test_a_page_that_comes_to_the_front_looks_for_its_server(open_page: OpenPage) -> None:
    """At once: where time stands still no other look is due."""
    page = open_page(script=FREEZES)
    rest(open_tab(page, "style"))
    page.evaluate("window.freeze()")
    page.route("**/app_id", lambda route: route.fulfill(status=200, body='{"app_id": "another"}'))
    told = page.locator("#ss-connection")
    page.wait_for_timeout(2500)
    expect(told).to_have_count(0)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(told).to_contain_text("The server has forgotten this visit")


NO_WEBGL = """
const { getContext } = HTMLCanvasElement.prototype;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  return kind.includes("webgl") ? null : getContext.call(this, kind, ...rest);
};
"""


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_browser_without_webgl_says_that_it_draws_in_two_dimensions_alone(
    open_page: OpenPage, language: str
) -> None:
    page = open_page(locale=language, script=NO_WEBGL)
    open_tab(page, "algebra")
    page.locator("#algebra-3d input").last.check()
    told = page.locator("#algebra-plot .no-webgl p").first
    expect(told).to_have_text(TEXTS[language]["page_no_webgl"])
    page.locator("#algebra-3d input").last.uncheck()
    expect(page.locator("#algebra-plot .points path").first).to_be_attached()


def gradio_says() -> Iterator[tuple[str, str]]:
    """Sentences of Gradio's, and what the page makes of them."""

    def said(component: gr.components.Component, value: object) -> str:
        with pytest.raises(gr.Error) as caught:
            component.preprocess(value)
        return str(caught.value.message)

    yield said(gr.Number(maximum=2.5), 9), "Слишком большое число: можно не больше 2,5."
    yield said(gr.Number(minimum=-3), -9), "Слишком маленькое число: можно не меньше −3."
    for chosen in (gr.Radio(["a"]), gr.Dropdown(["a"])):
        yield said(chosen, "b"), "Такого варианта больше нет. Выберите ещё раз."
    client = "".join(path.read_text(encoding="utf-8") for path in FRONTEND.glob("*.js"))
    for english, russian in {
        "This application is currently busy. Please try again. ": TEXTS["ru"]["page_busy"],
        "Connection errored out. ": TEXTS["ru"]["page_broken"],
        "Connection to the server was lost. Attempting reconnection...": TEXTS["ru"]["page_broken"],
        "Lost connection due to leaving page. Rejoining queue...": TEXTS["ru"]["page_broken"],
        "An Unexpected Error Occurred!": TEXTS["ru"]["page_unexpected"],
        "An error occurred": TEXTS["ru"]["page_unexpected"],
    }.items():
        assert f"`{english}`" in client, "Gradio says so no longer"
        yield english, russian
    yield "Queue is full. Max size is 200 and size is 200.", TEXTS["ru"]["page_busy"]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_an_upload_for_which_there_is_no_room_is_told_so(
    open_page: OpenPage, tmp_path: Path, language: str
) -> None:
    page = open_page(locale=language)
    open_tab(page, "average")
    file = tmp_path / "reviews.csv"
    file.write_text("text\nОчень вкусно\n", encoding="utf-8")
    page.route("**/upload*", lambda route: route.fulfill(status=503, body=NO_ROOM, content_type="text/plain"))
    page.locator("#tab-average input[type=file], .tabitem input[type=file]").first.set_input_files(file)
    expect(page.locator(".toast-message-text")).to_have_text(TEXTS[language]["page_no_room"])


def test_what_gradio_says_in_english_alone_is_said_in_russian(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(locale="ru-RU")
    open_tab(page, "average")
    large = tmp_path / "large.csv"
    large.write_bytes(b"text\n" + b"x" * 21_000_000)
    page.locator("#tab-average input[type=file], .tabitem input[type=file]").first.set_input_files(large)
    expect(page.locator(".toast-message-text")).to_contain_text("Этот файл больше 20 МБ")
    expect(page.locator(".toast-title")).to_have_text("Не получилось")
    page.locator(".toast-close").click()
    expect(page.locator(".toast-message-text")).to_have_count(0)
    for kind in ("message-text", "title"):
        page.evaluate(
            "(kind) => { const toast = document.createElement('div'); toast.className = `toast-${kind}`;"
            " toast.id = `said-${kind}`; document.body.append(toast); }",
            kind,
        )
    toast = page.locator("#said-message-text")
    for english, russian in gradio_says():
        toast.evaluate("(toast, text) => { toast.textContent = text; }", english)
        expect(toast).to_have_text(russian)
    title = page.locator("#said-title")
    title.evaluate("(title) => { title.textContent = 'Connection Lost'; }")
    expect(title).to_have_text("Нет связи")
    expect(page.locator("#ss-connection")).to_have_count(0)
    toast.evaluate("(toast, text) => { toast.textContent = text; }", FORGOTTEN_VISIT)
    expect(page.locator("#ss-connection")).to_contain_text("Сервер забыл этот визит")
    expect(page.locator("#ss-connection button")).to_have_text("Загрузить страницу заново")


# Which of two controls are told, of steps of how far their events are: by Gradio's own function.
TOLD = """async ([script, steps]) => {
  const [own] = /async update_loading_stati_state\\(\\)\\{[^]*?\\}(?=dispatch_state)/.exec(script);
  let told;
  const page = { ...eval(`({${own}})`), update_state_cb: (control) => told.push(control), loading_stati: {} };
  const heard = [];
  for (const step of steps) {
    told = [];
    page.loading_stati.current = step.map(([status, show_progress]) => ({ status, show_progress }));
    await page.update_loading_stati_state();
    heard.push(told);
  }
  return heard;
}"""


def test_progress_is_told_where_it_is_shown_until_it_is_complete(browser: Browser, app_url: str) -> None:
    """A control that was told of a beginning alone would count the seconds for ever."""
    (path,) = (path for path in SERVER["middleware"][-1].args[0] if "Blocks" in path)
    script = httpx.get(app_url.rstrip("/") + path).text
    quiet = ("pending", "hidden")
    steps = [
        (quiet, quiet),
        (quiet, ("pending", "minimal")),
        (quiet, ("pending", "hidden")),  # another event, before the one that is shown has ended
        (quiet, ("complete", "hidden")),
        (quiet, ("pending", "hidden")),
        (quiet, ("error", "minimal")),
        (quiet, ("complete", "hidden")),
        (quiet, ("complete", "hidden")),
    ]
    page = browser.new_page()
    assert page.evaluate(TOLD, [script, steps]) == [[], [1], [1], [1], [], [1], [1], []]
    page.close()
