"""The Algebra tab without a browser."""

from __future__ import annotations

from demos import algebra
from demos.codec import Codecs
from demos.operations.sums import MOST_TERMS, examples
from demos.ui.i18n import TEXTS
from tests.tab import TabPage


def test_every_example_has_a_name() -> None:
    assert {f"algebra_example_{one.name}" for one in examples()} <= TEXTS["en"].keys()


def test_rows_are_added_and_removed(codecs: Codecs) -> None:
    page = TabPage(algebra, codecs)
    shown = page.press("algebra-add")
    assert shown["algebra-add"]["interactive"]
    assert page.press("algebra-remove-1")["algebra-answer"]
    texts = [page[f"algebra-term-{place}"] for place in range(1, 5)]
    assert texts == ["мужчина", "женщина", "", ""]
    for _ in range(MOST_TERMS):
        shown = page.press("algebra-add")
    assert not shown["algebra-add"]["interactive"]


def test_the_journey_is_the_third_way(codecs: Codecs) -> None:
    page = TabPage(algebra, codecs)
    page["algebra-mode"] = "journey"
    shown = page.press("algebra-journey-yard")
    answer = shown["algebra-answer"]
    assert page["algebra-start"] == "Ребёнок играет во дворе."
    assert 2 <= answer.count("<li>") <= 7
    assert "<mark>" in answer
    assert ">1" in answer
    assert "7</span>" in answer
    assert len(shown["algebra-plot"].map.vectors) >= 9
    page["algebra-steps"] = 3
    assert page.press("algebra-steps", "input")["algebra-answer"].count("<li>") <= 3
    page["algebra-start"] = " "
    assert "ss-error" in page.press("algebra-start", "change")["algebra-answer"]


def test_a_sentence_from_elsewhere_becomes_a_term(codecs: Codecs) -> None:
    page = TabPage(algebra, codecs)
    page["courier"] = "Кошка спит."
    page["algebra-mode"] = "journey"
    assert "Кошка спит." in page.press("courier", "submit")["algebra-answer"]
    assert page["algebra-mode"] == "sum"
    assert page["algebra-term-4"] == "Кошка спит."
    for number in range(6):
        page["courier"] = f"Предложение {number}."
        page.press("courier", "submit")
    texts = [page[f"algebra-term-{place}"] for place in range(1, MOST_TERMS + 1)]
    assert texts[-1] == "Предложение 5."
    assert texts[0] == "король"
