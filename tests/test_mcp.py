"""The app as an assistant's tools: `python app.py --mcp`, spoken to in the protocol."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.types import TextContent, Tool

from demos.api import schemas
from demos.codec import Codec
from demos.endpoints import ENDPOINTS
from tests.serving import Served

Answer = TypeVar("Answer")


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
    return {name: tool for name in ENDPOINTS for tool in listed if tool.name.split("_")[-1] == name}


def test_every_endpoint_is_a_tool_and_nothing_else_is(server: Served, tools: dict[str, Tool]) -> None:
    assert set(tools) == set(ENDPOINTS)
    assert len(ask(server, lambda session: session.list_tools()).tools) == len(ENDPOINTS)


@pytest.mark.parametrize(
    ("name", "required", "kinds"),
    [
        ("translate", ["text"], {"text": "string", "split": "boolean", "alternatives": "integer"}),
        ("average", ["reviews"], {"reviews": "array", "opinions": "integer", "trim": "number"}),
        ("algebra", ["texts", "coefficients"], {"texts": "array", "coefficients": "array"}),
        ("style", ["sentence", "strengths"], {"sentence": "string", "strengths": "object"}),
        ("journey", ["start", "end"], {"start": "string", "steps": "integer"}),
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
    assert tool.inputSchema["required"] == required
    for key, schema in schemas(name).items():
        default = {"default": schema.get("default")}  # Gradio leaves out those that are false
        assert default | taken[key] == default | schema


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


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("encode", {"texts": ["  "]}, "texts[0] is empty."),
        ("encode", {}, "texts is missing, expected a list of 1 to 200 texts."),
        (
            "journey",
            {"start": "Да", "end": "Нет", "steps": 99},
            "steps is 99, expected a whole number from",
        ),
        ("average", {"reviews": ["Да"] * 10_001}, "reviews has 10001 items, expected a list of 1 to 10000"),
    ],
)
def test_a_tool_says_in_a_sentence_what_is_wrong(
    server: Served, tools: dict[str, Tool], name: str, arguments: dict[str, Any], message: str
) -> None:
    said, wrong = call(server, tools[name], **arguments)
    assert wrong
    assert said.startswith(message)
    assert len(said) < 120
