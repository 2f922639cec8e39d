"""The app as an assistant's tools: `python app.py --mcp`, spoken to in the protocol."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.types import TextContent, Tool

from demos.api import NAMES
from demos.codec import Codec
from tests.serving import Served, serve_app

Answer = TypeVar("Answer")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("mcp")
    with serve_app(folder, {"HF_HUB_OFFLINE": "1"}, ("app.py", "--mcp", "--pair", "compact")) as served:
        yield served


def ask(served: Served, question: Callable[[ClientSession], Awaitable[Answer]]) -> Answer:
    """The answer to one question in a session of its own."""

    async def session() -> Answer:
        address = f"{served.url}gradio_api/mcp/"
        async with (
            streamable_http_client(address) as (read, write, _),
            ClientSession(read, write) as opened,
        ):
            await opened.initialize()
            return await question(opened)

    with ThreadPoolExecutor(1) as thread:  # the browser tests leave an event loop running in this one
        return thread.submit(lambda: asyncio.run(session())).result()


@pytest.fixture(scope="module")
def tools(server: Served) -> dict[str, Tool]:
    """The tools by the names of their endpoints; Gradio puts its own word before each."""
    listed = ask(server, lambda session: session.list_tools()).tools
    return {name: tool for name in NAMES for tool in listed if tool.name.split("_")[-1] == name}


def test_every_endpoint_is_a_tool_and_nothing_else_is(server: Served, tools: dict[str, Tool]) -> None:
    assert set(tools) == set(NAMES)
    assert len(ask(server, lambda session: session.list_tools()).tools) == len(NAMES)


@pytest.mark.parametrize(
    ("name", "required", "kinds"),
    [
        ("translate", ["text"], {"text": "string", "split": "boolean", "alternatives": "integer"}),
        ("average", ["reviews"], {"reviews": "array", "opinions": "integer", "trim": "number"}),
        ("algebra", ["texts", "coefficients"], {"texts": "array", "coefficients": "array"}),
        ("style", ["sentence", "strengths"], {"sentence": "string", "strengths": "object"}),
        ("encode", ["texts"], {"texts": "array", "pair": "string"}),
        ("decode", ["vectors"], {"vectors": "array", "pair": "string"}),
    ],
)
def test_a_tool_says_what_it_takes(
    tools: dict[str, Tool], name: str, required: list[str], kinds: dict[str, str]
) -> None:
    tool = tools[name]
    taken = tool.inputSchema["properties"]
    assert tool.description
    assert {key: taken[key].get("type") for key in kinds} == kinds
    assert all(taken[key].get("description") for key in taken), "an argument without a word about it"
    assert tool.inputSchema.get("required", required) == required


def call(served: Served, tool: Tool, **arguments: Any) -> tuple[str, bool]:
    """What the tool says, and whether it is an error."""
    result = ask(served, lambda session: session.call_tool(tool.name, arguments))
    (said,) = result.content
    assert isinstance(said, TextContent)
    return said.text, bool(result.isError)


def test_a_tool_answers_as_the_codec_does(server: Served, tools: dict[str, Tool], codec: Codec) -> None:
    said, wrong = call(server, tools["translate"], text="Good morning!")
    assert not wrong
    assert ast.literal_eval(said)[0]["russian"] == codec.decode(codec.encode(["Good morning!"]))[0]


def test_a_tool_says_what_is_wrong(server: Served, tools: dict[str, Tool]) -> None:
    said, wrong = call(server, tools["encode"], texts=["  "])
    assert wrong
    assert "text 1 is empty" in said
