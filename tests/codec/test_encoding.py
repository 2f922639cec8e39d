"""Texts become vectors, or an error each: what is refused, what is remembered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cachetools import LRUCache

from demos.codec import (
    Codec,
    EmptyInput,
    SaysNothing,
    TextTooLong,
    unit,
)

TEXTS = ["Мне нравится эта книга.", "собака", "Good morning!", "Я люблю пить чай по утрам."]


def test_texts_become_unit_vectors(codec: Codec) -> None:
    vectors = codec.encode(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (4, codec.dim)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_translation_is_nearer_than_another_sentence(codec: Codec) -> None:
    one, same, other = codec.encode(["The cat sleeps.", "Кошка спит.", "Налоги снова выросли."])
    assert one @ same > 0.4
    assert one @ same > one @ other + 0.2


def test_a_text_alone_has_the_vector_it_has_in_company(codec: Codec) -> None:
    codec._vector_cache.clear()
    together = codec.encode([*TEXTS, "слово " * 100])[:4]
    codec._vector_cache.clear()
    alone = np.concatenate([codec.encode([text]) for text in TEXTS])
    np.testing.assert_array_equal(together, alone)


def test_vectors_are_remembered_and_cannot_be_spoiled(codec: Codec, monkeypatch: pytest.MonkeyPatch) -> None:
    before = codec.encode(TEXTS)
    kept = before.copy()
    before[:] = 0
    monkeypatch.setattr(codec._encoder, "pool", None)  # a call of it would fail
    np.testing.assert_array_equal(codec.encode(TEXTS), kept)


def test_repeated_texts_get_equal_vectors(codec: Codec) -> None:
    one, two = codec.encode(["дважды", "дважды"])
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize(
    ("texts", "index"), [([], None), ([""], 0), (["да", " \n\t"], 1), (["да", "\u200b"], 1)]
)
def test_nothing_to_encode_is_an_error(codec: Codec, texts: list[str], index: int | None) -> None:
    with pytest.raises(EmptyInput) as caught:
        codec.encode(texts)
    assert caught.value.code == "empty_input"
    assert caught.value.details == {"index": index}


def test_a_text_is_never_cut(codec: Codec) -> None:
    with pytest.raises(TextTooLong) as caught:
        codec.encode(["коротко", "слово " * 600])
    assert caught.value.details["index"] == 1
    assert caught.value.details["tokens"] > caught.value.details["limit"] == codec.max_tokens == 512


def test_a_bare_string_is_not_a_list_of_letters(codec: Codec) -> None:
    with pytest.raises(TypeError, match="sequence"):
        codec.encode("мир")


def test_half_of_a_surrogate_pair_is_no_crash(codec: Codec) -> None:
    assert np.isfinite(codec.encode(["привет \ud83d мир"])).all()


def test_texts_are_encoded_as_far_as_they_can_be(codec: Codec) -> None:
    vectors, errors = codec.encode_each(["мир", " ", "слово " * 600, "дом", "мир"])
    assert {index: type(error) for index, error in errors.items()} == {1: EmptyInput, 2: TextTooLong}
    assert all(error.details["index"] == index for index, error in errors.items())
    np.testing.assert_array_equal(vectors, codec.encode(["мир", "дом", "мир"]))
    vectors, errors = codec.encode_each([])
    assert (vectors.shape, errors) == ((0, codec.dim), {})
    vectors, errors = codec.encode_each([""])
    assert (len(vectors), list(errors)) == (0, [0])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("...", "signs"),
        ("????????", "signs"),
        ("ᚠᚢᚦ", "unknown"),
        ("\ue000\ue001", "unknown"),
        ("\U000e0fff", "unknown"),
        ("ᚠ ᚢ", "unknown"),
    ],
)
def test_what_says_nothing_is_said_so(codec: Codec, text: str, reason: str) -> None:
    with pytest.raises(SaysNothing) as caught:
        codec.encode(["мир", text])
    assert caught.value.details == {"index": 1, "reason": reason, "text": text}
    vectors, errors = codec.encode_each([text, f"целый мир {text}", "query", "7"])
    assert (len(vectors), list(errors)) == (3, [0])


def test_how_a_text_is_typed_does_not_count(codec: Codec) -> None:
    typed = ["Мои\u0306 чаи\u0306 осты\u0301л.", "Мой\u00a0чай ос\u00adтыл.", "Мой чай\u2028остыл\u200d."]
    for vector in codec.encode(typed):
        np.testing.assert_array_equal(vector, codec.encode(["Мой чай остыл."])[0])
    with pytest.raises(EmptyInput):
        codec.encode(["\u200b\ufeff"])


def test_an_enormous_text_is_refused_at_once(codec: Codec) -> None:
    with pytest.raises(TextTooLong) as caught:
        codec.encode(["слово " * 2_000_000])
    assert caught.value.details["tokens"] > codec.max_tokens


def test_what_is_remembered_is_bounded_in_bytes(codec: Codec, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = codec.encode([f"Поезд номер {number}." for number in range(6)])
    row = codec._vector_cache.getsizeof(vectors[0])
    assert vectors[0].nbytes < row < 2 * vectors[0].nbytes
    small: LRUCache[str, np.ndarray] = LRUCache(4 * row, codec._vector_cache.getsizeof)
    monkeypatch.setattr(codec, "_vector_cache", small)
    again = codec.encode([f"Поезд номер {number}." for number in range(6)])
    np.testing.assert_array_equal(again, vectors)
    assert list(small) == [f"Поезд номер {number}." for number in (2, 3, 4, 5)]


@pytest.mark.parametrize("texts", ["мир", None, 5, [None], [["мир"]], [5], b"\xd0"])
def test_what_is_no_list_of_texts_is_a_type_error(codec: Codec, texts: Any) -> None:
    for call in (codec.encode, codec.encode_each):
        with pytest.raises(TypeError, match="text"):
            call(texts)


def test_unit_rows() -> None:
    rows = unit(np.array([[3.0, 4.0], [0.0, 0.0]], dtype=np.float32))
    assert rows.tolist() == [[pytest.approx(0.6), pytest.approx(0.8)], [0.0, 0.0]]
