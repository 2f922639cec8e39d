"""Numbers typed beside the sliders, as people write them."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.steps import open_tab, rest
from tests.conftest import OpenPage

# A slider of each tab that has some, and what its range holds.
BOXES = {
    "algebra": "#algebra-coefficient-2",
    "style": "#style-slider-ty_vy",
    "average": "#average-trim",
}


def box(page: Page, block: str) -> Locator:
    return page.locator(f"{block} input[type=number]")


def write(page: Page, block: str, typed: str, paste: bool = False) -> None:
    """Type something over what the box says, or paste it."""
    field = box(page, block)
    field.click(click_count=3)
    if paste:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.evaluate("text => navigator.clipboard.writeText(text)", typed)
        page.keyboard.press("ControlOrMeta+v")
    else:
        page.keyboard.type(typed, delay=40)  # a box that gets keys faster than a frame puts its own text back


def test_a_number_is_what_was_written(page: Page) -> None:
    for tab in BOXES:
        a_number_is_what_was_written(open_tab(page, tab), tab)
    a_number_that_stays_too_small_is_told_when_the_box_is_left(page)


def a_number_is_what_was_written(page: Page, tab: str) -> None:
    block, said = BOXES[tab], page.locator(f"{BOXES[tab]} .ss-number")
    written = [("0,5", "0.5"), ("1.5", "1.5"), ("1,25", "1.25")]
    if tab == "average":
        written += [("12,5", "12.5")]
    else:
        written += [("\u22121", "-1"), ("\u20130,5", "-0.5")]
    for paste in (False, True):
        for typed, value in written:
            write(page, block, typed, paste)
            expect(box(page, block)).to_have_value(value)
            box(page, block).blur()
            expect(box(page, block)).to_have_value(value)
            expect(said).to_have_count(0)
    rest(page)
    expect(box(page, block)).to_have_value(written[-1][1])


def test_what_is_no_number_is_told_and_the_number_stays(open_page: OpenPage) -> None:
    page = open_tab(open_page(locale="ru-RU"), "style")
    block = BOXES["style"]
    said = page.locator(f"{block} .ss-number")
    write(page, block, "0,5")
    for typed in ("5 лет", "1/2", "1.234,5"):
        write(page, block, typed, paste=True)
        expect(said).to_have_text(f"«{typed}» — не число; остаётся 0,5.")
        expect(box(page, block)).to_have_value("0.5")
    write(page, block, "-")
    box(page, block).blur()
    expect(said).to_have_text("Это не число; остаётся 0,5.")
    expect(box(page, block)).to_have_value("0.5")
    write(page, block, "99")
    expect(said).to_contain_text("Число может быть от −")
    write(page, block, "1")
    expect(said).to_have_count(0)
    rest(page)
    expect(page.locator("#style-answer .style-formula")).to_contain_text("1 ×")


def a_number_that_stays_too_small_is_told_when_the_box_is_left(page: Page) -> None:
    said = page.locator("#average-opinions .ss-number")
    before = box(page, "#average-opinions").input_value()
    write(page, "#average-opinions", "0")
    box(page, "#average-opinions").blur()
    expect(said).to_contain_text("The number goes from 1 to")
    expect(box(page, "#average-opinions")).to_have_value(before)
