"""Hostile calls of the endpoints: each is answered, or refused in one clear sentence, and none is silent."""

from __future__ import annotations

import json
import random
import reprlib
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr
import httpx
import pytest

from demos.api import _function, _Missing
from demos.codec import Codec, Codecs
from demos.endpoints import ENDPOINTS

SILENCE = 30  # seconds that a call may take to its next answer
TEXTS = (
    *("", " ", "\n\n", "Доброе утро!", "Good morning!", "ночь", "12345", "...", "????", "ᚠᚢᚦ", "\ue000"),
    *("\ud800", "a\x00b", "\u202eabc", "é" * 300, "слово " * 700, "я" * 20_000, "x" * 150_000, "a\n" * 250),
    *("Кофе остыл.", "Wie geht es dir?", "дом", "Я не ел 6 дней.", "谢谢", "Où est la gare ?"),
    *("{{x}} ${1} <b>", "=1+1", "'; drop table", "🙂🙂", "й" + "\u0306" * 200, "ты\u2028вы", "一" * 600),
)
NUMBERS = (0, 1, -1, 2, 3, 0.5, 2.0, 11, 1e300, -1e308, float("nan"), float("inf"), 10**30, 10**4000)
OTHERS: tuple[Any, ...] = (
    *(None, True, False, [], {}, [[]], [None], ["a", 1], "1", "null"),
    *({"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}, {"a": {"b": []}}),
)


class Caller:
    """Makes up calls, the same for the same seed."""

    def __init__(self, seed: int, dim: int) -> None:
        self.random = random.Random(seed)
        self.dim = dim

    def anything(self, depth: int = 0) -> Any:
        kind = self.random.randrange(6 if depth < 2 else 3)
        if kind < 3:
            return self.random.choice((TEXTS, NUMBERS, OTHERS)[kind])
        size = self.random.choice((0, 1, 2, 3, 9))
        if kind == 3:
            return {self.random.choice(TEXTS)[:50]: self.anything(depth + 1) for _ in range(size)}
        return [self.anything(depth + 1) for _ in range(size)]

    def vector(self) -> list[float]:
        size = self.random.choice((self.dim, self.dim, self.dim, 1, self.dim + 1))
        scale = self.random.choice((1.0, 1.0, 0.0, 1e-9, 1e30, 1e300))
        return [self.random.gauss(0, 0.05) * scale for _ in range(size)]

    def fitting(self, argument: str) -> Any:
        """A value of the kind that an argument takes, not always one that it may be."""
        pick = self.random
        count = pick.choice((1, 1, 2, 3, 9))
        number = pick.choice((0, 1, -1, 0.5, 2, -2, 1.5, 3, 7, 12, 40))
        made: dict[str, Callable[[], Any]] = {
            "texts": lambda: [pick.choice(TEXTS) for _ in range(count)],
            "reviews": lambda: [pick.choice(TEXTS) for _ in range(count)],
            "coefficients": lambda: [pick.choice((1, -1, 0.5, 2, 0, 5)) for _ in range(count)],
            "weights": lambda: pick.choice((None, [1.0] * count, [0.0] * count, [-1.0])),
            "strengths": lambda: {pick.choice(("ty_vy", "negative_positive", "nothing")): number},
            "vectors": lambda: [self.vector() for _ in range(count)],
            "length": lambda: pick.choice(("raw", "unit", "factor", "long")),
            "pair": lambda: pick.choice(("", "", "", "compact", "nothing", "labse", "../x")),
            "trim": lambda: number,
            "factor": lambda: number,
        }
        if argument in made:
            return made[argument]()
        if argument in ("text", "sentence", "start", "end"):
            return pick.choice(TEXTS)
        return int(number) if argument in ("opinions", "alternatives", "steps") else pick.random() < 0.5

    def call(self) -> tuple[str, list[Any]]:
        name = self.random.choice(list(ENDPOINTS))
        arguments = list(ENDPOINTS[name].model_fields)
        share = self.random.choice((0.0, 0.0, 0.2, 1.0))  # of arguments that are anything at all
        values = [
            self.anything() if self.random.random() < share else self.fitting(argument)
            for argument in arguments
        ]
        if self.random.random() < 0.1:
            values[self.random.randrange(len(values))] = _Missing
        if self.random.random() < 0.05:
            values += [self.anything()]
        return name, values


class Web:
    """Calls of the running app, in one of the ways in which programs call it."""

    def __init__(self, url: str) -> None:
        self.web = httpx.Client(base_url=f"{url}gradio_api/", timeout=SILENCE)
        told = self.web.get(f"{url}config").json()["dependencies"]
        self.numbers = {one["api_name"]: one["id"] for one in told if one["api_name"] in ENDPOINTS}
        tools = self._told("mcp/", _rpc("tools/list"))["result"]["tools"]
        self.tools = {name: one["name"] for name in ENDPOINTS for one in tools if one["name"].endswith(name)}
        self.ways = (self.in_order, self.by_name, self.queued, self.as_tool)

    def in_order(self, name: str, values: list[Any]) -> str:
        """What is wrong with a call, "" for an answer."""
        return self._called(f"call/{name}", f"call/{name}", {"data": _given(values)})

    def by_name(self, name: str, values: list[Any]) -> str:
        return self._called(f"call/v2/{name}", f"call/{name}", _named(name, values))

    def queued(self, name: str, values: list[Any]) -> str:
        """As the page asks."""
        session = secrets.token_hex(6)
        asked = {"data": _given(values), "fn_index": self.numbers[name], "session_hash": session}
        refused, _ = self._sent("queue/join", asked)
        if refused:
            return refused
        told = self.web.get("queue/data", params={"session_hash": session})
        messages = [json.loads(line.removeprefix("data:")) for line in told.text.splitlines() if line]
        (last,) = (message for message in messages if message["msg"] == "process_completed")
        return "" if last["success"] else str(last["output"]["error"])

    def as_tool(self, name: str, values: list[Any]) -> str:
        asked = _rpc("tools/call", name=self.tools[name], arguments=_named(name, values))
        found = self._told("mcp/", asked)
        if "error" in found:  # half of a surrogate pair in a name: the protocol itself does not take it
            return str(found["error"]["message"])
        return found["result"]["content"][0]["text"] if found["result"]["isError"] else ""

    def _sent(self, address: str, asked: Any) -> tuple[str, Any]:
        """Why a question is not taken, "" if it is; and the answer."""
        body = json.dumps(asked).encode()
        answer = self.web.post(address, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (200, 422), f"{answer.status_code} {answer.text[:300]}"
        told = answer.json()
        return ("" if answer.status_code == 200 else str(told["detail"])), told

    def _called(self, address: str, answers: str, asked: Any) -> str:
        refused, told = self._sent(address, asked)
        if refused:
            return refused
        answer = self.web.get(f"{answers}/{told['event_id']}")
        kind, data = [line for line in answer.text.splitlines() if line][-2:]
        assert kind in ("event: complete", "event: error"), kind
        found = json.loads(data.removeprefix("data: "))
        return "" if kind == "event: complete" else str(found["error"])

    def _told(self, address: str, asked: Any) -> dict[str, Any]:
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
        }
        answer = self.web.post(address, content=json.dumps(asked).encode(), headers=headers)
        assert answer.status_code == 200, f"{answer.status_code} {answer.text[:300]}"
        (line,) = (line for line in answer.text.splitlines() if line.startswith("data:"))
        return dict(json.loads(line.removeprefix("data:")))


def _rpc(method: str, **asked: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": asked}


def _given(values: list[Any]) -> list[Any]:
    """The values before the first that is missing."""
    return values[: values.index(_Missing)] if _Missing in values else values


def _named(name: str, values: list[Any]) -> dict[str, Any]:
    names = [*ENDPOINTS[name].model_fields, "no_argument"]
    return {key: value for key, value in zip(names, values, strict=False) if value is not _Missing}


def answers_of(codecs: Codecs, name: str, values: list[Any]) -> Iterator[Any]:
    found = _function(codecs, name)(*values)
    if ENDPOINTS[name].streams:
        yield from found
    else:
        yield found


def check_sentence(said: str, asked: str) -> None:
    assert "the log of the app" not in said, asked
    assert 10 < len(said) < 300, f"{asked}: {said}"
    assert said.isprintable(), f"{asked}: {said}"


def hold_out_over_the_web(url: str, dim: int, count: int, seed: int) -> None:
    caller, web = Caller(seed, dim), Web(url)
    refused = 0
    for number in range(count):
        name, values = caller.call()
        way = web.ways[number % len(web.ways)]
        asked = f"call {number}, {way.__name__} /{name} {reprlib.repr(values)}"
        try:
            said = way(name, values)
        except Exception as error:
            error.add_note(asked)
            raise
        if said:
            check_sentence(said, asked)
            refused += 1
    assert 0.3 * count < refused < 0.95 * count, "calls are of both kinds"


def hold_out(codecs: Codecs, count: int, seed: int) -> None:
    caller = Caller(seed, codecs.get().dim)
    answered = refused = 0
    for number in range(count):
        name, values = caller.call()
        asked = f"call {number}, /{name} {reprlib.repr(values)}"
        begun = time.monotonic()
        try:
            for found in answers_of(codecs, name, values):
                json.dumps(found, allow_nan=False).encode()
                assert time.monotonic() - begun < SILENCE, asked
                begun = time.monotonic()
            answered += 1
        except gr.Error as error:
            check_sentence(str(error.message), asked)
            refused += 1
        assert time.monotonic() - begun < SILENCE, asked
    assert answered > 0.05 * count, "hardly a call was one that can be answered"
    assert refused > 0.3 * count, "hardly a call was hostile"


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pair that is not here is not fetched."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


def test_two_hundred_hostile_calls(codecs: Codecs) -> None:
    hold_out(codecs, 200, seed=1)


def test_fifty_over_the_web(app_url: str, codec: Codec) -> None:
    hold_out_over_the_web(app_url, codec.dim, 50, seed=3)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_four_hundred_over_the_web(app_url: str, codec: Codec) -> None:
    hold_out_over_the_web(app_url, codec.dim, 400, seed=4)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_three_thousand_hostile_calls(codecs: Codecs) -> None:
    hold_out(codecs, 3000, seed=2)
