"""HTML and Excel's XML of 2003, in files called .xls and others."""

from __future__ import annotations

import time

import pytest

from demos.operations.files import html_tables
from tests.reading import notes, read, reason

NAMES = ("a.xls", "a.XLS", "a.html", "a.xml", "a.csv", "a.xlsx", "a.txt", "a")

# As 1C saves a report.
PAGE = """<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.0 Transitional//EN">
<HTML><HEAD><META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=windows-1251">
<STYLE TYPE="text/css">TABLE { empty-cells: show } <table><tr><td>Не таблица</td></tr></STYLE></HEAD>
<BODY><!-- <table><tr><td>Не таблица</td></tr></table> -->
<TABLE CELLSPACING=0><COL WIDTH=7>
<TR CLASS=R0><TD CLASS="R0C0" COLSPAN=3><SPAN>Отчёт за сентябрь</SPAN></TD></TR>
<TR><TD>Товар</TD><TD>Отзыв</TD><TD>Оценка</TD></TR>
<TR><TD ROWSPAN=2>Чайник</TD><TD TITLE="a > b">Греет быстро,&nbsp;но
   <B>шумит</B></TD><TD>4</TD></TR>
<TR><TD>Хорош!<BR>Всем &laquo;советую&raquo; &lt;3</TD><TD>5</TD></TR>
<TR><TD>Утюг</TD><TD COLSPAN="1">Не греет совсем</TD><TD>1</TD></TR>
</TABLE></BODY></HTML>
"""

WORKBOOK = """<?xml version="1.0" encoding="UTF-8"?>
<?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
 <Worksheet ss:Name="Сводка"><Table><Row><Cell><Data ss:Type="Number">12</Data></Cell></Row></Table></Worksheet>
 <Worksheet ss:Name="Отзывы"><Table ss:ExpandedColumnCount="4">
  <Row><Cell ss:MergeAcross="2"><Data ss:Type="String">Отчёт</Data></Cell></Row>
  <Row ss:Index="3"><Cell><Data ss:Type="String">Дата</Data></Cell><Cell><Data ss:Type="String">Отзыв</Data></Cell>
   <Cell ss:Index="4"><Data ss:Type="String">Балл</Data></Cell></Row>
  <Row><Cell><Data ss:Type="DateTime">2026-09-01T00:00:00.000</Data></Cell>
   <Cell><ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40">Вкусно <B>&amp;</B> недорого&#10;Спасибо</ss:Data>
    <Comment ss:Author="Анна"><ss:Data>проверено</ss:Data></Comment></Cell>
   <Cell ss:Index="4"><Data ss:Type="Number">4.5</Data></Cell></Row>
  <Row><Cell/><Cell><Data ss:Type="String"><![CDATA[Долго <ждали>]]></Data></Cell>
   <Cell ss:Index="4"><Data ss:Type="Number">2</Data></Cell></Row>
 </Table></Worksheet>
</Workbook>
"""  # noqa: E501


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_a_page_whatever_its_suffix_and_encoding(name: str, encoding: str) -> None:
    table = read(PAGE.encode(encoding), name)
    assert table.columns == ("Товар", "Отзыв", "Оценка")
    assert table.rows == (
        ("Чайник", "Греет быстро, но шумит", "4"),
        ("", "Хорош!\nВсем «советую» <3", "5"),
        ("Утюг", "Не греет совсем", "1"),
    )
    assert (table.text_columns[0], table.number_columns) == ("Отзыв", ["Оценка"])
    assert notes(table) == {"preamble": {"count": 1}}
    assert table.encoding == encoding.removesuffix("-sig")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_workbook_of_xml_whatever_its_suffix_and_encoding(name: str, encoding: str) -> None:
    table = read(WORKBOOK.encode(encoding), name)
    assert table.columns == ("Дата", "Отзыв", "Балл")
    assert table.rows == (("2026-09-01", "Вкусно & недорого\nСпасибо", "4.5"), ("", "Долго <ждали>", "2"))
    assert (table.guess("sheet"), table.plain) == ("Отзывы", True)


def test_another_sheet_or_table_can_be_chosen() -> None:
    page = "<table><tr><td>Вкусно<table><tr><td>Очень дорого и долго<td>Мало</table>, но мало</table>"
    table = read(page, "a.xls")
    assert (table.rows, table.guess("sheet")) == ((("Очень дорого и долго", "Мало"),), "2")
    assert read(page, "a.xls", sheet="1").rows == (("Вкусно, но мало",),)
    other = WORKBOOK.replace("12<", "Хорошо<")
    assert read(other, "a.xls", sheet="Сводка").rows == (("Хорошо",),)


def test_tags_that_are_not_closed() -> None:
    page = "<table border><tr><th>Отзыв<th>Балл<tr><td>Вкусно<td>5<tr><td title='>'\">Дорого <i><td>2"
    assert read(page, "a.xls").rows == (("Вкусно", "5"), ("Дорого", "2"))


def test_the_encoding_that_a_page_declares_decides_between_old_ones() -> None:
    page = "<meta charset=windows-1250><table><tr><td>Dobrý čaj</table>"
    assert read(page.encode("cp1250"), "a.xls").rows == (("Dobrý čaj",),)
    assert read(page.replace("1250", "").encode("cp1250"), "a.xls").rows != (("Dobrý čaj",),)
    for wrong in ("utf-8", "nonsense", "base64"):
        said = PAGE.replace("windows-1251", wrong).encode("cp1251")
        assert read(said, "a.xls").encoding == "cp1251"
    assert read("<meta charset=iso-8859-1><table><tr><td>„Größe“".encode("cp1252")).encoding == "cp1252"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<html><body>Вкусно</body></html>", "no_table"),
        ("<?xml version='1.0'?><rss><title>Вкусно</title></rss>", "no_table"),
        ("<html><table></table></html>", "no_table"),
        ("<table><tr><td> <td>&nbsp;</table>", "no_table"),
        (WORKBOOK[:900], "broken"),
        (WORKBOOK.replace("&amp;", "&"), "broken"),
        (WORKBOOK.replace('Index="4"', 'Index="501"'), "many_columns"),
        ("<table><tr>" + "<td>Вкусно" * 501, "many_columns"),
        ("MIME-Version: 1.0\n\n<table><tr><td>Вкусно", "binary"),
    ],
)
def test_what_has_no_table_is_refused_with_a_reason(content: str, expected: str) -> None:
    assert reason(content, "a.xls") == expected


def test_text_that_begins_with_a_tag_is_text() -> None:
    assert read("<b>Вкусно</b>\nДорого\n", "a.txt").column("text") == ["Вкусно", "Дорого"]
    assert read("<p>Отзыв</p>;5\n<p>Ещё</p>;4\n", "a.csv").number_columns == ["column 2"]


BOMB = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "declared",
    [f'<!ENTITY l0 "да">{BOMB}', '<!ENTITY l9 SYSTEM "file:///etc/passwd">', '<!ENTITY l9 "да">', ""],
    ids=["bomb", "file", "harmless", "none"],
)
def test_xml_that_declares_entities_is_refused(declared: str) -> None:
    content = WORKBOOK.replace("<Workbook", f"<!DOCTYPE Workbook [{declared}]>\n<Workbook", 1)
    assert reason(content.replace("Вкусно", "&l9;"), "a.xls") == "declares"


def test_entities_of_a_page_stay_as_they_stand() -> None:
    page = f"<!DOCTYPE html [<!ENTITY l0 'да'>{BOMB}]><table><tr><td>Вкусно &l9; &#{'9' * 5000};</table>"
    ((cell,),) = read(page, "a.xls").rows
    assert "&l9;" in cell
    assert len(cell) < 6000


def test_cells_that_stand_for_very_many_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = "<table>" + "<tr><td colspan=400>Вкусно<td>Дорого" * 20
    assert len(read(wide, "a.xls").rows) == 20
    tall = "<table><tr><td rowspan=9999 colspan=400>Вкусно<td>Да" + "<tr><td>Дорого" * 19
    assert read(tall, "a.xls").columns == ("column 1", "column 401")
    monkeypatch.setattr(html_tables, "_MOST_CELLS", 8000)
    assert reason(wide, "a.xls") == "many_cells"
    assert reason(tall, "a.xls") == "many_cells"


@pytest.mark.parametrize(
    "hostile",
    [
        *(
            "<",
            "<!--",
            "<a ",
            "<a b='",
            "<a \"'",
            "<td b='\"",
            '<a b="\'"',
            "</",
            "<script>",
            "<table>",
            "<tr>",
        ),
        *(
            "<aaa",
            "&#9",
            "&",
            "<td colspan=" + " " * 999,
            "<td colspan" + " =" * 499,
            "<br>",
            "\"'",
            "a=b ",
            " ",
        ),
    ],
)
def test_eight_times_a_hostile_page_takes_about_eight_times_the_work(hostile: str) -> None:
    """Work that grows with the square of a page would take sixty-four times as long for one of eight times
    the size; the least time of three counts."""
    least = dict.fromkeys((25_000, 200_000), float("inf"))
    for size in [*least] * 3:
        page = "<table><tr><td>Вкусно<td>Дорого <a " + hostile * (size // len(hostile))
        started = time.process_time()
        html_tables.read_markup(page, None)
        least[size] = min(least[size], time.process_time() - started)
    assert least[200_000] < 24 * least[25_000] + 0.02


@pytest.mark.parametrize(
    "content",
    [
        "<data><row><index>0</index><text>Вкусно &amp; быстро</text><stars>5</stars></row>"
        "<row><index>1</index><text>Дорого</text><stars/></row></data>",
        '<all><row index="0" text="Вкусно &amp; быстро" stars="5"/><row index="1" text="Дорого"/></all>',
        '<a:feed xmlns:a="x"><a:title>Отзывы</a:title><a:link href="http://a.ru"/><a:entry><a:index>0</a:index>'
        '<a:text type="html">Вкусно &amp; быстро</a:text><a:stars max="5">5</a:stars>'
        "<a:by><a:name>Ия</a:name></a:by></a:entry><a:entry><a:index>1</a:index><a:text>Дорого</a:text></a:entry></a:feed>",
    ],
    ids=["pandas", "attributes", "feed"],
)
def test_xml_of_any_program(content: str) -> None:
    table = read(f'<?xml version="1.0" encoding="utf-8"?>\n{content}', "a.xml")
    assert table.columns == ("index", "text", "stars")
    assert table.rows == (("0", "Вкусно & быстро", "5"), ("1", "Дорого", ""))


def test_xml_of_many_levels_and_names_is_read_to_its_end() -> None:
    deep = "<a b='c'>" * 3000 + "Глубоко" + "</a>" * 3000
    many = "".join(f"<n{number}><t>Да</t></n{number}>" for number in range(3000))
    rows = "<r><text>Вкусно и быстро</text></r>" * 2
    table = read(f"<?xml version='1.0'?><all>{rows}{deep}{many}</all>", "a.xml")
    assert table.column("text") == ["Вкусно и быстро"] * 2
    assert reason("<?xml version='1.0'?><all><r></all>", "a.xml") == "broken"
    assert reason("<?xml version='1.0'?><all>Слова</all>", "a.xml") in ("no_table", "no_text", "empty")


def test_a_chat_that_telegram_exports_as_a_page() -> None:
    def message(author: str, words: str) -> str:
        named = f'<div class="from_name">\nАнна{author} \n</div>' if author else ""
        return (
            '<div class="message default clearfix"><div class="pull_left"><div class="initials">А'
            '</div></div><div class="body"><div class="pull_right date details" title="01.09.2026 10:00:00">'
            f'10:00</div>{named}<div class="text">\n{words}\n</div></div></div>'
        )

    chat = message(" К.", "Кофе <strong>супер</strong>,<br>приду ещё &amp; ещё") + message("", "И недорого")
    page = f'<!DOCTYPE html><html><body><div class="page_header">Чат</div>{chat}</body></html>'
    table = read(page, "messages.html")
    assert table.columns == ("date", "author", "text")
    assert table.rows == (
        ("01.09.2026 10:00:00", "Анна К.", "Кофе супер,\nприду ещё & ещё"),
        ("01.09.2026 10:00:00", "Анна К.", "И недорого"),
    )
    assert reason(page.replace('class="text"', 'class="media"'), "messages.html") == "no_table"
