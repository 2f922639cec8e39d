"""The picker and the comparison, in a browser, where there is no network."""

from playwright.sync_api import Page, expect

from tests.browser.steps import open_tab, rest


def test_a_pair_that_cannot_come_changes_nothing(page: Page) -> None:
    the_comparison_answers_with_what_it_has(page)
    a_pair_that_cannot_come_changes_nothing_and_is_asked_for_once(page)


def a_pair_that_cannot_come_changes_nothing_and_is_asked_for_once(page: Page) -> None:
    open_tab(page, "translate")
    status, choice = page.locator("#pair-status"), page.locator("#pair input")
    expect(status).to_contain_text("works offline")
    page.locator("#do-models").click()
    said = status.inner_text()
    choice.focus()
    options = page.locator("#pair").get_by_role("option")
    expect(options).to_have_count(3)
    page.keyboard.press("Tab")
    expect(page.locator("#pair input")).not_to_be_focused()
    rest(page)
    expect(options).to_have_count(0)
    assert status.inner_text() == said

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/queue/join" in request.url else None)
    choice.click()
    options.nth(1).click()
    expect(status).to_contain_text("could not be fetched from the Hugging Face hub, so Compact")
    expect(choice).to_have_value("Compact (multilingual-e5-small)")
    expect(choice).to_be_enabled()
    choice.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(status).to_contain_text("could not be fetched")
    rest(page)
    assert len(asked) == 2, "one for the mouse and one for the keyboard"


def the_comparison_answers_with_what_it_has(page: Page) -> None:
    page.locator("#translate-compare button").first.click()
    page.locator("#translate-compare-run").click()
    result = page.locator("#translate-compare-result")
    expect(result.locator("tr")).to_have_count(8)
    expect(result.get_by_role("alert")).to_contain_text("could not be downloaded")
    expect(result.locator("td").nth(1)).to_contain_text("fidelity")
