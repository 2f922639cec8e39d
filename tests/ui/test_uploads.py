"""An uploaded table on the page."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import gradio as gr
import pytest
from gradio.components import Component
from gradio.data_classes import FileData

from demos import average, style
from demos.codec import Codecs
from demos.operations.files.tables import TableError, read_table
from demos.ui.live import Asked
from demos.ui.uploads import (
    GUESSES,
    Read,
    build_upload,
    file_line,
    file_notes,
    guess_updates,
    read_upload,
)
from tests.tab import TabPage


def test_what_was_guessed_can_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "Отзывы.CSV"
    path.write_text("id;отзыв;лайки\n1;Вкусный кофе;3\n2;Дорого;5\n", encoding="cp1251")
    table = read_upload(str(path))
    updates = guess_updates(table, "ru")
    assert list(updates) == list(GUESSES)
    assert {name: update["value"] for name, update in updates.items()} == {
        "sheet": None,
        "encoding": "cp1251",
        "delimiter": ";",
        "header": "yes",
    }
    assert [update["visible"] for update in updates.values()] == [False, True, True, True]
    assert ("табуляция", "\t") in updates["delimiter"]["choices"]
    assert ("названия столбцов", "yes") in updates["header"]["choices"]
    again = read_upload(str(path), {"encoding": "koi8-r", "delimiter": "", "header": "no", "sheet": None})
    assert (again.encoding, again.columns, len(again.rows)) == ("koi8-r", ("column 1",), 3)
    with pytest.raises(TableError):
        read_upload(str(path), {"encoding": "base64"})


def test_signs_that_cannot_be_seen_have_names() -> None:
    table = read_table('"text" "stars"\n"1" "Вкусно" 5\n"2" "Дорого" 2\n'.encode(), "a.csv")
    assert ("spaces", " ") in guess_updates(table)["delimiter"]["choices"]
    assert "разделитель столбцов: пробел" in file_line("a.csv", table, "ru")


def test_the_line_about_a_file() -> None:
    table = read_table("id;отзыв\n1;Вкусный *кофе*\n2;Дорого\n".encode("cp1251"), "a.csv")
    line = file_line("/tmp/x/a_1.csv", table)
    assert line.startswith(r"**a\_1\.csv**: rows: 2, encoding cp1251, columns separated by ;.")
    assert r"Вкусный \*кофе\*" in line


def test_what_was_not_read_of_a_file_is_told() -> None:
    content = 'text,votes\n"Плохо”,1\nДа,2\nNULL,−3\n'
    table = read_table(content.encode(), "a.csv")
    assert file_notes(table) == [
        "Rows with wrong quotes, read as they stand: 1 (the first is row 2).",
        "Cells of “text” that say nothing (NaN, NULL, true), left out: 1.",
        "Cells of “votes” that cannot weigh (such as “−3”) count 0: 1.",
    ]
    assert len(file_notes(table, "ru")) == 3


def test_a_column_of_numbers_that_cannot_weigh_is_told() -> None:
    rows = "Хорошо;5\nПлохо;не знаю\nТак;3\nДа;4\nНет;не знаю\nЕщё;5\n"
    table = read_table(f"Отзыв;Оценка\n{rows}".encode(), "a.csv")
    assert table.number_columns == []
    assert file_notes(table, "ru") == [
        "Столбец «Оценка» не годится как вес: в нём слишком много ячеек без числа от нуля "
        "(например, «не знаю»): 2."
    ]
    assert file_notes(read_table("t;n\nХорошо;−1\nПлохо;−2\n".encode(), "a.csv")) == [
        "“n” cannot weigh the texts: too many of its cells are no numbers of 0 or more (such as “−1”): 2."
    ]


def test_a_choice_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("отзыв,лайки,город\nВкусный кофе,3,Хороший город\nДорого,5,Тихо тут\n", encoding="utf-8")
    with gr.Blocks():
        upload = build_upload("average")
    shown = upload.received(Asked({upload.button: str(path)}))
    values: dict[Component, Any] = {one: shown[one] for one in (upload.read, upload.table)}
    values |= {box: shown[box]["value"] for box in upload.chosen}
    assert upload.reread(Asked(values)) is None
    values[upload.weight] = "лайки"
    changed = upload.reread(Asked(values))
    assert changed is not None
    guesses = {name: values[box] for name, box in upload.guesses.items()}
    assert changed == {upload.read: Read(str(path), "отзыв", "лайки", guesses)}
    values[upload.read] = changed[upload.read]
    assert upload.reread(Asked(values)) is None


@pytest.mark.parametrize(("tab", "button"), [(average, "average-upload"), (style, "style-own-file")])
@pytest.mark.parametrize("name", ["msf:1000000033", "chat", "photo.jpg", "setup.exe"])
def test_the_buttons_leave_it_to_the_reader_what_a_file_is(
    codecs: Codecs, tmp_path: Path, tab: ModuleType, button: str, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes("a;b\nДа вот;Ну да\nНет уж;Ну нет\n".encode())
    picker = TabPage(tab, codecs).by_id[button]
    assert picker.preprocess(FileData(path=str(path), mime_type="text/plain")) == str(path)
    assert picker.file_types is None, "a phone's picker offers all files"


def test_only_some_of_many_columns_that_cannot_weigh_are_told() -> None:
    lines = [["отзыв", *(f"q{n}" for n in range(12))], ["Хорошо", *["-1"] * 12], ["Дорого", *["-3"] * 12]]
    table = read_table("\n".join(map(";".join, lines)).encode(), "a.csv")
    told = file_notes(table)
    assert (len(told), told[-1]) == (6, "More columns with cells that cannot weigh: 7.")
    assert "“q4”" in told[4]
