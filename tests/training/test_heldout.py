"""The rule that keeps rows of the lexicon out of training."""

from demos.training.heldout import held_out_row


def test_one_row_in_fifty_is_held_out_and_each_language_has_its_own() -> None:
    words = [f"word {number}" for number in range(20_000)]
    english = {word for word in words if held_out_row("eng", word)}
    german = {word for word in words if held_out_row("deu", word)}
    assert 300 < len(english) < 500
    assert len(english & german) < 40


def test_capitals_spaces_and_the_way_accents_are_written_do_not_matter() -> None:
    for number in range(200):
        text = f"Café {number}"
        forms = text, text.upper(), f" {text} ", text.replace("é", "e\u0301")
        assert len({held_out_row("fra", form) for form in forms}) == 1
