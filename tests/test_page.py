"""What the page's parts are without a browser: programme, QR code, the address's language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import httpx
import pytest

from demos.codec import Codecs
from demos.operations import restyling, reviews, sums
from demos.operations.axes import BUILT_IN
from demos.operations.sums import MOST_TERMS
from demos.page import ASSETS, SERVER, build_page, code_of, script
from demos.translate import RECORDED, VARIANTS
from demos.ui.i18n import TEXTS, language_of
from demos.ui.markup import GLOSSES
from demos.ui.own_axes import PLACES
from tests.serving import free_port


def test_the_programme_says_what_the_articles_models_are_recorded_with() -> None:
    recorded = {one.recorded for one in sums.examples()} | {one.recorded for one in restyling.examples()}
    recorded |= {one.recorded for one in reviews.examples()}
    recorded |= {*RECORDED.values(), *VARIANTS.values()}
    assert recorded - {""} <= GLOSSES.keys(), "who reads no Russian cannot follow"
    steps = json.loads((ASSETS / "programme.json").read_text(encoding="utf-8"))
    assert steps
    for step in steps:
        assert f"page_step_{step['name']}" in TEXTS["en"]
        assert set(step["article"]) <= recorded, step["name"]


def test_a_link_holds_controls_that_are_on_the_page(codecs: Codecs) -> None:
    named = re.search(
        r"const FIELDS = (\{.*?\n\});", (ASSETS / "links.js").read_text(encoding="utf-8"), re.DOTALL
    )
    assert named
    written = set(re.findall(r'"((?:translate|average|algebra|style)-[\w-]+)"', named[1]))
    on_page = {block.elem_id for block in build_page(codecs).blocks.values() if block.elem_id}
    assert written - {"style-slider-"} <= on_page
    assert set(re.findall(r'"(own-\d|[a-z]+_[a-z_]+)"', named[1])) == {*BUILT_IN, *PLACES}
    rows = re.search(r"\[([\d, ]+)\]\.flatMap", named[1])
    assert rows
    assert rows[1].split(", ") == [str(row) for row in range(1, MOST_TERMS + 1)]


def test_no_answer_is_dropped_because_an_earlier_one_is_still_on(codecs: Codecs) -> None:
    """An answer that follows a filling-in: left to itself, Gradio asks for one at a time."""
    config = build_page(codecs).get_config_file()
    following = [
        one for one in config["dependencies"] if one["trigger_after"] is not None and one["backend_fn"]
    ]
    assert len(following) > 30
    assert {one["trigger_mode"] for one in following} == {"multiple"}


def test_about_names_the_source(codecs: Codecs, monkeypatch: pytest.MonkeyPatch) -> None:
    def about() -> str:
        blocks = build_page(codecs).blocks.values()
        return "\n".join(str(one.value) for one in blocks if isinstance(one, gr.Markdown))

    assert "/LICENSE`" in about()
    monkeypatch.setenv("SPACE_ID", "someone/space")
    hosted = about()
    assert "(https://huggingface.co/spaces/someone/space/tree/main)" in hosted
    assert "(https://huggingface.co/spaces/someone/space/blob/main/LICENSE)" in hosted


def test_a_code_is_made_of_links_alone() -> None:
    code = code_of("http://127.0.0.1:7860/#v1=abc")
    assert code.startswith("<svg")
    assert "viewBox" in code, "it fills its place, whatever size that has"
    assert code_of("") == code_of("javascript:alert(1)") == code_of("https://a/#" + "x" * 5000) == ""


def test_the_address_names_the_language_before_the_browser_does() -> None:
    def language(**headers: str) -> str:
        return language_of(cast(Any, SimpleNamespace(headers=headers)))

    ru = {"accept-language": "ru-RU"}
    assert language(**ru) == "ru"
    assert language(referer="http://[/?lang=en", **ru) == "en"
    assert language(referer="http://a/?__theme=dark&lang=ru") == "ru"
    assert language(referer="http://a/?lang=xx", **ru) == "ru"


def test_the_script_holds_its_texts_in_both_languages() -> None:
    assert all(json.dumps(TEXTS[one]["page_link"], ensure_ascii=False) in script() for one in ("en", "ru"))


@pytest.fixture(scope="module")
def proxied(codecs: Codecs) -> Iterator[str]:
    """The address of the app behind a proxy that serves it as https://…/demo."""
    page = build_page(codecs)
    page.launch(
        server_port=free_port(),
        root_path="/demo",
        mcp_server=True,
        app_kwargs=SERVER,
        prevent_thread_lock=True,
        quiet=True,
        ssr_mode=False,
    )
    assert page.local_url
    yield page.local_url.rstrip("/")
    page.close()


HTTPS = {"X-Forwarded-Proto": "https", "Host": "example.org"}
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


@pytest.mark.parametrize("path", ["/", "/demo/"])  # a proxy may take the root path off, or leave it
def test_the_page_is_whole_under_a_root_path(proxied: str, path: str) -> None:
    told = httpx.get(proxied + path, headers=HTTPS)
    assert told.status_code == 200
    assert told.text.count("sentence-space-language") == 1
    assert told.text.index("sentence-space-language") < told.text.index("window.gradio_config")
    assert '"root":"https://example.org/demo"' in told.text
    assert "http://example.org" not in told.text
    assert int(told.headers["content-length"]) == len(told.content)


def test_progress_is_told_to_those_controls_that_show_it(proxied: str) -> None:
    """A Gradio that does it otherwise fails here: then look whether it still has to be changed."""
    (path,) = [path for path in SERVER["middleware"][-1].args[0] if "Blocks" in path]
    told = httpx.get(proxied + path).text
    assert told.count("Object.entries(this.loading_stati.current)") == 1
    assert told.count("Object.entries(this.loading_stati.current).filter(") == 1


@pytest.mark.parametrize("path", ["/gradio_api/mcp", "/gradio_api/mcp/", "/demo/gradio_api/mcp"])
def test_the_address_for_assistants_works_without_its_last_slash(proxied: str, path: str) -> None:
    headers = {**HTTPS, "Accept": "application/json, text/event-stream"}
    told = httpx.post(proxied + path, json=HELLO, headers=headers)
    assert told.status_code == 200
    assert "serverInfo" in told.text


def test_a_redirect_stays_with_https(proxied: str) -> None:
    told = httpx.get(f"{proxied}/demo", headers=HTTPS)
    assert (told.status_code, told.headers["location"]) == (307, "https://example.org/demo/")
