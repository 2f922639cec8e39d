"""What the demo says to its own examples."""

from __future__ import annotations

import pytest

from demos.codec import Codec
from demos.ui.markup import GLOSSES
from tests.said import Said, every_answer


@pytest.fixture(scope="module")
def said(whole_codec: Codec) -> list[Said]:
    return list(every_answer(whole_codec))


def test_who_reads_no_russian_can_follow_every_example(said: list[Said]) -> None:
    """A change of weights or of the decoding changes answers: their glosses are written anew then.

    Another processor may answer one in twenty in other words.
    """
    texts = {one.text for one in said}
    missing = texts - GLOSSES.keys()
    assert len(missing) <= 0.05 * len(texts), missing


def test_an_example_of_a_tab_is_answered_well_on_the_whole(said: list[Said]) -> None:
    for tab in ("translate", "average", "algebra", "journey", "style"):
        fidelities = [one.fidelity for one in said if one.tab == tab]
        assert len(fidelities) >= 10
        assert sum(fidelities) / len(fidelities) > 0.8
