"""What the tests share: the bundled pair, the running app, a client of its API, a real browser.

Two workers run the tests side by side. All tests of a file are done by one of them. Those that use the app of
the session come first, since they take the longest: each worker that has some starts a browser, and all use
one app.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # each worker and the app have one core

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.serving import COLD_APP, Served, narrowed, share_app

if TYPE_CHECKING:  # imported where they are used: the process that only hands out tests needs none of them
    from gradio_client import Client
    from playwright.sync_api import Browser, BrowserContext, Page, Request
    from sentencepiece import SentencePieceProcessor

    from demos.codec import Codec, Codecs
    from demos.codec.decoder import Decoder
    from demos.codec.encoder import TextEncoder
    from demos.codec.lexicon import Lexicon

ROOT = Path(__file__).parent.parent
SCREENSHOTS = ROOT / "tests" / "screenshots"  # left for people to look at; git ignores it
PATIENCE = 120_000  # milliseconds that a page is waited for, on a busy machine

WITH_THE_APP = (
    "tests/browser/",
    *(f"tests/test_{name}.py" for name in ("api", "fuzz", "mcp", "readme")),
)

# Counts what a page has asked for and has not got yet, and keeps what the server sends.
COUNT = """
window.questions = { waiting: 0, rested: performance.now(), heard: [] };
const ask = window.fetch;
window.fetch = async (...request) => {
  const { questions } = window;
  const settle = () => { questions.waiting -= 1; questions.rested = performance.now(); };
  const address = String(request[0]?.url ?? request[0]);
  const queued = address.includes("/queue/join"), direct = address.includes("/run/");
  if (queued || direct) questions.waiting += 1;
  let response;
  try {
    response = await ask(...request);
  } catch (error) {
    if (queued || direct) settle();
    throw error;
  }
  if (direct || (queued && !response.ok)) settle();
  if (address.includes("/queue/data")) (async () => {
    const reader = response.clone().body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (let part; !(part = await reader.read()).done; ) {
      const lines = (rest + part.value).split("\\n");
      rest = lines.pop();
      for (const line of lines) {
        questions.heard.push(line);
        if (line.includes('"msg":"process_completed"')) settle();
      }
    }
  })().catch(() => {});  // the page has been left
  return response;
};
"""
ANCHOR = "gradio_api/app_id"  # a page of the app's that costs nothing to keep open
AGAIN = 1  # how often a browser test that failed is tried anew: a busy machine may be late, a fault stays
OpenPage = Callable[..., "Page"]
Screenshot = Callable[["Page", str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", action="store_true", help="keep pictures of pages in tests/screenshots")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hands out files as wholes, in the order of the collection."""
    from xdist.scheduler import LoadFileScheduling

    config.option.loadscopereorder = False  # else the files with the fewest tests come last: the browser's
    return LoadFileScheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files come first, so that no worker waits for the other's last one.

    What a browser did not show in time is looked at once more; the report counts such tests.
    """
    items.sort(key=lambda item: not item.nodeid.startswith(WITH_THE_APP))
    for item in items:
        if item.nodeid.startswith("tests/browser/"):
            item.add_marker(pytest.mark.flaky(reruns=AGAIN))


@pytest.fixture(scope="session")
def compact_models() -> tuple[TextEncoder, Decoder, SentencePieceProcessor, Lexicon | None]:
    """The bundled pair's."""
    from demos.codec import PAIRS
    from demos.codec.load import load_models

    return load_models(PAIRS["compact"], "cpu")


@pytest.fixture(scope="session")
def codecs(compact_models: tuple[TextEncoder, Decoder, SentencePieceProcessor, Lexicon | None]) -> Codecs:
    """A pool with the bundled pair, whose searches are narrow: see `tests.serving.NARROW`."""
    from demos.codec import PAIRS, Codec, Codecs

    pool = Codecs("compact", device="cpu")
    pool.add(Codec(narrowed(PAIRS["compact"]), *compact_models))
    return pool


@pytest.fixture(scope="session")
def codec(codecs: Codecs) -> Codec:
    """The bundled pair with narrow searches."""
    return codecs.get()


@pytest.fixture(scope="session")
def whole_codec(compact_models: tuple[TextEncoder, Decoder, SentencePieceProcessor, Lexicon | None]) -> Codec:
    """The bundled pair as it is, for what is said of its answers."""
    from demos.codec import PAIRS, Codec

    return Codec(PAIRS["compact"], *compact_models)


@pytest.fixture
def words() -> Codec:
    """A stand-in pair of six words with known vectors."""
    from tests.dictionary import Dictionary

    return cast("Codec", Dictionary())


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Served]:
    """The app, with an assistant's tools, and no network but this machine's: one for all workers."""
    own = tmp_path_factory.getbasetemp()
    folder = own if worker_id == "master" else own.parent  # the run's, in which each worker has its own
    with share_app(folder, {"HF_HUB_OFFLINE": "1"}, (*COLD_APP, "--pair", "compact", "--mcp")) as served:
        yield served


@pytest.fixture(scope="session")
def app_url(server: Served) -> str:
    """The app's address."""
    return server.url


@pytest.fixture(scope="session")
def client(app_url: str) -> Client:
    """A client of the running app's API: client.predict(…, api_name="/translate")."""
    from gradio_client import Client

    return Client(app_url, verbose=False)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, best without its frame, which is drawn even where nobody looks."""
    from playwright.sync_api import expect, sync_playwright

    names = ("chromium-headless-shell", "chromium", "chromium-browser")
    chromium = next(filter(None, map(shutil.which, names)), None)
    if chromium is None:
        pytest.fail("the browser tests need Chromium: apt-get install -y chromium-headless-shell")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=chromium,
            args=[
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--use-angle=swiftshader",
                "--disable-gpu-rasterization",  # only WebGL is drawn by a GPU's stand-in, which is slow
                "--disable-gpu-compositing",
                "--process-per-site",  # see `contexts`
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no other machine is found
            ],
        )
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> Iterator[Callable[[str, bool], BrowserContext]]:
    """A browser's profile for each language, with and without touch, whose cache later pages use.

    All pages of a site in a profile are in one process, which goes on as long as one of them is open, and
    `ANCHOR` is. A page whose scripts that process has compiled before opens with half the work.
    """
    made: dict[tuple[str, bool], BrowserContext] = {}

    def context(locale: str, touch: bool) -> BrowserContext:
        kind = (locale, touch)
        if kind not in made:
            made[kind] = browser.new_context(locale=locale, has_touch=touch)
            made[kind].set_default_timeout(PATIENCE)
            made[kind].add_init_script(COUNT)
        return made[kind]

    yield context
    for one in made.values():
        one.close()


@pytest.fixture
def open_page(contexts: Callable[[str, bool], BrowserContext], app_url: str) -> Iterator[OpenPage]:
    """Opens the app: open_page(width=390, height=844, locale="ru-RU", theme="dark") → a page; a narrow one is
    a phone's, with touch.

    At the end of the test: the page asked nothing of other machines, and its scripts raised no error. Nothing
    is left in the browser but its cache.
    """
    anchor = app_url + ANCHOR
    outside: list[str] = []
    errors: list[str] = []
    used: list[BrowserContext] = []

    def note(request: Request) -> None:
        if not request.url.startswith((app_url, "data:", "blob:")):
            outside.append(request.url)

    def opened(
        width: int = 1280, height: int = 720, locale: str = "en-US", theme: str = "light", script: str = ""
    ) -> Page:
        context = contexts(locale, width <= 640)
        used.append(context)
        if not any(page.url == anchor for page in context.pages):
            context.new_page().goto(anchor)
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.on("request", note)  # a route would see them too, but leaves the page without a cache
        page.on("pageerror", lambda error: errors.append(str(error)))
        if script:
            page.add_init_script(script)
        page.goto(f"{app_url}?__theme={theme}")
        page.locator("#tabs").wait_for()
        return page

    yield opened
    for context in used:
        context.clear_permissions()
        context.clear_cookies()
        for page in context.pages:
            if page.url == anchor:
                continue
            if page.url.startswith(app_url):
                page.evaluate("try { localStorage.clear(); } catch {}")
            page.close()
    assert not outside, f"the page asked other machines for {outside}"
    assert not errors, f"errors in the page: {errors}"


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """The app in English on a laptop's screen."""
    return open_page()


@pytest.fixture
def screenshot(pytestconfig: pytest.Config) -> Screenshot:
    """Keeps a picture of a page, for people to look at: screenshot(page, "translate") writes
    tests/screenshots/translate.png, if pytest is run with --screenshots: each takes a second of a core."""
    wanted = pytestconfig.getoption("--screenshots")

    def keep(page: Page, name: str) -> None:
        if wanted:
            SCREENSHOTS.mkdir(exist_ok=True)
            page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)

    return keep
