"""The average sentence and the main opinions, with the bundled pair; opinions beside another column."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from demos.codec import BadSetting, Busy, Codec, SaysNothing
from demos.operations import opinions
from demos.operations.grouping import MOST_SUGGESTED
from demos.operations.opinions import (
    AGREES,
    MOST_VALUES,
    Encoded,
    Settings,
    Summary,
    as_numbers,
    comparable,
    compare,
    encode_sentences,
    encoded_reviews,
    sentence_rows,
    summarise,
    summarise_by_parts,
    summarise_reviews,
    whole_percents,
)
from demos.operations.reviews import Review, Sentences, collect_sentences, examples, pasted
from demos.operations.text import same_text
from demos.operations.turns import Turns


@pytest.fixture(scope="module")
def cafe(codec: Codec) -> Encoded:
    return encoded_reviews(codec, pasted(examples()[0].text))


@pytest.fixture(scope="module")
def summary(codec: Codec, cafe: Encoded) -> Summary:
    return summarise(codec, cafe, Settings())


def test_a_quick_summary_says_so(codec: Codec, cafe: Encoded) -> None:
    settings = Settings(opinions=2, trim=0.35)
    quick = summarise(codec, cafe, settings, quick=True)
    careful = summarise(codec, cafe, settings)
    assert (quick.quick, careful.quick) == (True, False)
    np.testing.assert_array_equal(quick.labels, careful.labels)
    assert not summarise(codec, cafe, settings, quick=True).quick


def test_the_average_comes_before_the_opinions(codec: Codec, cafe: Encoded) -> None:
    settings = Settings(opinions=4, trim=0.15)
    first, second, last = summarise_by_parts(codec, cafe, settings)
    whole = summarise(codec, cafe, settings)
    assert (first.opinions, second.opinions) == ((), ())
    assert (first.quick, second.quick, last.quick) == (True, False, False)
    assert second.average.decoded.text == last.average.decoded.text == whole.average.decoded.text
    assert [one.said for one in last.opinions] == [one.said for one in whole.opinions]
    np.testing.assert_array_equal(first.kept, whole.kept)
    assert next(summarise_by_parts(codec, cafe, settings)).quick is False, "what is known is not guessed"


def test_praise_and_complaints_never_share_an_opinion(cafe: Encoded, summary: Summary) -> None:
    for opinion in summary.opinions:
        assert len({int(cafe.apart.moods[row]) for row in opinion.members}) == 1


def test_each_opinion_is_about_one_thing_and_agrees(summary: Summary) -> None:
    assert all(opinion.agrees for opinion in summary.opinions)
    assert summary.rest.share < 0.2
    merged = summary.opinions[0].agreement
    assert not replace(summary.opinions[0], agreement=AGREES - 0.01).agrees
    assert merged >= AGREES


def test_what_was_typed_in_three_ways_is_one_text(codec: Codec) -> None:
    found = summarise_reviews(codec, [Review(text) for text in ("Да", "да", "Да!", "Кофе вкусный.")])
    assert len(found.labels) == 2


def test_sentences_that_are_like_no_opinion_are_the_rest(codec: Codec) -> None:
    same = [
        "Кофе вкусный.",
        "Очень вкусный кофе.",
        "Кофе просто отличный.",
        "Хороший кофе.",
        "Вкусный у них кофе.",
    ]
    reviews = [Review(text) for text in [*same * 3, "Кофе замечательный.", "Поезд ушёл в Казань."]]
    found = summarise_reviews(codec, reviews, Settings(choices=1, opinions=1))
    texts = collect_sentences(reviews).texts
    assert [texts[row] for row in found.rest.members] == ["Поезд ушёл в Казань."]
    assert found.labels[list(found.rest.members)].tolist() == [-1]
    assert found.rest.share == pytest.approx(1 / 17)


def test_the_average_is_the_mean_of_the_article(codec: Codec, cafe: Encoded, summary: Summary) -> None:
    places = cafe.sentences.sentence_of
    mean = codec.encode([cafe.sentences.texts[place] for place in places]).mean(axis=0)
    np.testing.assert_allclose(summary.average.centre, mean / np.linalg.norm(mean), atol=1e-4)
    assert summary.agreement == pytest.approx(float(np.linalg.norm(mean)), abs=1e-4)


def test_every_sentence_has_an_opinion_or_is_left_over_and_the_shares_add_up(
    cafe: Encoded, summary: Summary
) -> None:
    members = [row for opinion in summary.opinions for row in opinion.members]
    members += summary.rest.members
    assert sorted(members) == list(range(len(cafe.sentences.texts)))
    shares = [opinion.share for opinion in summary.opinions]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) + summary.rest.share == pytest.approx(1)
    assert 6 <= len(shares) <= MOST_SUGGESTED
    assert summary.kept.all()


def test_figures_beside_a_sentence_are_true(codec: Codec, cafe: Encoded, summary: Summary) -> None:
    for spoken in (summary.average, *(opinion.spoken for opinion in summary.opinions)):
        assert spoken.typical in cafe.sentences.texts
        back, typical = codec.encode([spoken.decoded.text, spoken.typical])
        assert spoken.decoded.fidelity == pytest.approx(float(back @ spoken.centre), abs=1e-4)
        assert spoken.typical_fidelity == pytest.approx(float(typical @ spoken.centre), abs=1e-4)
        assert spoken.likeness == pytest.approx(float(back @ typical), abs=1e-4)
        assert (cafe.vectors @ spoken.centre).max() >= spoken.typical_fidelity - 1e-6
        beams = (spoken.decoded, *spoken.decoded.alternatives)
        assert spoken.first in [beam.text for beam in beams]
        assert spoken.same == (same_text(spoken.decoded.text) == same_text(spoken.typical))


def test_trimming_leaves_out_the_farthest_of_every_opinion(
    codec: Codec, cafe: Encoded, summary: Summary
) -> None:
    trimmed = summarise(codec, cafe, Settings(trim=0.5, choices=1))
    np.testing.assert_array_equal(trimmed.labels, summary.labels)
    for before, after in zip(summary.opinions, trimmed.opinions, strict=True):
        assert after.members == before.members
        assert after.share == pytest.approx(before.share)
        assert after.kept == len(before.members) - len(before.members) // 2
        assert trimmed.kept[list(after.members[: after.kept])].all()
        assert not trimmed.kept[list(after.members[after.kept :])].any()
        assert after.agreement > before.agreement


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["5", "2.5", "", "1 200"], [5, 2.5, "", 1200]),
        (["0,5", "−1", "nan"], [0.5, -1, "nan"]),
        (["5", "good"], ["5", "good"]),
        (["007", "12"], ["007", "12"]),
        (["+79161234567", "12"], ["+79161234567", "12"]),
        (["89161234567"], ["89161234567"]),
        (["8 (916) 123-45-67"], ["8 (916) 123-45-67"]),
        (["4006381333931"], ["4006381333931"]),
        (["12 %"], ["12 %"]),
        (["1,234", "950"], ["1,234", "950"]),
        (["2026-09-01"], ["2026-09-01"]),
        ([""], [""]),
    ],
)
def test_a_column_of_numbers_is_numbers(cells: list[str], expected: list[object]) -> None:
    assert as_numbers(cells) == expected
    assert list(map(type, as_numbers(cells))) == list(map(type, expected))


def test_other_columns_of_the_file_stand_beside_each_sentence(codec: Codec) -> None:
    others = [{"stars": "5", "id": "01"}, {"stars": "2.5", "id": "02", "weight": "нет"}]
    reviews = [
        Review("Кофе вкусный.", others=others[0]),
        Review("Чай остыл. Ждали час.", others=others[1]),
    ]
    encoded = encoded_reviews(codec, reviews)
    settings = Settings(opinions=1)
    rows = sentence_rows(summarise(codec, encoded, settings), encoded, settings)
    assert [(row["stars"], row["id"], row["weight (file)"]) for row in rows] == [
        (5, "01", ""),
        (2.5, "02", "нет"),
        (2.5, "02", "нет"),
    ]


def test_a_sentence_that_cannot_be_encoded_is_left_out_and_counted(codec: Codec) -> None:
    """It is neither the first that is encoded, those being the shortest, nor the last that was typed."""
    cherokee = "ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ"
    lines = ["Кофе вкусный.", "Чай.", f"Дорого. {cherokee}", cherokee, "Очень уютно, и музыка хорошая."]
    reviews = [Review(line, weight) for weight, line in enumerate(lines, 1)]
    sentences = collect_sentences(reviews)
    steps = encode_sentences(codec, sentences, report=lambda count, before: count)
    assert list(steps) == [0, len(sentences.texts)] == [0, 5]
    encoded = encoded_reviews(codec, reviews)
    left = encoded.sentences
    assert left.texts == ("Кофе вкусный.", "Чай.", "Дорого.", "Очень уютно, и музыка хорошая.")
    np.testing.assert_array_equal(encoded.vectors, codec.encode(left.texts))
    assert (left.unreadable, left.reviews, left.found) == (2, 4, 4)
    assert left.review_of.tolist() == [0, 1, 2, 3]
    assert left.weights().tolist() == pytest.approx([1 / 11, 2 / 11, 3 / 11, 5 / 11])
    assert summarise_reviews(codec, reviews).labels.shape == (4,)


def test_large_sets_take_turns_and_one_that_is_broken_off_gives_its_turn_up(
    codec: Codec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opinions, "LARGE", 2)
    monkeypatch.setattr(opinions, "_TURNS", Turns(at_once=1, waiting=1))
    monkeypatch.setattr("demos.operations.turns.LOOK", 0.01)
    large = collect_sentences([Review(text) for text in ("Кофе вкусный.", "Чай остыл.", "Очень уютно.")])
    small = collect_sentences([Review("Кофе вкусный."), Review("Чай остыл.")])

    def begun(sentences: Sentences) -> Generator[tuple[int, int], None, Encoded]:
        return encode_sentences(codec, sentences, report=lambda count, before: (count, before))

    first, second = begun(large), begun(large)
    assert next(first) == (0, 0)
    assert [next(second), next(second)] == [(0, 1), (0, 1)], "it is told again while it waits"
    assert list(begun(small)) == [(0, 0), (2, 0)], "a small one waits for none"
    with pytest.raises(Busy):
        next(begun(large))
    first.close()
    assert list(second) == [(0, 0), (3, 0)]
    assert list(begun(large)) == [(0, 0), (3, 0)]


def test_where_no_sentence_can_be_encoded_the_first_one_says_why(codec: Codec) -> None:
    with pytest.raises(SaysNothing) as caught:
        summarise_reviews(codec, [Review("ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ"), Review("ꦱꦮꦶ")])
    assert caught.value.details["index"] == 0
    assert caught.value.details["text"] == "ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ"


def test_reviews_in_one_call_with_a_chosen_number(codec: Codec) -> None:
    reviews = [
        Review("The coffee is great."),
        Review("Кофе отличный."),
        Review("Ждали час."),
        Review("ждали долго"),
    ]
    found = summarise_reviews(codec, reviews, Settings(opinions=2, choices=1))
    assert len(found.opinions) == 2
    assert found.labels[0] == found.labels[1] != found.labels[2] == found.labels[3]


def test_a_single_sentence_is_its_own_average(codec: Codec) -> None:
    found = summarise_reviews(codec, [Review("Кофе отличный.")], Settings(opinions=7))
    assert found.average.typical == "Кофе отличный."
    assert found.average.typical_fidelity == pytest.approx(1, abs=1e-4)
    assert len(found.opinions) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("opinions", 0),
        ("opinions", 13),
        ("trim", -0.1),
        ("trim", 0.9),
        ("choices", 0),
        ("choices", 11),
        ("length", "long"),
    ],
)
def test_settings_out_of_range_are_refused(name: str, value: object) -> None:
    with pytest.raises(BadSetting) as caught:
        Settings(**{name: value})  # type: ignore[arg-type]
    assert caught.value.details["name"] == name


@pytest.mark.parametrize(
    ("shares", "percents"),
    [
        ([1 / 3, 1 / 3, 1 / 3, 0.0], [34, 33, 33, 0]),
        ([0.29, 0.57, 0.14], [29, 57, 14]),
        ([0.125] * 8, [13, 13, 13, 13, 12, 12, 12, 12]),
        ([0.454, 0.453, 0.093], [46, 45, 9]),
        ([], []),
    ],
)
def test_percents_add_up_to_a_hundred(shares: list[float], percents: list[int]) -> None:
    assert whole_percents(shares) == percents


def reviews(**columns: list[str]) -> Sentences:
    """Four reviews with other columns: «Вкусно.» and «Дорого.» twice each, the third of them with both."""
    texts = ["Вкусно.", "Дорого.", "Вкусно. Дорого.", "Шумно."]
    rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
    return collect_sentences([Review(text, 1.0, row) for text, row in zip(texts, rows, strict=True)])


def labelled(labels: list[int]) -> Any:
    return SimpleNamespace(labels=np.array(labels), opinions=range(max(labels) + 1))


def test_columns_with_a_few_values_that_come_again_may_be_compared_by() -> None:
    assert comparable(
        reviews(stars=["5", "2", "2", ""], id=["1", "2", "3", "4"], shop=["A", "A", "A", "A"])
    ) == ["stars"]
    many = [Review("Вкусно.", 1.0, {"n": str(n // 2)}) for n in range(2 * MOST_VALUES + 2)]
    assert comparable(collect_sentences(many)) == []
    assert comparable(collect_sentences(many[:-2])) == ["n"]
    assert comparable(collect_sentences([Review("Вкусно.")])) == []


@pytest.mark.parametrize(
    ("count", "two_stars"), [("sentence", [1 / 3, 2 / 3, 0]), ("review", [1 / 4, 3 / 4, 0])]
)
def test_each_value_has_the_shares_of_its_own_sentences(count: Any, two_stars: list[float]) -> None:
    sentences = reviews(stars=["10", "2", "2", "10"])
    encoded: Any = SimpleNamespace(sentences=sentences)
    found = compare(labelled([0, 1, -1]), encoded, Settings(count=count), "stars")
    assert found.values == ("2", "10"), "numbers stand in their order"
    assert found.sentences == (3, 2)
    assert found.shares == pytest.approx(np.array([two_stars, [1 / 2, 0, 1 / 2]]))


def test_cells_that_say_nothing_are_no_value_and_words_come_by_frequency() -> None:
    sentences = reviews(city=["Омск", "Тула", "Тула", "NULL"])
    encoded: Any = SimpleNamespace(sentences=sentences)
    found = compare(labelled([0, 1, -1]), encoded, Settings(), "city")
    assert (found.values, found.sentences) == (("Тула", "Омск"), (3, 1))
