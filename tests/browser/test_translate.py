"""The Translate tab as a visitor sees it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

Screenshot = Callable[[Page, str], Path]
RUSSIAN = re.compile("[а-яё]", re.IGNORECASE)
KEYS = re.compile(r"\b(?:common|translate|average|algebra|style|pairs|error)_[a-z_]+")


def translate(page: Page, text: str, answers: int) -> None:
    """Types a text, runs it, and waits for so many answers."""
    page.locator("#translate-text textarea").fill(text)
    page.locator("#translate-go").click()
    expect(page.locator("#translate-status")).to_have_text(
        re.compile(rf"^\s*{answers} answered"), timeout=60_000
    )


def test_first_example_is_answered_when_the_page_opens(page: Page, screenshot: Screenshot) -> None:
    answers = page.locator("#translate-answers .ss-answer")
    expect(answers).to_have_count(12, timeout=60_000)
    for answer in answers.all_inner_texts():
        assert RUSSIAN.search(answer)
    expect(page.locator("#translate-answers .ss-warning")).to_contain_text("Tajik")
    expect(page.locator("#translate-plot .js-plotly-plot")).to_be_visible(timeout=60_000)
    screenshot(page, "translate")


def test_a_typed_sentence_is_said_in_russian(page: Page) -> None:
    translate(page, "Good morning!\nI love you.", 2)
    answers = page.locator("#translate-answers .ss-answer")
    expect(answers).to_have_count(2)
    assert all(RUSSIAN.search(answer) for answer in answers.all_inner_texts())
    expect(page.locator("#translate-answers .ss-fidelity").first).to_contain_text(re.compile(r"-?[01]\.\d\d"))
    expect(page.locator("#translate-answers")).to_contain_text("Answered by")


def test_markup_of_the_visitor_is_text(page: Page) -> None:
    text = '<img src=x onerror="document.title=1"> {{value}} ${1+1} `x` \\n &amp;'
    translate(page, text, 1)
    expect(page.locator("#translate-answers .ss-source span").first).to_have_text(text)
    assert page.locator("#translate-answers img").count() == 0


def test_an_example_and_a_setting(page: Page) -> None:
    page.locator("#translate-letter").click()
    expect(page.locator("#translate-answers .ss-answer")).to_have_count(5, timeout=60_000)
    page.locator("#translate-recovery").click()
    expect(page.locator("#translate-answers")).to_contain_text("Британская столица Англии.", timeout=60_000)
    expect(page.locator("#translate-answers")).to_contain_text("recorded")


def test_nothing_typed_says_so_and_keeps_the_answers(page: Page) -> None:
    translate(page, "Hello, world!", 1)
    page.locator("#translate-text textarea").fill("   ")
    page.locator("#translate-go").click()
    expect(page.locator("#translate-status [role=alert]")).to_contain_text("There is no text yet")
    expect(page.locator("#translate-answers .ss-answer")).to_have_count(1)


def test_a_line_too_long_is_reported_in_its_row(page: Page) -> None:
    translate(page, "word " * 2000 + "\nGood night!", 2)
    expect(page.locator("#translate-answers .ss-error")).to_contain_text("Text 1 is too long")
    expect(page.locator("#translate-answers .ss-answer")).to_have_count(1)


def test_too_many_lines_are_refused_and_kept(page: Page) -> None:
    text = page.locator("#translate-text textarea")
    text.fill("\n".join(f"line {number}" for number in range(201)))
    page.locator("#translate-go").click()
    expect(page.locator("#translate-status [role=alert]")).to_contain_text("At most 200 lines")
    assert text.input_value().endswith("line 200")


def test_download_json(page: Page) -> None:
    translate(page, "Good morning!", 1)
    with page.expect_download() as download:
        page.locator("#translate-json").click()
    rows = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert [row["source"] for row in rows] == ["Good morning!"]
    assert rows[0]["russian"] == page.locator("#translate-answers .ss-answer").inner_text()


def test_the_map_as_a_page(page: Page) -> None:
    translate(page, "Good morning!\nI love you.", 2)
    expect(page.locator("#translate-plot .textpoint").first).to_be_visible(timeout=60_000)
    with page.expect_download() as download:
        page.locator("#translate-html").click()
    assert download.value.suggested_filename == "translate.html"
    opened = page.context.new_page()
    opened.set_content(Path(download.value.path()).read_text(encoding="utf-8"))
    expect(opened.locator(".js-plotly-plot .textpoint").first).to_be_visible()


def test_many_lines_come_batch_by_batch(page: Page) -> None:
    page.locator("#translate-text textarea").fill("\n".join(f"I have {n} apples." for n in range(2, 42)))
    page.evaluate("""() => {
      window.counts = new Set();
      const status = document.querySelector("#translate-status");
      const look = () => {
        const done = status.innerText.match(/(\\d+) of 40/);
        if (done && status.querySelector("progress")) window.counts.add(Number(done[1]));
      };
      new MutationObserver(look).observe(status, { childList: true, characterData: true, subtree: true });
    }""")
    page.locator("#translate-go").click()
    expect(page.locator("#translate-status")).to_have_text(re.compile(r"\b40 answered"), timeout=60_000)
    assert {12, 24, 36} <= set(page.evaluate("[...window.counts]"))
    expect(page.locator("#translate-answers .ss-answer")).to_have_count(40)


def test_the_map_in_three_dimensions(page: Page) -> None:
    expect(page.locator("#translate-plot .js-plotly-plot")).to_be_visible(timeout=60_000)
    page.locator("#translate-dims label").nth(1).click()
    expect(page.locator("#translate-plot .gl-container canvas").first).to_be_attached(timeout=60_000)


@pytest.mark.parametrize(
    ("width", "height", "locale", "theme"),
    [
        (1280, 720, "en-US", "dark"),
        (1920, 1080, "de-DE", "light"),
        (390, 844, "ru-RU", "light"),
        (390, 844, "en-US", "dark"),
    ],
)
def test_no_raw_key_and_no_sideways_scrolling(
    open_page: Callable[..., Page], screenshot: Screenshot, width: int, height: int, locale: str, theme: str
) -> None:
    page = open_page(width=width, height=height, locale=locale, theme=theme)
    expect(page.locator("#translate-answers .ss-answer")).to_have_count(12, timeout=60_000)
    expect(page.locator("#translate-plot .js-plotly-plot")).to_be_visible(timeout=60_000)
    text = page.locator("body").inner_text()
    assert not KEYS.findall(text)
    assert "__i18n__" not in text
    go = "Сказать по-русски" if locale == "ru-RU" else "Say it in Russian"
    expect(page.locator("#translate-go")).to_have_text(go)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("#tabs button[role=tab]").count() == 4
    screenshot(page, f"translate-{width}-{locale[:2]}-{theme}")
