"""The average sentence and the main opinions, on made-up vectors and with the bundled pair."""

from __future__ import annotations

import time

import numpy as np
import pytest

from demos.answers import unit
from demos.codec import BadSetting, Codec
from demos.opinions import (
    Encoded,
    Settings,
    Summary,
    encode_into,
    encoded_with,
    group,
    suggested,
    summarise,
    summarise_reviews,
)
from demos.reviews import Review, examples, pasted, sentences_of


def encoded_reviews(codec: Codec, reviews: list[Review]) -> Encoded:
    sentences = sentences_of(reviews)
    vectors = np.empty((len(sentences.texts), codec.dim), dtype=np.float32)
    assert list(encode_into(codec, sentences.texts, vectors))[-1] == len(vectors)
    return encoded_with(codec, sentences, vectors)


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


def blobs(sizes: list[int], noise: float = 0.1) -> Encoded:
    """Groups of unit vectors in 32 dimensions, each about an axis of its own; the last axis is the mood."""
    random = np.random.default_rng(7)
    rows = [np.eye(32)[i] + noise * random.normal(size=(size, 32)) / 5 for i, size in enumerate(sizes)]
    sentences = sentences_of([Review(f"Отзыв {number}.") for number in range(sum(sizes))])
    return Encoded(sentences, unit(np.concatenate(rows)), np.eye(32, dtype=np.float32)[31], "made up")


def test_groups_are_found_counted_and_ordered_by_weight() -> None:
    encoded = blobs([10, 40, 20, 15, 30])
    assert encoded.together.suggested == 5
    labels = group(encoded, Settings(apart=False))
    assert np.bincount(labels).tolist() == [40, 30, 20, 15, 10]
    assert len(set(labels[10:50].tolist())) == 1
    np.testing.assert_array_equal(labels, group(encoded, Settings(apart=False)))


def test_a_heavy_review_moves_its_opinion_to_the_front() -> None:
    encoded = blobs([30, 10])
    heavy = sentences_of([Review(f"Отзыв {n}.", 1 if n < 30 else 9) for n in range(40)])
    weighted = Encoded(heavy, encoded.vectors, encoded.mood, encoded.pair)
    labels = group(weighted, Settings(opinions=2, apart=False))
    assert labels[:30].tolist() == [1] * 30
    assert labels[30:].tolist() == [0] * 10


def test_praise_and_complaints_of_one_thing_are_kept_apart() -> None:
    topics, mood = np.repeat(np.eye(32)[:2], 20, axis=0), np.tile([[1.0], [-1.0]], (20, 1)) * np.eye(32)[31]
    sentences = sentences_of([Review(f"Отзыв {n}.") for n in range(40)])
    noise = np.random.default_rng(3).normal(size=(40, 32)) / 50
    encoded = Encoded(
        sentences, unit(topics + 0.35 * mood + noise), np.eye(32, dtype=np.float32)[31], "made up"
    )
    by_topic = group(encoded, Settings(opinions=2, apart=False))
    by_mood = group(encoded, Settings(opinions=2, apart=True))
    assert len(set(by_topic[:20].tolist())) == 1
    assert len(set(by_mood[::2].tolist())) == 1
    assert by_mood[0] != by_mood[1]


@pytest.mark.parametrize(("count", "expected"), [(1, 1), (5, 1), (11, 1)])
def test_few_sentences_are_one_opinion(count: int, expected: int) -> None:
    rows = unit(np.random.default_rng(0).normal(size=(count, 8)))
    assert suggested(rows) == expected


def test_identical_sentences_are_one_opinion() -> None:
    encoded = blobs([20], noise=0.0)
    assert group(encoded, Settings(opinions=5)).tolist() == [0] * 20


def test_ten_thousand_sentences_are_grouped_quickly_and_in_little_memory() -> None:
    encoded = blobs([4000, 3000, 2000, 1000])
    started = time.monotonic()
    labels = group(encoded, Settings(apart=False))
    assert np.bincount(labels).tolist() == [4000, 3000, 2000, 1000]
    assert time.monotonic() - started < 60


def test_the_average_is_the_normalised_mean_of_the_article(
    codec: Codec, cafe: Encoded, summary: Summary
) -> None:
    places = cafe.sentences.sentence_of
    mean = codec.encode([cafe.sentences.texts[place] for place in places]).mean(axis=0)
    np.testing.assert_allclose(summary.average.centre, mean / np.linalg.norm(mean), atol=1e-4)
    assert summary.agreement == pytest.approx(float(np.linalg.norm(mean)), abs=1e-4)


def test_every_sentence_has_an_opinion_and_the_shares_add_up(cafe: Encoded, summary: Summary) -> None:
    members = [row for opinion in summary.opinions for row in opinion.members]
    assert sorted(members) == list(range(len(cafe.sentences.texts)))
    shares = [opinion.share for opinion in summary.opinions]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1)
    assert 4 <= len(shares) <= 8
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
        assert spoken.decoded.fidelity == max(beam.fidelity for beam in beams)


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
    [("opinions", 0), ("opinions", 13), ("trim", -0.1), ("trim", 0.9), ("choices", 0), ("choices", 11)],
)
def test_settings_out_of_range_are_refused(name: str, value: float) -> None:
    with pytest.raises(BadSetting) as caught:
        Settings(**{name: value})  # type: ignore[arg-type]
    assert caught.value.details["name"] == name
