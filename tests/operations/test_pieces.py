"""Long lines in pieces, and one sentence of the answers."""

from __future__ import annotations

import numpy as np
import pytest

from demos.codec import Candidate
from demos.operations.pieces import is_long, join_pieces, pieces_of, translate_by_pieces
from demos.operations.text import count_words

LINES = [
    "Welsh AMs worried about 'looking like muppets' after a proposal to change the title they have.",
    "Bundeskanzlerin Angela Merkel sagte am Montag, dass die Regierung 10 000 Wohnungen bauen werde, weil "
    "die Mieten in Berlin zu hoch sind.",
    "Президент США заявил «Мы никогда не отступим» после встречи с 12 министрами, которые приехали из "
    "Европы вчера вечером.",
    "La chancelière a déclaré que le gouvernement construirait 10 000 logements parce que les loyers sont "
    "trop élevés.",
    "ウェールズ議会の議員たちは、名称をMWPに変更するという提案を受けて、「マペットのように見える」ことを心配している。",
    "威尔士议会议员担心，在提议将他们的头衔改为威尔士议会议员之后，他们看起来会像傻瓜一样可笑。",
    "สมาชิกสภาเวลส์กังวลว่าจะดูเหมือนตัวตลก หลังจากมีข้อเสนอให้เปลี่ยนชื่อตำแหน่งของพวกเขา",
    " ".join(["слово"] * 125),
    "Он спросил: «Где? Когда? Почему?» и ушёл (не сказав ни слова), хотя его ждали все, кто приехал утром.",
]


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("words", [4, 7])
def test_pieces_are_the_line_and_none_is_empty(line: str, words: float) -> None:
    pieces = pieces_of(line, words)
    assert "".join("".join(pieces).split()) == "".join(line.split())
    assert len(pieces) > 1
    assert all(any(map(str.isalpha, piece)) for piece in pieces)
    if "ส" not in line:  # Thai has spaces between phrases alone
        assert max(map(count_words, pieces)) <= 3 * words


@pytest.mark.parametrize("line", ["Господа, я не ел 6 дней!", "先生们,我六天没吃东西了!", "да"])
def test_a_short_line_stays_whole(line: str) -> None:
    assert pieces_of(line) == [line]
    assert not is_long(line)


def test_nothing_has_no_pieces() -> None:
    assert pieces_of(" \u200b ") == []


def test_cuts_come_at_commas_and_clause_words() -> None:
    assert pieces_of(LINES[1], 8) == [
        "Bundeskanzlerin Angela Merkel sagte am Montag,",
        "dass die Regierung 10 000 Wohnungen bauen werde,",
        "weil die Mieten in Berlin zu hoch sind.",
    ]
    assert pieces_of(
        "he came home late and we all went to bed but nobody could sleep that night at all", 5
    ) == [
        "he came home late",
        "and we all went to bed",
        "but nobody could sleep that night at all",
    ]


@pytest.mark.parametrize(
    ("line", "whole"),
    [
        (LINES[1], ["Angela Merkel", "10 000"]),
        (LINES[2], ["«Мы никогда не отступим»", "12 министрами"]),
        (LINES[4], ["「マペットのように見える」", "MWP"]),
        ("The mayor of New York City met 300 people in the Grand Hotel of Saint Petersburg on 12 May",
         ["New York City", "300 people", "Grand Hotel", "Saint Petersburg", "12 May"]),
        ('He read the book "War and Peace" twice and the film of it was seen by him in one long evening',
         ['"War and Peace"']),
    ],
)  # fmt: skip
def test_names_numbers_and_quotes_are_not_cut(line: str, whole: list[str]) -> None:
    for words in (3, 5, 8):
        pieces = pieces_of(line, words)
        assert len(pieces) > 1
        for part in whole:
            assert any(part in piece for piece in pieces)


@pytest.mark.parametrize(
    ("texts", "sources", "joined"),
    [
        (["Он пришёл.", "И ушёл."], (), "Он пришёл и ушёл."),
        (["Он сказал.", "Что придёт!"], (), "Он сказал, что придёт!"),
        (["Он пришёл.", "И ушёл."], ("He came,", "and left."), "Он пришёл, и ушёл."),
        (["Он пришёл.", "Она ушла."], ("He came.", "She left."), "Он пришёл. Она ушла."),
        (
            ["Он пришёл.", "Москва молчала."],
            ("he came and", "Moscow was silent."),
            "Он пришёл Москва молчала.",
        ),
        (["Он пришёл.", "Канцлер ушла."], ("he came,", "the chancellor left"), "Он пришёл, канцлер ушла."),
        (["Вот что.", "США молчат."], ("so:", "the U.S. is silent"), "Вот что: США молчат."),
        (["Да..", "", "Нет?"], (), "Да нет?"),
        (["Да."], (), "Да."),
        ([], (), ""),
    ],
)
def test_pieces_are_joined_to_one_sentence(texts: list[str], sources: tuple[str, ...], joined: str) -> None:
    assert join_pieces(texts, sources) == joined


class Echo:
    """A codec that says every text's place in the call, with a fidelity of its own."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: list[str]) -> np.ndarray:
        self.asked += texts
        return np.eye(len(texts), 8, dtype=np.float32)

    def candidates(self, vectors: np.ndarray, n: int, settings: object) -> list[list[Candidate]]:
        return [
            [Candidate(f"Кусок {'абв'[place]}.", 0.0, 0.5 + place / 10, vectors)]
            for place in np.atleast_2d(vectors).argmax(axis=1)
        ]


def test_a_line_is_translated_piece_by_piece() -> None:
    codec = Echo()
    found = translate_by_pieces(codec, LINES[1])  # type: ignore[arg-type]
    assert [piece.source for piece in found.pieces] == codec.asked == pieces_of(LINES[1])
    assert found.text == "Кусок а, кусок б, кусок в."
    assert [piece.fidelity for piece in found.pieces] == pytest.approx([0.5, 0.6, 0.7])
    assert len(translate_by_pieces(Echo(), "Короткая строка.").pieces) == 1  # type: ignore[arg-type]
