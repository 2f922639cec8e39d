"""What the picker of the pair says."""

from __future__ import annotations

import pytest

from demos.codec import PAIRS, CodecError, Codecs, DiskFull, HubUnavailable, UnknownPair
from demos.ui.i18n import TEXTS, Language, number, pair_title
from demos.ui.pair_picker import about, choices, why_not

TITLE = PAIRS["compact"].title


@pytest.mark.parametrize(
    ("error", "language", "said"),
    [
        (
            DiskFull("LaBSE", 3080, 1000),
            "en",
            "LaBSE needs 3080 MB of disk and only 1000 MB are free, so {pair} stays active.",
        ),
        (
            DiskFull("LaBSE", 3080, 1000),
            "ru",
            "Для LaBSE нужно 3080 МБ на диске, а свободно только 1000 МБ, "
            "поэтому отвечает по-прежнему пара «{pair}».",
        ),
        (
            HubUnavailable("LaBSE", "no connection"),
            "en",
            "LaBSE could not be fetched from the Hugging Face hub, so {pair} stays active.",
        ),
        (UnknownPair("x", []), "en", "There is no model pair named x. {pair} stays active."),
    ],
)
def test_why_a_pair_did_not_come_is_one_sentence(error: CodecError, language: Language, said: str) -> None:
    assert why_not(error, TITLE, language) == said.format(pair=TITLE)


def test_a_pair_is_described_before_it_is_chosen(codecs: Codecs) -> None:
    assert [name for _, name in choices(codecs)] == codecs.names
    for language, unit in (("en", "GB"), ("ru", "ГБ")):
        for name, pair in PAIRS.items():
            size = f" · {number(f'{pair.size / 1000:.1f}', language)} {unit}" if pair.size else ""
            called = TEXTS[language][f"pairs_choice_{name.replace('-', '_')}"]
            assert called == pair_title(pair.title, language) + size
    html = about(codecs, "labse", "ru")
    assert "sentence-transformers/LaBSE" in html
    assert "768" in html
