"""Sums that training learns algebra from: what is mined, what is left out, what a step is given."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch

from demos.training import mixtures, sums
from demos.training.data import Example, write_examples
from demos.training.items import read_items
from demos.training.mixtures import Groups, Sums
from demos.training.sums import TrainingSum, read_sums, related_words, replacements
from tests.training.tiny import call


def test_sentences_that_differ_in_one_phrase_are_replacements() -> None:
    sentences = ["Мы едем на море.", "Мы едем в горы.", "Птицы поют весной.", "Том едет домой."]
    found = replacements(sentences, 10, random.Random(0))
    assert {frozenset(s.texts) for s in found} == {
        frozenset(["Мы едем на море.", "на море", "в горы", "Мы едем в горы."])
    }
    one, old, new, other = found[0].texts
    assert one.replace(old, new) == other


def test_a_phrase_at_the_start_may_be_small_but_names_stay_as_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sums, "LONGEST_PHRASE", 1)
    sentences = ["Кошка спит весь день.", "Собака спит весь день.", "Вот кошка и собака вместе."]
    seen = {tuple(replacements(sentences, 1, random.Random(seed))[0].texts[1:3]) for seed in range(20)}
    assert {tuple(sorted(pair)) for pair in seen} == {("Кошка", "Собака"), ("кошка", "собака")}
    named = ["Том спит весь день.", "Мэри спит весь день.", "Вот Том и Мэри вместе."]
    seen = {tuple(replacements(named, 1, random.Random(seed))[0].texts[1:3]) for seed in range(20)}
    assert {tuple(sorted(pair)) for pair in seen} == {("Мэри", "Том")}


def test_one_change_is_not_repeated_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sums, "LONGEST_PHRASE", 1)
    frames = [f"сегодня спал {number} раза." for number in ("два", "три", "четыре", "пять")]
    sentences = [f"{who} {rest}" for rest in frames for who in ("Он", "Том")]
    found = [tuple(s.texts[1:3]) for s in replacements(sentences, 100, random.Random(1))]
    assert 1 <= found.count(("Он", "Том")) <= sums.PER_CHANGE
    assert 1 <= found.count(("Том", "Он")) <= sums.PER_CHANGE
    assert len(replacements(sentences, 2, random.Random(1))) == 2


def test_words_are_paired_by_their_forms() -> None:
    words = ["стена", "стены", "сосед", "соседка", "умный", "умная", "неумный", "писал", "писала", "Том"]
    pairs = {(s.kind, *s.texts) for s in related_words(words)}
    assert ("number", "стена", "стены") in pairs
    assert ("gender", "сосед", "соседка") in pairs
    assert ("gender", "умный", "умная") in pairs
    assert ("gender", "писал", "писала") in pairs
    assert ("opposite", "умный", "неумный") in pairs
    assert not any("Том" in pair for pair in pairs)


def test_nothing_that_a_probe_asks_for_is_learned_from(tmp_path: Path) -> None:
    run, data = tmp_path / "run", tmp_path / "data"
    run.mkdir()
    data.mkdir()
    asked = read_items("replacements")[0]["sentence"]
    style = read_items("styles")[0]["sentence"]
    sentences = [asked, asked.replace("чай", "квас"), "Мы едем на море.", "Мы едем в горы."]
    words = ["книга", "книги", "стена", "стены"]
    examples = [Example("ru", text, text, 1.0, "x") for text in sentences]
    write_examples(
        examples + [Example("ru", word, word, 1.0, "words") for word in words], run / "examples.jsonl"
    )
    rows = [
        ("source", "informal", "formal"),
        ("x", style, "Вы?"),
        ("x", "Ты дома?", "Вы дома?"),
        ("x", "Иди!", "Идите!"),
    ]
    (data / "style.tsv").write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    (data / "held.txt").write_text("вы дома\n", encoding="utf-8")
    (tmp_path / "pairs.tsv").write_text("capital\tРоссия\tМосква\ncapital\tЛатвия\tРига\n", encoding="utf-8")
    (tmp_path / "styles.tsv").write_text(
        f"# pairs\npast_future\tЯ спал.\tЯ буду спать.\npast_future\t{style}\tНет.\n", encoding="utf-8"
    )
    foreign_lines = ["fra\tLa mer.\tThe sea.", "fra\tLe ciel.\tThe sky.", "deu\tSie?\tвы дома"]
    (data / "foreign.tsv").write_text("\n".join(foreign_lines) + "\n", encoding="utf-8")
    recipe = {"seed": 1, "max_words": 9, "held_out": ["held.txt"]}
    foreign = {"path": "foreign.tsv", "limit_per_language": 1}
    recipe["sums"] = {"replacements": 9, "style": "style.tsv", "translations": [foreign]}
    (run / "recipe.json").write_text(json.dumps(recipe), encoding="utf-8")
    files = ("--words", tmp_path / "pairs.tsv", "--styles", tmp_path / "styles.tsv")
    call(sums.main, "--run", run, "--data", data, *files)
    found = read_sums(run)
    assert [s for s in found if s.kind == "ty_vy"] == [TrainingSum("ty_vy", ["Иди!", "Идите!"])]
    assert [s for s in found if s.kind == "past_future"] == [
        TrainingSum("past_future", ["Я спал.", "Я буду спать."])
    ]
    assert [s for s in found if s.kind == "translation"] == [
        TrainingSum("translation", ["La mer.", "The sea."])
    ]
    assert [s for s in found if s.kind == "capital"] == [TrainingSum("capital", ["Латвия", "Рига"])]
    assert [s for s in found if s.kind == "number"] == [TrainingSum("number", ["стена", "стены"])]
    assert [set(s.texts) for s in found if s.kind == "replacement"] == [
        {"Мы едем на море.", "на море", "в горы", "Мы едем в горы."}
    ]


def test_without_sums_there_are_none(tmp_path: Path) -> None:
    assert read_sums(tmp_path) == []


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Sums:
    monkeypatch.setattr(mixtures, "STYLES", 3)
    relations = {kind: np.array([[10, 11], [12, 13]]) for kind in mixtures.KINDS}
    return Sums(
        replacements=np.array([[0, 1, 2, 3]]),
        analogies=np.array([[4, 5, 6, 7]]),
        relations=relations,
        styles={"ty_vy": np.array([[20, 21], [22, 23], [24, 25]])},
        groups=Groups(np.array([[30, 31, 32, -1]]), np.array([33])),
        translations=np.empty((0, 2), dtype=np.int64),
        targets={row: np.array([row, 1]) for row in range(40)},
    )


def test_every_sum_leads_to_its_target(drawn: Sums) -> None:
    for seed in range(5):
        mixture = drawn.draw(np.random.default_rng(seed))
        assert mixture.weights.shape == (len(mixture.targets), len(mixture.rows))
        for weights, unit, target in zip(mixture.weights, mixture.unit, mixture.targets, strict=True):
            parts: dict[int, float] = {}
            for row, weight in zip(mixture.rows, weights, strict=True):
                if weight:
                    parts[int(row)] = parts.get(int(row), 0) + float(weight)
            aim = int(target[0])
            if aim < 10:
                first = aim // 4 * 4
                one, old, new = (first, 1, 2) if aim % 4 == 3 else (first + 3, 2, 1)
                assert aim in (first, first + 3)
                assert parts == {one: 1, first + old: -1, first + new: 1}
            elif aim < 20:
                other = {10: 12, 11: 13, 12: 10, 13: 11}[aim]
                partner = {10: 11, 11: 10, 12: 13, 13: 12}
                assert parts == {partner[aim]: 1, other: 1, partner[other]: -1}
            elif aim < 30:
                assert parts.pop(aim ^ 1) == 1
                assert aim not in parts
                assert sum(parts.values()) == pytest.approx(0, abs=1e-6)
                gains = {row % 2 for row, part in parts.items() if part > 0}
                assert gains == {aim % 2}
                total = sum(part for part in parts.values() if part > 0)
                assert mixtures.STRENGTHS[0] <= total <= mixtures.STRONGEST
            else:
                assert parts == pytest.approx({30: 1 / 3, 31: 1 / 3, 32: 1 / 3})
                assert aim in (30, 31, 32, 33)
            assert not unit or aim >= 30


def test_a_step_has_sums_of_every_kind(drawn: Sums) -> None:
    mixture = drawn.draw(np.random.default_rng(0), 2)
    aims = torch.tensor([int(target[0]) for target in mixture.targets])
    counts = torch.bincount(aims // 10, minlength=4).tolist()
    each = [mixtures.REPLACEMENTS + mixtures.ANALOGIES, mixtures.RELATIONS, 3, mixtures.GROUPS]
    assert counts == [2 * count for count in each]


def test_means_are_as_long_as_they_are_certain_but_for_a_few(drawn: Sums) -> None:
    drawn.averages = 1000
    mixture = drawn.draw(np.random.default_rng(0))
    averages = [
        (bool(unit), int(t[0])) for unit, t in zip(mixture.unit, mixture.targets, strict=True) if t[0] >= 30
    ]
    assert len(averages) == 1000
    assert sum(unit for unit, _ in averages) == pytest.approx(1000 * mixtures.NORMALISED, abs=50)
    assert sum(aim < 33 for _, aim in averages) == pytest.approx(1000 * mixtures.MEMBERS, abs=60)
