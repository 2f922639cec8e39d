"""An average and its opinions on the screen."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

import pytest

from demos.codec import Codec
from demos.operations.opinions import Encoded, Settings, Summary, encoded_reviews, summarise
from demos.operations.reviews import Review, collect_sentences, examples, pasted
from demos.ui.markup import safe
from demos.ui.opinions import average_html, notes, opinions_html, opinions_map

REVIEWS = "Отличный кофе!\nКофе очень вкусный.\nЖдали заказ сорок минут.\nОчень долго несли заказ."


class Summed(NamedTuple):
    encoded: Encoded
    summary: Summary


@pytest.fixture(scope="module")
def summed(codec: Codec) -> Summed:
    encoded = encoded_reviews(codec, pasted(REVIEWS))
    return Summed(encoded, summarise(codec, encoded, Settings(opinions=2, choices=2)))


def test_an_opinion_that_does_not_agree_leads_with_its_most_typical_sentence(summed: Summed) -> None:
    first, *others = summed.summary.opinions
    apart = replace(summed.summary, opinions=(replace(first, agreement=0.3), *others))
    html = opinions_html(apart, summed.encoded)
    assert html.count("Too different to be said in one sentence") == 1
    lead = re.search(r'average-words"[^>]*><q>([^<]*)</q>', html)
    assert lead is not None
    assert lead[1] == safe(first.spoken.typical)


def test_what_is_closer_to_the_middle_is_marked_and_counted(summed: Summed) -> None:
    first, second = summed.summary.opinions
    equal = replace(first.spoken, decoded=replace(first.spoken.decoded, text=first.spoken.typical))
    summary = replace(summed.summary, opinions=(replace(first, spoken=equal), second))
    html = opinions_html(summary, summed.encoded)
    rows = html.split('role="listitem"')[1:]
    counts = [0, 0, 0]
    for row, opinion in zip(rows, summary.opinions, strict=True):
        decoded, typical = row.split('class="average-typical"')
        shown = opinion.spoken.decoded.fidelity, opinion.spoken.typical_fidelity
        ours, real = (float(f"{one:.2f}") for one in shown)
        same = opinion.spoken.same
        marked = ("average-closer" in decoded, "average-closer" in typical, "word for word" in decoded)
        assert marked == (ours > real and not same, real > ours and not same, same)
        counts = [count + one for count, one in zip(counts, marked, strict=True)]
    assert counts[2] >= 1
    said = f"in {counts[0]} of 2 groups, a real sentence in {counts[1]}; in {2 - sum(counts)} both are"
    assert (
        f"{said} equally close, in {counts[2]} they are the same, in 0 a real sentence stands alone." in html
    )
    words = replace(summed.summary.average, likely=True)
    html = average_html(replace(summed.summary, average=words), summed.encoded, "pair")
    ours, real = round(words.decoded.fidelity, 2), round(words.typical_fidelity, 2)
    said = "just as close" if ours == real else "is closer" if real > ours else "is farther"
    assert ("word for word" if words.same else said) in html
    assert f"similarity {words.likeness:.2f}" in html


def test_equal_figures_are_said_to_be_equal(summed: Summed) -> None:
    first, second = summed.summary.opinions
    decoded = replace(first.spoken.decoded, text="Кофе здесь отличный.", fidelity=0.821)
    close = replace(first.spoken, decoded=decoded, typical_fidelity=0.8249, likely=True, contrary=False)
    summary = replace(summed.summary, opinions=(replace(first, spoken=close, agreement=1.0), second))
    row = opinions_html(summary, summed.encoded).split('role="listitem"')[1]
    assert "equally close" in row
    assert "average-closer" not in row
    html = average_html(replace(summed.summary, average=close), summed.encoded, "pair")
    assert "A real sentence is just as close to the average:" in html


def test_a_real_sentence_that_speaks_stands_there_once(summed: Summed) -> None:
    first, second = summed.summary.opinions
    decoded = replace(first.spoken.decoded, text="Бурдюк полон кумыса, столик не еле.")
    alone = replace(first, spoken=replace(first.spoken, decoded=decoded, likely=False))
    html = opinions_html(replace(summed.summary, opinions=(alone, second)), summed.encoded)
    decoded_part, typical = html.split('role="listitem"')[1].split('class="average-typical"')
    assert decoded_part.count(f"<q>{safe(first.spoken.typical)}</q>") == 1
    assert "similarity" not in typical.split("<details>")[0]
    assert "average-closer" not in decoded_part + typical
    assert "in 1 a real sentence stands alone" in html


def test_the_real_sentence_speaks_where_the_decoder_is_not_sure(summed: Summed) -> None:
    average = summed.summary.average
    salad = replace(average.decoded, text="Бурдюк полон кумыса, столик не еле.")
    for likely in (True, False):
        words = replace(average, decoded=salad, likely=likely)
        html = average_html(replace(summed.summary, average=words), summed.encoded, "pair")
        lead = re.search(r'class="ss-answer"[^>]*>(?:<q>)?([^<]*)<', html)
        assert lead is not None
        assert lead[1] == safe(salad.text if likely else words.typical)
        assert ("The decoder’s guess:" in html) == (not likely)
        assert html.count("Answered by pair") == 1
        assert html.index("Answered by pair") > html.index(safe(salad.text)), (
            "the pair did not say the real one"
        )
        assert salad.text in html
        assert words.typical in html


@pytest.mark.parametrize("dims", [2, 3])
def test_the_map_has_every_opinion_its_middle_and_its_words(summed: Summed, dims: int) -> None:
    drawn = opinions_map(summed.encoded, summed.summary, dims)
    by_name = {trace.name: trace for trace in drawn.data if trace.name}
    *groups, middle, decoded = by_name.values()
    assert [group.name for group in groups] == ["Opinion 1 · 50 %", "Opinion 2 · 50 %"]
    assert [len(group.x) for group in groups] == [3, 3]
    assert len({group.marker.color for group in groups}) == 2
    assert (middle.name, len(middle.x)) == ("Average of all", 1)
    assert (decoded.name, len(decoded.x)) == ("Decoded sentence", 3)
    assert {trace.type for trace in by_name.values()} == {"scatter" if dims == 2 else "scatter3d"}


def test_what_was_left_out_is_said() -> None:
    said = notes(collect_sentences([Review("Супер!"), Review("10/10"), Review("Нет", 0)]))
    assert "letter, left out: 1" in said
    assert "without a weight above 0, left out: 1" in said
    assert notes(collect_sentences([Review("Супер!")])) == ""
    said = notes(collect_sentences([Review("Супер!"), Review("Хорошо."), Review("Супер!")]).without([0]))
    assert said == "Sentences that the encoder cannot read, left out: 2."


def test_what_the_article_recorded_for_an_example_is_shown(summed: Summed) -> None:
    example = next(one for one in examples() if one.name == "juicer")
    html = average_html(summed.summary, summed.encoded, "pair", example)
    assert example.recorded in html
    assert "Recorded" in html
