"""What programs put around the words of a cell."""

from __future__ import annotations

import pytest

from demos.operations.files.cells import clean_cell
from tests.reading import read


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("Кофе &amp; десерты &quot;супер&quot;<br>ещё приду", 'Кофе & десерты "супер"\nещё приду'),
        ("Плохо&nbsp;очень &#128512;&#x2014;нет", "Плохо очень 😀—нет"),
        ("<p>Вкусно.</p><p class='a'>Но <b>дорого</b>&hellip;</p>", "Вкусно.\nНо дорого…"),
        ("&lt;3 и 2<3, a <b и c> d; AT&T; Q&A", "<3 и 2<3, a <b и c> d; AT&T; Q&A"),
        ("[id12|Оля], спасибо! [club7|Кафе «Уют»] [1|2]", "Оля, спасибо! Кафе «Уют» [1|2]"),
        ('{"text":"Спасибо за видео!"}', "Спасибо за видео!"),
        ('{"text":"Полезно, "},{"text":"жду \\"ещё\\""}', 'Полезно, жду "ещё"'),
        ('{"text":"Не конец', '{"text":"Не конец'),
        ('{"text":"Вкусно"},7', '{"text":"Вкусно"},7'),
        ("'=1+1", "=1+1"),
        ("' - дорого", "- дорого"),
        ("'цитата'", "'цитата'"),
    ],
)
def test_a_cell_as_a_person_reads_it(cell: str, words: str) -> None:
    assert clean_cell(cell) == words


def test_a_takeout_of_youtube() -> None:
    table = read(
        "Comment ID,Channel ID,Price,Video ID,Comment Text\n"
        'Ugx,UC1,0,v1,"{""text"":""Спасибо за видео!""}"\n'
        'Ugy,UC1,0,v2,"{""text"":""Очень полезно, ""},{""text"":""жду ещё""}"\n'
    )
    assert table.text_columns[0] == "Comment Text"
    assert table.column("Comment Text") == ["Спасибо за видео!", "Очень полезно, жду ещё"]


def test_a_formula_that_keeps_a_code_is_the_code() -> None:
    table = read('Код;Отзыв\n="007";="Кофе ""лучший"" тут"\n="008";Дорого\n')
    assert table.rows == (("007", 'Кофе "лучший" тут'), ("008", "Дорого"))
