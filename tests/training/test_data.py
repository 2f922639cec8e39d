"""Reading training text: kinds of files, what is left out, the words."""

from __future__ import annotations

import gzip
import json
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from demos.training.data import (
    Example,
    dictionary_forms,
    frequent_words,
    held_out,
    load_examples,
    read_examples,
    read_source,
    write_examples,
)
from demos.training.items import normal_form


def source(path: str, kind: str, **more: object) -> dict[str, object]:
    return {"path": path, "kind": kind, "weight": 1.0} | more


def recipe(*sources: dict[str, object], **more: Any) -> dict[str, Any]:
    basis = {"seed": 3, "max_words": 6, "words": 0, "held_out": [], "sources": list(sources)}
    return basis | more


@pytest.mark.parametrize("suffix", ["", ".xz", ".gz"])
def test_text_is_its_own_target_packed_or_not(tmp_path: Path, suffix: str) -> None:
    packs: dict[str, Callable[[bytes], bytes]] = {"": bytes, ".xz": lzma.compress, ".gz": gzip.compress}
    path = tmp_path / f"ru.txt{suffix}"
    path.write_bytes(packs[suffix]("Да.\n\n  Нет. \n".encode()))
    assert list(read_source(path, "text")) == [("ru", "Да.", "Да."), ("ru", "Нет.", "Нет.")]


def test_pairs_have_three_columns_or_two_and_a_language(tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_text('eng\t"Yes\tДа.\n', encoding="utf-8")
    assert list(read_source(path, "pairs")) == [("eng", '"Yes', "Да.")]
    path.write_text("Yes\tДа.\n", encoding="utf-8")
    assert list(read_source(path, "pairs", "eng")) == [("eng", "Yes", "Да.")]
    with pytest.raises(ValueError, match=r"pairs.tsv:1: 2 columns"):
        list(read_source(path, "pairs"))


def test_rows_give_a_pair_for_every_language_but_russian(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rows = [{"ru": "Да.", "en": "Yes.", "de": "Ja."}, {"en": "No Russian here."}]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert list(read_source(path, "rows")) == [("en", "Yes.", "Да."), ("de", "Ja.", "Да.")]


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("x", encoding="utf-8")
    with pytest.raises(ValueError, match="unknown kind"):
        list(read_source(path, "tale"))


@pytest.mark.parametrize(
    ("text", "form"),
    [("Ёлка, да?", "елка да"), ("  «ЕЛКА»   да! ", "елка да"), ("...", ""), ("В 5:30", "в 5 30")],
)
def test_normal_form_forgets_case_marks_and_yo(text: str, form: str) -> None:
    assert normal_form(text) == form


def test_held_out_holds_every_column(tmp_path: Path) -> None:
    (tmp_path / "e.tsv").write_text("eng\tYes!\tДа.\n\n", encoding="utf-8")
    assert held_out(tmp_path, ["e.tsv"]) == {"eng", "yes", "да"}


def test_examples_leave_out_what_is_held_out_long_or_double(tmp_path: Path) -> None:
    lines = ["Да.", "Да.", "Снег идёт.", "снег идет", "Раз два три четыре пять шесть семь."]
    (tmp_path / "ru.txt").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "p.tsv").write_text("eng\tSnow!\tИдёт снег.\neng\tIt snows.\tСнег.\n", encoding="utf-8")
    (tmp_path / "e.txt").write_text("СНЕГ ИДЁТ!\nsnow\n", encoding="utf-8")
    plan = recipe(source("ru.txt", "text"), source("p.tsv", "pairs", weight=0.5), held_out=["e.txt"])
    found = read_examples(plan, tmp_path)
    assert sorted(found) == [
        Example("eng", "It snows.", "Снег.", 0.5, "p.tsv"),
        Example("ru", "Да.", "Да.", 1.0, "ru.txt"),
    ]


def test_a_recipe_may_leave_out_what_the_probes_and_the_demos_reviews_hold(tmp_path: Path) -> None:
    asked = ["Кофе здесь очень вкусный.", "сплю на нем, как младенец!", "Цены завышены."]
    (tmp_path / "ru.txt").write_text("\n".join([*asked, "Кофе остыл."]), encoding="utf-8")
    plan = recipe(source("ru.txt", "text"))
    assert len(read_examples(plan, tmp_path)) == 4
    found = read_examples(plan | {"held_out_here": True}, tmp_path)
    assert [example.target for example in found] == ["Кофе остыл."]


def test_what_was_written_for_the_demo_lies_in_the_repository(tmp_path: Path) -> None:
    plan = recipe(source("opinions.tsv", "written"), max_words=40)
    found = {example.target for example in read_examples(plan, tmp_path)}
    assert len(found) > 7000
    assert "Персонал вежливый." in found
    assert all(text == text.strip() and text[-1] in ".!?…" for text in found)


def test_limits_count_what_is_kept_and_the_seed_decides(tmp_path: Path) -> None:
    rows = [f"{code}\t{code} {n}\tЧисло {n}" for code in ("eng", "deu") for n in range(20)]
    (tmp_path / "p.tsv").write_text("\n".join(rows), encoding="utf-8")
    a_language = read_examples(recipe(source("p.tsv", "pairs", limit_per_language=3)), tmp_path)
    assert sorted(e.language for e in a_language) == ["deu"] * 3 + ["eng"] * 3
    limited = recipe(source("p.tsv", "pairs", limit=5))
    assert len(read_examples(limited, tmp_path)) == 5
    assert read_examples(limited, tmp_path) == read_examples(limited, tmp_path)
    assert read_examples(limited, tmp_path) != read_examples(limited | {"seed": 4}, tmp_path)


def test_both_sides_of_a_pair_may_be_examples_the_russian_one_once(tmp_path: Path) -> None:
    (tmp_path / "pairs.tsv").write_text("eng\tYes.\tДа.\ndeu\tJa.\tДа.\n", encoding="utf-8")
    found = read_examples(recipe(source("pairs.tsv", "pairs", both_sides=True)), tmp_path)
    sides = sorted((example.language, example.source, example.target) for example in found)
    assert sides == [("deu", "Ja.", "Да."), ("eng", "Yes.", "Да."), ("ru", "Да.", "Да.")]


def test_a_temperature_lets_rare_languages_come_more_often(tmp_path: Path) -> None:
    lines = [f"eng\tText {i}.\tТекст {i}.\n" for i in range(16)] + ["fra\tUn.\tОдин.\n"]
    (tmp_path / "pairs.tsv").write_text("".join(lines), encoding="utf-8")
    for temperature, weight in ((1.0, 1.0), (2.0, 4.0), (4.0, 8.0)):
        found = read_examples(recipe(source("pairs.tsv", "pairs", temperature=temperature)), tmp_path)
        weights = {example.language: example.weight for example in found}
        assert weights == {"eng": 1.0, "fra": weight}


def test_words_are_the_frequent_ones_as_they_are_mostly_written() -> None:
    targets = ["Я люблю Москву.", "Мы видим Москву!", "Вот и москву.", "Кто-то люблю кто-то кто-то кто-то"]
    examples = [Example("ru", t, t, 1.0, "x") for t in targets]
    assert [e.source for e in frequent_words(examples, 2)] == ["Москву", "кто-то"]
    assert frequent_words(examples, 1)[0] == Example("ru", "Москву", "Москву", 1.0, "words")


def test_examples_come_back_from_their_file(tmp_path: Path) -> None:
    examples = [Example("eng", "A\t«b»", "Да.", 0.7, "x"), Example("ru", "Ё", "Ё", 1.0, "y")]
    write_examples(examples, tmp_path / "e.jsonl")
    assert load_examples(tmp_path / "e.jsonl") == examples


def test_words_are_put_into_their_dictionary_forms_and_frequent_plurals() -> None:
    words = ("кота", "котам", "Москве", "воды", "лес", "леса")
    found = dictionary_forms([Example("ru", word, word, 1.0, "words") for word in words], 2.0)
    assert [example.target for example in found] == ["кот", "Москва", "вода", "лес", "леса", "воды"]
    assert all(example.source == example.target and example.weight == 2.0 for example in found)


def test_a_recipe_may_ask_for_dictionary_forms(tmp_path: Path) -> None:
    (tmp_path / "ru.txt").write_text("Вижу кота.\nНет кота.\n", encoding="utf-8")
    examples = read_examples(recipe(source("ru.txt", "text"), lemmas=5, lemma_weight=2.0), tmp_path)
    assert [example.target for example in examples if example.origin == "words"] == ["кот"]
