"""The endpoints, through gradio_client as a program calls them."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import gradio as gr
import httpx
import numpy as np
import pytest
from gradio.blocks import BlocksConfig
from gradio.utils import get_function_description
from gradio_client import Client
from gradio_client.exceptions import AppError

from demos.api import (
    FORGOTTEN,
    FORGOTTEN_VISIT,
    MOST_LEFT,
    NO_ENDPOINT,
    BadCall,
    Blocks,
    _function,
    ask,
    read,
    schemas,
)
from demos.codec import Codec, Codecs
from demos.endpoints import ENDPOINTS, MOST_REVIEWS
from demos.hosting import NO_CALL
from demos.operations.places import Map, Plane
from demos.operations.restyling import restyle
from demos.operations.sums import Term, combine
from demos.operations.translating import BATCH, MOST_LINES
from demos.page import MOST_WAITING, build_page
from demos.ui.disk import QUOTA
from demos.ui.i18n import TEXTS
from demos.ui.live import LONG
from demos.ui.speaking_map import MAPS
from tests.serving import Served, free_port

TEXT = "(a text)"
LIMIT = LONG["concurrency_limit"]


def test_the_public_endpoints_are_the_named_ones(client: Client) -> None:
    told = client.view_api(return_format="dict", print_info=False)
    assert isinstance(told, dict)
    assert set(told["named_endpoints"]) == {f"/{name}" for name in ENDPOINTS}
    assert told["unnamed_endpoints"] == {}
    required = {
        name: [one["parameter_name"] for one in told["parameters"] if not one["parameter_has_default"]]
        for name, told in told["named_endpoints"].items()
    }
    assert required == {
        f"/{name}": model.model_json_schema()["required"] for name, model in ENDPOINTS.items()
    }


@pytest.mark.parametrize("name", ENDPOINTS)
def test_an_endpoint_and_its_arguments_are_described(name: str) -> None:
    about, described, told = get_function_description(_function(None, name))  # type: ignore[arg-type]
    assert about.endswith((".", ":"))
    assert list(described) == list(ENDPOINTS[name].model_fields)
    assert all(described.values())
    assert told
    assert ENDPOINTS[name].model_fields["pair"].default == ""


def test_the_openapi_description_knows_kinds_and_ranges(app_url: str) -> None:
    with urllib.request.urlopen(f"{app_url}gradio_api/openapi.json") as answer:
        paths = json.load(answer)["paths"]
    for name in ENDPOINTS:
        body = paths[f"/gradio_api/call/v2/{name}"]["post"]["requestBody"]
        schema, model = body["content"]["application/json"]["schema"], ENDPOINTS[name]
        assert schema["properties"] == schemas(name)
        assert schema["required"] == model.model_json_schema()["required"]
        assert set(schema["required"]) < set(model.model_fields)
    steps = schemas("journey")["steps"]
    assert (steps["type"], steps["minimum"], steps["maximum"]) == ("integer", 3, 15)


def test_translate(client: Client, codec: Codec) -> None:
    first, second = client.predict("Good morning!\nДоброе утро!", api_name="/translate")
    assert first["source"] == "Good morning!"
    assert (second["language"], second["pair"], second["error"]) == ("ru", "compact", "")
    source, back = codec.encode([first["source"], first["russian"]])
    assert first["fidelity"] == pytest.approx(float(source @ back), abs=2e-3)


def test_encode_then_decode(client: Client, codec: Codec) -> None:
    vectors = client.predict(["Где вокзал?"], api_name="/encode")
    assert np.allclose(vectors, codec.encode(["Где вокзал?"]), atol=1e-4)
    (one,) = client.predict(vectors, 2, api_name="/decode")
    assert one["russian"]
    assert 1 <= len(one["alternatives"]) <= 2


def test_algebra(client: Client, codec: Codec) -> None:
    texts, coefficients = ["король", "женщина", "мужчина"], [1, 0.5, -1]
    found = client.predict(texts, coefficients, alternatives=2, exclude_inputs=True, api_name="/algebra")
    terms = [Term(text, coefficient) for text, coefficient in zip(texts, coefficients, strict=True)]
    expected = combine(codec, terms, alternatives=2, exclude_inputs=True)
    assert found["russian"] == expected.decoded.text
    assert found["fidelity"] == pytest.approx(expected.decoded.fidelity, abs=1e-3)
    assert [one["russian"] for one in found["alternatives"]] == [
        one.text for one in expected.decoded.alternatives
    ]
    assert found["skipped"] == list(expected.skipped)


def test_style(client: Client, codec: Codec) -> None:
    sentence, strengths = "Ты не мог бы мне помочь?", {"ty_vy": 2.0}
    moved = client.predict(sentence, strengths, api_name="/style")
    assert moved["russian"] == restyle(codec, sentence, strengths).decoded.text


def test_a_quick_answer_is_what_a_moving_slider_gets(client: Client, codec: Codec) -> None:
    texts = ["Поезд ушёл без нас.", "ночь"]
    found = client.predict(texts, [1, 0.5], quick=True, api_name="/algebra")
    one, other = codec.encode(texts)
    assert found["russian"] == codec.decode(one + 0.5 * other, codec.quick)[0]
    moved = client.predict(texts[0], {"ty_vy": 1.5}, quick=True, api_name="/style")
    assert moved["russian"]


def test_average(client: Client) -> None:
    reviews = ["Отличный кофе и десерты.", "Кофе холодный, ждали долго.", "Очень вкусный кофе!"]
    found = client.predict(reviews, 2, api_name="/average")
    assert found["average"]["russian"]
    assert sum(one["share"] for one in found["opinions"]) + found["rest"] == pytest.approx(1, abs=1e-3)
    assert 0 < found["average"]["agreement"] <= 1
    assert {type(one["agrees"]) for one in found["opinions"]} == {bool}


def test_journey(client: Client, codec: Codec) -> None:
    stops = client.predict("Кошка спит.", "Поезд опоздал.", 5, api_name="/journey")
    assert stops[0]["first"] == 0
    assert stops[-1]["last"] == 1
    assert stops[0]["russian"] == codec.decode(codec.encode(["Кошка спит."]))[0]
    assert stops[0]["changed"] == []
    assert all(stop["changed"] for stop in stops[1:])


def test_long_work_says_how_far_it_is(codecs: Codecs, codec: Codec) -> None:
    lines = "\n".join(f"This is line number {number}." for number in range(2 * BATCH + 1))
    sizes = [len(found) for found in ask(codecs, "translate", {"text": lines})]
    assert sizes == [1, BATCH + 1, 2 * BATCH + 1]
    vectors = codec.encode(["Да."] * (BATCH + 1)).tolist()
    assert [len(found) for found in ask(codecs, "decode", {"vectors": vectors})] == [BATCH, BATCH + 1]
    *before, last = ask(codecs, "average", {"reviews": ["Кофе вкусный.", "Чай остыл."]})
    assert [(found["average"], found["encoded"]) for found in before] == [(None, 0), (None, 2)]
    assert last["average"]["russian"]
    *_, last = ask(codecs, "average", {"reviews": ["Кофе вкусный.", "ᏣᎳᎩ"]})
    assert (last["sentences"], last["encoded"]) == (2, 1), "the encoder does not know the letters of one"


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("translate", {}, "text is missing, expected a text of at most 100000 characters."),
        ("translate", {"text": {"path": "/etc/passwd"}}, "text is an object, expected a text"),
        ("translate", {"text": "я" * 100_001}, "text has 100001 characters"),
        ("translate", {"text": "a", "split": "yes"}, 'split is "yes", expected true or false.'),
        ("average", {"reviews": []}, "reviews has 0 items, expected a list of 1 to 10000 texts."),
        ("average", {"reviews": ["Да"], "trim": 0.81}, "trim is 0.81, expected a number from 0 to 0.8."),
        ("average", {"reviews": ["Да"], "opinions": 13}, "opinions is 13, expected a whole number"),
        ("average", {"reviews": "Хорошо"}, 'reviews is "Хорошо", expected a list of 1 to 10000 texts.'),
        ("average", {"reviews": ["Да"], "weights": [-1]}, r"weights\[0\] is -1, expected a number from 0"),
        (
            "average",
            {"reviews": ["Да"], "weights": [1, 1]},
            "weights has 2 items, expected a number for",
        ),
        ("average", {"reviews": ["а" * 90_000] * 23}, "reviews has 2070000 characters together"),
        (
            "algebra",
            {"texts": ["a"], "coefficients": [True]},
            r"coefficients\[0\] is true, expected a",
        ),
        (
            "algebra",
            {"texts": ["a"], "coefficients": [1, 1]},
            "coefficients has 2 items, expected a",
        ),
        ("algebra", {"texts": ["a"], "coefficients": [1], "length": "big"}, '"raw" or "unit" or "factor"'),
        ("style", {"sentence": "a", "strengths": {"ty_vy": 10**400}}, r'\["ty_vy"\] is a huge number'),
        ("style", {"sentence": None, "strengths": {}}, "sentence is null, expected a text"),
        ("journey", {"start": "a", "end": "b", "steps": 2.5}, "steps is 2.5, expected a whole number from 3"),
        (
            "encode",
            {"texts": ["я" * 9_000] * 12},
            "texts has 108000 characters together, expected at most 100000.",
        ),
        ("encode", {"texts": ["a", ["b"]]}, r"texts\[1\] is a list, expected a text"),
        ("encode", {"texts": ["a"], "ты\u2028вы": 1}, r"ты\\u2028вы is no argument of /encode"),
        ("encode", {"texts": "ты\u2028вы"}, r"texts is \"ты\\u2028вы\", expected"),
        ("encode", {"texts": ["a"], "par": ""}, "par is no argument of /encode, which takes texts, pair."),
        ("decode", {"vectors": [1.0]}, r"vectors\[0\] is 1.0, expected a list of 1 to 4096 numbers."),
        ("decode", {"vectors": [[float("nan")]]}, r"vectors\[0\]\[0\] is NaN, expected a number."),
    ],
)
def test_a_wrong_call_is_told_the_argument_and_what_it_may_be(
    name: str, arguments: dict[str, Any], said: str
) -> None:
    with pytest.raises(BadCall, match=said):
        read(name, arguments)


@pytest.mark.parametrize(
    ("arguments", "endpoint", "message"),
    [
        ((), "/translate", "text is missing"),
        (("a", False, 0, "", 1), "/translate", "at most 4 arguments, got 5"),
        (({"path": "a", "meta": {"_type": "gradio.FileData"}},), "/translate", "text is an object"),
        (("",), "/translate", "text has 0 lines, expected 1 to 200 lines"),
        (("line\n" * 201,), "/translate", "text has 201 lines"),
        (("Hello", False, 0, "nothing"), "/translate", "unknown pair"),
        (([[1.0, 2.0]],), "/decode", "384 numbers"),
        ((["a"], [1.0, 2.0]), "/algebra", "coefficients"),
        (("Hello", {"no_axis": 1.0}), "/style", "no_axis"),
    ],
)
def test_errors_say_what_is_wrong(
    app_url: str, arguments: tuple[object, ...], endpoint: str, message: str
) -> None:
    """As programs call that do not ask first what an endpoint takes."""
    address, body = f"{app_url}gradio_api/call{endpoint}", json.dumps({"data": arguments}).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        event = json.load(answer)["event_id"]
    with urllib.request.urlopen(f"{address}/{event}") as answer:
        kind, data = answer.read().decode().strip().splitlines()[-2:]
    assert kind == "event: error"
    assert message in json.loads(data.removeprefix("data: "))["error"]


@pytest.mark.parametrize("text", ["...", "????????", "ᚠᚢᚦ", "\ue000\ue001", "\u0378\u0379"])
@pytest.mark.parametrize(
    ("name", "arguments", "argument"),
    [
        ("encode", {"texts": ["да", TEXT]}, r"texts\[1\]"),
        ("algebra", {"texts": [TEXT, "да"], "coefficients": [1, 1]}, r"texts\[0\]"),
        ("style", {"sentence": TEXT, "strengths": {"ty_vy": 1}}, "sentence"),
        ("journey", {"start": "да", "end": TEXT}, "end"),
    ],
)
def test_what_says_nothing_is_said_so(
    codecs: Codecs, text: str, name: str, arguments: dict[str, Any], argument: str
) -> None:
    filled = json.loads(json.dumps(arguments).replace(TEXT, text))
    with pytest.raises(BadCall, match=f"^{argument} says nothing: "):
        list(ask(codecs, name, filled))


TOO_LONG = "слово " * 700
ONE = [1.0] + [0.0] * 383


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("style", {"sentence": "Да", "strengths": {"no": 1}}, "strengths: no axis 'no'; known: ty_vy, "),
        ("style", {"sentence": " ", "strengths": {}}, "sentence is empty."),
        ("decode", {"vectors": [ONE] * 9 + [[0.0] * 384]}, r"vectors\[9\] is zero: it points nowhere."),
        ("decode", {"vectors": [ONE, [1e300] * 384]}, r"vectors\[1\] has a number that is not finite."),
        ("decode", {"vectors": [ONE, [1.0]]}, r"vectors\[1\] has 1 numbers, expected 384 numbers."),
        (
            "algebra",
            {"texts": ["да", "да"], "coefficients": [1, -1]},
            "the sum of texts with coefficients is zero: it points nowhere.",
        ),
        ("algebra", {"texts": [" ", ""], "coefficients": [1, 1]}, "texts: there is nothing to encode."),
        (
            "algebra",
            {"texts": ["да", TOO_LONG], "coefficients": [1, 1]},
            r"texts\[1\] has \d+ tokens, the encoder",
        ),
        (
            "average",
            {"reviews": ["Да", " "], "weights": [0, 1]},
            "weights: all reviews that have a text have a weight of 0.",
        ),
        ("average", {"reviews": ["10/10"]}, "reviews: there is no sentence in the reviews."),
        (
            "average",
            {"reviews": ["10/10", "Да"], "weights": [1, 0]},
            "reviews: there is no sentence in the reviews whose weight is not 0.",
        ),
        ("average", {"reviews": ["ᏣᎳᎩ"]}, "the first sentence of reviews says nothing: the encoder does not"),
        ("journey", {"start": TOO_LONG, "end": "да"}, r"start has \d+ tokens"),
        ("encode", {"texts": ["да", ""]}, r"texts\[1\] is empty."),
        ("encode", {"texts": ["да"], "pair": "x"}, "pair: unknown pair 'x'; known: compact, labse"),
    ],
)
def test_a_call_that_fails_later_is_told_the_argument_too(
    codecs: Codecs, name: str, arguments: dict[str, Any], said: str
) -> None:
    with pytest.raises(BadCall, match=f"^{said}"):
        list(ask(codecs, name, arguments))


def test_a_share_of_the_gpu_that_is_used_up_is_told_so(
    codecs: Codecs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise gr.Error("You have exceeded your GPU quota <a href='x'>…</a>", title="ZeroGPU quota exceeded")

    monkeypatch.setattr(ENDPOINTS["encode"], "answers", refuse)
    with pytest.raises(gr.Error) as caught:
        _function(codecs, "encode")(["да"])
    assert caught.value.message == TEXTS["en"]["error_quota"]


def test_a_line_that_cannot_be_translated_is_named(codecs: Codecs) -> None:
    *_, found = ask(codecs, "translate", {"text": "\n".join(["Good morning!"] * (BATCH + 1) + ["..."])})
    assert {one["error"] for one in found[:-1]} == {""}
    assert found[-1]["error"].startswith(f"the line of index {BATCH + 1} in text says nothing: ")


def test_texts_are_one_however_they_are_typed(codecs: Codecs) -> None:
    (vectors,) = ask(codecs, "encode", {"texts": ["Мои\u0306 чаи\u0306", "Мой чай"]})
    assert vectors[0] == vectors[1]


def test_a_call_by_names_that_lacks_one_is_told_so(app_url: str) -> None:
    for arguments, said in (({"sentence": "Да"}, "strengths"), ({"sentence": "Да", "x": 1}, "x")):
        body = json.dumps(arguments).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{app_url}gradio_api/call/v2/style", body, headers)
        with pytest.raises(HTTPError) as caught:
            urllib.request.urlopen(request)
        assert caught.value.code == 422
        assert said in json.load(caught.value)["detail"]


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("call/nothing", {"data": [["да"]]}),
        ("call/v2/nothing", {"texts": ["да"]}),
        ("run/nothing", {"data": [["да"]]}),
        ("queue/join", {"data": [["да"]], "fn_index": 99_999, "session_hash": "nobody"}),
    ],
)
def test_a_call_of_what_is_not_there_is_told_so(app_url: str, address: str, asked: dict[str, Any]) -> None:
    answer = httpx.post(f"{app_url}gradio_api/{address}", json=asked)
    assert answer.status_code == 404
    assert answer.json() == {"detail": NO_ENDPOINT}


def test_an_answer_is_given_once_and_whoever_asks_again_is_told_so(app_url: str) -> None:
    calls = f"{app_url}gradio_api/call/encode"
    event = httpx.post(calls, json={"data": [["да"]]}).json()["event_id"]
    time.sleep(1)  # it is kept until it is asked for
    assert "event: complete" in httpx.get(f"{calls}/{event}").text
    for unknown in (event, "nothing"):
        answer = httpx.get(f"{calls}/{unknown}")
        assert (answer.status_code, answer.json()) == (404, {"detail": NO_CALL})


SILENCE = 30.0  # seconds that a call may take to its next answer


def lines_of(count: int) -> list[str]:
    """Sentences that are all different."""
    return [f"Кофе номер {number} остыл, пока мы ждали официанта." for number in range(count)]


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", ["translate", "average", "decode"])
def test_the_largest_call_is_never_silent_for_long(app_url: str, codec: Codec, name: str) -> None:
    """Over HTTP, where a heartbeat of the server is no answer, but what it has so far is one."""
    generator = np.random.default_rng(0)
    vectors = generator.standard_normal((MOST_LINES, codec.dim)) / codec.dim**0.5
    largest: dict[str, Any] = {
        "translate": "\n".join(lines_of(MOST_LINES)),
        "average": lines_of(MOST_REVIEWS),
        "decode": vectors.tolist(),
    }
    address = f"{app_url}gradio_api/call/{name}"
    told: list[str] = []
    begun = time.monotonic()
    with httpx.Client(timeout=SILENCE) as web:
        event = web.post(address, json={"data": [largest[name]]}).raise_for_status().json()["event_id"]
        with web.stream("GET", f"{address}/{event}") as answer:
            for line in answer.iter_lines():
                assert time.monotonic() - begun < SILENCE, f"silent after {len(told)} answers"
                if line in ("event: generating", "event: complete", "event: error"):
                    told, begun = [*told, line], time.monotonic()
                elif line.startswith("data: "):
                    data = line.removeprefix("data: ")
    assert set(told[:-1]) == {"event: generating"}
    assert told[-1] == "event: complete", data
    (found,) = json.loads(data)
    if name == "average":
        assert found["average"]["russian"]
        assert found["encoded"] == found["sentences"] == MOST_REVIEWS
    else:
        assert len(found) == MOST_LINES
        assert all(one["russian"] for one in found)


REVIEWS = ["Отличный кофе!", "Кофе очень вкусный.", "Ждали заказ сорок минут.", "Очень долго несли заказ."]


def test_average_takes_weights_a_number_and_a_trim(client: Client) -> None:
    lines = [*REVIEWS, "В Лондоне опять шёл дождь."]
    even = client.predict(lines, 2, 0.3, api_name="/average")
    assert len(even["opinions"]) == 2
    assert {one["typical"] for one in even["opinions"]} <= set(lines)
    assert 0 < even["average"]["likeness"] <= 1
    heavy = client.predict(lines, 1, weights=[1, 1, 1, 1, 200], api_name="/average")
    assert heavy["average"]["typical"] == lines[-1]
    assert heavy["opinions"][0]["share"] + heavy["rest"] == pytest.approx(1, abs=1e-3)


def test_reviews_without_a_word_are_refused(client: Client) -> None:
    with pytest.raises(AppError, match="no sentence"):
        client.predict(["10/10", " "], api_name="/average")


@pytest.mark.parametrize("says_its_length", [True, False])
def test_five_huge_uploads_are_not_kept(server: Served, says_its_length: bool) -> None:
    """They end before they are read, and what did arrive is within the quota."""
    part = b'--b\r\nContent-Disposition: form-data; name="files"; filename="big.csv"\r\n\r\n'

    def body() -> Iterator[bytes]:
        yield part
        for _ in range(300):
            yield b"x" * 1_000_000
        yield b"\r\n--b--\r\n"

    def kept(begins: bytes = b"") -> int:
        files = [path for path in (server.log.parent / "files").rglob("*") if path.is_file()]
        return sum(path.stat().st_size for path in files if path.read_bytes().startswith(begins))

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    if says_its_length:
        headers["Content-Length"] = str(len(part) + 300_000_000 + 9)
    for _ in range(5):
        try:
            answer = httpx.post(f"{server.url}gradio_api/upload", content=body(), headers=headers, timeout=60)
        except httpx.TransportError:  # it does not wait for the rest
            continue
        assert answer.status_code in ((413,) if says_its_length else (400, 413, 500))
    if says_its_length:
        assert kept(b"xxx") <= 1e6  # other tests use this app too, and keep files of their own
    else:
        assert kept() <= QUOTA


def test_a_small_upload_is_kept_for_its_visitor(server: Served) -> None:
    files = {"files": ("opinions.csv", "text\nВкусно\n".encode())}
    answer = httpx.post(f"{server.url}gradio_api/upload", files=files)
    assert answer.status_code == 200
    assert Path(answer.json()[0]).read_text(encoding="utf-8") == "text\nВкусно\n"


@pytest.fixture(scope="module")
def launched(codecs: Codecs) -> Iterator[Blocks]:
    """The page, served by this process."""
    page = build_page(codecs)
    assert isinstance(page, Blocks)
    page.launch(server_port=free_port(), prevent_thread_lock=True, quiet=True, ssr_mode=False)
    yield page
    page.close()


def test_calls_leave_no_session_and_a_page_that_was_left_is_forgotten(launched: Blocks) -> None:
    sessions = launched.state_holder.session_data
    caller = Client(launched.local_url, verbose=False)
    for _ in range(3):
        assert caller.predict(["Доброе утро!"], api_name="/encode")
        assert caller.submit("Good morning!\nBye!", api_name="/translate").result()
    assert not sessions
    launched.state_holder["left"].is_closed = True
    assert launched.state_holder["open"]
    long_ago = datetime.now() - timedelta(seconds=FORGOTTEN + 1)
    launched.state_holder.time_last_used |= {"left": long_ago, "open": long_ago}
    launched._looked = 0.0
    caller.predict(["Доброе утро!"], api_name="/encode")
    assert list(sessions) == ["open"]


def test_a_call_describes_no_part_of_the_page_anew(launched: Blocks, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = launched.default_config.get_config()["components"]
    assert len(parts) > 100
    assert all(part["props"] for part in parts)
    described: list[object] = []
    monkeypatch.setattr(BlocksConfig, "config_for_block", staticmethod(lambda *them: described.append(them)))
    name = {"session_hash": "a caller"}
    for session in ({}, name, name):  # one that has none gets one, and one ends with its call
        told = {"data": [["Доброе утро!"]], **session}
        url = f"{launched.local_url}gradio_api/call/encode"
        event = httpx.post(url, json=told).json()["event_id"]
        assert "event: complete" in httpx.get(f"{url}/{event}").text
    assert not described


def test_pages_that_were_left_hold_little_together(launched: Blocks) -> None:
    states, now = launched.state_holder, datetime.now()
    for minute, name in enumerate(("newest", "middle", "oldest", "open")):
        states[name].state_data[-1] = np.zeros(int(0.4 * MOST_LEFT), dtype=np.uint8)
        states[name].is_closed = name != "open"
        states.time_last_used[name] = now - timedelta(minutes=minute)
    launched.forget_left()
    assert set(states.session_data) == {"newest", "middle", "open"}


def test_what_a_map_holds_counts_with_its_page_and_goes_with_it(launched: Blocks, codec: Codec) -> None:
    states, now = launched.state_holder, datetime.now()
    states.session_data.clear()
    large = np.zeros((1, int(0.4 * MOST_LEFT) // 4), dtype=np.float32)
    drawn = Map(Plane(large[0], large), large, ("",))
    tokens = {}
    for minute, name in enumerate(("open", "newest", "middle", "oldest")):
        states[name].is_closed = name != "open"
        states.time_last_used[name] = now - timedelta(minutes=minute)
        tokens[name] = MAPS.keep(drawn, codec, (name, "plot"))
    launched.forget_left()
    assert set(states.session_data) == {"open", "newest", "middle"}
    assert [name for name, token in tokens.items() if MAPS.get(token)] == ["open", "newest", "middle"]


def test_an_answer_does_not_wait_for_long_work_to_end(
    launched: Blocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()

    def answers(*_: Any) -> Iterator[list[Any]]:
        over.wait(60)
        yield []

    monkeypatch.setattr(ENDPOINTS["translate"], "answers", answers)
    caller = Client(launched.local_url, verbose=False)
    try:
        long = [caller.submit("Good morning!", api_name="/translate") for _ in range(2 * LIMIT)]
        assert caller.submit(["Доброе утро!"], api_name="/encode").result(timeout=20)
        assert not any(one.done() for one in long)
    finally:
        over.set()
    assert [one.result() for one in long] == [[]] * 2 * LIMIT


def test_a_full_queue_says_so(launched: Blocks, monkeypatch: pytest.MonkeyPatch) -> None:
    assert launched._queue.max_size == MOST_WAITING
    monkeypatch.setattr(launched._queue, "max_size", 0)
    answer = httpx.post(f"{launched.local_url}gradio_api/call/encode", json={"data": [["да"]]})
    assert answer.status_code == 503
    assert answer.json()["detail"].startswith("Queue is full.")


def asked_for_code(page: Blocks, session: str) -> dict[str, Any]:
    """What the page of a session gets that asks for the QR code of a link."""
    (number,) = [number for number, one in page.fns.items() if one.fn and one.fn.__name__ == "code_of"]
    body = {"data": ["https://example.org"], "fn_index": number, "session_hash": session}
    assert httpx.post(f"{page.local_url}gradio_api/queue/join", json=body).status_code == 200
    told = httpx.get(f"{page.local_url}gradio_api/queue/data", params={"session_hash": session}, timeout=60)
    messages = [json.loads(line.removeprefix("data: ")) for line in told.text.splitlines() if line]
    (last,) = [message for message in messages if message["msg"] == "process_completed"]
    return dict(last["output"])


@pytest.mark.parametrize("lost", ["left", "crowded-out"])
def test_a_page_that_the_server_has_forgotten_is_told_so(launched: Blocks, lost: str) -> None:
    states = launched.state_holder
    for _ in range(2):
        assert "<svg" in asked_for_code(launched, lost)["data"][0]
    if lost == "left":
        states[lost].is_closed = True
        states.time_last_used[lost] = datetime.now() - timedelta(seconds=FORGOTTEN + 1)
        launched.forget_left()
    else:
        del states.session_data[lost]
    for _ in range(2):
        assert asked_for_code(launched, lost)["error"] == FORGOTTEN_VISIT
        assert lost not in states.session_data
    assert "<svg" in asked_for_code(launched, f"not-{lost}")["data"][0]
