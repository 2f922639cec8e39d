"""The Average tab as a visitor uses it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import answer, download, drag, open_tab, shows_its_map, three_dimensions
from tests.conftest import Screenshot

REVIEWS = "Отличный кофе!\nКофе очень вкусный.\nЖдали заказ сорок минут.\nОчень долго несли заказ."


@pytest.fixture
def tab(page: Page) -> Page:
    """The app with the Average tab open and its first example summed up."""
    return open_tab(page, "average")


def sum_up(page: Page, text: str, sentences: int) -> None:
    """Pastes reviews, runs them, and waits for the answer."""
    page.locator("#average-text textarea").fill(text)
    page.locator("#average-go").click()
    expect(page.locator("#average-answer .average-head")).to_contain_text(f"{sentences} sentences")
    expect(page.locator("#average-go")).to_be_visible()


def test_the_first_example_its_controls_and_its_files(tab: Page, screenshot: Screenshot) -> None:
    the_first_example_is_summed_up_and_downloaded(tab, screenshot)
    the_number_of_opinions_the_trim_and_the_count_follow_their_controls(tab)
    three_dimensions(tab, "average")


def test_pasted_reviews_a_message_and_stop(tab: Page) -> None:
    pasted_reviews_an_example_and_a_message(tab)
    progress_and_stop(tab)


def the_first_example_is_summed_up_and_downloaded(tab: Page, screenshot: Screenshot) -> None:
    expect(tab.locator("#average-answer .average-head")).to_contain_text(
        re.compile(r"\d+ reviews?, \d+ sent")
    )
    rows = tab.locator("#average-list .average-opinion:not(.average-rest)")
    assert 4 <= rows.count() <= 12
    assert 1 <= tab.locator("#average-list .average-closer").count() <= rows.count()
    shares = [int(text.split()[0]) for text in tab.locator(".average-share b").all_inner_texts()]
    assert 95 <= sum(shares) <= 105
    expect(tab.locator("#average-plot .legend")).to_contain_text("Average of all")
    expect(tab.locator("#average-plot .legend")).to_contain_text(f"Opinion 1 · {shares[0]} %")
    screenshot(tab, "average")

    for button, name in (("csv", "average.csv"), ("sentences", "sentences.csv"), ("json", "average.json")):
        file, text = download(tab, f"#average-{button}")
        assert file == name
        if button == "json":
            assert json.loads(text)[0]["decoded"] == answer(tab, "average").inner_text()
    shows_its_map(tab, download(tab, "#average-html")[1])


def pasted_reviews_an_example_and_a_message(tab: Page) -> None:
    sum_up(tab, f"{REVIEWS}\n<b>Суп</b> {{{{x}}}} холодный.\t50", 5)
    expect(tab.locator("#average-answer q")).to_have_text("<b>Суп</b> {{x}} холодный.")
    assert tab.locator("#average-answer b").count() == 0
    expect(tab.locator("#average-status")).to_contain_text("5 sentences in")

    tab.locator("#average-juicer").click()
    expect(tab.locator("#average-answer .average-head")).to_contain_text("3 sentences")
    expect(tab.locator("#average-answer .average-recorded")).to_contain_text("выбрасывать яблоки")
    text = tab.locator("#average-text textarea")
    assert text.input_value().startswith("Дизайн строгий")

    before = answer(tab, "average").inner_text()
    text.fill(":-) 10/10")
    tab.locator("#average-go").click()
    expect(tab.locator("#average-status [role=alert]")).to_contain_text("no sentence yet")
    assert text.input_value() == ":-) 10/10"
    expect(answer(tab, "average")).to_have_text(before)
    expect(tab.locator("#average-go")).to_be_visible()


# Keeps what Gradio shows as an error.
WATCH = """() => {
    window.errorsSeen = [];
    const look = () => document.querySelectorAll(".error").forEach(node => {
        if (node.checkVisibility() && node.textContent.trim()) window.errorsSeen.push(node.textContent);
    });
    new MutationObserver(look).observe(document.body, {childList: true, subtree: true, attributes: true});
}"""


def test_a_file_its_columns_and_weights_even_in_the_middle_of_a_run(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    lines = [f"{n},{line},Хороший город.,{9 if n == 2 else 0}" for n, line in enumerate(REVIEWS.splitlines())]
    path.write_text("\n".join(["id,review,about the city,votes", *lines]), encoding="utf-8")
    page.evaluate(WATCH)
    open_tab(page, "average")
    # What no test has asked before: the answer is not known yet.
    many = "\n".join(f"Обед на {n} человек принесли через {n + 7} минут." for n in range(400))
    page.locator("#average-text textarea").fill(many)
    page.locator("#average-go").click()
    expect(page.locator("#average-stop")).to_be_visible()
    with page.expect_file_chooser() as chooser:
        page.locator("#average-upload").click()
    chooser.value.set_files(path)
    expect(page.locator("#average-file")).to_contain_text("rows: 4")
    head = page.locator("#average-answer .average-head")
    real = page.locator("#average-answer q")
    expect(head).to_contain_text("4 reviews, 4 sentences")
    expect(page.locator("#average-go")).to_be_visible()
    page.locator("#do-link").click()
    expect(page.locator("#ss-notice")).to_contain_text("A link cannot hold the file")
    page.locator("#average-weight input").click()
    page.get_by_role("option", name="votes").click()
    expect(head).to_contain_text("1 review, 1 sentence")
    expect(real).to_have_text("Ждали заказ сорок минут.")
    page.locator("#average-column input").click()
    page.get_by_role("option", name="about the city").click()
    expect(real).to_have_text("Хороший город.")
    page.locator("#average-forget").click()
    expect(head).not_to_contain_text(re.compile(r"\b1 sentence\b"))
    assert page.evaluate("window.errorsSeen") == [], "what was stopped was no error"


def test_after_an_unreadable_file_the_page_goes_on_with_the_one_it_shows(page: Page, tmp_path: Path) -> None:
    """The button then holds a file that cannot be read."""
    good, empty, foreign = tmp_path / "reviews.xls", tmp_path / "empty.csv", tmp_path / "notes.docx"
    rows = "".join(f"<tr><td>{line}<td>{9 if n == 2 else 0}" for n, line in enumerate(REVIEWS.splitlines()))
    good.write_text(f"<table><tr><th>review<th>votes{rows}</table>", encoding="utf-8")
    empty.write_bytes(b"")
    foreign.write_bytes(b"PK")
    open_tab(page, "average")
    for path in (good, empty, foreign):
        with page.expect_file_chooser() as chooser:
            page.locator("#average-upload").click()
        chooser.value.set_files(path)
        if path == good:
            expect(page.locator("#average-answer .average-head")).to_contain_text("4 reviews, 4 sentences")
        elif path == empty:
            expect(page.locator("#average-status [role=alert]")).to_contain_text("The file is empty")
        else:
            expect(page.locator("#average-status [role=alert]")).to_contain_text(".docx files cannot be read")
        expect(page.locator("#average-file")).to_contain_text("reviews.xls")
    page.locator("#average-weight input").click()
    page.get_by_role("option", name="votes").click()
    expect(page.locator("#average-answer .average-head")).to_contain_text("1 review, 1 sentence")
    page.locator("#average-header input").click()
    page.get_by_role("option", name="is a row like the others").click()
    expect(page.locator("#average-file")).to_contain_text("rows: 5")
    expect(page.locator("#average-file")).to_contain_text("reviews.xls")


def the_number_of_opinions_the_trim_and_the_count_follow_their_controls(tab: Page) -> None:
    opinions = tab.locator("#average-opinions input[type=range]")
    drag(tab, opinions, 1.0)
    rows = tab.locator("#average-list .average-opinion:not(.average-rest)")
    expect(rows).to_have_count(12)
    expect(tab.locator("#average-opinions input[type=number]")).to_have_value("12")
    expect(tab.locator("#average-auto input")).not_to_be_checked()
    expect(tab.locator("#average-plot .legend")).to_contain_text("Opinion 12")
    drag(tab, tab.locator("#average-trim input[type=range]"), 0.6)
    expect(tab.locator("#average-answer .average-head")).to_contain_text(re.compile(r"\d+ of \d+ sentences"))
    expect(rows.first).to_contain_text("left out as outliers")
    expect(rows).to_have_count(12)
    drag(tab, tab.locator("#average-trim input[type=range]"), 0.0)

    sum_up(tab, "Кофе. Кофе вкусный. Вкусный кофе.\nЖдали заказ сорок минут.", 4)
    drag(tab, opinions, 0.09)
    expect(tab.locator("#average-opinions input[type=number]")).to_have_value("2")
    expect(tab.locator(".average-share b").first).to_have_text("75 %")
    tab.locator("#average-settings").get_by_role("button").first.click()
    tab.locator("#average-count label").nth(1).click()
    expect(tab.locator(".average-share b").first).to_have_text("50 %")


def progress_and_stop(tab: Page) -> None:
    before = answer(tab, "average").inner_text()
    tab.locator("#average-text textarea").fill(
        "\n".join(f"Отзыв номер {n}: кофе вкусный, но ждали мы его слишком долго." for n in range(2000))
    )
    tab.locator("#average-go").click()
    bar = tab.locator("#average-status progress")
    expect(bar).to_have_attribute("max", "2000")
    expect(bar).to_have_attribute("value", re.compile("^[1-9]"))
    tab.locator("#average-stop").click()
    expect(tab.locator("#average-status")).to_contain_text("Stopped")
    expect(tab.locator("#average-go")).to_be_visible()
    expect(tab.locator("#average-stop")).not_to_be_visible()
    expect(answer(tab, "average")).to_have_text(before)
