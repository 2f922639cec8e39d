"""Translate's functions, with the bundled pair."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from typing import Any

import gradio as gr
import numpy as np
import pytest

from demos import translate as tab
from demos.codec import Codec, Codecs, EmptyInput, TextTooLong
from demos.operations.answers import same_words
from demos.operations.checks import Difference, differences
from demos.operations.translating import (
    BATCH,
    MOST_CHARACTERS,
    MOST_LINES,
    PARAPHRASES,
    Translation,
    examples,
    reworded,
    split_text,
    translate,
)
from demos.translate import answer_rows, map_of, problem_with, results
from demos.ui.i18n import error_text, say
from tests.tab import TabPage


def answers_to(codec: Codec, texts: list[str], alternatives: int = 0) -> list[Any]:
    return [one for batch in translate(codec, texts, alternatives) for one in batch]


def test_fidelity_is_the_cosine_with_the_source(codec: Codec) -> None:
    (found,) = answers_to(codec, ["I love you."])
    source, back = codec.encode(["I love you.", found.answer.text])
    assert found.answer.fidelity == pytest.approx(float(source @ back), abs=1e-5)


def test_batches_keep_the_order(codec: Codec) -> None:
    texts = [f"This is sentence number {number}." for number in range(BATCH + 2)]
    batches = list(translate(codec, texts))
    assert [len(batch) for batch in batches] == [1, BATCH, 1]
    assert [one.source for batch in batches for one in batch] == texts


def test_bad_lines_do_not_hold_up_the_others(codec: Codec) -> None:
    found = answers_to(codec, ["Good night!", "word " * 2000, " ", "Good morning!"])
    assert [type(one.error) for one in found] == [type(None), TextTooLong, EmptyInput, type(None)]
    assert found[1].error.details["index"] == 1
    assert [one.answer is None for one in found] == [False, True, True, False]


def test_an_untrained_language_is_flagged(codec: Codec) -> None:
    tajik, english = answers_to(
        codec, ["Худовандо, ман 6 рӯз боз чизе нахӯрдаам!", "How are you today, my friend?"]
    )
    assert (tajik.language, tajik.trained) == ("tg", False)
    assert (english.language, english.trained) == ("en", True)


def test_alternatives_are_different_and_ranked(codec: Codec) -> None:
    (found,) = answers_to(codec, ["Where is the nearest station?"], alternatives=4)
    others = found.answer.alternatives
    assert 1 <= len(others) <= 4
    assert len({found.answer.text, *(other.text for other in others)}) == len(others) + 1
    assert [other.fidelity for other in others] == sorted((other.fidelity for other in others), reverse=True)


def test_paraphrases_are_not_the_source(codec: Codec) -> None:
    source = "Мы решили остаться дома, потому что весь день шёл дождь."
    ((_, found),) = reworded(codec, codec.encode([source]), [source], PARAPHRASES)
    words = [same_words(one.text) for one in found]
    assert 2 <= len(found) <= 5
    assert same_words(source) not in words
    assert len(set(words)) == len(words)
    assert [one.fidelity for one in found] == sorted((one.fidelity for one in found), reverse=True)


def test_russian_is_answered_with_the_decoders_own_answer_and_paraphrases(codec: Codec) -> None:
    source = "Этот фильм произвёл на меня хорошее впечатление."
    (found,) = answers_to(codec, [source])
    assert found.language == "ru"
    assert found.answer.text == codec.decode(codec.encode([source]))[0]
    assert found.same == (same_words(found.answer.text) == same_words(source))
    others = [one.text for one in found.answer.alternatives]
    assert [text for text in others if text != found.answer.text] == others
    ((_, known),) = reworded(codec, codec.encode([source]), [source], PARAPHRASES)
    assert set(others) <= {one.text for one in known}


def test_a_repeated_line_says_so_and_a_changed_number_is_marked(codec: Codec) -> None:
    date, greeting = answers_to(codec, ["4 декабря 2000 года", "Доброе утро!"])
    assert greeting.same
    assert greeting.answer.text == "Доброе утро!"
    assert "word for word" in results([greeting], "pair")
    wrong = replace(date, differences=(Difference("digits", "2000", "2001"),))
    assert "the numbers differ" in results([wrong], "pair")
    assert not any(differences(date.source, one.text) for one in date.answer.alternatives)


def test_same_words() -> None:
    assert same_words("Ещё — раз!") == same_words("еще раз")
    assert same_words("?!") == ""


def test_split_text() -> None:
    assert split_text(" one \n\n two. three.") == ["one", "two. three."]
    letter = next(one for one in examples() if one.split)
    assert len(split_text(letter.text, into_sentences=True)) == 7


def test_problems_of_a_whole_text() -> None:
    assert "no text yet" in problem_with("  ", [])
    assert str(MOST_LINES) in problem_with("…", ["line"] * (MOST_LINES + 1))
    assert str(MOST_CHARACTERS) in problem_with("x" * (MOST_CHARACTERS + 1), [])
    assert problem_with("line", ["line"]) == ""


def test_the_map_joins_sources_and_answers(codec: Codec) -> None:
    found = answers_to(codec, ["Good morning!", "Guten Morgen, mein Freund!"])
    drawn = map_of(codec, found)
    assert drawn is not None
    hovers = [text for trace in drawn.data for text in trace.hovertext or ()]
    assert len(hovers) == 4
    assert any("Guten Morgen" in text for text in hovers)
    assert map_of(codec, []) is None


def test_what_the_article_has_stands_from_the_first_line_on(codec: Codec) -> None:
    example = next(one for one in examples() if one.variants)
    found = answers_to(codec, list(example.texts[:1]))
    assert example.variants in results(found, codec.title, "en", example.texts)
    assert example.variants not in results(found, codec.title)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_table_escapes_what_people_write(codec: Codec, language: str) -> None:
    found = answers_to(codec, ["<b>{{bold}}</b> ${1} and more words"])
    html = results(found, codec.title, language)
    assert "<b>" not in html
    assert "{{" not in html
    assert "${" not in html


def test_rows_to_download(codec: Codec) -> None:
    found = answers_to(codec, ["Good morning!", "word " * 2000])
    first, second = answer_rows(found)
    assert first["russian"] == found[0].answer.text
    assert first["pair"] == "compact"
    assert second["russian"] == ""
    assert "tokens" in str(second["error"])


def test_every_example_can_be_encoded(codec: Codec) -> None:
    for example in examples():
        texts = split_text(example.text, example.split)
        assert np.isfinite(codec.encode(texts)).all()
        assert len(example.recorded) in (0, len(example.texts))


def test_a_long_line_is_answered_in_pieces_that_the_page_shows(codec: Codec) -> None:
    line = (
        "The old bridge was closed last night, because the river had risen, and all the buses "
        "went around the city through the northern district."
    )
    (found,) = [one for batch in translate(codec, [line, "I love you."], pieces=True) for one in batch][:1]
    shown = results([found], codec.title)
    assert shown.count("<li>") == len(found.pieces) >= 3
    assert all(piece.text in shown for piece in found.pieces)
    (whole,) = answers_to(codec, [line])
    assert "<li>" not in results([whole], codec.title)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_paragraph_in_one_line_is_told_of_sentence_by_sentence(codec: Codec, language: str) -> None:
    (short,) = answers_to(codec, ["I love you."])
    told = say("translate_paragraph", language)
    assert told not in results([short], codec.title, language)
    paragraph = replace(short, source=" ".join(["word"] * 125))
    assert told in results([paragraph], codec.title, language)


@pytest.mark.parametrize("error", [RuntimeError("broken"), gr.Error("no <b>quota</b>"), MemoryError()])
def test_whatever_is_raised_in_mid_run_what_was_finished_stays(
    codecs: Codecs, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def breaks(codec: Codec, lines: list[str], *rest: Any, **settings: Any) -> Iterator[list[Translation]]:
        yield next(translate(codec, lines, *rest, **settings))
        raise error

    monkeypatch.setattr(tab, "translate", breaks)
    page = TabPage(tab, codecs)
    page["translate-text"] = "\n".join(["Good morning!"] * (BATCH + 1))
    told = page.press("translate-go")
    assert page["translate-answers"].count('class="ss-answer"') == 1
    status = page["translate-status"]
    assert 'role="alert"' in status
    assert error_text(error) in unescape(status)
    assert error_text(error).count(". ") <= 1
    assert told["translate-go"]["visible"]
    assert not told["translate-stop"]["visible"]
    monkeypatch.setattr(tab, "translate", translate)
    page.press("translate-go")
    assert page["translate-answers"].count('class="ss-answer"') == BATCH + 1


def test_the_map_leaves_out_a_line_that_is_too_long_for_one_vector(codec: Codec) -> None:
    long = "We went to the station and then we came back home. " * 60
    done = [one for batch in translate(codec, ["I love you.", long], pieces=True) for one in batch]
    assert done[1].answer is not None
    drawn = map_of(codec, done)
    assert drawn is not None
    assert "I love you." in drawn.to_json()
    assert "station" not in drawn.to_json()
