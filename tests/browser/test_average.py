"""The Average tab as a visitor uses it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

Screenshot = Callable[[Page, str], Path]
WAIT = 60_000  # milliseconds, on a busy machine
KEYS = re.compile(r"\b(?:common|average|error)_[a-z_]+")
REVIEWS = "Отличный кофе!\nКофе очень вкусный.\nЖдали заказ сорок минут.\nОчень долго несли заказ."


def opened(page: Page, name: str = "Average") -> Page:
    page.get_by_role("tab", name=name, exact=True).click()
    expect(page.locator("#average-answer .ss-answer")).to_have_text(re.compile("[а-яё]"), timeout=WAIT)
    expect(page.locator("#average-plot .js-plotly-plot .points path").first).to_be_attached(timeout=WAIT)
    return page


@pytest.fixture
def tab(page: Page) -> Page:
    """The app with the Average tab open and its first example summed up."""
    return opened(page)


def sum_up(page: Page, text: str, sentences: int) -> None:
    """Pastes reviews, runs them, and waits for the answer."""
    page.locator("#average-text textarea").fill(text)
    page.locator("#average-go").click()
    expect(page.locator("#average-answer .average-head")).to_contain_text(
        f"{sentences} sentences", timeout=WAIT
    )
    expect(page.locator("#average-go")).to_be_visible(timeout=WAIT)


def drag(page: Page, slider: Locator, share: float) -> None:
    """Moves a slider's handle by hand to a share of its way."""
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.3 * box["width"], y)
    page.mouse.down()
    for step in range(1, 11):
        page.mouse.move(box["x"] + box["width"] * (0.3 + (share - 0.3) * step / 10), y)
        page.wait_for_timeout(20)
    page.mouse.up()


def test_first_example_is_summed_up_when_the_tab_opens(tab: Page, screenshot: Screenshot) -> None:
    expect(tab.locator("#average-answer .average-head")).to_contain_text("72 reviews, 101 sentences")
    rows = tab.locator("#average-list .average-opinion")
    assert 4 <= rows.count() <= 8
    assert tab.locator("#average-list .average-closer").count() == rows.count()
    shares = [int(text.split()[0]) for text in tab.locator(".average-share b").all_inner_texts()]
    assert 97 <= sum(shares) <= 103
    expect(tab.locator("#average-plot .legend")).to_contain_text("Average of all")
    expect(tab.locator("#average-plot .legend")).to_contain_text(f"Opinion 1 · {shares[0]} %")
    screenshot(tab, "average")


def test_pasted_reviews_with_weights_are_text_and_summed_up(tab: Page) -> None:
    sum_up(tab, f"{REVIEWS}\n<b>Суп</b> {{{{x}}}} холодный.\t50", 5)
    expect(tab.locator("#average-answer .average-real q")).to_have_text("<b>Суп</b> {{x}} холодный.")
    assert tab.locator("#average-answer b").count() == 0
    expect(tab.locator("#average-status")).to_contain_text("5 sentences in")


def test_an_example_of_the_article_shows_its_recorded_answer(tab: Page) -> None:
    tab.locator("#average-juicer").click()
    expect(tab.locator("#average-answer .average-head")).to_contain_text("3 sentences", timeout=WAIT)
    expect(tab.locator("#average-answer .average-recorded")).to_contain_text("выбрасывать яблоки")
    assert tab.locator("#average-text textarea").input_value().startswith("Дизайн строгий")


def test_a_file_its_column_and_its_weights(tab: Page, tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    lines = [f"{n},{line},Хороший город.,{9 if n == 2 else 0}" for n, line in enumerate(REVIEWS.splitlines())]
    path.write_text("\n".join(["id,review,about the city,votes", *lines]), encoding="utf-8")
    with tab.expect_file_chooser() as chooser:
        tab.locator("#average-upload").click()
    chooser.value.set_files(path)
    expect(tab.locator("#average-file")).to_contain_text("rows: 4", timeout=WAIT)
    head = tab.locator("#average-answer .average-head")
    expect(head).to_contain_text("4 reviews, 4 sentences", timeout=WAIT)
    tab.locator("#average-weight input").click()
    tab.get_by_role("option", name="votes").click()
    expect(head).to_contain_text("1 reviews, 1 sentences", timeout=WAIT)
    expect(tab.locator("#average-answer .average-real q")).to_have_text("Ждали заказ сорок минут.")
    tab.locator("#average-column input").click()
    tab.get_by_role("option", name="about the city").click()
    expect(tab.locator("#average-answer .average-real q")).to_have_text("Хороший город.", timeout=WAIT)
    tab.locator("#average-forget").click()
    expect(head).to_contain_text("101 sentences", timeout=WAIT)


WATCH = """() => {
    window.errorsSeen = [];
    const look = () => document.querySelectorAll(".error").forEach(node => {
        if (node.checkVisibility() && node.textContent.trim()) window.errorsSeen.push(node.textContent);
    });
    new MutationObserver(look).observe(document.body, {childList: true, subtree: true, attributes: true});
}"""


def test_a_file_may_come_while_the_first_example_is_summed_up(page: Page, tmp_path: Path) -> None:
    """What it stops was no error, and nothing may call it one."""
    path = tmp_path / "reviews.csv"
    path.write_text("\n".join(["review", *REVIEWS.splitlines()]), encoding="utf-8")
    page.evaluate(WATCH)
    page.get_by_role("tab", name="Average", exact=True).click()
    expect(page.locator("#average-stop")).to_be_visible(timeout=WAIT)
    with page.expect_file_chooser() as chooser:
        page.locator("#average-upload").click()
    chooser.value.set_files(path)
    head = page.locator("#average-answer .average-head")
    expect(head).to_contain_text("4 reviews, 4 sentences", timeout=WAIT)
    expect(page.locator("#average-go")).to_be_visible(timeout=WAIT)
    assert page.evaluate("window.errorsSeen") == []


def test_the_number_of_opinions_and_the_trim_follow_their_sliders(tab: Page) -> None:
    average = tab.locator("#average-answer .average-head")
    drag(tab, tab.locator("#average-opinions input[type=range]"), 1.0)
    expect(tab.locator("#average-list .average-opinion")).to_have_count(12, timeout=WAIT)
    expect(tab.locator("#average-opinions input[type=number]")).to_have_value("12")
    expect(tab.locator("#average-auto input")).not_to_be_checked()
    expect(tab.locator("#average-plot .legend")).to_contain_text("Opinion 12", timeout=WAIT)
    drag(tab, tab.locator("#average-trim input[type=range]"), 0.5)
    expect(average).to_contain_text("of 101 sentences", timeout=WAIT)
    expect(tab.locator("#average-list .average-opinion").first).to_contain_text("left out as outliers")
    expect(tab.locator("#average-list .average-opinion")).to_have_count(12)


def test_every_review_may_count_the_same(tab: Page) -> None:
    sum_up(tab, "Кофе. Кофе вкусный. Вкусный кофе.\nЖдали заказ сорок минут.", 4)
    drag(tab, tab.locator("#average-opinions input[type=range]"), 0.09)
    expect(tab.locator("#average-opinions input[type=number]")).to_have_value("2")
    expect(tab.locator(".average-share b").first).to_have_text("75 %", timeout=WAIT)
    tab.locator("#average-settings").get_by_role("button").first.click()
    tab.locator("#average-count label").nth(1).click()
    expect(tab.locator(".average-share b").first).to_have_text("50 %", timeout=WAIT)


def test_a_message_keeps_the_inputs_and_the_answer(tab: Page, tmp_path: Path) -> None:
    before = tab.locator("#average-answer .ss-answer").inner_text()
    text = tab.locator("#average-text textarea")
    text.fill(":-) 10/10")
    tab.locator("#average-go").click()
    expect(tab.locator("#average-status [role=alert]")).to_contain_text("no sentence yet", timeout=WAIT)
    assert text.input_value() == ":-) 10/10"
    expect(tab.locator("#average-answer .ss-answer")).to_have_text(before)
    expect(tab.locator("#average-go")).to_be_visible()


def test_progress_and_stop(tab: Page) -> None:
    before = tab.locator("#average-answer .ss-answer").inner_text()
    tab.locator("#average-text textarea").fill(
        "\n".join(f"Отзыв номер {n}: кофе вкусный, но ждали мы его слишком долго." for n in range(2000))
    )
    tab.locator("#average-go").click()
    bar = tab.locator("#average-status progress")
    expect(bar).to_have_attribute("max", "2000", timeout=WAIT)
    expect(bar).to_have_attribute("value", re.compile("^[1-9]"), timeout=WAIT)
    tab.locator("#average-stop").click()
    expect(tab.locator("#average-status")).to_contain_text("Stopped", timeout=WAIT)
    expect(tab.locator("#average-go")).to_be_visible()
    expect(tab.locator("#average-stop")).not_to_be_visible()
    expect(tab.locator("#average-answer .ss-answer")).to_have_text(before)


def test_three_dimensions(tab: Page) -> None:
    tab.locator("#average-dims input").last.check()
    expect(tab.locator("#average-plot .gl-container canvas").first).to_be_attached(timeout=WAIT)


def test_files_can_be_downloaded(tab: Page) -> None:
    names = {
        "csv": "average.csv",
        "sentences": "sentences.csv",
        "json": "average.json",
        "html": "average.html",
    }
    for button, name in names.items():
        with tab.expect_download(timeout=WAIT) as download:
            tab.locator(f"#average-{button}").click()
        assert download.value.suggested_filename == name
        if button == "json":
            first = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))[0]
            assert first["decoded"] == tab.locator("#average-answer .ss-answer").inner_text()


@pytest.mark.parametrize(("width", "locale", "theme"), [(1920, "en-US", "dark"), (390, "ru-RU", "light")])
def test_no_raw_key_and_no_sideways_scrolling(
    open_page: Callable[..., Page], screenshot: Screenshot, width: int, locale: str, theme: str
) -> None:
    page = open_page(width=width, height=900, locale=locale, theme=theme)
    opened(page, "Среднее" if locale == "ru-RU" else "Average")
    text = page.locator("body").inner_text()
    assert not KEYS.findall(text)
    assert "__i18n__" not in text
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    go = "Подвести итог" if locale == "ru-RU" else "Sum up"
    expect(page.locator("#average-go")).to_have_text(go)
    screenshot(page, f"average-{width}-{locale[:2]}-{theme}")
