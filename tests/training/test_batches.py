"""Batches: shifted tokens, a budget of tokens, weights; and the disturbance of vectors."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch

from demos.training import batches
from demos.training.batches import AVERAGED, EOS, PAD, Corpus, disturb, like_sentences, neighbourhoods


@pytest.fixture
def corpus() -> Corpus:
    lengths = [3, 5, 2, 9, 4, 4, 7, 2]
    targets = [[10 + i] * (n - 1) + [EOS] for i, n in enumerate(lengths)]
    return Corpus(
        vectors=np.random.default_rng(0).normal(size=(4, 6)).astype(np.float16),
        text=np.array([0, 1, 2, 3, 0, 1, 2, 3], dtype=np.int32),
        ids=np.array([token for target in targets for token in target], dtype=np.uint16),
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        weight=np.array([1, 1, 1, 1, 2, 0, 0.5, 1], dtype=np.float32),
    )


def test_tokens_are_the_targets_shifted_right_behind_a_start(corpus: Corpus) -> None:
    batch = corpus.batch(np.array([0, 2]))
    assert batch.targets.tolist() == [[10, 10, EOS], [12, EOS, PAD]]
    assert batch.tokens.tolist() == [[PAD, 10, 10], [PAD, 12, EOS]]
    np.testing.assert_array_equal(batch.vectors.numpy(), corpus.vectors[[0, 2]].astype(np.float32))


def test_an_epoch_keeps_to_the_token_budget_and_the_weights(corpus: Corpus) -> None:
    rows, seen = np.arange(8), Counter[int]()
    passes = 200
    generator = np.random.default_rng(1)
    for _ in range(passes):
        for batch in corpus.epoch(rows, 12, generator):
            assert batch.targets.numel() <= 12
            seen.update((batch.targets[:, 0] - 10).tolist())
    assert [seen[i] for i in (0, 1, 2, 3, 7)] == [passes] * 5
    assert seen[4] == 2 * passes
    assert seen[5] == 0
    assert 0.35 * passes < seen[6] < 0.65 * passes


def test_an_epoch_holds_nothing_but_its_rows(corpus: Corpus) -> None:
    batches = list(corpus.epoch(np.array([1, 3]), 100, np.random.default_rng(0)))
    first = sorted(int(token) for batch in batches for token in batch.targets[:, 0])
    assert first == [11, 13]


def test_disturbed_vectors_stay_near_and_mostly_of_length_one() -> None:
    vectors = torch.nn.functional.normalize(torch.randn(4000, 32, generator=torch.Generator().manual_seed(1)))
    moved = disturb(vectors, torch.Generator().manual_seed(2))
    lengths = moved.norm(dim=1)
    assert 0.6 < lengths.min() < 0.85
    assert 1.2 < lengths.max() < 1.6
    assert 0.6 < ((lengths - 1).abs() < 0.05).float().mean() < 0.85
    cosine = torch.nn.functional.cosine_similarity(vectors, moved)
    assert cosine.min() > 0.8
    assert cosine.mean() < 0.9999


def test_the_same_seed_disturbs_the_same_way() -> None:
    vectors = torch.nn.functional.normalize(torch.randn(8, 32))
    a, b = (disturb(vectors, torch.Generator().manual_seed(seed)) for seed in (3, 3))
    torch.testing.assert_close(a, b)
    assert not torch.equal(a, disturb(vectors, torch.Generator().manual_seed(4)))


def test_a_neighbourhood_is_the_mean_of_a_vector_and_its_like() -> None:
    generator = np.random.default_rng(0)
    centres = np.linalg.qr(generator.normal(size=(64, 64)))[0][:5].repeat(20, axis=0)
    vectors = centres + 0.05 * generator.normal(size=centres.shape)
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16)
    means = neighbourhoods(vectors, generator).astype(np.float32)
    np.testing.assert_allclose(np.linalg.norm(means, axis=1), 1, atol=2e-3)
    assert ((means * centres).sum(1) > (vectors * centres).sum(1) + 0.01).all()
    assert ((means * vectors).sum(1) > 0.9).all()


def test_a_share_of_an_epoch_starts_from_averages(corpus: Corpus) -> None:
    corpus.means = np.zeros_like(corpus.vectors)
    generator = np.random.default_rng(3)
    batches = [batch for _ in range(400) for batch in corpus.epoch(np.arange(8), 12, generator)]
    averaged = torch.cat([batch.vectors.abs().sum(1) == 0 for batch in batches])
    assert 0.7 * AVERAGED < averaged.float().mean() < 1.3 * AVERAGED


def test_words_get_differences_of_other_words(corpus: Corpus) -> None:
    corpus.words = np.array([1, 3])
    rows, generator = np.arange(4).repeat(200), np.random.default_rng(5)
    moved = corpus.batch(rows, generator).vectors.numpy() - corpus.vectors[corpus.text[rows]]
    changed = np.abs(moved).max(axis=1) > 1e-3
    assert not changed[np.isin(corpus.text[rows], [0, 2])].any()
    assert 0.15 < changed[np.isin(corpus.text[rows], [1, 3])].mean() < 0.45  # half of the pairs cancel out
    difference = corpus.vectors[1].astype(np.float32) - corpus.vectors[3].astype(np.float32)
    along = moved @ difference / (difference @ difference)
    np.testing.assert_allclose(moved, along[:, None] * difference, atol=5e-3)
    assert 0.5 < np.abs(along).max() < 0.82


def topics() -> np.ndarray:
    """Unit vectors (150, 16) about five middles, 30 about each."""
    generator = np.random.default_rng(3)
    vectors = np.repeat(generator.normal(size=(5, 16)), 30, axis=0) + 0.5 * generator.normal(size=(150, 16))
    unit: np.ndarray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def test_the_hub_of_many_like_sentences_is_the_nearest_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "SPREADS", (8, 12))
    monkeypatch.setattr(batches, "PER_HUB", 150)
    vectors, generator = topics(), np.random.default_rng(3)
    members, hubs = like_sentences(vectors, generator)
    sizes = (members >= 0).sum(1)
    assert sizes.min() == 3
    assert sizes.max() > batches.FEW
    for row, hub, size in zip(members, hubs, sizes, strict=True):
        own = row[:size]
        assert len(set(own.tolist())) == size
        assert {int(i) // 30 for i in own} == {int(own[0]) // 30}
        scores = vectors @ vectors[own].mean(0)
        if size >= batches.FEW:
            assert hub not in own
            scores[own] = -np.inf
        assert hub == scores.argmax()


def test_a_hub_answers_few_sets_and_the_next_nearest_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "SPREADS", (8, 12))
    monkeypatch.setattr(batches, "PER_HUB", 2)
    vectors = topics()
    members, hubs = like_sentences(vectors, np.random.default_rng(3))
    times = np.bincount(hubs, minlength=150)
    assert times.max() == 2
    for row, hub in zip(members, hubs, strict=True):
        own = row[row >= 0]
        scores = vectors @ vectors[own].mean(0)
        nearer = np.setdiff1d(np.flatnonzero(scores > scores[hub]), own if len(own) >= batches.FEW else [])
        assert (times[nearer] == 2).all()


def test_a_crowd_leaves_a_sentence_the_nearest() -> None:
    generator = torch.Generator().manual_seed(5)
    vectors = torch.nn.functional.normalize(torch.randn(400, 128, generator=generator), dim=-1)
    moved = torch.nn.functional.normalize(disturb(vectors, generator, crowd=0.5), dim=-1)
    cosines = moved @ vectors.T
    own = cosines.diagonal()
    assert (cosines.argmax(1) == torch.arange(400)).float().mean() > 0.95
    alone = torch.nn.functional.normalize(disturb(vectors, generator), dim=-1)
    far = (own < (alone * vectors).sum(1).min()).float().mean()
    assert 0.2 < far < 0.5  # of the half that got company, those with little of it are no farther
