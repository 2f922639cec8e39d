"""What visitors do in more than one tab."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Locator, Page, expect

TABS = ("translate", "average", "algebra", "style")
RUSSIAN = re.compile("[а-яё]", re.IGNORECASE)
FIDELITY = re.compile(r"[-−]?[01][.,]\d\d")
KEYS = re.compile(r"\b(?:common|translate|average|algebra|style|pairs|error|map)_[a-z_]+")

# Nothing that the page has asked for is on its way, and its plots have had time to be drawn.
AT_REST = "() => window.questions.waiting <= 0 && performance.now() - window.questions.rested > 400"
OFTEN = 100  # milliseconds between two looks; to look at every frame keeps a browser drawing frames

# The texts on the screen, and what can be typed in: each with its size, weight, colour and what is behind it.
LETTERS = """() => {
  const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 })
    .getContext("2d", { willReadFrequently: true });
  const found = [], range = document.createRange();
  const rgba = (colour) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = pen.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const over = ([r, g, b, a], ground) => [r, g, b].map((value, place) => value * a + ground[place] * (1 - a));
  const behind = (box) => {
    if (!box) return [255, 255, 255];
    const own = rgba(getComputedStyle(box).backgroundColor);
    return own[3] === 1 ? own.slice(0, 3) : over(own, behind(box.parentElement));
  };
  const read = (box, text) => {
    const style = getComputedStyle(box), ground = behind(box), svg = box.closest("svg") !== null;
    const ink = rgba(svg ? style.fill : style.color);
    for (let one = box; one; one = one.parentElement) ink[3] *= Number(getComputedStyle(one).opacity);
    const size = parseFloat(style.fontSize), bold = Number(style.fontWeight) >= 600;
    found.push([text, size, bold, over(ink, ground), ground]);
  };
  const seen = (box) => box.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    && !box.closest("script, style, .sr-only, .map-quiet, .ss-quiet, :disabled, .ss-old");
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walk.nextNode()); ) {
    if (!node.data.trim() || !seen(node.parentElement)) continue;
    range.selectNodeContents(node);
    const { width, height } = range.getBoundingClientRect();
    if (width > 1 && height > 1) read(node.parentElement, node.data.trim());
  }
  for (const box of document.querySelectorAll("textarea, select, input")) {
    if (seen(box) && !["range", "checkbox", "radio"].includes(box.type)) read(box, box.value);
  }
  return found;
}"""

# A Russian voice, which keeps what it is to say.
VOICE = """
const voices = [{ lang: "ru-RU" }];
speechSynthesis.getVoices = () => voices;
speechSynthesis.speak = ({ text }) => { window.heard = text; };
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
"""


class Letters(NamedTuple):
    """A text on the screen: the size of its letters in pixels, their colour and that behind them (RGB)."""

    text: str
    size: float
    bold: bool
    ink: list[float]
    ground: list[float]

    @property
    def is_clear(self) -> bool:
        """Whether they stand out as WCAG 2 wants at its level AA: large ones may be fainter."""
        large = self.size >= 24 or (self.bold and self.size >= 18.66)
        return contrast(self.ink, self.ground) >= (3 if large else 4.5)


def rest(page: Page) -> Page:
    """Wait until the page has got all that it has asked for, what follows by itself too."""
    page.wait_for_function(AT_REST, polling=OFTEN)
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


def letters_of(page: Page, theme: str = "") -> list[Letters]:
    """The texts on the screen, in a theme ("light", "dark") or in that of the page ("")."""
    if theme:
        page.evaluate("theme => document.body.classList.toggle('dark', theme === 'dark')", theme)
    return [Letters(*one) for one in page.evaluate(LETTERS)]


def contrast(one: Sequence[float], other: Sequence[float]) -> float:
    """WCAG 2's contrast of two colours, each red, green and blue from 0 to 255."""

    def light(colour: Sequence[float]) -> float:
        shares = [value / 255 for value in colour]
        linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted((light(one), light(other)))
    return (lighter + 0.05) / (darker + 0.05)
