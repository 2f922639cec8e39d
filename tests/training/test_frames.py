"""Sentences from frames: words agree, nothing of a probe or of the demo's own reviews is among them."""

from __future__ import annotations

from pathlib import Path

import pytest

from demos.operations.reviews import collect_sentences, examples, pasted
from demos.training.data import read_source, source_path
from demos.training.frames import CLAUSES, REVIEW_FRAMES, Frames, agreement, inflected, sentences
from demos.training.items import normal_form, read_items


@pytest.fixture(scope="module")
def made() -> list[str]:
    return list(sentences())


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("кофе", "masc"),
        ("травяной чай", "masc"),
        ("вид из окна", "masc"),
        ("приложение банка", "neut"),
        ("девушки на кассе", "plur"),
        ("картошка фри", "femn"),
    ],
)
def test_the_number_is_that_of_the_head_noun(name: str, number: str) -> None:
    assert agreement(name) == number


def test_a_name_without_a_noun_is_refused() -> None:
    with pytest.raises(ValueError, match="no noun in 'быстро'"):
        agreement("быстро")


@pytest.mark.parametrize(
    ("word", "number", "case", "form"),
    [
        ("тёплый", "femn", "nomn", "тёплая"),
        ("пересоленная", "masc", "nomn", "пересоленный"),
        ("сытные", "neut", "nomn", "сытное"),
        ("вкусный", "plur", "ablt", "вкусными"),
    ],
)
def test_adjectives_and_participles_agree(word: str, number: str, case: str, form: str) -> None:
    assert inflected(word, number, case) == form


def test_a_word_that_cannot_agree_is_refused() -> None:
    with pytest.raises(ValueError, match="not an adjective: 'быстро'"):
        inflected("быстро", "femn")


def test_every_frame_can_be_said() -> None:
    frames = Frames()
    lines = [
        line.split("\t") for line in REVIEW_FRAMES.read_text(encoding="utf-8").splitlines() if line[0] != "#"
    ]
    assert all(len(line) == 4 for line in lines)
    assert sum(len(things) for things in frames.things.values()) > 150
    assert {line[0] for line in lines if line[1] == CLAUSES} == set(frames.things)
    for things in frames.things.values():
        for thing in things:
            for words in thing.words.values():
                assert all(inflected(word, thing.number, "ablt") for word in words)


def test_sentences_are_many_different_and_always_the_same(made: list[str]) -> None:
    assert len(made) == len(set(made)) > 15_000
    assert list(sentences()) == made
    assert all(text[0].isupper() and text[-1] in ".!" for text in made)
    assert "Понравились тарелки." in made


def test_no_sentence_is_a_probes_or_in_the_demos_reviews(made: list[str]) -> None:
    forms = {normal_form(text) for text in made}
    for name in ("averages", "styles", "replacements"):
        assert not forms.intersection(normal_form(item["sentence"]) for item in read_items(name))
    for example in examples():
        shown = collect_sentences(pasted(example.text)).texts
        assert not forms.intersection(normal_form(text) for text in shown)


def test_a_recipe_finds_its_frames_in_the_repository() -> None:
    path = source_path({"kind": "frames", "path": REVIEW_FRAMES.name}, Path("elsewhere"))
    assert path == REVIEW_FRAMES
    language, text, target = next(read_source(path, "frames"))
    assert (language, text) == ("ru", target)
