"""What visitors do in more than one tab."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

TABS = ("translate", "average", "algebra", "style")
RUSSIAN = re.compile("[а-яё]", re.IGNORECASE)
FIDELITY = re.compile(r"[-−]?[01][.,]\d\d")
KEYS = re.compile(r"\b(?:common|translate|average|algebra|style|pairs|error|map)_[a-z_]+")

# Nothing that the page has asked for is on its way, and its plots have had time to be drawn.
AT_REST = "() => window.questions.waiting <= 0 && performance.now() - window.questions.rested > 400"

# A Russian voice, which keeps what it is to say.
VOICE = """
const voices = [{ lang: "ru-RU" }];
speechSynthesis.getVoices = () => voices;
speechSynthesis.speak = ({ text }) => { window.heard = text; };
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
"""


def rest(page: Page) -> Page:
    """Wait until the page has got all that it has asked for, what follows by itself too."""
    page.wait_for_function(AT_REST)
    return page


def answer(page: Page, tab: str) -> Locator:
    """The Russian answer of a tab, of Translate the first."""
    place = "#translate-answers" if tab == "translate" else f"#{tab}-answer"
    return page.locator(f"{place} .ss-answer").first


def picture(page: Page, tab: str) -> Locator:
    """Something that is drawn on a tab's map."""
    return page.locator(f"#{tab}-plot .js-plotly-plot .points path").first


def open_tab(page: Page, tab: str) -> Page:
    """Go to a tab, and wait until its first example is answered, carefully, and drawn."""
    page.locator("#tabs button[role=tab]").nth(TABS.index(tab)).click()
    expect(answer(page, tab)).to_have_text(RUSSIAN)
    expect(picture(page, tab)).to_be_attached()
    return rest(page)


def three_dimensions(page: Page, tab: str) -> None:
    """Turn a tab's map into one of three dimensions."""
    switch = page.locator("#algebra-3d input" if tab == "algebra" else f"#{tab}-dims input").last
    switch.check()
    expect(page.locator(f"#{tab}-plot .gl-container canvas").first).to_be_attached()


def download(page: Page, button: str) -> tuple[str, str]:
    """Press a button that gives a file → (the file's name, its text)."""
    with page.expect_download() as started:
        page.locator(button).click()
    text = Path(started.value.path()).read_text(encoding="utf-8-sig")
    return started.value.suggested_filename, text


def shows_its_map(page: Page, text: str) -> None:
    """A downloaded map is a page that draws itself, without a network."""
    alone = page.context.new_page()
    alone.set_content(text)
    expect(alone.locator(".js-plotly-plot .points path").first).to_be_attached()
    alone.close()


def drag(page: Page, slider: Locator, share: float) -> None:
    """Move a slider's handle by hand to a share of its way."""
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.5 * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * share, y, steps=12)
    page.mouse.up()


def contrast(one: list[int], other: list[int]) -> float:
    """WCAG 2's contrast of two colours, each red, green and blue from 0 to 255."""

    def light(colour: list[int]) -> float:
        shares = [value / 255 for value in colour]
        linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted((light(one), light(other)))
    return (lighter + 0.05) / (darker + 0.05)
