"""What the tests share: the bundled pair, the running app, a client of its API, a real browser."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gradio_client import Client
from playwright.sync_api import Browser, Page, Request, sync_playwright

from demos.codec import Codec, Codecs

ROOT = Path(__file__).parent.parent
SCREENSHOTS = ROOT / "tests" / "screenshots"  # left for people to look at; git ignores it
STARTS_WITHIN = 120  # seconds, on a busy machine

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def codecs() -> Codecs:
    """A pool with the bundled pair."""
    return Codecs("compact", device="cpu")


@pytest.fixture(scope="session")
def codec(codecs: Codecs) -> Codec:
    """The bundled pair."""
    return codecs.get()


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app, started as a visitor starts it, with no network but this machine's."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("app") / "log.txt"
    offline = {"HF_HUB_OFFLINE": "1", "GRADIO_TEMP_DIR": str(tmp_path_factory.mktemp("files"))}
    with log.open("w", encoding="utf-8") as output:
        app = subprocess.Popen(
            [sys.executable, "app.py", "--pair", "compact", "--port", str(port)],
            cwd=ROOT,
            env=os.environ | offline,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}/"
    try:
        _wait_until_open(app, url, log)
        yield url
    finally:
        app.terminate()
        app.wait(timeout=30)


def _wait_until_open(app: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        if app.poll() is not None:
            pytest.fail(f"app.py ended with {app.returncode}:\n{log.read_text(encoding='utf-8')}")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.3)
    pytest.fail(f"app.py did not open within {STARTS_WITHIN} s:\n{log.read_text(encoding='utf-8')}")


@pytest.fixture(scope="session")
def client(app_url: str) -> Client:
    """A client of the running app's API: client.predict(…, api_name="/translate")."""
    return Client(app_url, verbose=False)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.fail("the browser tests need Chromium: apt-get install -y chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=chromium,
            args=[
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--use-angle=swiftshader",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no other machine is found
            ],
        )
        yield launched
        launched.close()


@pytest.fixture
def open_page(browser: Browser, app_url: str) -> Iterator[OpenPage]:
    """Opens the app: open_page(width=390, height=844, locale="ru-RU", theme="dark") → a page.

    At the end of the test: the page asked nothing of other machines, and its scripts raised no error.
    """
    outside: list[str] = []
    errors: list[str] = []
    contexts = []

    def note(request: Request) -> None:
        if not request.url.startswith((app_url, "data:", "blob:")):
            outside.append(request.url)

    def opened(width: int = 1280, height: int = 720, locale: str = "en-US", theme: str = "light") -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, locale=locale)
        contexts.append(context)
        context.set_default_timeout(60_000)
        context.on("request", note)  # a route would see them too, but leaves the page without a cache
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{app_url}?__theme={theme}")
        page.locator("#tabs").wait_for()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not outside, f"the page asked other machines for {outside}"
    assert not errors, f"errors in the page: {errors}"


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """The app in English on a laptop's screen."""
    return open_page()


@pytest.fixture
def screenshot() -> Callable[[Page, str], Path]:
    """Keeps a picture of a page: screenshot(page, "translate") → tests/screenshots/translate.png."""

    def keep(page: Page, name: str) -> Path:
        SCREENSHOTS.mkdir(exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        page.screenshot(path=path, full_page=True)
        return path

    return keep
