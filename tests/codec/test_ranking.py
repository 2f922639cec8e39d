"""The order of a vector's beams: round trips, shortlists, lengths, words that do not exist."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from demos.codec import (
    Candidate,
    Codec,
    CodecError,
)
from demos.codec.adapter import ByLength
from demos.codec.codec import BEAMS_AT_ONCE, Wording


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
    score = codec._score

    def listen(rows: list[list[int]]) -> list[float]:
        asked.append(len(rows))
        return score(rows)

    monkeypatch.setattr(codec, "_score", listen)
    texts = ["Об этом ещё никто не спрашивал.", "И об этом тоже.", "Об этом ещё никто не спрашивал."]
    first = codec.fluency(texts)
    assert asked == [2]
    assert first[0] == first[2] != first[1]
    assert codec.fluency(texts[1:]).tolist() == first[1:].tolist()
    assert asked == [2]


def test_fluencies_are_found_a_batch_at_a_time_whoever_asks(
    codec: Codec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes the room of a search: of many visitors at once those are hundreds of megabytes."""
    at_work, most, sizes, score = 0, 0, list[int](), codec._score

    def listen(rows: list[list[int]]) -> list[float]:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        sizes.append(len(rows))
        found = score(rows)
        at_work -= 1
        return found

    monkeypatch.setattr(codec, "_score", listen)
    asked = [[f"Гость {guest} сказал {word} раз." for word in range(60)] for guest in range(3)]
    with ThreadPoolExecutor(3) as guests:
        found = list(guests.map(codec.fluency, asked))
    assert most == 1
    assert max(sizes) <= BEAMS_AT_ONCE["cpu"]
    monkeypatch.undo()
    codec._fluency_cache.clear()
    assert found[1][:2] == pytest.approx(codec.fluency(asked[1][:2]), abs=1e-4)


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
