"""The bundled pair as the tabs use it: shapes, errors, caching, threads."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from cachetools import LRUCache

from demos.codec import (
    PAIRS,
    BadSetting,
    BadVector,
    Candidate,
    Codec,
    CodecError,
    Codecs,
    Decoding,
    EmptyInput,
    ModelFilesError,
    SaysNothing,
    TextTooLong,
    UnknownPair,
    load_codec,
)
from demos.codec.adapter import ByLength
from demos.codec.codec import Wording
from demos.codec.decoder import Beam, BeamSearch
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


def own_worth(codec: Codec, row: list[Candidate]) -> np.ndarray:
    """What candidates are worth before they are read back."""
    assert codec._lexicon is not None
    price = codec.decoding.unknown_word
    return np.array([one.score - price * codec._lexicon.unknown(one.text) for one in row])


def test_reranking_orders_the_beams_by_score_and_round_trip(codec: Codec) -> None:
    vectors = 1.7 * codec.encode(["Сегодня очень холодно, оденься теплее.", "The train is late again."])
    six = replace(codec.decoding, num_beams=6, rerank_words=None, second_length=None)
    plain = codec.candidates(vectors, 6, replace(six, rerank=0.0))
    for weight in (2.0, 1000.0):
        rows = codec.candidates(vectors, 6, replace(six, rerank=weight))
        for vector, row, before in zip(vectors, rows, plain, strict=True):
            assert sorted(row, key=str) == sorted(before, key=str)
            cosines = codec.encode([one.text for one in row]) @ vector / np.linalg.norm(vector)
            worth = own_worth(codec, row) + weight * cosines
            assert all(a >= b - 1e-5 for a, b in pairwise(worth))
    assert rows != plain


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


def test_a_sum_of_words_is_ordered_with_a_weight_of_its_own(codec: Codec) -> None:
    king, man, woman, cat = codec.encode(["король", "мужчина", "женщина", "Кошка спит на диване."])
    assert codec.decoding.rerank_words is not None
    assert codec.decoding.rerank_words < codec.decoding.rerank
    vectors = np.stack([king, king - man + woman, 1.1 * king, 1.2 * cat])
    usual = codec.candidates(vectors, 8)
    own = codec.decoding.rerank_words
    for row, weight in enumerate((codec.decoding.rerank, own, own, codec.decoding.rerank)):
        alike = replace(codec.decoding, rerank=weight, rerank_words=None)
        assert usual[row] == codec.candidates(vectors[row], 8, alike)[0]
    assert codec.candidates(vectors, 8, replace(codec.decoding, rerank_words=None))[1] != usual[1]


def test_a_sum_is_decoded_at_a_second_length_too(codec: Codec) -> None:
    """What an uncertain direction says stands beside what the sum itself says, each text once."""
    texts = ["Это произошло во время правления Петра Первого.", "Пётр Первый", "Иван Грозный"]
    sentence, old, new = codec.encode(texts)
    total = sentence - old + new
    both = replace(codec.decoding, rerank=0.0, rerank_words=None)
    once = replace(both, second_length=None)
    assert both.second_length is not None
    own = codec.candidates(total, 16, once)[0]
    second = codec.candidates(total / np.linalg.norm(total) * both.second_length, 16, once)[0]
    texts = [one.text for one in codec.candidates(total, 16, both)[0]]
    scores = {one.text: one.score for one in sorted((*own, *second), key=lambda one: one.score)}
    assert texts == sorted(scores, key=lambda text: -scores[text])[:16]
    assert {one.text for one in own} - set(texts), "the second search has better ones"
    assert codec.candidates(sentence, 4, both) == codec.candidates(sentence, 4, once), "a sentence is no sum"


def test_a_short_vector_is_ordered_with_a_weight_of_its_own(codec: Codec) -> None:
    assert codec.reads_length
    usual = codec.decoding
    assert usual.rerank_short is not None
    assert usual.rerank_short < usual.rerank
    vectors = codec.encode(["Кофе здесь вкусный.", "Батарея быстро садится."])
    both = np.concatenate([vectors, vectors / 2])
    found = codec.candidates(both, 8, usual)
    alike = codec.candidates(both, 8, replace(usual, rerank=usual.rerank_short, rerank_short=None))
    assert found[2:] == alike[2:]
    assert found[:2] == codec.candidates(both, 8, replace(usual, rerank_short=None))[:2]
    assert found[2:] != codec.candidates(both, 8, replace(usual, rerank_short=100.0))[2:]


def test_fluency_is_higher_where_a_sentence_makes_sense(codec: Codec) -> None:
    assert isinstance(codec._decoder, ByLength)
    texts = ["В зале чисто и уютно.", "В зале уютно и светлый.", "Музыка слишком громкая, слышно говорить."]
    plain, mixed, salad = codec.fluency(texts)
    assert plain > mixed > salad
    other = Codec(codec.pair, codec._encoder, codec._decoder.certain, codec._tokenizer)
    assert not other.reads_length
    assert other.fluency(texts).tolist() == [0, 0, 0]


def test_the_fluency_of_a_text_is_found_once(codec: Codec, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    likely = codec._likely

    def listen(rows: list[list[int]]) -> list[float]:
        asked.append(len(rows))
        return likely(rows)

    monkeypatch.setattr(codec, "_likely", listen)
    texts = ["Об этом ещё никто не спрашивал.", "И об этом тоже.", "Об этом ещё никто не спрашивал."]
    first = codec.fluency(texts)
    assert asked == [2]
    assert first[0] == first[2] != first[1]
    assert codec.fluency(texts[1:]).tolist() == first[1:].tolist()
    assert asked == [2]


def test_a_shortlist_is_read_back_alone_and_seldom_changes_the_answer(codec: Codec) -> None:
    words = ["дождь", "ветер", "снег", "мороз", "туман", "гром"]
    spoken = [f"Вчера был {one}, а завтра будет {other}." for one in words for other in words]
    vectors = codec.encode(spoken)
    full = codec.candidates(vectors, 6, replace(codec.decoding, num_beams=6))
    short = codec.candidates(vectors, 6, replace(codec.decoding, num_beams=6, shortlist=4))
    same = [one[0] == other[0] for one, other in zip(full, short, strict=True)]
    assert sum(same) >= 0.7 * len(same)
    for vector, row, other in zip(vectors, full, short, strict=True):
        assert sorted(row, key=str) == sorted(other, key=str)
        cosines = codec.encode([one.text for one in other[:4]]) @ vector
        worth = own_worth(codec, other[:4]) + codec.decoding.rerank * cosines
        assert all(a >= b - 1e-5 for a, b in pairwise(worth))


def test_single_words_are_guessed_too(codec: Codec) -> None:
    for word in ("король", "а", "Да!"):
        assert codec.decode(codec.encode([word]), replace(codec.decoding, shortlist=1))[0].strip()


def test_what_is_not_on_the_shortlist_is_not_encoded(codec: Codec, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    encode = codec.encode_each

    def listen(texts: list[str]) -> tuple[np.ndarray, dict[int, CodecError]]:
        read.extend(texts)
        return encode(texts)

    monkeypatch.setattr(codec, "encode_each", listen)
    vector = codec.encode(["Где ближайшая аптека?"])
    for shortlist, most in ((3, 3), (0, 6)):
        read.clear()
        codec.decode(vector, replace(codec.decoding, num_beams=6, shortlist=shortlist))
        assert 1 < len(read) <= most
        assert (len(read) > 3) == (shortlist == 0)


def test_more_candidates_leave_the_first_as_it_is(codec: Codec) -> None:
    vectors = codec.encode(["Где ближайшая аптека?", "The train is late again.", "Мне нравится эта книга."])
    rows = codec.candidates(vectors, 6)
    assert [row[0].text for row in rows] == codec.decode(vectors)


def test_a_beam_that_cannot_be_encoded_comes_last(codec: Codec) -> None:
    vector = codec.encode(["Кошка спит."])
    beams = [Wording("", 0.0), Wording("слово " * 600, 0.0), Wording("Кошка спит.", -9.0)]
    for shortlist in (0, 2):
        how = replace(codec.decoding, shortlist=shortlist)
        (row,), back = codec._reranked(vector, [beams], np.array([10.0]), how)
        assert row[0].text == "Кошка спит."
        assert set(back) <= {"Кошка спит."}


def test_words_that_do_not_exist_cost_a_beam(codec: Codec) -> None:
    vector = codec.encode(["Кошка спит."])
    beams = [Wording("Кошка спиткает.", 0.0), Wording("Кошка спит.", -0.2), Wording("Кошка.", -9.0)]

    def best(codec: Codec, price: float) -> Wording:
        how = replace(codec.decoding, unknown_word=price)
        return codec._reranked(vector, [beams], np.array([1e-6]), how)[0][0][0]

    assert [best(codec, price) for price in (0.0, 1.0)] == beams[:2]
    assert best(Codec(codec.pair, codec._encoder, codec._decoder, codec._tokenizer), 1.0) == beams[0]
    assert codec.decoding.unknown_word > 0
    assert codec.quick.unknown_word == codec.decoding.unknown_word


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


def test_texts_are_encoded_as_far_as_they_can_be(codec: Codec) -> None:
    vectors, errors = codec.encode_each(["мир", " ", "слово " * 600, "дом", "мир"])
    assert {index: type(error) for index, error in errors.items()} == {1: EmptyInput, 2: TextTooLong}
    assert all(error.details["index"] == index for index, error in errors.items())
    np.testing.assert_array_equal(vectors, codec.encode(["мир", "дом", "мир"]))
    vectors, errors = codec.encode_each([])
    assert (vectors.shape, errors) == ((0, codec.dim), {})
    vectors, errors = codec.encode_each([""])
    assert (len(vectors), list(errors)) == (0, [0])


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


@pytest.mark.parametrize(
    "setting",
    [
        {"num_beams": 0},
        {"num_beams": 1000},
        {"num_beams": 2.5},
        {"num_beams": True},
        {"num_beams": None},
        {"max_length": 1},
        {"repetition_penalty": 0.0},
        {"repetition_penalty": float("nan")},
        {"repetition_penalty": "1"},
        {"rerank": -1.0},
        {"shortlist": 17},
        {"rerank_words": float("inf")},
        {"rerank_short": -1.0},
        {"second_length": 0.0},
        {"second_length": 1.1},
        {"unknown_word": []},
    ],
)
def test_a_setting_out_of_range_is_an_error(setting: dict[str, Any]) -> None:
    with pytest.raises(BadSetting) as caught:
        Decoding(**setting)
    assert caught.value.details["name"] == next(iter(setting))


@pytest.mark.parametrize(("n", "how"), [(0, None), (17, None), (True, None), (1, {"num_beams": 3}), (1, {})])
def test_what_is_asked_for_is_checked(codec: Codec, n: Any, how: Any) -> None:
    with pytest.raises(BadSetting):
        codec.candidates(codec.encode(["мир"]), n, how)


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
    vectors, errors = codec.encode_each([text, f"целый мир {text}", "query", "7", "👍"])
    assert (len(vectors), list(errors)) == (4, [0])


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


def test_twenty_threads_get_what_one_gets(codec: Codec) -> None:
    texts = [f"В комнате {n} стульев." for n in range(20)]

    def ask(text: str) -> str:
        (spoken,) = codec.decode(codec.encode([text]))
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
