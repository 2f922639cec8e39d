"""The state in the link: it is copied, opened elsewhere, gone back from and loaded anew."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping

from playwright.sync_api import Page, expect

from demos.operations import reviews
from tests.browser.steps import RUSSIAN, TABS, answer, open_tab, rest

PHONE = next(one.text for one in reviews.examples() if one.name == "phone")
Shown = Callable[[Page], None]  # what a page must show
AXES = json.dumps([["cold → warm", "Холодно.", "Тепло."]], ensure_ascii=False)


def link(
    page: Page,
    tab: str,
    fields: Mapping[str, object],
    version: int = 1,
    pair: str | None = None,
    example: str | None = None,
) -> str:
    """The address of a screen, as it was written before links told pair and example if none is given."""
    state = json.dumps([tab, fields, *filter(None, (pair, example))]).encode()
    packed = base64.urlsafe_b64encode(state).decode().rstrip("=")
    return f"{page.url.split('#')[0]}#v{version}={packed}"


def copied(page: Page) -> str:
    """What the link button puts on the clipboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button = page.locator("#do-link")
    expect(button).to_have_text("Link")
    button.click()
    expect(button).to_have_text("✓")
    return str(page.evaluate("navigator.clipboard.readText()"))


def elsewhere(page: Page, address: str) -> Page:
    """The address in another window."""
    other = page.context.new_page()
    other.goto(address)
    return other


def test_every_tab_is_in_its_link_and_outlives_a_reload(page: Page) -> None:
    undo_takes_back_what_a_hand_has_done(page)
    tabs = {
        "translate": translate(page),
        "average": average(page),
        "algebra": algebra(page),
        "style": style(page),
    }
    links = {}
    for tab, shown in tabs.items():
        open_tab(page, tab)
        shown(page)
        links[tab] = copied(page)
    other = elsewhere(page, links["translate"])
    for tab, shown in tabs.items():
        other.goto(links[tab])
        shown(other)
    other.close()
    page.reload()
    for tab, shown in reversed(tabs.items()):
        page.locator("#tabs button[role=tab]").nth(TABS.index(tab)).click()
        shown(page)
    open_tab(page, "average")
    open_tab(page, "translate")
    page.locator("#translate-text textarea").fill("Ich bin noch nicht fertig")
    open_tab(page, "average")
    page.reload()
    page.locator("#tabs button[role=tab]").first.click()
    expect(page.locator("#translate-text textarea")).to_have_value("Ich bin noch nicht fertig")


def test_what_a_hand_types_while_a_tab_is_filled_in_stays(page: Page) -> None:
    style, box = page.locator("#tabs button[role=tab]").nth(TABS.index("style")), "#style-sentence textarea"
    open_tab(page, "style")
    page.locator(box).fill("Это первый черновик.")
    rest(page)
    open_tab(page, "translate")
    page.reload()
    rest(page)
    style.click()
    page.locator(box).fill("Это второй черновик.")
    rest(page)
    expect(page.locator(box)).to_have_value("Это второй черновик.")
    page.reload()
    rest(page)
    style.click()
    rest(page)
    expect(page.locator(box)).to_have_value("Это второй черновик.")


def undo_takes_back_what_a_hand_has_done(page: Page) -> None:
    undo, formula = page.locator("#do-undo"), page.locator("#algebra-answer .algebra-formula")
    expect(undo).to_be_disabled()
    open_tab(page, "algebra")
    slider = page.locator("#algebra-coefficient-2 input[type=range]")
    slider.focus()
    slider.press("End")
    expect(formula).to_contain_text("2 × мужчина")
    rest(page)
    undo.click()
    expect(formula).to_contain_text("− мужчина")
    rest(page)
    expect(slider).to_have_value("-1")
    undo.click()
    expect(page.locator("#tabs button[role=tab]").first).to_have_attribute("aria-selected", "true")
    expect(undo).to_be_disabled()


def translate(page: Page) -> Shown:
    open_tab(page, "translate")
    page.locator("#translate-settings .label-wrap").click()
    page.locator("#translate-wordings input").check()
    page.locator("#translate-text textarea").fill("Wo bist du?\n«Кавычки» & 日本語 🙂")
    page.locator("#translate-go").click()

    def shown(page: Page) -> None:
        expect(page.locator("#translate-text textarea")).to_have_value("Wo bist du?\n«Кавычки» & 日本語 🙂")
        expect(page.locator("#translate-wordings input")).to_be_checked()
        expect(page.locator("#translate-answers .ss-source").first).to_contain_text("Wo bist du?")

    return shown


def average(page: Page) -> Shown:
    open_tab(page, "average")
    text = page.locator("#average-text textarea")
    opened = text.input_value()
    made = json.loads(base64.urlsafe_b64decode(copied(page).split("#v1=")[1] + "=="))
    assert made[3] == "cafe", "an example goes by its name"
    assert "average-text" not in made[1]
    other = elsewhere(page, link(page, "average", {"average-trim": 10}, pair="compact", example="phone"))
    expect(other.locator("#average-trim input[type=number]")).to_have_value("10")
    expect(other.locator("#average-text textarea")).to_have_value(PHONE)
    other.goto(copied(page))
    expect(other.locator("#average-text textarea")).to_have_value(opened)
    other.close()
    page.locator("#average-text textarea").fill("Звук хороший.\nЗвук плохой.\nЭкран яркий.")
    page.locator("#average-opinions input[type=number]").fill("2")
    page.locator("#average-go").click()

    def shown(page: Page) -> None:
        expect(page.locator("#average-text textarea")).to_have_value(re.compile("^Звук хороший"))
        expect(page.locator("#average-opinions input[type=number]")).to_have_value("2")
        expect(page.locator("#average-auto input")).not_to_be_checked()
        expect(page.locator("#average-answer .average-head")).to_contain_text("3 sentences")

    return shown


def algebra(page: Page) -> Shown:
    """What a hand does is gone back and forward through, too."""
    open_tab(page, "algebra")
    formula = page.locator("#algebra-answer .algebra-formula")
    slider = page.locator("#algebra-coefficient-2 input[type=range]")
    slider.focus()
    slider.press("End")
    expect(formula).to_contain_text("2 × мужчина")
    rest(page)
    page.locator("#algebra-example-paris").click()
    expect(answer(page, "algebra")).to_have_text("Париж")
    rest(page)
    page.go_back()
    expect(formula).to_contain_text("2 × мужчина")
    rest(page)
    page.go_back()
    expect(formula).to_contain_text("− мужчина")
    rest(page)
    page.go_forward()
    page.locator("#algebra-add").click()
    page.locator("#algebra-term-4").locator("textarea, input").fill("ребёнок")

    def shown(page: Page) -> None:
        expect(page.locator("#algebra-answer .algebra-formula")).to_contain_text("2 × мужчина")
        expect(page.locator("#algebra-answer .algebra-formula")).to_contain_text("ребёнок")

    return shown


def style(page: Page) -> Shown:
    """With an axis of the visitor's own, which is taken away and comes back."""
    open_tab(page, "style")
    page.goto(
        link(page, "style", {"style-own-axes": AXES, "style-slider-own-1": 0.5, "style-sentence": "Где ты?"})
    )

    def shown(page: Page) -> None:
        expect(page.locator("#style-slider-own-1")).to_contain_text("cold → warm")
        expect(page.locator("#style-answer .style-formula")).to_contain_text("0.5 × (cold → warm)")
        expect(page.locator("#style-sentence textarea")).to_have_value("Где ты?")

    shown(page)
    rest(page)
    page.locator("#style-remove-own-1").click()
    expect(page.locator("#style-slider-own-1")).to_be_hidden()
    expect(page.locator("#style-answer .style-formula")).not_to_contain_text("cold")
    rest(page)
    page.go_back()
    shown(page)
    rest(page)
    return shown


# Links that people have kept: what this version wrote once, later ones read.
KEPT = (
    "#v1=WyJhbGdlYnJhIix7ImFsZ2VicmEtbW9kZSI6MCwiYWxnZWJyYS10ZXJtLTEiOiLQn9Cw0YDQuNC2IiwiYWxnZWJyYS10ZXJt"
    "LTIiOiLQpNGA0LDQvdGG0LjRjyIsImFsZ2VicmEtdGVybS0zIjoi0JjRgtCw0LvQuNGPIiwiYWxnZWJyYS1jb2VmZmljaWVudC0x"
    "IjoxLCJhbGdlYnJhLWNvZWZmaWNpZW50LTIiOi0xLjI1LCJhbGdlYnJhLWNvZWZmaWNpZW50LTMiOjEsImFsZ2VicmEtM2QiOmZh"
    "bHNlLCJnb25lLWluLWEtbGF0ZXItdmVyc2lvbiI6MX1d"
)


def test_old_broken_and_foreign_links(page: Page) -> None:
    other = elsewhere(page, page.url.split("#")[0] + KEPT)
    a_kept_link_is_read_by_later_versions(other)
    other.close()
    a_link_that_nobody_can_read_opens_the_plain_page(page)
    a_link_tells_which_pair_it_was_made_with(page)


def a_kept_link_is_read_by_later_versions(page: Page) -> None:
    formula = page.locator("#algebra-answer .algebra-formula")
    expect(formula).to_contain_text("1.25 × Франция")
    expect(formula).to_contain_text("Италия")
    expect(page.locator("#algebra-term-1").locator("textarea, input")).to_have_value("Париж")


def a_link_that_nobody_can_read_opens_the_plain_page(page: Page) -> None:
    gone = link(page, "average", {}, pair="compact", example="gone")
    later = link(page, "translate", {}, version=99)
    plain = page.url.split("#")[0]
    other = elsewhere(page, plain + "#v1=!!!")
    for address in (plain + "#v1=!!!", plain + "#v1=W10", plain + "#foo", gone, later):
        other.goto(address)
        notice = other.locator("#ss-notice")
        expect(notice).to_have_text(re.compile("^This link cannot be read"))
        expect(answer(other, "translate")).to_have_text(RUSSIAN)
        notice.click()
        expect(notice).to_have_count(0)
    other.goto(link(page, "style", {"style-own-axes": "[1", "style-sentence": "Где ты?"}))
    expect(other.locator("#ss-notice")).to_have_text(re.compile("^The axes of your own"))
    expect(other.locator("#style-sentence textarea")).to_have_value("Где ты?")
    other.close()


def a_link_tells_which_pair_it_was_made_with(page: Page) -> None:
    open_tab(page, "translate")
    page.locator("#do-link").dblclick()  # its name comes back, however often it is pressed
    made = json.loads(base64.urlsafe_b64decode(copied(page).split("#v1=")[1] + "=="))
    assert made[2] == "compact"
    other = elsewhere(page, link(page, "style", {"style-sentence": "Где ты?"}, pair="labse"))
    expect(other.locator("#ss-notice")).to_contain_text("made with the pair “LaBSE (109 languages)”")
    expect(other.locator("#style-sentence textarea")).to_have_value("Где ты?")
    other.goto(link(page, "style", {"style-sentence": "Где она?"}, pair="compact"))
    expect(other.locator("#style-sentence textarea")).to_have_value("Где она?")
    expect(other.locator("#ss-notice")).to_have_count(0)
