"""The picker and the comparison where there is a hub: its files come slowly, not at all, or have no room."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from demos.bench.standins import SMALL, write_labse, write_rut5
from demos.codec import PAIRS, hub
from demos.ui.i18n import pair_title
from tests.conftest import OpenPage, Screenshot
from tests.fake_hub import FakeHub, serve
from tests.serving import COLD_APP, serve_app

# app.py on a disk that has as much room as a file says, if there is such a file.
ON_A_TIGHT_DISK = """
import os, pathlib, runpy, shutil
real, free = shutil.disk_usage, pathlib.Path(os.environ["FREE_BYTES"])
left = lambda path: int(free.read_text()) if free.exists() else real(path).free
shutil.disk_usage = lambda path: real(path)._replace(free=left(path))
"""
COMPACT, LABSE, EN_RU = (PAIRS[name].title for name in ("compact", "labse", "labse-en-ru"))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeHub]:
    """A hub with stand-ins for the three repositories, one of them large enough to be waited for."""
    folder = tmp_path_factory.mktemp("models")
    large = replace(SMALL, encoder_tokens=200_000)  # the hub's library counts in steps of 10 MB
    repos = {
        hub.LABSE: write_labse(folder / "labse", SMALL),
        hub.LABSE_EN_RU: write_labse(folder / "en-ru", large, "pretraining"),
        hub.RUT5: write_rut5(folder / "decoder", SMALL),
    }
    with serve(repos) as server:
        yield server


@pytest.fixture(scope="module")
def free(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that says how many bytes the app's disk has left."""
    return tmp_path_factory.mktemp("disk") / "free"


@pytest.fixture(scope="module")
def app_url(tmp_path_factory: pytest.TempPathFactory, models: FakeHub, free: Path) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("app")
    environment = {
        "HF_ENDPOINT": models.url,
        "HF_HUB_OFFLINE": "0",
        "HF_HUB_CACHE": str(folder / "cache"),
        "FREE_BYTES": str(free),
    }
    with serve_app(folder, environment, ("-c", ON_A_TIGHT_DISK + COLD_APP[1])) as served:
        yield served.url


def choose(page: Page, title: str) -> None:
    """Pick a pair in the header, once the page is at rest."""
    expect(page.locator("#translate-answers .ss-answer")).to_have_count(7)
    expect(page.locator("#pair-status")).to_contain_text(re.compile("works offline|без сети"))
    page.locator("#do-models").click()
    page.locator("#pair input").click()
    page.get_by_role("option", name=re.compile(f"^{re.escape(title)}")).click()


def stays_on_compact(page: Page, language: str = "en") -> None:
    """The picker is free again, and the bundled pair answers."""
    expect(page.locator("#pair input")).to_have_value(pair_title(COMPACT, language))
    expect(page.locator("#pair input")).to_be_enabled()
    page.locator("#do-models").click()
    page.locator("#translate-text textarea").fill("Good evening!")
    page.locator("#translate-go").click()
    expect(page.locator("#translate-answers .ss-answer")).to_have_count(1)


def test_a_full_disk_is_one_sentence(
    open_page: OpenPage, screenshot: Screenshot, models: FakeHub, free: Path
) -> None:
    page = open_page(width=390, height=844, locale="ru-RU", theme="dark")
    before = len(models.asked)
    free.write_text(str(10**9))
    try:
        choose(page, pair_title(LABSE, "ru"))
        expect(page.locator("#pair-status")).to_have_text(
            "Для sentence-transformers/LaBSE + cointegrated/rut5-base-labse-decoder нужно 3080 МБ на диске, "
            "а свободно только 1000 МБ, поэтому отвечает по-прежнему пара "
            "«Компактная (multilingual-e5-small)»."
        )
    finally:
        free.unlink()
    screenshot(page, "pair-full-disk-ru")
    assert len(models.asked) == before, "nothing is asked of the hub where there is no room"
    stays_on_compact(page, "ru")


def test_a_connection_that_breaks_is_one_sentence(
    open_page: OpenPage, screenshot: Screenshot, models: FakeHub
) -> None:
    page = open_page(width=390, height=844)
    models.breaks = 0
    try:
        choose(page, LABSE)
        expect(page.locator("#pair-status")).to_have_text(
            re.compile(
                rf"could not be fetched from the Hugging Face hub, so {re.escape(COMPACT)} stays active"
            )
        )
    finally:
        models.breaks = None
    screenshot(page, "pair-lost")
    stays_on_compact(page)


def test_a_download_is_followed_and_then_answers(
    open_page: OpenPage, screenshot: Screenshot, models: FakeHub
) -> None:
    page = open_page()
    status = page.locator("#pair-status")
    models.speed = 5_000_000
    try:
        choose(page, EN_RU)
        expect(status).to_contain_text(
            re.compile(
                rf"Downloading {EN_RU}: [1-9]\d* of 1500 MB\. Until it is ready, {re.escape(COMPACT)} stays"
            )
        )
        expect(page.locator("#pair input")).to_be_disabled()
        expect(status.locator("progress")).to_have_attribute("max", "1500")
        screenshot(page, "pair-download")
    finally:
        models.speed = None
    expect(status).to_contain_text(f"{EN_RU} is ready and answers from now on.")
    expect(page.locator("#pair input")).to_have_value(re.compile(f"^{EN_RU}"))
    expect(page.locator("#pair input")).to_be_enabled()
    page.locator("#translate-text textarea").fill("Good evening!")
    page.locator("#translate-go").click()
    expect(page.locator("#translate-answers .ss-by")).to_contain_text(EN_RU)
    screenshot(page, "pair-ready")


def test_two_pairs_answer_side_by_side(open_page: OpenPage, screenshot: Screenshot) -> None:
    page = open_page(width=390, height=844, locale="ru-RU")
    page.locator("#translate-text textarea").fill("Good evening!\nDoor")
    page.locator("#translate-compare button").first.click()
    page.locator("#translate-compare-run").click()
    result = page.locator("#translate-compare-result")
    expect(result.locator("tr")).to_have_count(3)
    heads = [pair_title(one, "ru") for one in (COMPACT, EN_RU)]
    expect(result.locator("th")).to_have_text(["Вопрос", *heads])
    for row in (1, 2):
        cells = result.locator("tr").nth(row).locator("td")
        expect(cells).to_have_count(3)
        expect(cells.nth(1)).to_contain_text("верность")
        expect(cells.nth(2)).to_contain_text("верность")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    screenshot(page, "pair-compare")
