"""Sums of sentences: the arithmetic on a stand-in codec, the rest on the bundled pair."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from demos.codec import BadSetting, BadVector, Codec, EmptyInput, TextTooLong
from demos.operations.answers import same_words
from demos.operations.sums import Term, combine, examples, formula, phrase_terms, rows
from tests.dictionary import QUEEN


def test_a_sum_is_coefficients_times_vectors_and_is_not_normalised(words: Codec) -> None:
    found = combine(words, QUEEN)
    king, man, woman = words.encode(["король", "мужчина", "женщина"])
    np.testing.assert_allclose(found.target, king - man + woman, atol=1e-6)
    assert np.linalg.norm(found.target) != pytest.approx(1, abs=0.05)
    assert found.decoded.text == "королева"
    answer = words.encode(["королева"])[0]
    expected = found.target @ answer / np.linalg.norm(found.target)
    assert found.decoded.fidelity == pytest.approx(expected, abs=1e-6)
    assert not found.repeats


def test_length_as_it_comes_one_or_times_a_factor(words: Codec) -> None:
    raw = combine(words, QUEEN)
    unit = combine(words, QUEEN, length="unit")
    thrice = combine(words, QUEEN, length="factor", factor=3.0)
    assert np.linalg.norm(unit.target) == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(thrice.target, 3 * raw.target, rtol=1e-6)
    np.testing.assert_array_equal(thrice.total, raw.total)
    ignored = combine(words, QUEEN, factor=3.0)
    np.testing.assert_array_equal(ignored.target, raw.target)


def test_an_input_may_be_the_answer_and_that_is_known(words: Codec) -> None:
    terms = (Term("король"), Term("мужчина", -0.1))
    found = combine(words, terms)
    assert found.decoded.text == "король"
    assert found.repeats
    assert found.skipped == ()


def test_inputs_are_excluded_only_when_asked_and_never_silently(words: Codec) -> None:
    terms = (Term("король"), Term("женщина", 0.2))
    found = combine(words, terms, exclude_inputs=True)
    assert found.decoded.text not in ("король", "женщина")
    assert "король" in found.skipped
    assert not found.repeats


def test_exclusion_leaves_another_answer_as_it_is(words: Codec) -> None:
    usual, excluded = combine(words, QUEEN), combine(words, QUEEN, exclude_inputs=True)
    assert excluded.decoded == usual.decoded
    assert excluded.skipped == ()


def test_exclusion_covers_the_other_wordings(words: Codec) -> None:
    found = combine(words, QUEEN, alternatives=5, exclude_inputs=True)
    shown = {found.decoded.text, *(other.text for other in found.decoded.alternatives)}
    assert not shown & {"король", "мужчина", "женщина"}
    assert {"король", "женщина"} <= set(found.skipped)
    fidelities = [other.fidelity for other in found.decoded.alternatives]
    assert fidelities == sorted(fidelities, reverse=True)


def test_where_every_candidate_repeats_a_term_the_first_is_the_answer(words: Codec) -> None:
    every = tuple(Term(text, 1.0 if text == "король" else 0.01) for text in words.known)  # type: ignore[attr-defined]
    found = combine(words, every, exclude_inputs=True)
    assert found.decoded.text == "король"
    assert found.repeats


def test_repetition_is_seen_through_case_and_punctuation() -> None:
    assert same_words("  Пётр, ПЕРВЫЙ! ") == same_words("петр первый")
    assert same_words("король") != same_words("королева")


def test_blank_terms_take_no_part_and_errors_name_the_row(words: Codec) -> None:
    found = combine(words, [Term(" "), *QUEEN, Term("", 2.0)])
    assert found.terms == QUEEN
    with pytest.raises(EmptyInput):
        combine(words, [Term(""), Term("  ")])
    with pytest.raises(TextTooLong) as caught:
        combine(words, [Term(""), Term("король"), Term("о" * 600)])
    assert caught.value.details["index"] == 2


def test_what_cancels_out_is_an_error(words: Codec) -> None:
    for terms in ((Term("король"), Term("король", -1)), (Term("король", 0),)):
        with pytest.raises(BadVector) as caught:
            combine(words, terms)
        assert caught.value.details["reason"] == "zero"


@pytest.mark.parametrize(
    ("terms", "settings"),
    [
        ((), {}),
        ((Term("король"),) * 9, {}),
        ((Term("король", 2.01),), {}),
        ((Term("король", math.nan),), {}),
        ((Term("король"),), {"length": "long"}),
        ((Term("король"),), {"length": "factor", "factor": 0.0}),
        ((Term("король"),), {"length": "factor", "factor": math.inf}),
    ],
)
def test_settings_out_of_range_are_refused(words: Codec, terms: Any, settings: dict[str, Any]) -> None:
    with pytest.raises(BadSetting):
        combine(words, terms, **settings)


def test_replacing_a_phrase_is_a_sum() -> None:
    terms = phrase_terms("Это король", "король", "королева", 0.5)
    assert terms == (Term("Это король", 1.0), Term("король", -0.5), Term("королева", 0.5))


def test_the_formula_is_written_out() -> None:
    assert formula(QUEEN) == "король − мужчина + женщина"
    assert formula([Term("a", -0.5), Term("b\n c", 1.25), Term("d", 0)]) == "−0.5 × a + 1.25 × b c + 0 × d"


def test_the_table_has_terms_and_answers(words: Codec) -> None:
    found = combine(words, QUEEN, alternatives=2)
    table = rows(found, "Pair")
    assert [row["kind"] for row in table] == ["term"] * 3 + ["answer", "wording", "wording"]
    assert table[1]["coefficient"] == -1
    assert table[3]["text"] == "королева"
    assert table[3]["cosine"] == pytest.approx(found.decoded.fidelity, abs=1e-4)
    assert {row["pair"] for row in table} == {"Pair"}


def test_every_example_of_the_article_is_there() -> None:
    recorded = [example.recorded for example in examples() if not example.phrase and example.recorded]
    assert set(recorded) == {
        "королева",
        "Париж",
        "Это произошло в режиме правления Ивана Грозного.",
        "Белый Медведь обучает медведям следить за охотой на оленей.",
        "Я верю в вакцинацию, потому что я хочу лечиться.",
    }
    for example in examples():
        assert 1 <= len(example.terms) <= 8
        assert all(abs(term.coefficient) <= 2 for term in example.terms)
        if example.phrase:
            assert [term.coefficient for term in example.terms] == [1, -1, 1]


def test_the_bundled_pair_adds_up(codec: Codec) -> None:
    found = combine(codec, QUEEN, alternatives=2)
    vectors = codec.encode(["король", "мужчина", "женщина"])
    np.testing.assert_allclose(found.target, vectors[0] - vectors[1] + vectors[2], atol=1e-5)
    assert found.decoded.text.strip()
    back = codec.encode([found.decoded.text])[0]
    cosine = float(back @ found.target) / float(np.linalg.norm(found.target))
    assert found.decoded.fidelity == pytest.approx(cosine, abs=1e-4)
    assert 1 <= len(found.decoded.alternatives) <= 2
    assert combine(codec, QUEEN, alternatives=2).decoded == found.decoded


def test_a_single_term_decodes_to_its_own_sentence(codec: Codec) -> None:
    one = combine(codec, [Term("Доброе утро!")])
    assert one.decoded.text == codec.decode(codec.encode(["Доброе утро!"]))[0]


@pytest.mark.parametrize("typed", ["Мои\u0306 чаи\u0306 остыл", "Мой\u00a0чай ос\u00adтыл"])
def test_a_term_is_known_again_however_it_is_typed(codec: Codec, typed: str) -> None:
    assert combine(codec, [Term(typed)]).repeats
    other = combine(codec, [Term(typed)], exclude_inputs=True)
    assert other.skipped == ("Мой чай остыл",)
    assert not other.repeats
