"""Languages and sentences of texts."""

from __future__ import annotations

import pytest

from demos.sentences import language_of_text, sentences_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("король", "ru"),
        ("Господа, я не ел 6 дней!", "ru"),
        ("Привет!", "ru"),
        ("Панове, я не їв 6 днів!", "uk"),
        ("Gentlemen, I have not eaten for 6 days!", "en"),
        ("אלוהים, לא אכלתי 6 ימים", "he"),
        ("רבותי, איך האָב נישט געגעסן 6 טעג!", "yi"),
        ("先生们,我六天没吃东西了!", "zh"),
        ("12345", ""),
    ],
)
def test_language_of_text(text: str, language: str) -> None:
    assert language_of_text(text) == language


def test_russian_abbreviations_end_no_sentence() -> None:
    assert sentences_of("В 2000 г. всё было иначе. А теперь?") == ["В 2000 г. всё было иначе.", "А теперь?"]


def test_lines_are_split_each_by_its_language() -> None:
    text = "Dr. Smith went home. He slept.\n\nОн спал. Она нет."
    assert sentences_of(text) == ["Dr. Smith went home.", "He slept.", "Он спал.", "Она нет."]
