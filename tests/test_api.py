"""The endpoints, through gradio_client as a program calls them."""

from __future__ import annotations

import numpy as np
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from demos.codec import Codec


def test_the_public_endpoints_are_the_named_ones(client: Client) -> None:
    told = client.view_api(return_format="dict", print_info=False)
    assert isinstance(told, dict)
    assert set(told["named_endpoints"]) == {
        "/translate",
        "/average",
        "/algebra",
        "/style",
        "/encode",
        "/decode",
    }
    assert told["unnamed_endpoints"] == {}


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


def test_algebra(client: Client) -> None:
    found = client.predict(["король", "женщина", "мужчина"], [1, 1, -1], api_name="/algebra")
    assert found["russian"]
    assert -1 <= found["fidelity"] <= 1


def test_style(client: Client) -> None:
    moved = client.predict("Ты не мог бы мне помочь?", {"ty_vy": 2.0}, api_name="/style")
    assert moved["russian"]


def test_a_quick_answer_is_what_a_moving_slider_gets(client: Client, codec: Codec) -> None:
    texts = ["Поезд ушёл без нас.", "ночь"]
    found = client.predict(texts, [1, 0.5], quick=True, api_name="/algebra")
    one, other = codec.encode(texts)
    assert found["russian"] == codec.decode(one + 0.5 * other, quick=True)[0]
    moved = client.predict(texts[0], {"ty_vy": 1.5}, quick=True, api_name="/style")
    assert moved["russian"]


def test_average(client: Client) -> None:
    reviews = ["Отличный кофе и десерты.", "Кофе холодный, ждали долго.", "Очень вкусный кофе!"]
    found = client.predict(reviews, 2, api_name="/average")
    assert found["average"]["russian"]
    assert sum(one["share"] for one in found["opinions"]) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    ("arguments", "endpoint", "message"),
    [
        (("",), "/translate", "text is 0"),
        (("line\n" * 201,), "/translate", "text is 201"),
        (("Hello", False, 0, "nothing"), "/translate", "unknown pair"),
        (([[1.0, 2.0]],), "/decode", "384 numbers"),
        ((["a"], [1.0, 2.0]), "/algebra", "coefficients"),
        (("Hello", {"no_axis": 1.0}), "/style", "no_axis"),
    ],
)
def test_errors_say_what_is_wrong(
    client: Client, arguments: tuple[object, ...], endpoint: str, message: str
) -> None:
    with pytest.raises(AppError, match=message):
        client.predict(*arguments, api_name=endpoint)
