"""Batches: shifted tokens, a budget of tokens, weights; and the disturbance of vectors."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch

from demos.training import batches
from demos.training.batches import Corpus, augment, like_sentences, padded
from demos.training.model import EOS, PAD


@pytest.fixture
def corpus() -> Corpus:
    lengths = [3, 5, 2, 9, 4, 4, 7, 2]
    targets = [[10 + i] * (n - 1) + [EOS] for i, n in enumerate(lengths)]
    return Corpus(
        text=np.array([0, 1, 2, 3, 0, 1, 2, 3], dtype=np.int32),
        ids=np.array([token for target in targets for token in target], dtype=np.uint16),
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        weight=np.array([1, 1, 1, 1, 2, 0, 0.5, 1], dtype=np.float32),
    )


def test_a_pass_keeps_to_the_token_budget_and_the_weights(corpus: Corpus) -> None:
    rows, seen = np.arange(8), Counter[int]()
    passes = 200
    generator = np.random.default_rng(1)
    for _ in range(passes):
        for part in corpus.drawn(rows, 12, generator):
            assert len(part) * corpus.lengths[part].max() <= 12
            seen.update(part.tolist())
    assert [seen[i] for i in (0, 1, 2, 3, 7)] == [passes] * 5
    assert seen[4] == 2 * passes
    assert seen[5] == 0
    assert 0.35 * passes < seen[6] < 0.65 * passes


def test_a_pass_holds_nothing_but_its_rows(corpus: Corpus) -> None:
    parts = corpus.drawn(np.array([1, 3]), 100, np.random.default_rng(0))
    assert sorted(np.concatenate(list(parts))) == [1, 3]


def test_short_targets_are_padded() -> None:
    filled = padded([np.array([10, 10, EOS]), np.array([12, EOS])])
    assert filled.tolist() == [[10, 10, EOS], [12, EOS, PAD]]


def test_the_length_of_a_disturbed_vector_is_the_certainty_of_its_direction() -> None:
    vectors = torch.nn.functional.normalize(torch.randn(8000, 64, generator=torch.Generator().manual_seed(1)))
    moved = augment(vectors, torch.Generator().manual_seed(2))
    lengths, cosines = moved.norm(dim=1), torch.nn.functional.cosine_similarity(vectors, moved)
    unasked = lengths == 0
    assert unasked.float().mean().item() == pytest.approx(batches.UNASKED, abs=0.01)
    short = (lengths < 0.97) & ~unasked
    assert short.float().mean().item() == pytest.approx(batches.UNCERTAIN, abs=0.05)
    assert lengths[short].min() >= batches.LEAST - 1e-3
    torch.testing.assert_close(cosines[short], lengths[short], atol=0.05, rtol=0)
    certain = lengths >= 0.97
    assert cosines[certain].min() > 0.8
    assert 1.3 < lengths.max() < 1.5


def test_the_same_seed_disturbs_the_same_way() -> None:
    vectors = torch.nn.functional.normalize(torch.randn(8, 32))
    a, b = (augment(vectors, torch.Generator().manual_seed(seed)) for seed in (3, 3))
    torch.testing.assert_close(a, b)
    assert not torch.equal(a, augment(vectors, torch.Generator().manual_seed(4)))


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


def test_a_crowd_leaves_a_sentence_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "UNASKED", 0.0)
    generator = torch.Generator().manual_seed(5)
    vectors = torch.nn.functional.normalize(torch.randn(400, 128, generator=generator), dim=-1)
    moved = torch.nn.functional.normalize(augment(vectors, generator, distractors=0.5, uncertain=0.0), dim=-1)
    cosines = moved @ vectors.T
    own = cosines.diagonal()
    assert (cosines.argmax(1) == torch.arange(400)).float().mean() > 0.95
    alone = torch.nn.functional.normalize(augment(vectors, generator, uncertain=0.0), dim=-1)
    far = (own < (alone * vectors).sum(1).min()).float().mean()
    assert 0.2 < far < 0.5  # of the half that got company, those with little of it are no farther
