"""A table of pairs becomes the two lists of an axis, whatever kind of file it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from demos import style
from demos.codec import Codecs
from demos.operations.axes import STYLE_FILES, AxisError, lists_of, read_axis
from demos.operations.files.tables import Table, read_file, read_table
from demos.ui.exports import json_text, save_csv, save_xlsx
from tests.reading import spreadsheet
from tests.tab import TabPage

PAIRS = [
    {"раньше": "Вчера шёл дождь, долго", "потом": "Завтра будет дождь, долго", "кто": 5},
    {"раньше": "Мы ездили на море", "потом": "", "кто": 2},
    {"раньше": "Он читал;\nписал", "потом": "Он будет читать;\nписать", "кто": 1},
]
LISTS = ("Вчера шёл дождь, долго\nОн читал; писал", "Завтра будет дождь, долго\nОн будет читать; писать")


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The same pairs in files of several kinds."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    json_file = tmp_path / "pairs.json"
    json_file.write_text(json_text(PAIRS), encoding="utf-8")
    return {
        ".csv": save_csv(PAIRS, "pairs"),
        "; .csv": save_csv(PAIRS, "pairs", "ru"),
        ".xlsx": save_xlsx(PAIRS, "pairs"),
        ".json": str(json_file),
    }


@pytest.mark.parametrize("kind", [".csv", "; .csv", ".xlsx", ".json"])
def test_a_file_fills_the_name_and_both_lists(codecs: Codecs, files: dict[str, str], kind: str) -> None:
    page = TabPage(style, codecs)
    page["style-own-file"] = files[kind]
    shown = page.press("style-own-file", "upload")
    assert (shown["style-own-from"], shown["style-own-to"]) == LISTS
    assert shown["style-own-name"] == "раньше → потом"
    assert "2 pairs, from “раньше” to “потом”" in shown["style-own-said"]
    assert "left out: 1" in shown["style-own-said"]
    page.press("style-own-make")
    assert "раньше → потом" in page["style-own-said"]


@pytest.mark.parametrize(
    "content", ["Вкусно\nДорого и долго\n", "a,b\nДа вот,1\nНет уж,2\n", "%PDF-1.7\n\x00"]
)
def test_a_file_without_pairs_changes_nothing_but_the_message(
    codecs: Codecs, tmp_path: Path, content: str
) -> None:
    page = TabPage(style, codecs)
    path = tmp_path / "one.csv"
    path.write_text(content, encoding="utf-8")
    page["style-own-file"] = str(path)
    page["style-own-from"] = "Мой список"
    shown = page.press("style-own-file", "upload")
    assert "ss-error" in shown["style-own-said"]
    assert page["style-own-from"] == "Мой список"


def test_what_was_guessed_about_the_pairs_is_corrected(codecs: Codecs, tmp_path: Path) -> None:
    page = TabPage(style, codecs)
    assert not page.by_id["style-own-header"].visible
    path = tmp_path / "pairs.csv"
    path.write_text("ты;вы\nИди;Идите\nПой;Пойте\n", encoding="koi8-r")
    page["style-own-file"] = str(path)
    shown = page.press("style-own-file", "upload")
    assert (shown["style-own-header"]["visible"], shown["style-own-header"]["value"]) == (True, "no")
    assert shown["style-own-encoding"]["value"] == "koi8-r"
    assert page["style-own-from"] == "ты\nИди\nПой"
    assert page.press("style-own-header", "blur") == {}, "nothing else was chosen"
    page["style-own-header"] = "yes"
    shown = page.press("style-own-header", "blur")
    assert (shown["style-own-name"], shown["style-own-from"]) == ("ты → вы", "Иди\nПой")
    page["style-own-delimiter"] = ","
    assert "ss-error" in page.press("style-own-delimiter", "blur")["style-own-said"]
    page["style-own-delimiter"] = ";"
    assert "2 pairs" in page.press("style-own-delimiter", "blur")["style-own-said"]


def test_the_sheet_of_the_pairs_is_chosen(codecs: Codecs, tmp_path: Path) -> None:
    page = TabPage(style, codecs)
    path = tmp_path / "pairs.xlsx"
    path.write_bytes(
        spreadsheet(
            one=[["Было", "Стало"], ["Ты идёшь", "Вы идёте"], ["Ты поёшь песню", "Вы поёте песню"]],
            other=[["Раньше", "Потом"], ["Я шёл", "Я пойду"], ["Я пел", "Я спою"]],
        )
    )
    page["style-own-file"] = str(path)
    shown = page.press("style-own-file", "upload")
    assert (shown["style-own-sheet"]["value"], shown["style-own-name"]) == ("one", "Было → Стало")
    page["style-own-sheet"] = "other"
    assert page.press("style-own-sheet", "blur")["style-own-from"] == "Я шёл\nЯ пел"


def test_one_word_each_above_phrases_names_them() -> None:
    table = read_table("Было;Стало\nТы идёшь;Вы идёте\nТы поёшь;Вы поёте\n".encode(), "a.csv")
    assert (lists_of(table).name, lists_of(table).pairs) == ("Было → Стало", 2)
    phrases = read_table("Кофе;Чай.\nВкусный кофе;Крепкий чай\nЕщё кофе;И чай\n".encode(), "a.csv")
    assert phrases.guess("header") == "no"


def test_a_bundled_axis_comes_back_from_its_file() -> None:
    axis = read_axis(STYLE_FILES / "ty_vy.tsv")
    lists = lists_of(read_file(str(STYLE_FILES / "ty_vy.tsv")))
    assert lists.name == "ты → вы"
    assert lists.from_text.split("\n") == list(axis.from_texts)
    assert lists.to_text.split("\n") == list(axis.to_texts)


def test_columns_without_names_or_with_long_ones_give_no_name() -> None:
    rows = "Ты идёшь домой,Вы идёте домой\nТы поешь сама,Вы поедите сами\n"
    assert lists_of(read_table(rows.encode(), "a.csv")).name == ""
    long = ("Как вы сказали бы это другу", "Как вы сказали бы это начальнику")
    lists = lists_of(Table(long, (("Ты идёшь домой", "Вы идёте домой"),)))
    assert (lists.name, lists.columns) == ("", long)


def test_codes_are_no_sentences() -> None:
    lists = lists_of(
        read_table("ID;Было;Стало\nA-101;Ты идёшь;Вы идёте\nA-102;Ты поёшь;Вы поёте\n".encode(), "a.csv")
    )
    assert lists.columns == ("Было", "Стало")


def test_rows_with_one_sentence_alone_are_no_pairs() -> None:
    with pytest.raises(AxisError) as caught:
        lists_of(read_table("a,b\nПервый ряд,NULL\nnan,Второй ряд\nТретий ряд,\n".encode(), "a.csv"))
    assert caught.value.details["reason"] == "one_column"
