"""The Translate tab as a visitor uses it."""

from __future__ import annotations

import json
import re

from playwright.sync_api import Page, expect

from tests.browser.steps import FIDELITY, RUSSIAN, download, open_tab, rest, shows_its_map, three_dimensions
from tests.conftest import Screenshot


def translate(page: Page, text: str, answers: int) -> None:
    """Types a text, runs it, and waits for so many answers."""
    page.locator("#translate-text textarea").fill(text)
    page.locator("#translate-go").click()
    done(page, answers)


def done(page: Page, answers: int) -> None:
    said = re.compile(rf"^\s*{answers} answers? in")
    expect(page.locator("#translate-status")).to_have_text(said)


def test_the_first_example_and_what_is_typed(page: Page, screenshot: Screenshot) -> None:
    the_first_example_is_there_when_the_page_opens(page, screenshot)
    what_is_typed_is_answered_kept_and_downloaded(page)
    three_dimensions(page, "translate")


def test_examples_and_stop_in_the_middle_of_a_run(page: Page) -> None:
    done(page, 7)
    examples_even_in_the_middle_of_a_run(page)
    many_lines_come_batch_by_batch_until_they_are_stopped(page)


def the_first_example_is_there_when_the_page_opens(page: Page, screenshot: Screenshot) -> None:
    open_tab(page, "translate")
    answers = page.locator("#translate-answers .ss-answer")
    expect(answers).to_have_count(7)
    for text in answers.all_inner_texts():
        assert RUSSIAN.search(text)
    expect(page.locator("#translate-answers .ss-fidelity").first).to_contain_text(FIDELITY)
    expect(page.locator("#translate-answers")).to_contain_text("Answered by")
    screenshot(page, "translate")


def what_is_typed_is_answered_kept_and_downloaded(page: Page) -> None:
    markup = '<img src=x onerror="document.title=1"> {{value}} ${1+1} `x` \\n &amp;'
    translate(page, f"Good morning!\n{markup}\n" + "я" * 9000, 2)
    expect(page.locator("#translate-status")).to_contain_text("1 line has no answer")
    expect(page.locator("#translate-answers .ss-source span[dir]").nth(1)).to_have_text(markup)
    assert page.locator("#translate-answers img").count() == 0
    expect(page.locator("#translate-answers .ss-error")).to_contain_text("Text 3 is too long")
    answers = page.locator("#translate-answers .ss-answer")
    said = [answers.nth(0).inner_text(), answers.nth(1).inner_text()]

    name, text = download(page, "#translate-json")
    assert name == "translate.json"
    assert [row["russian"] for row in json.loads(text)] == [*said, ""]
    name, text = download(page, "#translate-html")
    assert name == "translate.html"
    shows_its_map(page, text)

    typed = page.locator("#translate-text textarea")
    status = page.locator("#translate-status [role=alert]")
    typed.fill("   ")
    page.locator("#translate-go").click()
    expect(status).to_contain_text("There is no text yet")
    typed.fill("\n".join(f"line {number}" for number in range(201)))
    page.locator("#translate-go").click()
    expect(status).to_contain_text("At most 200 lines")
    assert typed.input_value().endswith("line 200")
    assert [answers.nth(0).inner_text(), answers.nth(1).inner_text()] == said


def examples_even_in_the_middle_of_a_run(page: Page) -> None:
    page.locator("#translate-text textarea").fill("\n".join(f"I have {n} apples." for n in range(2, 92)))
    page.locator("#translate-go").click()
    expect(page.locator("#translate-status progress")).to_have_attribute("value", re.compile("^[1-9]"))
    page.locator("#translate-letter").click()
    done(page, 7)
    expect(page.locator("#translate-answers .ss-answer")).to_have_count(7)
    expect(page.locator("#translate-answers")).to_contain_text("Каждое утро мы купаемся в море.")
    page.locator("#translate-recovery").click()
    expect(page.locator("#translate-answers")).to_contain_text("Британская столица Англии.")
    expect(page.locator("#translate-answers")).to_contain_text("Recorded")
    done(page, 4)
    page.locator("#translate-dozen").click()
    done(page, 12)
    expect(page.locator("#translate-answers .ss-warning", has_text="Tajik")).to_be_visible()
    expect(page.locator("#translate-answers .ss-then")).to_have_text("Господи, я не ел 6 дней!")
    menus = page.locator("#translate-answers td.ss-source > .ss-more")
    expect(menus.first).to_have_attribute("data-say", "Gentlemen, I haven’t eaten for 6 days!")
    expect(menus).to_have_count(12)
    expect(page.locator("#translate-go")).to_be_visible()
    expect(page.locator("#translate-stop")).to_be_hidden()


# Notes how many answers the status names while it has a bar.
COUNT_BATCHES = """() => {
  window.counts = new Set();
  const status = document.querySelector("#translate-status");
  const look = () => {
    const done = status.innerText.match(/(\\d+) of 150/);
    if (done && status.querySelector("progress")) window.counts.add(Number(done[1]));
  };
  new MutationObserver(look).observe(status, { childList: true, characterData: true, subtree: true });
}"""


def many_lines_come_batch_by_batch_until_they_are_stopped(page: Page) -> None:
    page.locator("#translate-text textarea").fill("\n".join(f"I have {n} pears." for n in range(2, 152)))
    page.evaluate(COUNT_BATCHES)
    page.locator("#translate-go").click()
    page.wait_for_function("Math.max(...window.counts) >= 12")
    page.locator("#translate-stop").click()
    status = page.locator("#translate-status")
    expect(status).to_contain_text("Stopped")
    expect(page.locator("#translate-go")).to_be_visible()
    expect(page.locator("#translate-stop")).to_be_hidden()
    rest(page)
    answers = page.locator("#translate-answers .ss-answer")
    kept = answers.count()
    assert 12 <= kept < 150
    page.wait_for_timeout(2000)  # a run that goes on would have answered more by now
    assert answers.count() == kept
    expect(status).to_contain_text("Stopped")
