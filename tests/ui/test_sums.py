"""A sum of sentences on the screen."""

from __future__ import annotations

from demos.codec import Codec
from demos.operations.sums import Term, combine
from demos.ui.i18n import TEXTS
from demos.ui.sums import example_of, formula_html, length_text, sum_html, sum_notes
from tests.dictionary import EVIL, QUEEN


def test_the_formula_is_written_out() -> None:
    html = formula_html([Term("a", -0.5), Term(EVIL, 1)])
    assert "−" in html
    assert "0.5 ×" in html
    assert "<img" not in html


def test_an_answer_that_repeats_a_term_says_so(words: Codec) -> None:
    found = combine(words, (Term("король"), Term("мужчина", -0.1)))
    assert TEXTS["en"]["algebra_repeats"][:20] in sum_notes(found)
    assert TEXTS["en"]["algebra_repeats_anyway"] in sum_notes(found, excluded=True)


def test_what_was_passed_over_is_named(words: Codec) -> None:
    found = combine(words, (Term("король"), Term("женщина", 0.2)), exclude_inputs=True)
    assert "«король»" in sum_notes(found, "ru", excluded=True)


def test_the_screen_shows_texts_as_texts(words: Codec) -> None:
    found = combine(words, [Term(EVIL)], alternatives=2)
    html = sum_html(found, f"<b>{EVIL}") + sum_notes(found, remark="algebra_phrase_blank")
    assert "<img" not in html
    assert "<b>&lt;" not in html
    assert "{{" not in html
    assert 'role="alert"' not in html


def test_the_length_is_written_and_its_change_too(words: Codec) -> None:
    found = combine(words, [Term("король"), Term("женщина")])
    assert length_text(found) == "Length of the sum: 1.41"
    unit = combine(words, [Term("король"), Term("женщина")], length="unit")
    assert length_text(unit) == "Length of the sum: 1.41, decoded at 1.00"


def test_the_article_s_answers_are_shown_for_its_terms_only(words: Codec) -> None:
    example = example_of(QUEEN)
    assert example is not None
    assert example.recorded == "королева"
    assert example_of([Term("король", 1), Term("мужчина", -0.9), Term("женщина", 1)]) is None
    assert '<span class="ss-then" lang="ru">королева</span>' in sum_html(combine(words, QUEEN), "", "ru")
    assert "ss-then" not in sum_html(combine(words, [Term("король", 2)]), "")


def test_an_example_is_glossed_in_english_alone(words: Codec) -> None:
    found = combine(words, QUEEN)
    assert "king − man + woman ≈ queen" in sum_html(found, "pair", "en")
    assert "ss-gloss" not in sum_html(found, "pair", "ru")
