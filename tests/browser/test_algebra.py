"""The Algebra tab as a visitor sees it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from gradio_client import Client
from playwright.sync_api import Locator, Page, Request, expect

Screenshot = Callable[[Page, str], Path]
KEYS = re.compile(r"\b(?:common|translate|average|algebra|style|pairs|error)_[a-z_]+")
SLOW = 60_000  # milliseconds, on a busy machine


@pytest.fixture
def tab(page: Page) -> Page:
    return opened(page)


def opened(page: Page) -> Page:
    """The tab with its first example answered and drawn."""
    page.locator("#tabs button[role=tab]").nth(2).click()
    expect(page.locator("#algebra-answer .ss-answer")).not_to_be_empty(timeout=SLOW)
    expect(page.locator("#algebra-plot .main-svg").first).to_be_visible(timeout=SLOW)
    return page


def formula(page: Page) -> Locator:
    return page.locator("#algebra-answer .algebra-formula")


def legend(page: Page) -> list[str]:
    return page.locator("#algebra-plot .legendtext").all_text_contents()


def test_first_example_is_answered_and_drawn(tab: Page, screenshot: Screenshot) -> None:
    expect(formula(tab)).to_have_text("король − мужчина + женщина ≈")
    expect(tab.locator("#algebra-answer .ss-fidelity")).to_contain_text(re.compile(r"-?[01]\.\d\d"))
    expect(tab.locator("#algebra-answer .ss-by")).to_contain_text("Answered by")
    expect(tab.locator("#algebra-answer")).to_contain_text("Recorded: the article's models gave «королева»")
    texts = tab.locator("#algebra-plot").text_content() or ""
    assert all(word in texts for word in ("король", "мужчина", "женщина", "component 1"))
    screenshot(tab, "algebra")


def test_a_slider_moved_with_the_keyboard_changes_the_answer_and_the_picture(tab: Page) -> None:
    arrows = tab.locator("#algebra-plot .scatterlayer .trace path.js-line").first
    before, drawn = tab.locator("#algebra-answer-text").inner_text(), arrows.get_attribute("d")
    slider = tab.locator("#algebra-coefficient-1 input[type=range]")
    slider.focus()
    slider.press("Home")
    expect(formula(tab)).to_have_text("−2 × король − мужчина + женщина ≈", timeout=SLOW)
    expect(tab.locator("#algebra-answer-text")).not_to_have_text(before, timeout=SLOW)
    expect(arrows).not_to_have_attribute("d", drawn or "", timeout=SLOW)
    slider.press("ArrowRight")
    expect(formula(tab)).to_contain_text("−1.95 × король", timeout=SLOW)


def test_dragging_leaves_no_request_behind_and_ends_at_the_last_value(tab: Page) -> None:
    waiting: set[Request] = set()
    most = [0]

    def asked(request: Request) -> None:
        if "/queue/join" in request.url:
            waiting.add(request)
            most[0] = max(most[0], len(waiting))

    tab.on("request", asked)
    tab.on("requestfinished", lambda request: waiting.discard(request))
    box = tab.locator("#algebra-coefficient-3 input[type=range]").bounding_box()
    assert box
    height = box["y"] + box["height"] / 2
    tab.mouse.move(box["x"] + box["width"] * 0.75, height)
    tab.mouse.down()
    for step in range(40):
        tab.mouse.move(box["x"] + box["width"] * (0.75 - step / 80), height)
    tab.mouse.up()
    number = tab.locator("#algebra-coefficient-3 input[type=number]").input_value()
    value = float(number)
    assert value < 0.5
    sign, size = ("−" if value < 0 else "+"), abs(value)
    expect(formula(tab)).to_contain_text(f"{sign} {size:.4g} × женщина", timeout=SLOW)
    assert most[0] <= 2


def test_a_number_typed_counts_too(tab: Page) -> None:
    number = tab.locator("#algebra-coefficient-2 input[type=number]")
    number.fill("-0.5")
    number.press("Enter")
    expect(formula(tab)).to_have_text("король − 0.5 × мужчина + женщина ≈", timeout=SLOW)


def test_a_number_out_of_range_or_half_typed_is_no_error(tab: Page) -> None:
    number = tab.locator("#algebra-coefficient-1 input[type=number]")
    number.fill("5")
    expect(formula(tab)).to_have_text("2 × король − мужчина + женщина ≈", timeout=SLOW)
    expect(number).to_have_value("2")
    number.fill("")
    tab.locator("#algebra-coefficient-2 input[type=number]").fill("-7")
    expect(formula(tab)).to_have_text("2 × король − 2 × мужчина + женщина ≈", timeout=SLOW)
    expect(number).to_have_value("2")
    expect(tab.locator(".error")).to_have_count(0)


def test_a_preset_replaces_the_terms(tab: Page) -> None:
    tab.locator("#algebra-example-paris").click()
    expect(formula(tab)).to_have_text("Лондон − Англия + Франция ≈", timeout=SLOW)
    expect(tab.locator("#algebra-term-1 textarea")).to_have_value("Лондон")
    expect(tab.locator("#algebra-answer")).to_contain_text("«Париж»")
    tab.locator("#algebra-example-blend").click()
    expect(formula(tab)).to_have_text("0.7 × Мама готовит ужин. + 0.7 × Папа смотрит футбол. ≈", timeout=SLOW)
    expect(tab.locator("#algebra-term-3")).to_be_hidden()


def test_terms_are_added_and_removed(tab: Page) -> None:
    tab.locator("#algebra-add").click()
    added = tab.locator("#algebra-term-4 textarea")
    expect(added).to_be_visible(timeout=SLOW)
    added.fill("ребёнок")
    expect(formula(tab)).to_have_text("король − мужчина + женщина + ребёнок ≈", timeout=SLOW)
    tab.locator("#algebra-remove-2").click()
    expect(formula(tab)).to_have_text("король + женщина + ребёнок ≈", timeout=SLOW)
    expect(added).to_be_hidden()
    expect(tab.locator("#algebra-term-3 textarea")).to_have_value("ребёнок")
    for count in range(4, 9):
        tab.locator("#algebra-add").click()
        expect(tab.locator(f"#algebra-term-{count}")).to_be_visible(timeout=SLOW)
    expect(tab.locator("#algebra-add")).to_be_disabled()
    for count in range(7, -1, -1):
        tab.locator("#algebra-remove-1").click()
        hidden = tab.locator(f"#algebra-term-{count + 1}")
        expect(hidden).to_be_hidden(timeout=SLOW) if count else expect(hidden).to_be_visible()
        expect(tab.locator("#algebra-add")).to_be_enabled(timeout=SLOW)
    expect(tab.locator("#algebra-answer [role=alert]")).to_contain_text("There is no text yet", timeout=SLOW)


def test_a_phrase_is_replaced(tab: Page, screenshot: Screenshot) -> None:
    tab.locator("#algebra-mode label").nth(1).click()
    expect(tab.locator("#algebra-sentence")).to_be_visible(timeout=SLOW)
    tab.locator("#algebra-example-train_phrase").click()
    sentence = "Завтра мы поедем в Москву на поезде."
    expect(formula(tab)).to_have_text(f"{sentence} − поезд + самолёт ≈", timeout=SLOW)
    slider = tab.locator("#algebra-strength input[type=range]")
    slider.focus()
    slider.press("ArrowRight")
    expect(formula(tab)).to_have_text(f"{sentence} − 1.05 × поезд + 1.05 × самолёт ≈", timeout=SLOW)
    tab.locator("#algebra-new textarea").fill("")
    expect(tab.locator("#algebra-answer")).to_contain_text("Write the phrase that goes", timeout=SLOW)
    screenshot(tab, "algebra-phrase")


def test_length_wordings_and_exclusion(tab: Page) -> None:
    tab.locator("#algebra-settings button").first.click()
    tab.locator("#algebra-length label").nth(1).click()
    expect(tab.locator("#algebra-answer")).to_contain_text("decoded at 1.00", timeout=SLOW)
    expect(tab.locator("#algebra-plot .legendtext", has_text="chosen length")).to_be_visible(timeout=SLOW)
    tab.locator("#algebra-length label").nth(2).click()
    expect(tab.locator("#algebra-factor")).to_be_visible(timeout=SLOW)
    tab.locator("#algebra-wordings input").check()
    expect(tab.locator("#algebra-answer .ss-others li").first).to_be_visible(timeout=SLOW)
    expect(tab.locator("#algebra-exclude input")).not_to_be_checked()
    tab.locator("#algebra-exclude input").check()
    expect(tab.locator("#algebra-answer .ss-answer")).not_to_be_empty(timeout=SLOW)


def test_what_cancels_out_says_so_and_nothing_is_lost(tab: Page) -> None:
    for number, text in enumerate(("кот", "кот", ""), 1):
        tab.locator(f"#algebra-term-{number} textarea").fill(text)
    expect(tab.locator("#algebra-answer [role=alert]")).to_contain_text("cancelled out", timeout=SLOW)
    expect(tab.locator("#algebra-term-1 textarea")).to_have_value("кот")
    tab.locator("#algebra-term-2 textarea").fill("собака")
    expect(formula(tab)).to_have_text("кот − собака ≈", timeout=SLOW)


def test_markup_of_the_visitor_is_text(tab: Page) -> None:
    text = '<img src=x onerror="document.title=1"> {{value}} ${1+1} &amp;'
    tab.locator("#algebra-term-1 textarea").fill(text)
    expect(formula(tab)).to_have_text(f"{text} − мужчина + женщина ≈", timeout=SLOW)
    expect(tab.locator("#algebra-plot .textpoint", has_text="<img src=x").first).to_be_attached(timeout=SLOW)
    assert tab.locator("#algebra-answer img, #algebra-plot img").count() == 0


def test_the_picture_in_three_dimensions(tab: Page, screenshot: Screenshot) -> None:
    tab.locator("#algebra-3d input").check()
    expect(tab.locator("#algebra-plot .gl-container canvas").first).to_be_attached(timeout=SLOW)
    screenshot(tab, "algebra-3d")


def view(tab: Page) -> list[float]:
    """Where the picture in three dimensions is seen from."""
    plot = "document.querySelector('#algebra-plot .js-plotly-plot')"
    eye = tab.evaluate(f"{plot}._fullLayout.scene._scene.getCamera().eye")
    return [round(eye[axis], 2) for axis in "xyz"]


def test_a_turned_picture_stays_turned_while_a_slider_moves(tab: Page) -> None:
    tab.locator("#algebra-3d input").check()
    scene = tab.locator("#algebra-plot .gl-container")
    expect(scene.locator("canvas").first).to_be_attached(timeout=SLOW)
    first = view(tab)
    canvas = scene.locator("canvas").first  # its container has no height
    canvas.evaluate("canvas => canvas.scrollIntoView({ block: 'center' })")
    tab.wait_for_timeout(500)
    box = canvas.bounding_box()
    assert box
    tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tab.mouse.down()
    tab.mouse.move(box["x"] + box["width"] / 2 + 120, box["y"] + box["height"] / 2 + 20, steps=5)
    tab.mouse.up()
    tab.wait_for_timeout(500)
    turned = view(tab)
    assert turned != first
    tab.evaluate("document.querySelector('#algebra-plot .js-plotly-plot').id = 'before'")
    slider = tab.locator("#algebra-coefficient-3 input[type=range]")
    slider.focus()
    slider.press("ArrowLeft")
    expect(tab.locator("#before")).to_have_count(0, timeout=SLOW)
    expect(scene.locator("canvas").first).to_be_attached(timeout=SLOW)
    tab.wait_for_timeout(500)
    assert view(tab) == turned
    tab.locator("#algebra-term-1 textarea").fill("королева-мать")
    expect(formula(tab)).to_contain_text("королева-мать", timeout=SLOW)
    tab.wait_for_timeout(1500)
    assert view(tab) == first, "another picture is seen from the front"


@pytest.mark.parametrize("kind", ["csv", "json", "html"])
def test_downloads(tab: Page, kind: str) -> None:
    with tab.expect_download(timeout=SLOW) as download:
        tab.locator(f"#algebra-{kind}").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    if kind == "json":
        rows = json.loads(text)
        assert [row["text"] for row in rows[:3]] == ["король", "мужчина", "женщина"]
        assert rows[3]["text"] == tab.locator("#algebra-answer-text").inner_text()
    elif kind == "csv":
        assert text.splitlines()[1].startswith("term,король,1")
    else:
        page = tab.context.new_page()
        page.set_content(text)
        expect(page.locator(".js-plotly-plot .textpoint", has_text="король").first).to_be_visible()


def test_the_picture_as_png(tab: Page) -> None:
    with tab.expect_download(timeout=SLOW) as download:
        tab.locator("#algebra-plot .modebar-btn").first.click()
    assert download.value.suggested_filename == "sentence-space.png"
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (390, 844)], ids=lambda size: f"{size[0]}")
@pytest.mark.parametrize(("locale", "theme"), [("en-US", "light"), ("ru-RU", "dark")])
def test_no_raw_key_and_no_sideways_scrolling(
    open_page: Callable[..., Page], screenshot: Screenshot, size: tuple[int, int], locale: str, theme: str
) -> None:
    page = opened(open_page(width=size[0], height=size[1], locale=locale, theme=theme))
    text = page.locator("body").inner_text()
    assert not KEYS.findall(text)
    assert "__i18n__" not in text
    assert legend(page)[:1] == (["слагаемые"] if locale == "ru-RU" else ["terms"])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    screenshot(page, f"algebra-{size[0]}-{locale[:2]}-{theme}")


def test_the_endpoint_adds_up(client: Client) -> None:
    texts, coefficients = ["король", "мужчина", "женщина"], [1, -1, 1]
    found = client.predict(texts, coefficients, alternatives=2, api_name="/algebra")
    assert found["russian"].strip()
    assert -1 <= found["fidelity"] <= 1
    assert len(found["alternatives"]) <= 2
    assert found["skipped"] == []
    assert client.predict(texts, coefficients, alternatives=2, api_name="/algebra") == found
