"""How the Average tab shows its answers: HTML, the map, and rows to download."""

from __future__ import annotations

import numpy as np

from demos import exports, plot
from demos.codec import Codec
from demos.i18n import say
from demos.markup import answered_by, copy_button, fidelity, safe
from demos.opinions import Encoded, Opinion, Settings, Summary
from demos.reviews import Example, Sentences
from demos.tables import Table
from demos.wordings import Spoken

MOST_DRAWN = 1500  # sentences on the map
MOST_WRITTEN = 6  # opinions whose decoded sentences stand on the map; of more there are the numbers
_LABEL = 16  # characters of a decoded sentence there
_LISTED = 12  # sentences of an opinion that are listed


def average_html(
    summary: Summary,
    encoded: Encoded,
    title: str,
    example: Example | None = None,
    language: str = "en",
    run: int = 0,
) -> str:
    """The average sentence, the real sentence beside it, and what the article recorded for this example.

    run: the number of the run that answers quickly; see `answered_by`.
    """
    total, kept = len(summary.kept), int(summary.kept.sum())
    key = "average_head" if kept == total else "average_head_trimmed"
    closer = "closer" if summary.average.real_is_closer else "farther"
    head = say(key, language, reviews=encoded.sentences.reviews, sentences=total, kept=kept)
    parts = [
        f'<div class="average-head">{safe(head)}</div>',
        f'<div class="ss-answer" lang="ru">{_words(summary.average, language)}</div>',
        f'<div class="average-line">{fidelity(summary.average.decoded.fidelity, language)}'
        f"{copy_button(summary.average.decoded.text, language)}"
        f"{answered_by(title, language, run * summary.quick)}</div>",
        f'<div class="average-real">{safe(say(f"average_real_{closer}", language))} '
        f"{_real(summary.average, language)}</div>",
        _beams(summary.average, language),
    ]
    if example is not None and example.recorded:
        note = say("average_recorded", language, text=example.recorded)
        parts.append(f'<div class="ss-note average-recorded">{safe(note)}</div>')
    return "".join(parts)


def opinions_html(summary: Summary, encoded: Encoded, language: str = "en") -> str:
    """The opinions as a list: share, decoded middle, most typical real sentence, and its sentences.

    Of the two sentences the one that is closer to the middle is marked.
    """
    rows = "".join(
        _opinion(number, opinion, encoded.sentences, language)
        for number, opinion in enumerate(summary.opinions, 1)
    )
    heads = "".join(
        f"<span>{safe(say(f'average_{key}', language))}</span>" for key in ("share", "decoded", "typical")
    )
    count = len(summary.opinions)
    real = sum(opinion.spoken.real_is_closer for opinion in summary.opinions)
    verdict = say("average_verdict", language, decoded=count - real, real=real, all=count)
    return (
        f'<div class="average-heads" aria-hidden="true">{heads}</div>'
        f'<div class="average-opinions" role="list">{rows}</div>'
        f'<div class="ss-note">{safe(verdict)} {safe(say("average_main_note", language))}</div>'
    )


def _opinion(number: int, opinion: Opinion, sentences: Sentences, language: str) -> str:
    words, percent = opinion.spoken, 100 * opinion.share
    colour = plot.COLOURS[(number - 1) % len(plot.COLOURS)]
    listed = "".join(f'<li dir="auto">{safe(sentences.texts[row])}</li>' for row in opinion.members[:_LISTED])
    more = len(opinion.members) - _LISTED
    if more > 0:
        listed += f"<li>{safe(say('average_members_more', language, count=more))}</li>"
    counted = say("average_members", language, count=len(opinion.members))
    if opinion.kept < len(opinion.members):
        left_out = len(opinion.members) - opinion.kept
        counted += "; " + say("average_left_out", language, count=left_out)
    mark = f'<span class="ss-badge average-closer">{safe(say("average_closer", language))}</span>'
    decoded_mark, real_mark = ("", mark) if words.real_is_closer else (mark, "")
    name = safe(say("average_number", language, number=number))
    return (
        f'<div class="average-opinion" role="listitem"><div class="average-share"><span>{name}</span> '
        f"<b>{percent:.0f} %</b>"
        f'<span class="average-bar" aria-hidden="true">'
        f'<i style="width:{percent:.0f}%;background:{colour}"></i></span></div>'
        f'<div class="average-decoded"><div class="average-words" lang="ru">{_words(words, language)}</div>'
        f'<div class="average-facts">{fidelity(words.decoded.fidelity, language)}'
        f"{decoded_mark}{copy_button(words.decoded.text, language)}</div>"
        f"{_beams(words, language)}</div>"
        f'<div class="average-typical">{_real(words, language, real_mark)}'
        f"<details><summary>{safe(counted)}</summary><ul>{listed}</ul></details></div></div>"
    )


def _words(words: Spoken, language: str) -> str:
    return safe(words.decoded.text if words.decoded.text.strip() else say("average_silent", language))


def _real(words: Spoken, language: str, mark: str = "") -> str:
    alike, tip = say("average_alike", language), say("average_alike_info", language)
    return (
        f'<q dir="auto">{safe(words.typical)}</q> <div class="average-facts">'
        f"{fidelity(words.typical_fidelity, language)}{mark}"
        f'<span class="average-alike" title="{safe(tip)}">{safe(alike)} {words.likeness:.2f}</span></div>'
    )


def _beams(words: Spoken, language: str) -> str:
    """What the sentence was chosen from, under a line that opens; the pair's first choice is marked."""
    others = words.decoded.alternatives
    if not others:
        return ""
    badge = f' <span class="ss-badge">{safe(say("average_first", language))}</span>'
    items = "".join(
        f"<li>{safe(one.text)} {fidelity(one.fidelity, language)}{copy_button(one.text, language)}"
        f"{badge if one.text == words.first else ''}</li>"
        for one in (words.decoded, *others)
    )
    summary = safe(say("average_beams", language, count=1 + len(others)))
    return f'<details class="ss-others"><summary>{summary}</summary><ol>{items}</ol></details>'


def notes(sentences: Sentences, language: str = "en") -> str:
    """What was left out of the reviews; "" if nothing."""
    said = []
    if sentences.wordless:
        said.append(say("average_note_wordless", language, count=sentences.wordless))
    if sentences.weightless:
        said.append(say("average_note_weightless", language, count=sentences.weightless))
    used = len(sentences.sentence_of)
    if sentences.found > used:
        said.append(say("average_note_sample", language, found=sentences.found, used=used))
    if len(sentences.texts) > MOST_DRAWN:
        drawn = say("average_note_drawn", language, drawn=MOST_DRAWN, all=len(sentences.texts))
        said.append(drawn)
    return " ".join(said)


def done_line(sentences: Sentences, seconds: float, language: str = "en") -> str:
    """How many sentences were summed up, how long the run took, and what was left out."""
    ended = say("average_done", language, sentences=len(sentences.texts), seconds=f"{seconds:.1f}")
    return status(ended, after=notes(sentences, language))


def status(text: str, done: int | None = None, total: int = 1, after: str = "") -> str:
    """A line on how far the run is, with a bar where `done` is given."""
    bar = "" if done is None else f'<progress max="{total}" value="{done}"></progress> '
    return f'<div class="ss-note" role="status">{bar}{safe(text)} {safe(after)}</div>'


def file_line(name: str, table: Table, language: str = "en") -> str:
    """What was found in an uploaded file, as Markdown."""
    sign = ""
    if table.delimiter:
        tab = say("average_delimiter_tab", language)
        sign = say("average_delimiter", language, sign=tab if table.delimiter == "\t" else table.delimiter)
    first = table.column(table.text_columns[0])[0]
    return say(
        "average_file",
        language,
        name=_plain(name),
        rows=len(table.rows),
        encoding=table.encoding,
        delimiter=_plain(sign),
        first=_plain(first[:80]),
    )


def _plain(text: str) -> str:
    """Text that Markdown shows as it is."""
    spaced = " ".join(text.split())
    return "".join(f"\\{sign}" if sign in r"\`*_{}[]()<>#+-.!|~$&" else sign for sign in spaced)


def map_of(
    codec: Codec, encoded: Encoded, summary: Summary, dims: int = 2, language: str = "en"
) -> plot.Figure:
    """The sentences coloured by opinion, their means, and the decoded sentences encoded again.

    The means are drawn as they are, inside their groups; the decoder gets them stretched to length 1.
    """
    count = len(encoded.vectors)
    drawn = np.arange(count) if count <= MOST_DRAWN else np.arange(MOST_DRAWN) * count // MOST_DRAWN
    groups = [
        say("average_group", language, number=number, share=f"{100 * opinion.share:.0f}")
        for number, opinion in enumerate(summary.opinions, 1)
    ]
    average, decoded = (say(f"average_group_{key}", language) for key in ("average", "decoded"))
    points = [_sentence_point(int(row), encoded, summary, groups, language) for row in drawn]
    for number, group in enumerate(groups, 1):
        hover = say("average_hover_centre", language, number=number)
        points.append(plot.Point(hover, group=group, size=1.8))
    points.append(plot.Point(say("average_hover_average", language), group=average, size=1.8))
    said = [*(opinion.spoken for opinion in summary.opinions), summary.average]
    lengths = [*(opinion.agreement for opinion in summary.opinions), summary.agreement]
    vectors = [
        encoded.vectors[drawn],
        *(spoken.centre[None] * length for spoken, length in zip(said, lengths, strict=True)),
    ]
    dashed = []
    for place, spoken in enumerate(said):
        text = spoken.decoded.text
        if text.strip():
            dashed.append((len(drawn) + place, len(points)))
            label = _label(text, place + 1 if place < len(groups) else 0, len(groups))
            points.append(plot.Point(text, label=label, group=decoded, size=1.1))
            vectors.append(codec.encode([text]))
    return plot.figure(
        plot.fit_basis(encoded.vectors[drawn], dims),
        np.concatenate(vectors),
        points,
        dashed=dashed,
        groups=[*groups, average, decoded],
        language=language,
        height=560,
    )


def _label(text: str, number: int, opinions: int) -> str:
    """What stands beside a decoded sentence: one short line, of which several have room, or its number.

    `number` is that of its opinion, 0 for the average of all, which is written out always.
    """
    if number and opinions > MOST_WRITTEN:
        return str(number)
    short = text if len(text) <= _LABEL else text[: _LABEL - 1].rstrip(" ,.;:—-") + "…"
    return f"{number}: {short}" if number else short


def _sentence_point(
    row: int, encoded: Encoded, summary: Summary, groups: list[str], language: str
) -> plot.Point:
    text, group = encoded.sentences.texts[row], groups[summary.labels[row]]
    if summary.kept[row]:
        return plot.Point(text, group=group, size=0.55)
    return plot.Point(say("average_hover_left_out", language, text=text), group=group, size=0.25)


def table(summary: Summary, encoded: Encoded, settings: Settings) -> list[exports.Row]:
    """The average and the opinions as rows to download, with the settings they were made with."""
    sizes = [(1.0, len(summary.kept), int(summary.kept.sum()), summary.agreement)]
    sizes += [(one.share, len(one.members), one.kept, one.agreement) for one in summary.opinions]
    said = [summary.average, *(one.spoken for one in summary.opinions)]
    return [
        {
            "opinion": number or "average",
            "share": round(share, 4),
            "sentences": sentences,
            "kept": kept,
            "decoded": spoken.decoded.text,
            "fidelity": round(spoken.decoded.fidelity, 4),
            "typical": spoken.typical,
            "typical_fidelity": round(spoken.typical_fidelity, 4),
            "likeness": round(spoken.likeness, 4),
            "agreement": round(agreement, 4),
            "first_choice": spoken.first,
            "other_wordings": " | ".join(other.text for other in spoken.decoded.alternatives),
            "pair": encoded.pair,
            "trim": settings.trim,
            "count": settings.count,
            "apart": settings.apart,
            "choices": settings.choices,
        }
        for number, (spoken, (share, sentences, kept, agreement)) in enumerate(zip(said, sizes, strict=True))
    ]


def sentence_table(summary: Summary, encoded: Encoded, settings: Settings) -> list[exports.Row]:
    """Every sentence with its weight, its opinion, and its cosine with the middle of it."""
    weights = encoded.sentences.weights(settings.count)
    rows: list[exports.Row] = []
    for row, text in enumerate(encoded.sentences.texts):
        number = int(summary.labels[row])
        cosine = float(encoded.vectors[row] @ summary.opinions[number].spoken.centre)
        rows.append(
            {
                "sentence": text,
                "weight": round(float(weights[row]), 6),
                "opinion": number + 1,
                "cosine": round(cosine, 4),
                "kept": bool(summary.kept[row]),
            }
        )
    return rows
