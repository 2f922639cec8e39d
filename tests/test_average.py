"""The Average tab's functions: runs and their progress, settings, the screen, files, the endpoint."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from demos import average_io, average_view, opinions
from demos.average_flow import Flow
from demos.average_io import Done, example_of, read_reviews, read_settings
from demos.codec import BadSetting, Codec, Codecs
from demos.markup import safe
from demos.opinions import Settings, summarise_reviews
from demos.reviews import Review, ReviewsError, examples, pasted, sentences_of
from demos.tables import Table, TableError

REVIEWS = "Отличный кофе!\nКофе очень вкусный.\nЖдали заказ сорок минут.\nОчень долго несли заказ."
CONTROLS = (2, False, 0, "sentence", True, 2)  # number, auto, trim, count, apart, choices
STATUS, AVERAGE, OPINIONS, DONE, NUMBER, PICTURE = range(6)
READY = (gr.update(visible=True), gr.update(visible=False))


def running(flow: Flow, text: str) -> Iterator[tuple[Any, ...]]:
    """A run as a call without a browser, begun."""
    run = flow.run(None, text, None, None, None, 2, "compact", *CONTROLS)  # type: ignore[arg-type]
    assert next(run)[-2:] == READY[::-1]
    return run


def steps(codecs: Codecs, text: str, *controls: Any, file: Table | None = None) -> list[tuple[Any, ...]]:
    run = Flow(codecs).run(
        None,  # type: ignore[arg-type]  # as a call without a browser
        text,
        file,
        "text" if file else None,
        "votes" if file else None,
        2,
        "compact",
        *(controls or CONTROLS),
    )
    return list(run)


@pytest.fixture(scope="module")
def shown(codecs: Codecs) -> tuple[Any, ...]:
    """The last step of a run."""
    return steps(codecs, REVIEWS)[-1]


@pytest.fixture(scope="module")
def done(shown: tuple[Any, ...]) -> Done:
    found = shown[DONE]
    assert isinstance(found, Done)
    return found


def test_a_run_tells_how_far_it_is(codecs: Codecs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opinions, "_CHUNK", 2)
    found = steps(codecs, REVIEWS)
    told = [re.findall(r'max="4" value="(\d)"', step[STATUS]) for step in found]
    assert told == [[], ["0"], ["2"], ["4"], ["4"], []]
    for step in found[:-1]:
        assert step[AVERAGE : PICTURE + 1] == (gr.skip(),) * 5
        assert step[-2:] == READY[::-1]
    assert found[-1][-2:] == READY
    assert "4 sentences in" in found[-1][STATUS]


def test_the_answer_of_a_run(shown: tuple[Any, ...], done: Done) -> None:
    assert "4 reviews, 4 sentences" in shown[AVERAGE]
    assert safe(done.summary.average.decoded.text) in shown[AVERAGE]
    assert shown[OPINIONS].count('role="listitem"') == shown[NUMBER] == 2
    assert done.summary.labels[0] == done.summary.labels[1] != done.summary.labels[2]


@pytest.mark.parametrize(
    ("text", "controls", "said"),
    [
        (" \n", CONTROLS, "There is no sentence yet"),
        (":) 10/10", CONTROLS, "There is no sentence yet"),
        (REVIEWS, (13, *CONTROLS[1:]), "opinions is 13"),
        (REVIEWS, (2, False, 90, *CONTROLS[3:]), "trim is 0.9"),
    ],
)
def test_an_error_changes_nothing_but_the_message(
    codecs: Codecs, text: str, controls: tuple[Any, ...], said: str
) -> None:
    last = steps(codecs, text, *controls)[-1]
    assert said in last[STATUS]
    assert 'role="alert"' in last[STATUS]
    assert last[AVERAGE : PICTURE + 1] == (gr.skip(),) * 5
    assert last[-2:] == READY


def test_weights_of_a_file(codecs: Codecs) -> None:
    rows = tuple((line, "50" if "вкусный" in line else "1") for line in REVIEWS.splitlines())
    last = steps(codecs, "", file=Table(("text", "votes"), rows))[-1]
    assert last[DONE].summary.average.typical == "Кофе очень вкусный."
    assert last[DONE].summary.opinions[0].share == pytest.approx(51 / 53)


def test_too_much_text_and_a_column_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(average_io, "MOST_CHARACTERS", 10)
    with pytest.raises(ReviewsError) as caught:
        read_reviews("a" * 11, None, None, None)
    assert caught.value.details["limit"] == 10
    table = Table(("text", "votes"), (("Вкусно", "2"),))
    assert read_reviews("ignored", table, "text", "votes") == [Review("Вкусно", 2.0)]
    for column, weight in (("gone", None), (None, None), ("text", "gone")):
        with pytest.raises(TableError, match="no column"):
            read_reviews("", table, column, weight)


def test_controls_become_settings() -> None:
    assert read_settings(7, False, 30, "review", False, 5) == Settings(7, 0.3, "review", False, 5)
    assert read_settings(7, True, None, "sentence", True, 1).opinions is None
    with pytest.raises(BadSetting):
        read_settings(7, False, 95, "sentence", True, 1)


def test_other_settings_keep_the_vectors_and_the_map_of_the_sentences(codecs: Codecs, done: Done) -> None:
    flow = Flow(codecs)
    again = flow.again(None, done, 1, False, 0, "sentence", True, 1)  # type: ignore[arg-type]
    assert again[NUMBER] == 1
    assert again[DONE].encoded is done.encoded
    places = []
    for answer in (done, again[DONE]):
        drawn = average_view.map_of(codecs.get(), answer.encoded, answer.summary)
        marks = [trace for trace in drawn.data if trace.hovertext]
        at = {t: (x, y) for m in marks for t, x, y in zip(m.hovertext, m.x, m.y, strict=True)}
        places.append([at[text] for text in done.encoded.sentences.texts])
    assert places[0] == places[1]
    assert flow.live(None, done, *CONTROLS)[DONE].summary.kept.all()  # type: ignore[arg-type]
    assert flow.again(None, None, *CONTROLS) == (gr.skip(),) * 5  # type: ignore[arg-type]


def test_the_outlier_is_trimmed_and_said_to_be_left_out(codec: Codec, codecs: Codecs) -> None:
    text = "Отличный кофе!\nКофе очень вкусный.\nВкусный кофе.\nВ Лондоне опять шёл дождь."
    found = steps(codecs, text, 1, False, 25, *CONTROLS[3:])[-1]
    assert found[DONE].summary.kept.tolist() == [True, True, True, False]
    assert "3 of 4 sentences" in found[AVERAGE]
    assert "left out as outliers: 1" in found[OPINIONS]
    hovers = [
        text
        for trace in average_view.map_of(codec, found[DONE].encoded, found[DONE].summary).data
        for text in trace.hovertext or ()
    ]
    assert "(left out) В Лондоне опять шёл дождь." in hovers


def test_what_is_closer_to_the_middle_is_marked(done: Done) -> None:
    html = average_view.opinions_html(done.summary, done.encoded)
    rows = html.split('role="listitem"')[1:]
    real = 0
    for row, opinion in zip(rows, done.summary.opinions, strict=True):
        decoded, typical = row.split('class="average-typical"')
        closer = opinion.spoken.typical_fidelity > opinion.spoken.decoded.fidelity
        assert ("average-closer" in decoded, "average-closer" in typical) == (not closer, closer)
        real += closer
    assert f"in {2 - real} of 2 opinions, the real one in {real};" in html
    average = average_view.average_html(done.summary, done.encoded, "pair")
    words = done.summary.average
    said = "closer to" if words.typical_fidelity > words.decoded.fidelity else "farther from"
    assert f"{said} the middle:" in average
    assert f"alike</span> {words.likeness:.2f}" in average or f"alike {words.likeness:.2f}" in average


def test_what_was_written_is_shown_as_text(codec: Codec, codecs: Codecs) -> None:
    found = steps(codecs, "<img src=x> {{a}} ${1}")[-1]
    drawn = average_view.map_of(codec, found[DONE].encoded, found[DONE].summary).to_json()
    assert "<img" not in found[AVERAGE] + found[OPINIONS] + drawn
    assert "{" not in found[AVERAGE] + found[OPINIONS]


@pytest.mark.parametrize("dims", [2, 3])
def test_the_map_has_every_opinion_its_middle_and_its_words(codec: Codec, done: Done, dims: int) -> None:
    drawn = average_view.map_of(codec, done.encoded, done.summary, dims)
    by_name = {trace.name: trace for trace in drawn.data if trace.name}
    *groups, average, decoded = by_name.values()
    assert [group.name for group in groups] == ["Opinion 1 · 50 %", "Opinion 2 · 50 %"]
    assert [len(group.x) for group in groups] == [3, 3]
    assert len({group.marker.color for group in groups}) == 2
    assert (average.name, len(average.x)) == ("Average of all", 1)
    assert (decoded.name, len(decoded.x)) == ("Decoded sentence", 3)
    assert {trace.type for trace in by_name.values()} == {"scatter" if dims == 2 else "scatter3d"}


def test_labels_are_short_and_numbers_where_there_are_many(codec: Codec) -> None:
    lines = [
        f"{name} — {what}." for name in ("Кофе", "Суп", "Десерт") for what in ("вкусно", "дорого", "мало")
    ]
    found = summarise_reviews(codec, pasted("\n".join(lines)), Settings(opinions=9, choices=1))
    encoded = steps(Codecs("compact", device="cpu"), "\n".join(lines), 9, *CONTROLS[1:])[-1][DONE].encoded
    drawn = average_view.map_of(codec, encoded, found)
    labels = [label for trace in drawn.data for label in trace.text or ()]
    count = len(found.opinions)
    assert count > average_view.MOST_WRITTEN
    assert [label for label in labels if label][:count] == [str(n) for n in range(1, count + 1)]
    assert all(len(label) <= 20 for label in labels)


def test_files_hold_what_the_screen_shows(codecs: Codecs, done: Done) -> None:
    def rows(path: str | None) -> list[dict[str, str]]:
        assert path is not None
        return list(csv.DictReader(Path(path).read_text(encoding="utf-8-sig").splitlines()))

    said = [done.summary.average, *(one.spoken for one in done.summary.opinions)]
    main = rows(average_io.save_csv(done))
    assert [row["opinion"] for row in main] == ["average", "1", "2"]
    assert [row["decoded"] for row in main] == [spoken.decoded.text for spoken in said]
    sentences = rows(average_io.save_sentences(done))
    assert [row["sentence"] for row in sentences] == REVIEWS.splitlines()
    assert [int(row["opinion"]) - 1 for row in sentences] == done.summary.labels.tolist()
    path = average_io.save_json(done)
    assert path is not None
    assert len(json.loads(Path(path).read_text(encoding="utf-8"))) == 3 + 4
    page = Flow(codecs).page(done, 2, None)  # type: ignore[arg-type]
    assert page is not None
    assert "Average of all" in Path(page).read_text(encoding="utf-8")
    assert average_io.save_csv(None) is average_io.save_json(None) is average_io.save_sentences(None) is None


def test_an_uploaded_file_shows_its_columns(codecs: Codecs, tmp_path: Path) -> None:
    path = tmp_path / "отзывы_1.csv"
    path.write_text("id;отзыв;лайки\n1;Вкусный кофе;3\n2;Дорого;5\n", encoding="cp1251")
    found = Flow(codecs).receive(str(path), 4, None)  # type: ignore[arg-type]
    assert found[1].rows == (("1", "Вкусный кофе", "3"), ("2", "Дорого", "5"))
    assert "rows: 2, encoding cp1251, columns divided by ;" in found[2].replace("\\", "")
    assert (found[3]["choices"], found[3]["value"]) == (["отзыв"], "отзыв")
    assert [value for _, value in found[4]["choices"]] == ["", "id", "лайки"]
    assert found[7] == 5


def test_a_file_that_cannot_be_read_changes_nothing_but_the_message(codecs: Codecs, tmp_path: Path) -> None:
    path = tmp_path / "table.xlsx"
    path.write_bytes(b"PK\x03\x04")
    found = Flow(codecs).receive(str(path), 4, None)  # type: ignore[arg-type]
    assert ".xlsx files are not read" in found[0]
    assert found[1:8] == (gr.skip(),) * 7
    assert found[8:10] == READY
    assert found[10] == gr.skip()


def test_columns_are_read_again_only_if_others_were_chosen(codecs: Codecs, tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("review,votes\nКофе.,3\nЧай.,4\n", encoding="utf-8")
    flow = Flow(codecs)
    read = flow.receive(str(path), 4, None)[-1]  # type: ignore[arg-type]
    assert flow.reread(5, read, *read) == (gr.skip(), gr.skip())
    runs, chosen = flow.reread(5, read, "review", "votes")
    assert (runs, chosen) == (6, ("review", "votes"))
    assert flow.reread(6, chosen, "review", "votes") == (gr.skip(), gr.skip())


def test_stop_a_later_run_and_an_unreadable_file_end_a_run(codecs: Codecs, tmp_path: Path) -> None:
    flow, path = Flow(codecs), tmp_path / "table.xlsx"
    path.write_bytes(b"PK\x03\x04")
    for end in (
        lambda: flow.stopped(None),  # type: ignore[arg-type]
        lambda: flow.receive(str(path), 4, None),  # type: ignore[arg-type]
        lambda: list(running(flow, "Кофе.")),
    ):
        run = running(flow, REVIEWS)
        end()
        assert list(run) == [(gr.skip(),) * 8]
    assert isinstance(list(running(flow, REVIEWS))[-1][DONE], Done)


def test_what_was_left_out_is_said() -> None:
    said = average_view.notes(sentences_of([Review("Супер!"), Review("10/10"), Review("Нет", 0)]))
    assert "letter left out: 1" in said
    assert "weight of 0 left out: 1" in said
    assert average_view.notes(sentences_of([Review("Супер!")])) == ""


def test_a_bundled_example_is_recognised_and_its_recorded_answer_shown(done: Done) -> None:
    example = next(one for one in examples() if one.name == "juicer")
    assert example_of(f"{example.text}\n") == example
    assert example_of(example.text[:-1]) is None
    html = average_view.average_html(done.summary, done.encoded, "pair", example)
    assert example.recorded in html
    assert "Recorded" in html


def test_the_endpoint_takes_weights_a_number_and_a_trim(client: Client) -> None:
    lines = [*REVIEWS.splitlines(), "В Лондоне опять шёл дождь."]
    even = client.predict(lines, 2, 0.3, api_name="/average")
    assert len(even["opinions"]) == 2
    assert {one["typical"] for one in even["opinions"]} <= set(lines)
    assert 0 < even["average"]["likeness"] <= 1
    heavy = client.predict(lines, 1, weights=[1, 1, 1, 1, 200], api_name="/average")
    assert heavy["average"]["typical"] == lines[-1]
    assert heavy["opinions"][0]["share"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([],), "reviews is 0"),
        ((["да"] * 10_001,), "reviews is 10001"),
        ((["10/10", " "],), "no sentence"),
        ((["Вкусно"], 13), "opinions is 13"),
        ((["Вкусно"], 0, 0.81), "trim is 0.81"),
        ((["Вкусно"], 0, 0.0, "", [1.0, 2.0]), "weights is 2"),
        ((["Вкусно"], 0, 0.0, "", [-1.0]), "weights is -1"),
    ],
)
def test_the_endpoint_says_what_is_wrong(client: Client, arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(AppError, match=message):
        client.predict(*arguments, api_name="/average")
