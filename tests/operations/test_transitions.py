"""py3langid's table of transitions, kept small."""

from __future__ import annotations

from array import array

import pytest

from demos.operations.sentences import _identifier
from demos.operations.transitions import PIECE, Transitions


def test_every_number_is_the_tables() -> None:
    table = array("I", [*range(PIECE), *range(PIECE), *range(7, PIECE), *range(7), *range(PIECE), 1, 2, 3])
    kept = Transitions(table)
    assert [kept[place] for place in range(len(table))] == table.tolist()
    with pytest.raises(IndexError):
        kept[len(table)]


def test_the_identifier_says_what_py3langid_says() -> None:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    whole = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    small = _identifier()
    assert isinstance(small.tk_nextmove, Transitions)
    texts = [
        "Панове, я не їв 6 днів!",
        "先生们,我六天没吃东西了!",
        "Guten Tag",
        "",
        "הנה",
        "Ça va ? 12",
        "\x00\ud800",
    ]
    for text in texts:
        assert small.rank(text) == whole.rank(text)
