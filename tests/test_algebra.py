"""Sums of sentences: the arithmetic on a stand-in codec, the rest on the bundled pair."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, cast

import numpy as np
import pytest

from demos.algebra_view import answer_html, formula_html, length_text, plot_words, recorded_answer
from demos.answers import Decoded
from demos.codec import BadSetting, BadVector, Candidate, Codec, EmptyInput, TextTooLong
from demos.i18n import TEXTS
from demos.sums import Sum, Term, combine, examples, formula, phrase_terms, plain, rows, sum_figure

EVIL = '<img src=x onerror="alert(1)">{{x}}'


class Dictionary:
    """A codec whose vectors are given: it decodes to the nearest words, by cosine."""

    title, dim = "Dictionary", 4

    def __init__(self) -> None:
        known: dict[str, tuple[float, ...]] = {
            "король": (1, 0, 1, 0),
            "мужчина": (1, 0, 0, 0),
            "женщина": (0, 1, 0, 0),
        }
        known |= {"королева": (0, 1, 1, 0), "принцесса": (0, 1, 1, 0.4), EVIL: (0, 0, 0, 1)}
        self.known = {text: np.array(row, np.float32) / math.hypot(*row) for text, row in known.items()}

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        for index, text in enumerate(texts):
            if not text.strip():
                raise EmptyInput(index)
            if len(text) > 500:
                raise TextTooLong(index, len(text), 500)
        return np.stack([self.known[text] for text in texts])

    def decode(
        self, vectors: np.ndarray, quick: bool = False, num_return_sequences: int | None = None
    ) -> list[Any]:
        found = []
        for vector in np.atleast_2d(vectors):
            if not vector.any():
                raise BadVector("zero", "zero")
            order = sorted(self.known, key=lambda text: -float(self.known[text] @ vector))
            some = [Candidate(text, float(self.known[text] @ vector)) for text in order]
            found.append(order[0] if num_return_sequences is None else some[:num_return_sequences])
        return found

    class decoding:
        num_beams = 3

    quick = decoding


@pytest.fixture
def words() -> Codec:
    return cast(Codec, Dictionary())


QUEEN = (Term("король", 1), Term("мужчина", -1), Term("женщина", 1))


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


def test_an_input_may_be_the_answer_and_that_is_said(words: Codec) -> None:
    terms = (Term("король"), Term("мужчина", -0.1))
    found = combine(words, terms)
    assert found.decoded.text == "король"
    assert found.repeats
    assert found.skipped == ()
    assert TEXTS["en"]["algebra_repeats"][:20] in answer_html(found, "pair")


def test_inputs_are_excluded_only_when_asked_and_never_silently(words: Codec) -> None:
    terms = (Term("король"), Term("женщина", 0.2))
    found = combine(words, terms, exclude_inputs=True)
    assert found.decoded.text not in ("король", "женщина")
    assert "король" in found.skipped
    assert not found.repeats
    assert "«король»" in answer_html(found, "pair", "ru", excluded=True)


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


def test_where_every_candidate_repeats_a_term_the_first_is_shown_and_said(words: Codec) -> None:
    every = tuple(Term(text, 1.0 if text == "король" else 0.01) for text in words.known)  # type: ignore[attr-defined]
    found = combine(words, every, exclude_inputs=True)
    assert found.decoded.text == "король"
    assert found.repeats
    assert TEXTS["en"]["algebra_repeats_anyway"] in answer_html(found, "pair", excluded=True)


def test_repetition_is_seen_through_case_and_punctuation() -> None:
    assert plain("  Пётр, ПЕРВЫЙ! ") == plain("петр первый")
    assert plain("король") != plain("королева")


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
    html = formula_html([Term("a", -0.5), Term(EVIL, 1)])
    assert "−" in html
    assert "0.5 ×" in html
    assert "<img" not in html


def test_the_screen_shows_texts_as_texts(words: Codec) -> None:
    found = combine(words, [Term(EVIL)], alternatives=2)
    html = answer_html(found, f"<b>{EVIL}", note="algebra_phrase_blank")
    assert "<img" not in html
    assert "<b>&lt;" not in html
    assert "{{" not in html
    assert 'role="alert"' not in html


def test_the_length_is_written_and_its_change_too(words: Codec) -> None:
    found = combine(words, [Term("король"), Term("женщина")])
    assert length_text(found) == "Length of the sum: 1.41"
    unit = combine(words, [Term("король"), Term("женщина")], length="unit")
    assert length_text(unit) == "Length of the sum: 1.41, decoded at 1.00"


def test_the_table_has_terms_and_answers(words: Codec) -> None:
    found = combine(words, QUEEN, alternatives=2)
    table = rows(found, "Pair")
    assert [row["kind"] for row in table] == ["term"] * 3 + ["answer", "wording", "wording"]
    assert table[1]["coefficient"] == -1
    assert table[3]["text"] == "королева"
    assert table[3]["cosine"] == pytest.approx(found.decoded.fidelity, abs=1e-4)
    assert {row["pair"] for row in table} == {"Pair"}


def test_the_article_s_answers_are_shown_for_its_terms_only(words: Codec) -> None:
    assert recorded_answer(QUEEN) == "королева"
    assert recorded_answer([Term("король", 1), Term("мужчина", -0.9), Term("женщина", 1)]) == ""
    assert "«королева»" in answer_html(combine(words, QUEEN), "pair", "ru")


def test_every_example_of_the_article_is_there() -> None:
    recorded = [example.recorded for example in examples() if not example.phrase and example.recorded]
    assert recorded == [
        "королева",
        "Париж",
        "Это произошло в режиме правления Ивана Грозного.",
        "Белый Медведь обучает медведям следить за охотой на оленей.",
        "Я верю в вакцинацию, потому что я хочу лечиться.",
    ]
    for example in examples():
        assert 1 <= len(example.terms) <= 8
        assert all(abs(term.coefficient) <= 2 for term in example.terms)
        assert f"algebra_example_{example.name}" in TEXTS["en"]
        if example.phrase:
            assert [term.coefficient for term in example.terms] == [1, -1, 1]


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_arrows_run_head_to_tail_from_zero_to_the_sum(words: Codec, count: int, dims: int) -> None:
    found = combine(words, QUEEN[:count])
    drawn = sum_figure(words, found, plot_words(), dims=dims)
    arrows = next(trace for trace in drawn.data if "lines" in trace.mode)
    ends = np.array([arrows.x, arrows.y, arrows.z if dims == 3 else arrows.x], dtype=object)
    steps = [ends[:, 3 * i : 3 * i + 2].astype(float) for i in range(len(arrows.x) // 3)]
    assert len(steps) == count
    for before, after in pairwise(steps):
        np.testing.assert_allclose(before[:, 1], after[:, 0], atol=1e-4)
    total = next(trace for trace in drawn.data if trace.name == "sum")
    np.testing.assert_allclose([total.x[0], total.y[0]], steps[-1][:2, 1], atol=1e-4)
    zero = next(trace for trace in drawn.data if trace.name == "zero")
    np.testing.assert_allclose([zero.x[0], zero.y[0]], steps[0][:2, 0], atol=1e-4)


def test_the_picture_keeps_its_basis_while_a_coefficient_changes(words: Codec) -> None:
    places = []
    for coefficient in (-1, -0.8):
        terms = (QUEEN[0], Term("мужчина", coefficient), QUEEN[2])
        drawn = sum_figure(words, combine(words, terms), plot_words())
        dots = next(trace for trace in drawn.data if trace.name == "terms")
        places.append((dots.x, dots.y, drawn.layout.xaxis.range, drawn.layout.yaxis.range))
    assert places[0] == places[1]


def test_a_changed_length_has_its_own_point(words: Codec) -> None:
    drawn = sum_figure(words, combine(words, QUEEN, length="unit"), plot_words())
    assert {"sum", "sum at the chosen length", "answer", "terms", "zero"} == {
        trace.name for trace in drawn.data if trace.name
    }


def test_an_empty_answer_is_not_drawn(words: Codec) -> None:
    found = combine(words, QUEEN)
    silent = Sum(found.terms, found.vectors, found.total, found.target, Decoded("", 0.0))
    drawn = sum_figure(words, silent, plot_words())
    assert "answer" not in {trace.name for trace in drawn.data}


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
    payload = sum_figure(codec, found, plot_words("ru"), language="ru").to_json()
    assert len(payload.encode()) < 8_000, "a slider sends this at every step"


def test_a_single_term_decodes_to_its_own_sentence(codec: Codec) -> None:
    one = combine(codec, [Term("Доброе утро!")])
    assert one.decoded.text == codec.decode(codec.encode(["Доброе утро!"]))[0]
