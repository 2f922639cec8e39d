"""The programme from its first step to its last, as a speaker goes through it before a talk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from demos.page import ASSETS
from tests.browser.steps import RUSSIAN, rest
from tests.conftest import COUNT, PATIENCE, Screenshot
from tests.serving import serve_app

STEPS = [step["name"] for step in json.loads((ASSETS / "programme.json").read_text(encoding="utf-8"))]
LIMIT = 1000  # milliseconds from a key to the answer beside the article's
SAYS = 8000  # milliseconds that a speaker greets, and talks about a step; the second turn leaves them out

# When a key went down, and when the first answer after it stood in the programme's bar.
WATCH = """() => {
  const went = () => Object.assign(window, { went: performance.now(), stood: 0 });
  window.addEventListener("keydown", went, true);
  const look = () => {
    const answer = document.querySelector("#stage-bar td:nth-child(2)")?.textContent ?? "…";
    if (answer !== "…") window.stood ||= performance.now();
    requestAnimationFrame(look);
  };
  look();
}"""


@pytest.fixture
def alone(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """The stage of an app that nobody else asks, without a network but this machine's."""
    with serve_app(tmp_path, {"HF_HUB_OFFLINE": "1"}, ("app.py", "--pair", "compact")) as served:
        context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="en-US")
        context.set_default_timeout(PATIENCE)
        context.add_init_script(COUNT)
        page = context.new_page()
        page.goto(f"{served.url}?stage&__theme=light")
        expect(page.locator("#translate-answers .ss-answer").first).to_have_text(RUSSIAN)
        yield rest(page)
        context.close()


@pytest.mark.slow
def test_every_step_is_answered_within_a_second(alone: Page, screenshot: Screenshot) -> None:
    """At a speaker's pace right after the app's start, and once more as fast as the steps come."""
    alone.evaluate(WATCH)
    late: dict[str, float] = {}
    for turn, pause in (("first", SAYS), ("second", 0)):
        spent: dict[str, float] = {}
        alone.wait_for_timeout(pause)
        for place, name in enumerate(STEPS, 1):
            alone.keyboard.press("p" if place == 1 else "ArrowRight")
            expect(alone.locator("#stage-bar b")).to_contain_text(f"{place}/{len(STEPS)}")
            alone.wait_for_function("window.stood")
            spent[name] = alone.evaluate("stood - went")
            rest(alone)
            screenshot(alone, f"rehearsal-{place}-{name}")
            alone.wait_for_timeout(pause)
        alone.keyboard.press("p")
        told = ", ".join(f"{name} {time:.0f}" for name, time in spent.items())
        print(f"{turn} turn, milliseconds: {told}; in all {sum(spent.values()):.0f}")
        late |= {f"{turn} {name}": time for name, time in spent.items() if time > LIMIT}
    assert not late
