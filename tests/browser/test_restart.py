"""A server that goes away and comes back: nothing that was typed is lost, and one button goes on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.steps import RUSSIAN, answer, open_tab, rest
from tests.conftest import COUNT, PATIENCE
from tests.serving import COLD_APP, free_port, serve_app

COMMAND = (*COLD_APP, "--pair", "compact")
OFFLINE = {"HF_HUB_OFFLINE": "1"}
TYPED = "Wo ist der Bahnhof?\nWas kostet das?"


@contextmanager
def passed_on(port: int, address: str) -> Iterator[None]:
    """Whatever comes to a port goes on to the server of an address, until the block ends."""
    there, opened, ends = urlsplit(address), threading.Event(), list[Callable[[], object]]()

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while part := await reader.read(1 << 16):
                writer.write(part)
                await writer.drain()
        except ConnectionError:
            pass  # one of the two has gone
        finally:
            writer.close()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, asks = await asyncio.open_connection(there.hostname, there.port)
        await asyncio.gather(pour(reader, asks), pour(answers, writer))

    async def serve() -> None:
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        ends.append(lambda: loop.call_soon_threadsafe(ended.set))
        async with await asyncio.start_server(meet, "127.0.0.1", port):
            opened.set()
            await ended.wait()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert opened.wait(PATIENCE / 1000)
    try:
        yield
    finally:
        ends[0]()
        thread.join()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with closing(browser.new_context(locale="en-US")) as context:
        context.set_default_timeout(PATIENCE)
        context.add_init_script(COUNT)
        yield context.new_page()


def is_told(
    page: Page, port: int, serving: Callable[[], AbstractContextManager[object]], other: bool = True
) -> None:
    """The server at a port goes away, and another one comes, or one that the page has to take for another."""
    told, text = page.locator("#ss-connection"), page.locator("#translate-text textarea")
    with serving():
        page.goto(f"http://127.0.0.1:{port}/")
        open_tab(page, "translate")
        text.fill(TYPED)
        rest(page)
        expect(told).to_have_count(0)
    text.click()
    expect(told).to_contain_text("The server does not answer.")
    expect(told.get_by_role("button")).to_have_text("Try now")
    if not other:
        page.evaluate("window.gradio_config.app_id = 'that of the server that has gone'")
    with serving():
        expect(told).to_contain_text("The server has forgotten this visit")
        expect(text).to_have_value(TYPED)
        told.get_by_role("button", name="Load the page anew").click()
        expect(told).to_have_count(0)
        expect(text).to_have_value(TYPED)
        expect(page.locator("#translate-answers .ss-source")).to_have_count(2)
        expect(answer(page, "translate")).to_have_text(RUSSIAN)
        rest(page)


def test_a_server_that_goes_and_another_that_comes_are_told_and_what_was_typed_stays(
    page: Page, app_url: str
) -> None:
    """Both are the app of the session, behind a door that is shut for a while: to start two takes long."""
    port = free_port()
    is_told(page, port, lambda: passed_on(port, app_url), other=False)


@pytest.mark.slow
def test_a_restart_is_told_and_what_was_typed_stays(page: Page, tmp_path: Path) -> None:
    port = free_port()
    is_told(page, port, lambda: serve_app(tmp_path, OFFLINE, COMMAND, port=port))
