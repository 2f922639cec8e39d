import json
from pathlib import Path

import numpy as np
import pytest
import torch

from demos.training import analogies
from demos.training.analogies import plain_forms
from demos.training.data import Example, write_examples
from demos.training.sums import TrainingSum, read_sums
from tests.training.tiny import call

WORDS = ["кот", "коты", "пёс", "псы", "ёж", "ежи", "сон", "Рим"]


def lattice() -> torch.Tensor:
    """Unit vectors of `WORDS`: three pairs one step apart, a dream far off, and a word of the probe."""
    vectors = torch.eye(6)[[0, 0, 1, 1, 2, 2, 4, 5]]
    vectors[[1, 3, 5], 3] = 1.0
    vectors[:6, 5] = 2.0  # all six are alike
    return torch.nn.functional.normalize(vectors, dim=-1)


def test_only_dictionary_forms_and_plurals_are_used() -> None:
    assert list(plain_forms(["коты", "котам", "идти", "шёл", "новый", "новая", "Москва"])) == [
        "коты",
        "идти",
        "новый",
        "Москва",
    ]


def test_an_analogy_leads_to_the_nearest_other_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analogies, "NEAR", 4)
    monkeypatch.setattr(analogies, "CLOSEST", 0.99)
    vectors = lattice()[:7]
    found = list(analogies.analogies(vectors, 500, torch.Generator().manual_seed(0)))
    assert (0, 2, 3, 1) in found  # кот − пёс + псы = коты
    assert len(found) == len(set(found))
    for c, a, b, d in found:
        scores = (vectors[c] - vectors[a] + vectors[b]) @ vectors.T
        scores[[a, b, c]] = -torch.inf
        assert int(scores.argmax()) == d
        assert len({c, a, b, d}) == 4
        sides = vectors[d] - vectors[c], vectors[b] - vectors[a]
        assert torch.cosine_similarity(*sides, dim=0) > analogies.ALIKE


def test_one_word_does_not_answer_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analogies, "NEAR", 4)
    monkeypatch.setattr(analogies, "CLOSEST", 0.99)
    monkeypatch.setattr(analogies, "PER_WORD", 1)
    found = list(analogies.analogies(lattice()[:7], 500, torch.Generator().manual_seed(0)))
    answers = [d for *_, d in found]
    assert len(answers) == len(set(answers)) > 1


def test_the_sums_get_analogies_without_words_of_the_probe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Codec:
        def encode(self, texts: list[str]) -> np.ndarray:
            return lattice()[[WORDS.index(text) for text in texts]].numpy()

    monkeypatch.setattr("demos.codec.load_codec", lambda name: Codec())
    monkeypatch.setattr(analogies, "NEAR", 4)
    monkeypatch.setattr(analogies, "CLOSEST", 0.99)
    write_examples([Example("ru", w, w, 1.0, "words") for w in WORDS], tmp_path / "examples.jsonl")
    (tmp_path / "recipe.json").write_text('{"seed": 1}', encoding="utf-8")
    before = TrainingSum("number", ["стол", "столы"])
    (tmp_path / "sums.jsonl").write_text(json.dumps(before, ensure_ascii=False) + "\n", encoding="utf-8")
    call(analogies.main, "--run", tmp_path, "--limit", 200)
    first, *found = read_sums(tmp_path)
    assert first == before
    assert {item.kind for item in found} == {"analogy"}
    assert not any("Рим" in item.texts for item in found)
    assert TrainingSum("analogy", ["кот", "пёс", "псы", "коты"]) in found
