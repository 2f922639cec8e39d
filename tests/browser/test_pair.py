"""The picker and the comparison, in a browser, where there is no network."""

from playwright.sync_api import Page, expect


def test_a_pair_that_cannot_come_changes_nothing(page: Page) -> None:
    status = page.locator("#pair-status")
    expect(status).to_contain_text("works offline", timeout=60_000)
    page.locator("#pair input").click()
    page.get_by_role("option").nth(1).click()
    expect(status).to_contain_text(
        "could not be fetched from the Hugging Face hub, so Compact", timeout=60_000
    )
    expect(page.locator("#pair input")).to_have_value("Compact (multilingual-e5-small)")
    expect(page.locator("#pair input")).to_be_enabled()


def test_a_choice_is_asked_for_once(page: Page) -> None:
    status = page.locator("#pair-status")
    expect(status).to_contain_text("works offline", timeout=60_000)
    expect(page.locator("#translate-answers .ss-answer")).to_have_count(12, timeout=60_000)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/queue/join" in request.url else None)
    page.locator("#pair input").click()
    page.get_by_role("option").nth(1).click()
    expect(status).to_contain_text("could not be fetched", timeout=60_000)
    page.locator("#pair input").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_timeout(1000)
    assert len(asked) == 2, "one for the mouse and one for the keyboard"


def test_the_comparison_answers_with_what_it_has(page: Page) -> None:
    page.locator("#translate-compare button").first.click()
    page.locator("#translate-compare-run").click()
    result = page.locator("#translate-compare-result")
    expect(result.locator("tr")).to_have_count(13, timeout=60_000)
    expect(result.get_by_role("alert")).to_contain_text("could not be fetched", timeout=60_000)
    expect(result.locator("td").nth(1)).to_contain_text("fidelity")


def test_the_tab_key_passes_the_picker_and_leaves_it_closed(page: Page) -> None:
    status = page.locator("#pair-status")
    expect(status).to_contain_text("works offline", timeout=60_000)
    said = status.inner_text()
    page.locator("#pair input").focus()
    expect(page.get_by_role("option")).to_have_count(3)
    page.keyboard.press("Tab")
    expect(page.locator("#switch-theme")).to_be_focused()
    page.wait_for_timeout(1000)  # what Gradio opens again it opens later
    expect(page.get_by_role("option")).to_have_count(0)
    assert status.inner_text() == said
