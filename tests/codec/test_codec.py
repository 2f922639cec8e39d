"""The bundled pair as the tabs use it: vectors become sentences, from many threads."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch

from demos.codec import (
    PAIRS,
    BadSetting,
    BadVector,
    Codec,
)
from demos.codec.codec import Wording
from demos.codec.decoder import Beam, BeamSearch

TEXTS = ["Мне нравится эта книга.", "собака", "Good morning!", "Я люблю пить чай по утрам."]


def test_vectors_become_sentences(codec: Codec) -> None:
    vectors = codec.encode(TEXTS)
    texts = codec.decode(vectors)
    assert len(texts) == 4
    assert codec.decode(torch.from_numpy(vectors)) == texts
    assert codec.decode(vectors.astype(np.float64)) == texts
    assert codec.decode(vectors[0]) == texts[:1]
    codec._beam_cache.clear()
    assert [codec.decode(vector)[0] for vector in vectors] == texts


def test_candidates_have_scores_best_first(codec: Codec) -> None:
    vectors = codec.encode(TEXTS)
    plain = replace(codec.decoding, rerank=0.0, rerank_words=None)
    rows = codec.candidates(vectors, 3, plain)
    assert [len(row) for row in rows] == [3] * 4
    assert all(a.score >= b.score for row in rows for a, b in pairwise(row))
    assert [row[0].text for row in rows] == codec.decode(vectors, plain)


def test_what_remembered_beams_take_is_counted(codec: Codec) -> None:
    vectors = codec.encode(TEXTS)
    codec._beam_cache.clear()
    codec.decode(vectors)
    for (vector, _), beams in codec._beam_cache.items():
        taken = sys.getsizeof(vector) + sum(
            sys.getsizeof(one) + sys.getsizeof(one.ids) + sys.getsizeof(one.score) for one in beams
        )
        assert taken <= codec._beam_cache.getsizeof(beams) < 1.5 * taken


def test_a_vector_is_searched_once_for_each_setting(codec: Codec, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = codec.encode(["Сколько сейчас времени?", "Завтра будет дождь."])
    codec._beam_cache.clear()
    searched: list[int] = []
    search = codec._decodings

    def listen(rows: list[np.ndarray], how: BeamSearch) -> Sequence[list[Beam]]:
        searched.append(len(rows))
        return search(rows, how)

    monkeypatch.setattr(codec, "_decodings", listen)
    first = codec.decode(vectors[:1])
    assert codec.decode(vectors[[0, 1, 0]])[::2] == first * 2
    assert codec.decode(vectors) == codec.decode(vectors)
    assert searched == [1, 1]
    codec.decode(vectors, replace(codec.decoding, num_beams=2))
    codec.decode(vectors * 1.01)
    assert searched == [1, 1, 2, 2, 2], "a sum is searched for at two lengths"


def test_on_a_cpu_a_long_request_is_done_in_small_batches(
    codec: Codec, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[int] = []
    generate, pool = codec._decoder.generate, codec._encoder.pool

    def search(vectors: torch.Tensor, how: BeamSearch) -> list[list[Beam]]:
        rows.append(len(vectors) * how.num_beams)
        return generate(vectors, how)

    def read(tokens: list[list[int]]) -> np.ndarray:
        rows.append(len(tokens))
        return pool(tokens)

    monkeypatch.setattr(codec._decoder, "generate", search)
    monkeypatch.setattr(codec._encoder, "pool", read)
    vectors = codec.encode([f"Поезд номер {number} опоздал." for number in range(40)])
    assert rows == [32, 8]
    rows.clear()
    codec.decode(vectors[:7], replace(codec.decoding, rerank=0.0, rerank_words=None))
    assert rows == [48, 48, 16]
    rows.clear()
    codec.decode(vectors[:17], replace(codec.quick, rerank=0.0, rerank_words=None))
    assert rows == [48, 3]


def test_it_remembers_the_vectors_of_its_own_search(codec: Codec) -> None:
    vectors = codec.encode(["Этого вектора ещё никто не видел.", "И этого тоже."])
    codec.decode(vectors, codec.quick)
    assert not codec.remembers(vectors)
    codec.decode(vectors[1])
    assert codec.remembers(vectors[1])
    assert not codec.remembers(vectors)
    codec.decode(vectors)
    assert codec.remembers(np.stack([vectors[0], vectors[1], vectors[0]]))
    assert not codec.remembers(vectors * 2)


def test_a_pair_without_a_quick_search_has_one_way(codec: Codec) -> None:
    plain = Codec(replace(codec.pair, quick=None), codec._encoder, codec._decoder, codec._tokenizer)
    assert plain.quick == plain.decoding


def test_more_candidates_leave_the_first_as_it_is(codec: Codec) -> None:
    vectors = codec.encode(["Где ближайшая аптека?", "The train is late again.", "Мне нравится эта книга."])
    rows = codec.candidates(vectors, 6)
    assert [row[0].text for row in rows] == codec.decode(vectors)


def test_more_candidates_than_beams_widen_the_search(codec: Codec) -> None:
    (row,) = codec.candidates(codec.encode(["мир"]), 5, replace(codec.decoding, num_beams=1))
    assert len(row) == 5


@pytest.mark.parametrize("how", ["decoding", "quick"])
def test_candidates_know_their_vector_and_its_cosine(codec: Codec, how: str) -> None:
    vectors = codec.encode(["Где ближайшая аптека?", "The train is late again."]) * [[1.0], [0.5]]
    for vector, row in zip(vectors, codec.candidates(vectors, 5, getattr(codec, how)), strict=True):
        back = codec.encode([one.text for one in row])
        np.testing.assert_array_equal(np.stack([one.vector for one in row]), back)
        expected = back @ vector / np.linalg.norm(vector)
        np.testing.assert_allclose([one.fidelity for one in row], expected, atol=1e-5)


def test_a_candidate_that_the_encoder_cannot_take_is_opposite(
    codec: Codec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codec, "_wording", lambda beam: Wording("слово " * 600, beam.score))
    for weight in (0.0, 10.0):
        how = replace(codec.decoding, rerank=weight, rerank_words=None)
        ((one,),) = codec.candidates(codec.encode(["мир"]), 1, how)
        assert one.fidelity == -1
        assert not one.vector.any()


def test_the_length_of_a_vector_matters(codec: Codec) -> None:
    vector = codec.encode(["Мне нравится эта книга."])
    one, other = (codec.candidates(vector * factor)[0][0] for factor in (0.2, 1.0))
    assert one.score != pytest.approx(other.score, abs=1e-3)


def test_decoding_leaves_the_vectors_alone(codec: Codec) -> None:
    vectors = codec.encode(TEXTS) * 1.5
    before = vectors.copy()
    codec.decode(vectors)
    np.testing.assert_array_equal(vectors, before)


@pytest.mark.parametrize(
    ("vectors", "reason"),
    [
        (np.zeros((0, 384)), "shape"),
        (np.ones((1, 2, 384)), "shape"),
        ("text", "shape"),
        (None, "shape"),
        ({}, "shape"),
        ([[1.0], [1.0, 2.0]], "shape"),
        ([[10**400] * 384], "shape"),
        (np.ones((1, 384), dtype=bool), "shape"),
        (np.ones((1, 384), dtype=complex), "shape"),
        (np.full((1, 384), 1e30), "not_finite"),
        (np.ones((1, 383)), "width"),
        (np.full((1, 384), np.nan), "not_finite"),
        (np.full((1, 384), np.inf), "not_finite"),
        (np.zeros((1, 384)), "zero"),
    ],
)
def test_a_vector_that_cannot_be_decoded_is_an_error(codec: Codec, vectors: Any, reason: str) -> None:
    with pytest.raises(BadVector) as caught:
        codec.decode(vectors)
    assert caught.value.details["reason"] == reason


@pytest.mark.parametrize(("n", "how"), [(0, None), (17, None), (True, None), (1, {"num_beams": 3}), (1, {})])
def test_what_is_asked_for_is_checked(codec: Codec, n: Any, how: Any) -> None:
    with pytest.raises(BadSetting):
        codec.candidates(codec.encode(["мир"]), n, how)


def test_twenty_threads_get_what_one_gets(codec: Codec) -> None:
    texts = [f"В комнате {n} стульев." for n in range(20)]

    def ask(text: str) -> str:
        (spoken,) = codec.decode(codec.encode([text]), codec.quick)
        return str(spoken)

    with ThreadPoolExecutor(20) as pool:
        together = list(pool.map(ask, texts))
    codec._vector_cache.clear()
    codec._beam_cache.clear()
    assert together == [ask(text) for text in texts]


def test_the_codec_says_what_it_is(codec: Codec) -> None:
    assert (codec.name, codec.dim) == ("compact", 384)
    assert codec.languages == PAIRS["compact"].languages
    assert codec.decoding.num_beams >= 1
