"""Bytes → text: the encodings that people's files are in."""

from __future__ import annotations

import random

import pytest

from demos.operations.files.encodings import decode_bytes
from demos.operations.reviews import REVIEW_FILES
from tests.reading import notes, read

RUSSIAN = "Отличный кофе, приду ещё!"
REVIEWS = [
    line for file in sorted(REVIEW_FILES.glob("*.txt")) for line in file.read_text("utf-8").splitlines()
]


@pytest.mark.parametrize(
    "encoding",
    [
        "utf-8",
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "cp1251",
        "koi8-r",
        "cp866",
        "mac-cyrillic",
    ],
)
def test_encodings_of_russian(encoding: str) -> None:
    text = f"{RUSSIAN}\nИ быстро\nДоставка заняла три дня, Яна"
    table = read(text.encode(encoding), "a.txt")
    assert table.column("text") == text.split("\n")
    assert table.encoding == {"utf-8-sig": "utf-8"}.get(encoding, encoding)
    assert table.encoding in next(guess.choices for guess in table.guesses if guess.name == "encoding")


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Schönes Café, für später größer"),
        ("cp1252", "Très bon café, à côté de l’hôtel, déjà goûté"),
        ("cp1252", "Café"),
        ("cp1252", "für"),
        ("mac-roman", "Schöner Kaffee, für alle größer"),
        ("cp850", "Schöner Kaffee, für alle größer"),
        ("cp1253", "Ο καφές ήταν πολύ καλός"),
        ("cp1254", "Kahve çok güzeldi, teşekkürler"),
        ("cp1255", "הקפה היה טעים מאוד"),
        ("cp1256", "القهوة لذيذة والخدمة جيدة"),
        ("cp1250", "Příliš žluťoučký kůň úpěl ďábelské ódy a kavárna je výborná, všechno bylo čerstvé"),
        ("gb18030", "咖啡非常好喝，服务也很周到，下次还会再来。价格有点贵，但是值得。"),
        ("shift_jis", "コーヒーはとても美味しかったです。店員さんも親切でした。また来たいと思います。"),
    ],
)
def test_other_encodings_are_not_taken_for_cyrillic(encoding: str, text: str) -> None:
    table = read(text.encode(encoding), "a.txt")
    assert table.column("text") == [text]


def test_a_cut_or_broken_sign_does_not_cost_the_rest() -> None:
    table = read("Отличный товар\nБыстрая доставк".encode() + b"\xd0", "a.txt")
    assert table.column("text") == ["Отличный товар", "Быстрая доставк\ufffd"]
    assert (table.encoding, notes(table)) == ("utf-8", {"bad_bytes": {"count": 1}})
    table = read("И быстро\n".encode() + b"\xff" + "и вкусно\n".encode(), "a.txt")
    assert table.column("text") == ["И быстро", "\ufffdи вкусно"]


@pytest.mark.parametrize("line", ["Долго ждали", "Хорошо", "Да"])
def test_one_line_of_another_encoding(line: str) -> None:
    lines = [f"Отзыв номер {number}" for number in range(100)]
    table = read("\n".join(lines).encode() + b"\n" + line.encode("cp1251"), "a.txt")
    assert table.column("text") == [*lines, line]
    assert notes(table) == {"mixed_lines": {"count": 1, "encoding": "cp1251"}}


def test_control_characters_do_not_refuse_a_file() -> None:
    assert read(b"\xc2\xea\xf3\xf1\xed\xee\r\n\x1a", "a.txt").column("text") == ["Вкусно"]
    table = read("Вкус\x07но и быстро", "a.txt")
    assert table.column("text") == ["Вкусно и быстро"]
    assert notes(table) == {"controls": {"count": 1}}


@pytest.mark.parametrize("lines", [1, 3, 10])
@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "cp866", "utf-8", "utf-16", "utf-16-le"])
def test_hardly_a_sample_of_reviews_is_misread(encoding: str, lines: int) -> None:
    order = random.Random(lines)
    for _ in range(40):
        text = "\n".join(order.sample(REVIEWS, lines))
        data = text.encode(encoding, "replace").replace(b"\n", b"\r\n" if encoding == "cp1251" else b"\n")
        assert decode_bytes(data)[0].replace("\r\n", "\n") == data.decode(encoding).replace("\r\n", "\n")


@pytest.mark.parametrize(
    "text",
    [
        "Спасибо!\r\nХороший кофе\r\nУютно\r\nЧисто\r\nРекомендую\r\n",
        "Отзыв;Балл\r\nХорошо;5\r\nСупер;4\r\nУжасно;1\r\nТихо;4\r\n",
        "Здесь\nЧисто\nЗдорово\nЗамечательно\nЗря\nЧай\nЧестно",
        "ДА\r\nНЕТ\r\nВКУСНО",
        "Да",
        "Ещё!",
        "Эх",
        "«Кофе» — это “да”…",
        "iPhone 13 Pro Max отличный",
        "https://market.example/product/123,Да,5",
        "Дуже смачна кава, дякую! Їжа теж. Кав’ярня",
    ],
)
def test_short_texts_of_windows(text: str) -> None:
    found, guess, _ = decode_bytes(text.encode("cp1251"))
    assert (found, guess.value) == (text, "cp1251")


def test_old_macs_end_lines_with_a_return_alone() -> None:
    text = "Вкусно\rСпасибо за чай\rЧисто"
    assert read(text.encode("mac-cyrillic"), "a.txt").column("text") == text.split("\r")


def test_emoji_in_two_halves() -> None:
    halves = "Супер \ud83d\ude00".encode("utf-8", "surrogatepass")
    assert read(halves, "a.txt").column("text") == ["Супер 😀"]
    assert read(halves + b"\n\xff", "a.txt").column("text")[0] == "Супер 😀"


@pytest.mark.parametrize("text", ["Да", "Вкусно"])
def test_a_word_in_utf_16_without_a_mark(text: str) -> None:
    assert decode_bytes(text.encode("utf-16-le"))[0] == text
    assert decode_bytes(text.encode("utf-16-be"))[0] == text


@pytest.mark.parametrize("stray", [b"\xff", b"\xff\xfe", b"\xff\xff\xff", b"\xd0", b"caf\xc3"])
def test_stray_bytes_on_a_line_of_their_own_are_no_letters(stray: bytes) -> None:
    table = read("И быстро\n".encode() + stray + "\nВкусно".encode(), "a.txt")
    shown = stray.decode("utf-8", "replace")
    assert table.column("text") == ["И быстро", shown, "Вкусно"]
    assert notes(table) == {"bad_bytes": {"count": shown.count("\ufffd")}}


@pytest.mark.parametrize("encoding", [None, "utf-8"])
@pytest.mark.parametrize("older", ["cp1251", "koi8-r", "cp866"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_each_line_is_read_in_its_own_encoding(older: str, share: float, encoding: str | None) -> None:
    order = random.Random(f"{older} {share}")
    for _ in range(20):
        lines = order.sample(
            [line for line in REVIEWS if line.encode(older, "replace").decode(older) == line], 20
        )
        kinds = ["utf-8", older, *order.choices((older, "utf-8"), (1 - share, share), k=18)]
        data = b"\r\n".join(line.encode(kind) for line, kind in zip(lines, kinds, strict=True))
        text, guess, notes = decode_bytes(data, encoding)
        assert (text.split("\r\n"), guess.value) == (lines, "utf-8")
        assert [note.details for note in notes] == [{"count": kinds.count(older), "encoding": older}]


def test_a_few_lines_of_utf_8_stay_so() -> None:
    for line in ("Вкусно и быстро", "Да", "👍", "好吃", "Très bon", "5 € – cher"):
        data = line.encode() + "\nДолго ждали\nДорого\nПриду ещё\n".encode("cp1251")
        assert decode_bytes(data)[0].split("\n")[:2] == [line, "Долго ждали"]


@pytest.mark.parametrize(
    ("encoding", "lines"),
    [
        ("cp1251", ["Пётр", "Пё", "5 С°", "Б—", "Я №1", "А»"]),
        ("cp866", ["так", "сок", "род", "так себе", "рад"]),
        ("koi8-r", ["её", "Ещё", "моё"]),
    ],
)
def test_short_lines_of_an_older_encoding_are_not_utf_8_by_chance(encoding: str, lines: list[str]) -> None:
    """All but one of these bytes are valid UTF-8, or nearly."""
    text = "\n".join([*lines, "Вкусно и быстро, рекомендую"])
    found, guess, notes = decode_bytes(text.encode(encoding))
    assert (found, guess.value, notes) == (text, encoding, [])
