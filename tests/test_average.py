"""The Average tab: runs and their progress, settings, the screen, files, the endpoint."""

from __future__ import annotations

import csv
import json
import re
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest

from demos import average
from demos.average import Done, Question, example_of
from demos.codec import Codecs
from demos.operations import opinions
from demos.operations.files.tables import Table, TableError, read_table
from demos.operations.opinions import Settings
from demos.operations.reviews import Review, ReviewsError, examples
from demos.operations.turns import Turns
from demos.plots.opinions import MOST_WRITTEN
from demos.ui.markup import safe
from demos.ui.opinions import opinions_map
from tests.reading import spreadsheet
from tests.tab import Shown, TabPage

REVIEWS = "Отличный кофе!\nКофе очень вкусный.\nЖдали заказ сорок минут.\nОчень долго несли заказ."
READY = (gr.update(visible=True), gr.update(visible=False))  # the buttons that start and stop


def opened(codecs: Codecs, text: str = REVIEWS, language: str = "en", **values: Any) -> TabPage:
    """The tab with a text in it; other controls by the ends of their names."""
    page = TabPage(average, codecs, language)
    controls = {"text": text, "opinions": 2, "auto": False, "choices": 2} | values
    for name, value in controls.items():
        page[f"average-{name}"] = value
    return page


def buttons(shown: Shown) -> Any:
    return shown.get("average-go"), shown.get("average-stop")


@pytest.fixture(scope="module")
def page(codecs: Codecs) -> TabPage:
    """The tab with the reviews summed up."""
    page = opened(codecs)
    page.press("average-go")
    return page


@pytest.fixture(scope="module")
def done(page: TabPage) -> Done:
    found: Done = page.state(Done)
    return found


def test_a_large_set_tells_how_many_are_before_it(codecs: Codecs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opinions, "LARGE", 1)
    monkeypatch.setattr(opinions, "_TURNS", Turns(at_once=1, waiting=1))
    monkeypatch.setattr("demos.operations.turns.LOOK", 0.01)
    with ExitStack() as another:
        another.enter_context(opinions._TURNS.turn())
        shown = []
        for step in opened(codecs).fire("average-go"):
            shown.append(step.get("average-status", ""))
            if "before yours starts: 1." in shown[-1]:
                another.close()
    assert "before yours starts: 1." in shown[1]
    assert "4 sentences in" in shown[-2]


def test_a_run_tells_how_far_it_is(codecs: Codecs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opinions, "_CHUNK", 2)
    steps = list(opened(codecs).fire("average-go"))
    told = [re.findall(r'max="4" value="(\d)"', step.get("average-status", "")) for step in steps]
    assert told == [[], ["0"], ["2"], ["4"], ["4"], [], [], []], "the bar of the reading has another maximum"
    assert "4 sentences in" in steps[-2]["average-status"]
    assert buttons(steps[0]) == READY[::-1]
    assert buttons(steps[-2]) == READY
    assert not any("average-answer" in step for step in steps[:-3])
    assert "average-answer" in steps[-3], "the average does not wait for the opinions"
    assert not any("average-list" in step for step in steps[:-2])
    assert "average-plot" in steps[-1]


def test_the_answer_of_a_run(page: TabPage, done: Done) -> None:
    assert "4 reviews, 4 sentences" in page["average-answer"]
    assert safe(done.summary.average.decoded.text) in page["average-answer"]
    assert page["average-list"].count('role="listitem"') == page["average-opinions"] == 2
    assert done.summary.labels[0] == done.summary.labels[1] != done.summary.labels[2]


@pytest.mark.parametrize(
    ("text", "controls", "said"),
    [
        (" \n", {}, "There is no sentence yet"),
        (":) 10/10", {}, "There is no sentence yet"),
        (REVIEWS, {"opinions": 13}, "opinions is 13"),
        (REVIEWS, {"trim": 90}, "trim is 0.9"),
    ],
)
def test_an_error_changes_nothing_but_the_message(
    codecs: Codecs, text: str, controls: dict[str, Any], said: str
) -> None:
    page = opened(codecs, text, **controls)
    shown = page.press("average-go")
    assert said in shown["average-status"]
    assert 'role="alert"' in shown["average-status"]
    assert shown.keys() <= {"average-status", "average-go", "average-stop"}
    assert buttons(shown) in (READY, (None, None))


def test_weights_of_a_file(codecs: Codecs, tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    rows = [f"{line},{50 if 'вкусный' in line else 1}" for line in REVIEWS.splitlines()]
    path.write_text("\n".join(["text,votes", *rows]), encoding="utf-8")
    page = opened(codecs, upload=str(path))
    page.press("average-upload", "upload")
    page["average-weight"] = "votes"
    page.press("average-weight", "blur")
    summary = page.state(Done).summary
    assert summary.average.typical == "Кофе очень вкусный."
    assert summary.opinions[0].share == pytest.approx(51 / 53)


def test_too_much_text_and_a_column_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(average, "MOST_PASTED", 10)
    with pytest.raises(ReviewsError) as caught:
        Question("a" * 11, None, None, None, "compact").reviews()
    assert caught.value.details["limit"] == 10
    table = Table(("text", "votes"), (("Вкусно", "2"),))
    assert Question("ignored", table, "text", "votes", "compact").reviews() == [Review("Вкусно", 2.0)]
    for column, weight in (("gone", None), (None, None), ("text", "gone")):
        with pytest.raises(TableError, match="no column"):
            Question("", table, column, weight, "compact").reviews()


def test_other_settings_keep_the_vectors_and_the_map_of_the_sentences(codecs: Codecs) -> None:
    page = opened(codecs)
    page.press("average-go")
    first = page.state(Done)
    page["average-text"] = "Another text, which nobody has asked for."
    page["average-opinions"] = 1
    shown = page.press("average-opinions", "input")
    again = page.state(Done)
    assert len(again.summary.opinions) == 1
    assert again.encoded is first.encoded
    assert "average-opinions" not in shown, "the hand may be on it"
    places = []
    for answer in (first, again):
        drawn = opinions_map(answer.encoded, answer.summary)
        marks = [trace for trace in drawn.data if trace.hovertext]
        at = {t: (x, y) for m in marks for t, x, y in zip(m.hovertext, m.x, m.y, strict=True)}
        places.append([at[text] for text in first.encoded.sentences.texts])
    assert places[0] == places[1]
    page["average-trim"], page["average-count"] = 30, "review"
    page.press("average-count", "input")
    assert page.state(Done).settings == Settings(1, 0.3, "review", True, 2)
    page["average-auto"] = True
    page.press("average-auto", "input")
    assert page.state(Done).settings.opinions is None


def test_a_slider_before_any_answer_asks_nothing(codecs: Codecs) -> None:
    assert opened(codecs).press("average-trim", "input") == {}


def test_a_slider_in_the_middle_of_a_run_is_heard_by_it(codecs: Codecs) -> None:
    page = opened(codecs)
    run = page.fire("average-go")
    next(run)
    page["average-opinions"] = 1
    shown = page.press("average-opinions", "input")
    assert "4 reviews" in shown["average-answer"]
    assert len(page.state(Done).summary.opinions) == 1
    assert buttons(shown) == READY
    assert list(run) == []


def test_the_outlier_is_trimmed_and_said_to_be_left_out(codecs: Codecs) -> None:
    text = "Отличный кофе!\nКофе очень вкусный.\nВкусный кофе.\nКофе хороший, варят правильно."
    page = opened(codecs, text, opinions=1, trim=25)
    page.press("average-go")
    done = page.state(Done)
    (left_out,) = np.flatnonzero(~done.summary.kept)
    assert done.summary.opinions[0].members[-1] == left_out
    assert "3 of 4 sentences" in page["average-answer"]
    assert "left out as outliers: 1" in page["average-list"]
    hovers = [text for trace in page["average-plot"].data for text in trace.hovertext or ()]
    assert f"(left out) {done.encoded.sentences.texts[left_out]}" in hovers


def test_what_is_like_no_opinion_is_the_rest_on_the_list_and_on_the_map(codecs: Codecs) -> None:
    praise = [
        "Отличный кофе!",
        "Кофе очень вкусный.",
        "Вкусный кофе.",
        "Хороший кофе.",
        "Вкусный у них кофе.",
    ]
    page = opened(codecs, "\n".join([*praise, "Кофе замечательный.", "Поезд ушёл в Казань."]), opinions=1)
    page.press("average-go")
    assert page.state(Done).summary.rest.members == (6,)
    *_, rest = page["average-list"].split('role="listitem"')
    assert "The rest" in rest
    assert "Поезд ушёл в Казань." in rest
    (trace,) = (trace for trace in page["average-plot"].data if trace.name == "The rest")
    assert len(trace.x) == 1


def test_what_was_written_is_shown_as_text(codecs: Codecs) -> None:
    page = opened(codecs, "<img src=x> {{a}} ${1}")
    page.press("average-go")
    html = page["average-answer"] + page["average-list"]
    assert "<img" not in html + page["average-plot"].to_json()
    assert "{" not in html


def test_labels_are_short_and_numbers_where_there_are_many(codecs: Codecs) -> None:
    dishes, qualities = ("Кофе", "Суп", "Десерт"), ("вкусно", "дорого", "мало")
    lines = [f"{name} — {what}." for name in dishes for what in qualities]
    page = opened(codecs, "\n".join(lines), opinions=9, choices=1)
    page.press("average-go")
    labels = [label for trace in page["average-plot"].data for label in trace.text or ()]
    count = len(page.state(Done).summary.opinions)
    assert count > MOST_WRITTEN
    assert [label for label in labels if label][:count] == [str(n) for n in range(1, count + 1)]
    assert all(len(label) <= 20 for label in labels)


def test_files_hold_what_the_screen_shows(page: TabPage, done: Done) -> None:
    def file(kind: str) -> str:
        path = page.press(f"average-{kind}")[f"average-{kind}-file"]
        return Path(path).read_text(encoding="utf-8-sig")

    said = [done.summary.average, *(one.spoken for one in done.summary.opinions)]
    main = list(csv.DictReader(file("csv").splitlines()))
    assert [row["opinion"] for row in main] == ["average", "1", "2"]
    assert [row["decoded"] for row in main] == [spoken.decoded.text for spoken in said]
    sentences = list(csv.DictReader(file("sentences").splitlines()))
    assert [row["sentence"] for row in sentences] == REVIEWS.splitlines()
    assert [int(row["opinion"]) - 1 for row in sentences] == done.summary.labels.tolist()
    assert len(json.loads(file("json"))) == 3 + 4
    assert "Average of all" in file("html")


def test_nothing_is_downloaded_before_there_is_an_answer(codecs: Codecs) -> None:
    page = opened(codecs)
    for kind in ("csv", "sentences", "json", "html"):
        assert page.press(f"average-{kind}") == {f"average-{kind}-file": None}


def test_an_uploaded_file_shows_its_columns(codecs: Codecs, tmp_path: Path) -> None:
    path = tmp_path / "отзывы_1.csv"
    path.write_text("id;отзыв;лайки\n1;Вкусный кофе;3\n2;Дорого;5\n", encoding="cp1251")
    page = opened(codecs, upload=str(path))
    shown = page.press("average-upload", "upload")
    table = page.state(Table)
    assert table.rows == (("1", "Вкусный кофе", "3"), ("2", "Дорого", "5"))
    assert "rows: 2, encoding cp1251, columns separated by ;" in shown["average-file"].replace("\\", "")
    assert (shown["average-column"]["choices"], shown["average-column"]["value"]) == (["отзыв"], "отзыв")
    assert [value for _, value in shown["average-weight"]["choices"]] == ["", "id", "лайки"]
    assert "2 reviews" in shown["average-answer"]


def test_a_file_that_cannot_be_read_changes_nothing_but_the_message(codecs: Codecs, tmp_path: Path) -> None:
    path = tmp_path / "table.docx"
    path.write_bytes(b"text")
    shown = opened(codecs, upload=str(path)).press("average-upload", "upload")
    assert ".docx files cannot be read" in shown["average-status"]
    assert shown.keys() == {"average-status"}


def test_a_wrong_guess_about_a_file_is_corrected(codecs: Codecs, tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("Кофе;Вкусно\nЧай;Дорого\n", encoding="cp1251")
    page = opened(codecs, upload=str(path))
    shown = page.press("average-upload", "upload")
    assert (shown["average-encoding"]["value"], shown["average-header"]["value"]) == ("cp1251", "no")
    assert shown["average-sheet"]["visible"] is False
    page["average-header"] = "yes"
    shown = page.press("average-header", "blur")
    assert page.state(Table).columns == ("Кофе", "Вкусно")
    assert "1 review" in shown["average-answer"]
    assert page.press("average-header", "blur") == {}


def test_another_sheet_of_a_spreadsheet_is_chosen(codecs: Codecs, tmp_path: Path) -> None:
    path = tmp_path / "reviews.xlsx"
    path.write_bytes(
        spreadsheet(
            Кафе=[
                ["Отзыв", "Оценка"],
                ["Кофе очень вкусный, приду ещё.", 5],
                ["Суп холодный.", 1],
                ["Уютно.", 4],
            ],
            Магазин=[["Отзыв"], ["Долго везли."]],
        )
    )
    page = opened(codecs, upload=str(path))
    shown = page.press("average-upload", "upload")
    choices = [("Кафе", "Кафе"), ("Магазин", "Магазин")]
    assert shown["average-sheet"] == gr.update(choices=choices, value="Кафе", visible=True)
    assert not shown["average-encoding"]["visible"]
    assert "3 reviews" in shown["average-answer"]
    page["average-sheet"] = "Магазин"
    shown = page.press("average-sheet", "blur")
    assert page.state(Table).rows == (("Долго везли.",),)
    assert "1 review" in shown["average-answer"]


def test_a_russian_page_gives_files_for_a_russian_spreadsheet(codecs: Codecs) -> None:
    page = opened(codecs, language="ru")
    page.press("average-go")
    text = Path(page.press("average-sentences")["average-sentences-file"]).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(text.splitlines(), delimiter=";"))
    assert [row["sentence"] for row in rows] == REVIEWS.splitlines()
    assert [row["weight"] for row in rows] == ["0,25"] * 4
    assert all(re.fullmatch(r"[01],\d+|1", row["cosine"]) for row in rows)
    english = opened(codecs)
    english.press("average-go")
    assert "0.25" in Path(english.press("average-sentences")["average-sentences-file"]).read_text("utf-8-sig")


def test_after_an_unreadable_file_the_choices_are_of_the_one_that_is_shown(
    codecs: Codecs, tmp_path: Path
) -> None:
    """The button then holds the unreadable one, so that nothing else may go by it."""
    good, bad, gone = tmp_path / "reviews.csv", tmp_path / "empty.csv", str(tmp_path / "gone.docx")
    good.write_text("отзыв;город;n\nКофе вкусный.;Тула;1\nДорого.;Омск;2\n", encoding="cp1251")
    bad.write_bytes(b"")
    page = opened(codecs, upload=str(good))
    page.press("average-upload", "upload")
    table, answer = page.state(Table), page["average-answer"]
    page["average-upload"] = str(bad)
    assert page.press("average-upload", "upload").keys() == {"average-status"}
    assert (page.state(Table), page["average-answer"]) == (table, answer)
    assert page.press("average-encoding", "blur") == {}
    for path in (str(bad), gone, None):  # Gradio may refuse a file itself, before the tab hears of it
        page["average-upload"] = path
        page["average-header"] = "no" if page["average-header"] == "yes" else "yes"
        shown = page.press("average-header", "blur")
        assert shown["average-file"].startswith(r"**reviews\.csv**")
        assert page.state(Table).column(page["average-column"])[-1] == "Дорого."
    page["average-upload"] = str(bad)
    page.press("average-forget")
    page["average-encoding"] = "koi8-r"
    assert page.press("average-encoding", "blur") == {}, "there is no file to read again"


def test_opinions_are_compared_by_a_column_of_the_file(codecs: Codecs, tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text(
        "отзыв;город;n\nКофе вкусный.;Тула;1\nДорого.;Тула;2\nКофе вкусный.;Омск;3\n", encoding="utf-8"
    )
    page = opened(codecs, upload=str(path))
    shown = page.press("average-upload", "upload")
    assert [value for _, value in shown["average-by"]["choices"]] == ["", "город"]
    assert (shown["average-by"]["visible"], shown["average-by-values"]) == (True, "")
    page["average-by"] = "город"
    table = page.press("average-by", "change")["average-by-values"]
    assert re.findall(r'row">(\w+)', table) == ["Тула", "Омск"]
    assert re.findall(r"<td>(\d+) %", table) == ["50", "50", "0", "100", "0", "0"]
    assert page.press("average-go")["average-by-values"] == table
    page["average-upload"] = None
    assert page.press("average-forget")["average-by"] == gr.update(
        choices=[("no column", "")], visible=False, value=""
    )


def test_the_other_columns_of_a_file_stand_beside_its_sentences(codecs: Codecs, tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text(
        "отзыв;дата;weight\nКофе хороший. Чай плохой.;1.9;5\nкофе хороший;2.9;4\n", encoding="utf-8"
    )
    page = opened(codecs, upload=str(path))
    page.press("average-upload", "upload")
    for kind in ("sentences", "xlsx"):
        file = Path(page.press(f"average-{kind}")[f"average-{kind}-file"])
        table = read_table(file.read_bytes(), file.name)
        assert table.column("sentence") == ["Кофе хороший.", "Чай плохой.", "Кофе хороший."]
        assert table.column("дата") == ["1.9", "1.9", "2.9"]
        assert table.column("weight (file)") == ["5", "5", "4"]
        assert table.weights("weight") == pytest.approx([1 / 3] * 3, abs=1e-5)


def test_columns_are_read_again_only_if_others_were_chosen(codecs: Codecs, tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("review,votes\nКофе.,3\nЧай.,4\n", encoding="utf-8")
    page = opened(codecs, upload=str(path))
    page.press("average-upload", "upload")
    assert page.press("average-weight", "blur") == {}
    page["average-weight"] = "votes"
    assert "2 reviews" in page.press("average-weight", "blur")["average-answer"]
    assert page.press("average-column", "blur") == {}


def test_stop_a_later_run_and_an_unreadable_file_end_a_run(codecs: Codecs, tmp_path: Path) -> None:
    path = tmp_path / "table.docx"
    path.write_bytes(b"text")
    for end, event in (("average-stop", "click"), ("average-upload", "upload"), ("average-juicer", "click")):
        page = opened(codecs, upload=str(path))
        run = page.fire("average-go")
        assert buttons(next(run)) == READY[::-1]
        shown = page.press(end, event)
        assert buttons(shown) == READY
        assert list(run) == []


def test_a_bundled_example_is_recognised() -> None:
    example = next(one for one in examples() if one.name == "juicer")
    assert example_of(f"{example.text}\n") == example
    assert example_of(example.text[:-1]) is None
