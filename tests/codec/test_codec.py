"""The bundled pair as the tabs use it: shapes, errors, caching, threads."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from demos.codec import (
    PAIRS,
    BadSetting,
    BadVector,
    Candidate,
    Codec,
    CodecError,
    Codecs,
    EmptyInput,
    ModelFilesError,
    TextTooLong,
    UnknownPair,
    load_codec,
)
from demos.codec.codec import Settings
from demos.codec.decoder import Beam
from demos.codec.languages import LABSE, NAMES, XLM_R
from demos.codec.pairs import compact_decoder_folder, load_compact_encoder

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
    codec._cache.clear()
    together = codec.encode([*TEXTS, "слово " * 100])[:4]
    codec._cache.clear()
    alone = np.concatenate([codec.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(together, alone, atol=1e-5)


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


def test_vectors_become_sentences(codec: Codec) -> None:
    vectors = codec.encode(TEXTS)
    texts = codec.decode(vectors)
    assert len(texts) == 4
    assert all(isinstance(text, str) for text in texts)
    assert codec.decode(torch.from_numpy(vectors)) == texts
    assert codec.decode(vectors.astype(np.float64)) == texts
    assert codec.decode(vectors[0]) == texts[:1]
    codec._said.clear()
    assert [codec.decode(vector)[0] for vector in vectors] == texts


def test_candidates_have_scores_best_first(codec: Codec) -> None:
    vectors = codec.encode(TEXTS)
    rows = codec.decode(vectors, num_return_sequences=3, rerank=0.0)
    assert [len(row) for row in rows] == [3] * 4
    assert all(isinstance(candidate, Candidate) for row in rows for candidate in row)
    assert all(a.score >= b.score for row in rows for a, b in pairwise(row))
    assert [row[0].text for row in rows] == codec.decode(vectors, rerank=0.0)


def own_worth(codec: Codec, row: list[Candidate]) -> np.ndarray:
    """What candidates are worth before they are read back."""
    assert codec._lexicon is not None
    price = codec.decoding.unknown_word
    return np.array([one.score - price * codec._lexicon.unknown(one.text) for one in row])


def test_reranking_orders_the_beams_by_score_and_round_trip(codec: Codec) -> None:
    vectors = 1.7 * codec.encode(["Сегодня очень холодно, оденься теплее.", "The train is late again."])
    plain = codec.decode(vectors, num_beams=6, num_return_sequences=6, rerank=0.0)
    for weight in (2.0, 1000.0):
        rows = codec.decode(vectors, num_beams=6, num_return_sequences=6, rerank=weight, shortlist=0)
        for vector, row, before in zip(vectors, rows, plain, strict=True):
            assert sorted(row, key=str) == sorted(before, key=str)
            cosines = codec.encode([one.text for one in row]) @ vector / np.linalg.norm(vector)
            worth = own_worth(codec, row) + weight * cosines
            assert all(a >= b - 1e-5 for a, b in pairwise(worth))
    assert rows != plain


def test_a_vector_is_searched_once_for_each_setting(codec: Codec, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = codec.encode(["Сколько сейчас времени?", "Завтра будет дождь."])
    codec._said.clear()
    searched: list[int] = []
    search = codec._decodings

    def listen(rows: list[torch.Tensor], settings: Settings) -> list[list[Beam]]:
        searched.append(len(rows))
        return search(rows, settings)

    monkeypatch.setattr(codec, "_decodings", listen)
    first = codec.decode(vectors[:1])
    assert codec.decode(vectors[[0, 1, 0]])[::2] == first * 2
    assert codec.decode(vectors) == codec.decode(vectors)
    assert searched == [1, 1]
    codec.decode(vectors, num_beams=2)
    codec.decode(vectors * 1.01)
    assert searched == [1, 1, 2, 2]


def test_a_quick_answer_comes_from_the_pairs_quick_search(codec: Codec) -> None:
    vectors = codec.encode(["Сколько стоит билет до Казани?", "Dinner will be ready in ten minutes."])
    how = asdict(codec.quick)
    for own in ("rerank_words", "unknown_word"):
        assert how.pop(own) == getattr(codec.decoding, own)
    assert codec.decode(vectors, quick=True) == codec.decode(vectors, **how)
    rows = codec.decode(vectors, quick=True, num_return_sequences=3, rerank=0.0)
    assert rows == codec.decode(vectors, num_return_sequences=3, **how | {"rerank": 0.0})
    assert how["num_beams"] < codec.decoding.num_beams


def test_on_a_cpu_a_long_request_is_done_in_small_batches(
    codec: Codec, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[int] = []
    generate, pool = codec._decoder.generate, codec._encoder.pool

    def search(vectors: torch.Tensor, **how: Any) -> list[list[Beam]]:
        rows.append(len(vectors) * how["num_beams"])
        return generate(vectors, **how)

    def read(tokens: list[list[int]]) -> np.ndarray:
        rows.append(len(tokens))
        return pool(tokens)

    monkeypatch.setattr(codec._decoder, "generate", search)
    monkeypatch.setattr(codec._encoder, "pool", read)
    vectors = codec.encode([f"Поезд номер {number} опоздал." for number in range(40)])
    assert rows == [32, 8]
    rows.clear()
    codec.decode(vectors[:7], rerank=0.0)
    assert rows == [48, 48, 16]
    rows.clear()
    codec.decode(vectors[:17], quick=True, rerank=0.0)
    assert rows == [48, 3]


def test_it_remembers_the_vectors_of_its_own_search(codec: Codec) -> None:
    vectors = codec.encode(["Этого вектора ещё никто не видел.", "И этого тоже."])
    codec.decode(vectors, quick=True)
    assert not codec.remembers(vectors)
    codec.decode(vectors[1])
    assert codec.remembers(vectors[1])
    assert not codec.remembers(vectors)
    codec.decode(vectors)
    assert codec.remembers(np.stack([vectors[0], vectors[1], vectors[0]]))
    assert not codec.remembers(vectors * 2)


def test_a_pair_without_a_quick_search_has_one_way(codec: Codec) -> None:
    plain = Codec(replace(codec.pair, quick=None), codec._encoder, codec._decoder, codec._pieces)
    assert plain.quick == plain.decoding


def test_a_sum_of_words_is_ordered_with_a_weight_of_its_own(codec: Codec) -> None:
    king, man, woman, cat = codec.encode(["король", "мужчина", "женщина", "Кошка спит на диване."])
    assert codec.decoding.rerank_words is not None
    assert codec.decoding.rerank_words < codec.decoding.rerank
    vectors = np.stack([king, king - man + woman, 1.1 * king, 1.2 * cat])
    usual = codec.decode(vectors, num_return_sequences=8)
    own = codec.decoding.rerank_words
    for row, weight in enumerate((codec.decoding.rerank, own, own, codec.decoding.rerank)):
        assert usual[row] == codec.decode(vectors[row], num_return_sequences=8, rerank=weight)[0]
    assert codec.decode(vectors, num_return_sequences=8, rerank=10.0)[1] != usual[1]


def test_a_shortlist_is_read_back_alone_and_seldom_changes_the_answer(codec: Codec) -> None:
    words = ["дождь", "ветер", "снег", "мороз", "туман", "гром"]
    spoken = [f"Вчера был {one}, а завтра будет {other}." for one in words for other in words]
    vectors = codec.encode(spoken)
    full = codec.decode(vectors, num_beams=6, num_return_sequences=6, shortlist=0)
    short = codec.decode(vectors, num_beams=6, num_return_sequences=6, shortlist=4)
    same = [one[0] == other[0] for one, other in zip(full, short, strict=True)]
    assert sum(same) >= 0.7 * len(same)
    for vector, row, other in zip(vectors, full, short, strict=True):
        assert sorted(row, key=str) == sorted(other, key=str)
        cosines = codec.encode([one.text for one in other[:4]]) @ vector
        worth = own_worth(codec, other[:4]) + codec.decoding.rerank * cosines
        assert all(a >= b - 1e-5 for a, b in pairwise(worth))


def test_single_words_are_guessed_too(codec: Codec) -> None:
    for word in ("король", "а", "Да!"):
        assert codec.decode(codec.encode([word]), shortlist=1)[0].strip()


def test_what_is_not_on_the_shortlist_is_not_encoded(codec: Codec, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    encode = codec.encode

    def listen(texts: list[str]) -> np.ndarray:
        read.extend(texts)
        return encode(texts)

    monkeypatch.setattr(codec, "encode", listen)
    vector = encode(["Где ближайшая аптека?"])
    for shortlist, most in ((3, 3), (0, 6)):
        read.clear()
        codec.decode(vector, num_beams=6, shortlist=shortlist)
        assert 1 < len(read) <= most
        assert (len(read) > 3) == (shortlist == 0)


def test_more_candidates_leave_the_first_as_it_is(codec: Codec) -> None:
    vectors = codec.encode(["Где ближайшая аптека?", "The train is late again.", "Мне нравится эта книга."])
    rows = codec.decode(vectors, num_return_sequences=6)
    assert [row[0].text for row in rows] == codec.decode(vectors)


def test_a_beam_that_cannot_be_encoded_comes_last(codec: Codec) -> None:
    vector = codec.encode(["Кошка спит."])
    beams = [Candidate("", 0.0), Candidate("слово " * 600, 0.0), Candidate("Кошка спит.", -9.0)]
    for shortlist in (0, 2):
        assert codec._reranked(vector, [beams], np.array([10.0]), shortlist)[0][0].text == "Кошка спит."


def test_words_that_do_not_exist_cost_a_beam(codec: Codec) -> None:
    vector = codec.encode(["Кошка спит."])
    beams = [Candidate("Кошка спиткает.", 0.0), Candidate("Кошка спит.", -0.2), Candidate("Кошка.", -9.0)]
    for price, first in ((0.0, 0), (1.0, 1)):
        assert codec._reranked(vector, [beams], np.array([1e-6]), 0, price)[0][0] == beams[first]
    plain = Codec(codec.pair, codec._encoder, codec._decoder, codec._pieces)
    assert plain._reranked(vector, [beams], np.array([1e-6]), 0, 1.0)[0][0] == beams[0]
    assert codec.decoding.unknown_word > 0
    assert codec.quick.unknown_word == codec.decoding.unknown_word


def test_more_candidates_than_beams_widen_the_search(codec: Codec) -> None:
    (row,) = codec.decode(codec.encode(["мир"]), num_beams=1, num_return_sequences=5)
    assert len(row) == 5


def test_the_length_of_a_vector_matters(codec: Codec) -> None:
    vector = codec.encode(["Мне нравится эта книга."])
    one, other = (codec.decode(vector * factor, num_return_sequences=1)[0][0] for factor in (0.2, 1.0))
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


@pytest.mark.parametrize(
    "setting",
    [
        {"num_beams": 0},
        {"num_beams": 1000},
        {"num_beams": 2.5},
        {"max_length": 1},
        {"repetition_penalty": 0.0},
        {"repetition_penalty": float("nan")},
        {"num_return_sequences": 0},
    ],
)
def test_a_setting_out_of_range_is_an_error(codec: Codec, setting: dict[str, Any]) -> None:
    with pytest.raises(BadSetting) as caught:
        codec.decode(codec.encode(["мир"]), **setting)
    assert caught.value.details["name"] == next(iter(setting))


def test_twenty_threads_get_what_one_gets(codec: Codec) -> None:
    texts = [f"В комнате {n} стульев." for n in range(20)]

    def ask(text: str) -> str:
        return codec.decode(codec.encode([text]))[0]

    with ThreadPoolExecutor(20) as pool:
        together = list(pool.map(ask, texts))
    codec._cache.clear()
    codec._said.clear()
    assert together == [ask(text) for text in texts]


def test_the_codec_says_what_it_is(codec: Codec) -> None:
    assert (codec.name, codec.dim) == ("compact", 384)
    assert codec.languages == PAIRS["compact"].languages
    assert codec.decoding.num_beams >= 1


def test_languages_have_names() -> None:
    assert (len(LABSE), len(set(LABSE))) == (109, 109)
    assert {*XLM_R, *LABSE} == set(NAMES)
    assert all(name["en"] and name["ru"] for name in NAMES.values())


# Loading ----------------------------------------------------------------------------------------------


def test_the_bundled_pair_opens_without_what_is_slow_to_import() -> None:
    """Neither transformers nor torch's compiler, whose import takes longer than the pair itself."""
    script = """
import sys
from demos.codec import load_codec
codec = load_codec(device="cpu")
codec.decode(codec.encode(["Доброе утро!"]))
print([name for name in ("transformers", "torch._dynamo", "sklearn", "pandas") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_unknown_pair_names_the_known() -> None:
    for call in (load_codec, Codecs):
        with pytest.raises(UnknownPair, match="compact"):
            call("gigantic")


def test_an_unknown_precision_is_an_error() -> None:
    with pytest.raises(BadSetting, match="int4"):
        load_codec(precision="int4")  # type: ignore[arg-type]


def test_the_pool_loads_once(codecs: Codecs) -> None:
    assert codecs.get() is codecs.get("compact")
    assert codecs.names[0] == codecs.default == "compact"
    assert codecs.loaded("compact")
    assert not codecs.loaded("labse")


@pytest.mark.parametrize("load", [load_compact_encoder, compact_decoder_folder])
def test_a_folder_without_a_manifest_is_an_error(load: Any, tmp_path: Path) -> None:
    with pytest.raises(ModelFilesError, match=r"manifest\.json is missing") as caught:
        load(tmp_path)
    assert isinstance(caught.value, CodecError)
    assert caught.value.code == "model_files"
