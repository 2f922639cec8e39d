"""Two pairs' answers as a table."""

from __future__ import annotations

from demos.operations.answers import Decoded
from demos.ui.compare import Column, answers_table


def test_a_question_that_is_a_sentence_has_its_menu_too() -> None:
    columns: list[Column] = [[("I love <you>.", Decoded("Я тебя люблю.", 0.9))], "went wrong"]
    table = answers_table(["compact", "labse"], columns, sentences=True)
    assert 'data-say="I love &lt;you&gt;."' in table
    assert 'data-say="Я тебя люблю."' in table
    assert "went wrong" in table
    assert "<you>" not in table
    assert table.count("data-say") == 2
    assert answers_table(["compact", "labse"], columns).count("data-say") == 1
