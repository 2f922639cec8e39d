"""Chats, as messengers export and copy them."""

from __future__ import annotations

import json

import pytest

from tests.reading import notes, read


@pytest.mark.parametrize(
    "lines",
    [
        ["01.09.2026, 14:23 - Аня: Кофе остыл", "и стоял", "01.09.2026, 14:25 - Боб: <Без медиафайлов>",
         "01.09.2026, 14:30 - Боб: Вкусно"],
        ["[9/1/26, 2:23:01 PM] Аня: Кофе остыл", "и стоял", "[9/1/26, 2:25:00 PM] Боб: image omitted",
         "[9/1/26, 2:30:00 PM] Боб: Вкусно"],
    ],
)  # fmt: skip
def test_chats(lines: list[str]) -> None:
    table = read("\n".join(lines), "chat.txt")
    assert table.column("text") == ["Кофе остыл\nи стоял", "Вкусно"]
    assert table.column("author") == ["Аня", "Боб"]
    assert table.text_columns[0] == "text"
    assert notes(table) == {"omitted": {"count": 1}}


@pytest.mark.parametrize(
    "lines",
    [
        ["10:00:01\t From  Аня : Кофе остыл", "10:05:09\t From  Боб : Вкусно: да"],
        ["10:00:01\tАня:\tКофе остыл", "10:05:09\tБоб:\tВкусно: да"],
    ],
)
def test_a_chat_of_zoom(lines: list[str]) -> None:
    table = read("\n".join(lines), "chat.txt")
    assert table.rows == (("10:00:01", "Аня", "Кофе остыл"), ("10:05:09", "Боб", "Вкусно: да"))


def test_a_chat_of_telegram() -> None:
    messages = [
        {
            "id": 1,
            "type": "message",
            "from": "Аня",
            "text": ["Смотри ", {"type": "link", "text": "ya.ru"}, "!"],
        },
        {"id": 2, "type": "message", "from": "Боб", "text": "Вкусно"},
    ]
    table = read(json.dumps({"name": "Кафе", "id": 7, "messages": messages}), "result.json")
    assert table.column("text") == ["Смотри ya.ru!", "Вкусно"]
    assert table.text_columns[0] == "text"


@pytest.mark.parametrize(
    "content",
    [
        "01/09/2026 à 14:23 - Anne : Café froid\n01/09/2026 à 14:25 - Boris : Très bon\n",
        "1/9/2026, 2:23 p.\u00a0m. - Anne: Café froid\n1/9/2026, 2:25 p.\u00a0m. - Boris: Très bon\n",
        "[01.09.26, 14:23:01] Anne: Café froid\n[01.09.26, 14:25:00] Boris: Très bon\n",
        "Anne, [01.09.2026 14:23]\nCafé froid\n\nBoris, [01.09.2026 14:25]\nTrès bon\n",
        "[ 01.09.2026 14:23 ] Anne: Café froid\n[ 01.09.2026 14:25 ] Boris: Très bon\n",
    ],
)
@pytest.mark.parametrize("name", ["chat.txt", "chat.csv"])
def test_chats_of_other_messengers_and_languages(content: str, name: str) -> None:
    table = read(content, name)
    assert table.column("author") == ["Anne", "Boris"]
    assert table.column("text") == ["Café froid", "Très bon"]
    assert notes(table) == {}


@pytest.mark.parametrize(
    "text",
    [
        "изображение отсутствует", "видео отсутствует", "Это сообщение удалено",
        "Вы удалили данное сообщение.",
        "Diese Nachricht wurde gelöscht.", "Bild weggelassen", "You deleted this message", "image omitted",
        "This message was deleted.", "<Медиафайл без текста>", "IMG-20260901-WA0001.jpg (файл добавлен)",
        "Messages and calls are end-to-end encrypted. No one outside of this chat can read them.",
        "Сообщения и звонки защищены сквозным шифрованием. Третьи лица не могут их прочитать.",
        "imagen omitida",
    ],
)  # fmt: skip
def test_what_is_no_message_is_left_out(text: str) -> None:
    table = read(
        f"[01.09.2026, 14:23:01] Аня: Вкусно\n[01.09.2026, 14:24:00] Аня: \u200e{text}\n", "chat.txt"
    )
    assert table.column("text") == ["Вкусно"]
    assert notes(table) == {"omitted": {"count": 1}}


def test_lines_of_the_messenger_itself_belong_to_nobody() -> None:
    lines = ["01.09.2026, 14:20 - Сообщения и звонки защищены сквозным шифрованием.",
             "01.09.2026, 14:23 - Аня: Вкусно", "01.09.2026, 14:24 - Боб вступил(а) по ссылке",
             "01.09.2026, 14:25 - Боб: Дорого"]  # fmt: skip
    assert read("\n".join(lines), "chat.txt").column("text") == ["Вкусно", "Дорого"]


def message(number: int, text: str) -> dict[str, object]:
    entities = [{"type": "plain", "text": text}]
    parts = {"id": number, "type": "message", "date": "2026-09-01T14:23:00", "date_unixtime": "1788256980"}
    return {
        **parts,
        "from": "Анна Петрова",
        "from_id": "user12345678",
        "text": text,
        "text_entities": entities,
    }


SERVICE = {
    "id": 1,
    "type": "service",
    "date": "2026-09-01T14:20:00",
    "actor": "Анна Петрова",
    "action": "create_group",
    "title": "Кафе",
    "members": ["Анна Петрова", "Боб"],
    "text": "",
    "text_entities": [],
}


@pytest.mark.parametrize("whole", [False, True])
def test_an_export_of_telegram(whole: bool) -> None:
    about = "Here is the data you requested. Remember: Telegram is ad free."
    cafe: dict[str, object] = {"name": "Кафе", "type": "private_group", "id": 7}
    if whole:
        chats = [
            {**cafe, "messages": [SERVICE, message(2, "Вкусно")]},
            {**cafe, "messages": [message(3, "Дорого")]},
        ]
        content: dict[str, object] = {"about": about, "chats": {"about": about, "list": chats}}
    else:
        content = {**cafe, "messages": [SERVICE, message(2, "Вкусно"), message(3, "Дорого")]}
    table = read(json.dumps(content, ensure_ascii=False), "result.json")
    assert table.text_columns[0] == "text"
    assert table.column("text") == ["Вкусно", "Дорого"]
    assert notes(table) == {"omitted": {"count": 1}}
