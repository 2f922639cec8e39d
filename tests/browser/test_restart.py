"""A server that goes away and comes back: nothing that was typed is lost, and one button goes on."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, expect

from tests.browser.steps import RUSSIAN, answer, open_tab, rest
from tests.conftest import COUNT, PATIENCE
from tests.serving import COLD_APP, serve_app

COMMAND = (*COLD_APP, "--pair", "compact")
OFFLINE = {"HF_HUB_OFFLINE": "1"}
TYPED = "Вкусно и быстро\nДорого и долго"


def test_a_restart_is_told_and_what_was_typed_stays(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(locale="en-US")
    context.set_default_timeout(PATIENCE)
    context.add_init_script(COUNT)
    page = context.new_page()
    told, text = page.locator("#ss-connection"), page.locator("#average-text textarea")
    with serve_app(tmp_path, OFFLINE, COMMAND) as served:
        page.goto(served.url)
        open_tab(page, "average")
        text.fill(TYPED)
        rest(page)
        expect(told).to_have_count(0)
    text.click()
    expect(told).to_contain_text("The server does not answer.")
    expect(told.get_by_role("button")).to_have_text("Try now")
    with serve_app(tmp_path, OFFLINE, COMMAND, port=urlsplit(served.url).port or 0):
        expect(told).to_contain_text("The server has forgotten this visit")
        expect(text).to_have_value(TYPED)
        told.get_by_role("button", name="Load the page anew").click()
        expect(told).to_have_count(0)
        expect(text).to_have_value(TYPED)
        expect(page.locator("#average-answer .average-head")).to_contain_text("2 reviews")
        expect(answer(page, "average")).to_have_text(RUSSIAN)
        rest(page)
    context.close()
