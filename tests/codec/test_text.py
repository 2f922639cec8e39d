"""Text as people type it: one form of it, and what says nothing."""

from __future__ import annotations

import unicodedata

import pytest

from demos.codec import clean, says_nothing


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (
            "\u041c\u043e\u0438\u0306 \u0447\u0430\u0438\u0306 \u043e\u0441\u0442\u044b\u043b.",
            "Мой чай остыл.",
        ),
        ("е\u0308лка", "ёлка"),
        ("за\u0301мок и замо\u0301к", "замок и замок"),
        ("ё\u0301", "ё"),
        ("café, naïve", "café, naïve"),
        ("cafe\u0301", "café"),
        ("пере\u00adнос", "перенос"),
        ("10\u00a0000\u202fруб.", "10 000 руб."),
        ("Ко\u200bфе\ufeff", "Кофе"),
        ("Ко\u200dфе co\u200cffee", "Кофе coffee"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # a joiner that Persian needs
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("क्\u200dष", "क्\u200dष"),
        ("да \ud83d нет", "да \ufffd нет"),
        ("да \ud83d\ude00 нет", "да 😀 нет"),
        ("Кофе,\u2028ждали", "Кофе, ждали"),
        ("а\x0bб\x0cв\x85г\u2029д", "а б в г д"),
        ("а\r\nб\rв\nг", "а\nб\nв\nг"),
        ("да\x00\x07 нет", "да нет"),
        ("а\tб", "а\tб"),
        ("\u200fשלום\u200e", "שלום"),
    ],
)
def test_text_is_cleaned(typed: str, meant: str) -> None:
    assert clean(typed) == meant
    assert clean(meant) == meant
    assert clean(unicodedata.normalize("NFD", meant)) == meant


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "blank"),
        (" \u200b\n", "blank"),
        ("...", "signs"),
        ("????????", "signs"),
        ("?! — ***", "signs"),
        ("ᚠᚢᚦ", "unknown"),
        ("\ue000\ue001", "unknown"),
        ("\U000e1234\u0378", "unknown"),
        ("𓀀𓀁", "unknown"),
        ("\ufffd\ufffd\ufffd", "unknown"),
        ("Руны ᚠᚢᚦ", ""),
        ("да", ""),
        ("5/5", ""),
        ("👍 Отлично", ""),
        ("👍", "signs"),
        ("★★★★★", "signs"),
        ("© ®", "signs"),
        ("█████ ▲▼", "signs"),
        ("ありがとう", ""),
        ("谢谢", ""),
        ("Баярлалаа", ""),
        ("ขอบคุณ", ""),
        ("𝓗𝓮𝓵𝓵𝓸", ""),
        ("ⴰⵣⵓⵍ", ""),
    ],
)
def test_what_says_nothing(text: str, why: str) -> None:
    assert says_nothing(text) == why
