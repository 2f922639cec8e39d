"""An average and its opinions on the screen: as HTML, and in the words of their map."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import cycle, islice

from demos.operations.opinions import AGREES, Comparison, Encoded, Opinion, Summary, whole_percents
from demos.operations.reviews import ReviewsExample, Sentences
from demos.operations.wordings import Spoken
from demos.plots.figures import COLOURS, GREY, Figure
from demos.plots.opinions import MOST_DRAWN, OpinionWords, opinions_figure
from demos.ui.i18n import number, say, seconds_text
from demos.ui.markup import (
    answered_by,
    fidelity,
    gloss_line,
    gloss_of,
    note,
    recorded_note,
    safe,
    sentence_buttons,
    sentence_menu,
    status_line,
    wordings,
)

_LISTED = 12  # sentences of an opinion that are listed


def average_html(
    summary: Summary,
    encoded: Encoded,
    title: str,
    example: ReviewsExample | None = None,
    language: str = "en",
) -> str:
    """The average sentence, the real sentence beside it, and what the article recorded for this example.

    The real one speaks where the decoder is not sure of its own.
    """
    words = summary.average
    total, kept = len(summary.kept), int(summary.kept.sum())
    key = "average_head" if kept == total else "average_head_trimmed"
    head = say(key, language, reviews=encoded.sentences.reviews, sentences=total, kept=kept)
    by = answered_by(title, language, summary.quick)  # it stands where the pair's own sentence does
    if words.sure:
        lead = f'<div class="ss-answer" lang="ru">{_words(words, language)}</div>'
        said, nearness, beneath = words.decoded.text, words.decoded.fidelity, by
        doubt = ""
        gloss = "" if words.same else gloss_line(gloss_of(words.typical), language)
        other = f"{safe(say(f'average_real_{words.closer}', language))} {_real(words, language)}{gloss}"
    else:
        lead = f'<div class="ss-answer" dir="auto"><q>{safe(words.typical)}</q></div>'
        said, nearness, beneath = words.typical, words.typical_fidelity, ""
        doubt = note(say("average_unsure", language), "ss-doubt")
        other = f"{safe(say('average_guess', language))} {_guess(words, language)}{by}"
    parts = [
        f'<div class="average-head">{safe(head)}</div>',
        lead,
        f'<div class="average-line">{fidelity(nearness, language)}{sentence_buttons(said, language)}'
        f"{beneath}</div>",
        gloss_line(gloss_of(said), language),
        doubt,
        f'<div class="average-real">{other}</div>',
        _beams(words, language),
    ]
    if summary.agreement < AGREES:
        parts.append(note(say("average_spread", language), "ss-why"))
    if example is not None and example.recorded:
        head, remark = (say(key, language) for key in ("average_recorded", "average_recorded_note"))
        recorded = example.recorded
        parts.append(recorded_note(head, recorded, said, language, "average-recorded", remark=remark))
    return "".join(parts)


def opinions_html(summary: Summary, encoded: Encoded, language: str = "en") -> str:
    """The opinions as a list: share, decoded middle, most typical real sentence, and its sentences.

    Of the two sentences the one that is closer to the middle is marked.
    """
    rows = "".join(
        _opinion(number, opinion, percent, encoded.sentences, language)
        for number, (opinion, percent) in enumerate(zip(summary.opinions, summary.percents, strict=False), 1)
    )
    heads = "".join(
        f"<span>{safe(say(f'average_{key}', language))}</span>" for key in ("share", "decoded", "typical")
    )
    verdict = say("average_verdict", language, all=len(summary.opinions), **_verdict(summary.opinions))
    main = say("average_main_note", language)
    return (
        f'<div class="average-heads" aria-hidden="true">{heads}</div>'
        f'<div class="average-opinions" role="list">{rows}{_rest(summary, encoded.sentences, language)}</div>'
        f"{note(f'{verdict} {main}')}"
    )


def _verdict(opinions: Sequence[Opinion]) -> dict[str, int]:
    """In how many opinions what is closer, as `Spoken.closer` says, or a real sentence stands "alone"."""
    found = Counter(one.spoken.closer if one.decoded_speaks else "alone" for one in opinions)
    return {kind: found[kind] for kind in ("decoded", "real", "equal", "same", "alone")}


def _opinion(number: int, opinion: Opinion, percent: int, sentences: Sentences, language: str) -> str:
    words = opinion.spoken
    colour = COLOURS[(number - 1) % len(COLOURS)]
    counted = say("average_members", language, count=len(opinion.members))
    if opinion.kept < len(opinion.members):
        left_out = len(opinion.members) - opinion.kept
        counted += "; " + say("average_left_out", language, count=left_out)
    kind = "closer" if words.closer in ("decoded", "real") else words.closer
    badge = f'<span class="ss-badge average-{kind}">{safe(say(f"average_{kind}", language))}</span>'
    decoded_mark, real_mark = ("", badge) if words.closer == "real" else (badge, "")
    lead = f'<div class="average-words" lang="ru">{_words(words, language)}</div>'
    said, nearness = opinion.said, words.decoded.fidelity
    gloss = "" if words.same else gloss_line(gloss_of(words.typical), language)
    beside = f"{_real(words, language, real_mark)}{gloss}"
    if not opinion.decoded_speaks:  # the real sentence stands in its place
        nearness, decoded_mark, beside = words.typical_fidelity, "", ""
        alone = "average_alone" if len(opinion.members) == 1 else "average_missed"
        why = note(say(alone if opinion.agrees else "average_differ", language), "ss-why")
        lead = f'{why}<div class="average-words" dir="auto"><q>{safe(words.typical)}</q></div>'
    name = safe(say("average_number", language, number=number))
    return (
        f'<div class="average-opinion" role="listitem"><div class="average-share"><span>{name}</span> '
        f"<b>{percent} %</b>"
        f'<span class="average-bar" aria-hidden="true">'
        f'<i style="width:{percent}%;background:{colour}"></i></span></div>'
        f'<div class="average-decoded">{lead}'
        f'<div class="average-facts">{fidelity(nearness, language)}'
        f"{decoded_mark}{sentence_buttons(said, language)}</div>{gloss_line(gloss_of(said), language)}"
        f"{_beams(words, language)}</div>"
        f'<div class="average-typical">{beside}'
        f"<details><summary>{safe(counted)}</summary>"
        f"{_listed(opinion.members, sentences, language)}</details></div></div>"
    )


def _rest(summary: Summary, sentences: Sentences, language: str) -> str:
    """The sentences that are like no opinion, under a line that opens; nothing if there are none."""
    if not summary.rest.members:
        return ""
    percent = summary.percents[-1]
    counted = say("average_members", language, count=len(summary.rest.members))
    return (
        '<div class="average-opinion average-rest" role="listitem"><div class="average-share">'
        f"<span>{safe(say('average_rest', language))}</span> <b>{percent} %</b></div>"
        f'<div class="average-decoded ss-note ss-why">{safe(say("average_rest_note", language))}</div>'
        f'<div class="average-typical"><details><summary>{safe(counted)}</summary>'
        f"{_listed(summary.rest.members, sentences, language)}</details></div></div>"
    )


def _listed(members: Sequence[int], sentences: Sentences, language: str) -> str:
    """The first of some sentences as a list, and how many more there are."""
    texts = [sentences.texts[row] for row in members[:_LISTED]]
    items = "".join(f'<li dir="auto">{safe(text)} {sentence_menu(text, language)}</li>' for text in texts)
    more = len(members) - _LISTED
    if more > 0:
        items += f"<li>{safe(say('average_members_more', language, count=more))}</li>"
    return f"<ul>{items}</ul>"


def comparison_html(found: Comparison, opinions: Sequence[Opinion], language: str = "en") -> str:
    """A table: a row for each value of the column, a cell for each opinion and one for the rest."""
    heads = [f"<th>{safe(found.column)}</th>"]
    for place, opinion in enumerate(opinions, 1):
        name = safe(say("average_number", language, number=place))
        heads.append(f'<th scope="col">{name}<div class="ss-note">{safe(opinion.said)}</div></th>')
    heads.append(f'<th scope="col">{safe(say("average_rest", language))}</th>')
    colours = [*islice(cycle(COLOURS), len(opinions)), GREY]
    rows = []
    for value, count, shares in zip(found.values, found.sentences, found.shares, strict=True):
        told = safe(say("average_by_sentences", language, count=count))
        cells = "".join(map(_share, whole_percents(list(shares)), colours))
        rows.append(f'<tr><th scope="row">{safe(value)}<div class="ss-note">{told}</div></th>{cells}</tr>')
    table = f"<table><thead><tr>{''.join(heads)}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return f'<div class="ss-wide-table" tabindex="0">{table}</div>'


def _share(percent: int, colour: str) -> str:
    bar = f'<i style="width:{percent}%;background:{colour}"></i>'
    return f'<td>{percent} %<span class="average-bar" aria-hidden="true">{bar}</span></td>'


def _words(words: Spoken, language: str) -> str:
    return safe(words.decoded.text if words.decoded.text.strip() else say("common_silent", language))


def _real(words: Spoken, language: str, mark: str = "") -> str:
    alike, tip = say("average_alike", language), say("average_alike_info", language)
    return (
        f'<q dir="auto">{safe(words.typical)}</q> {sentence_menu(words.typical, language)}'
        f' <div class="average-facts">'
        f"{fidelity(words.typical_fidelity, language)}{mark}"
        f'<span class="average-alike" title="{safe(tip)}">{safe(alike)} '
        f"{number(words.likeness, language)}</span></div>"
    )


def _guess(words: Spoken, language: str) -> str:
    """The decoder's sentence where the real one speaks."""
    return (
        f'<span lang="ru">{_words(words, language)}</span> {sentence_menu(words.decoded.text, language)}'
        f'<div class="average-facts">{fidelity(words.decoded.fidelity, language)}</div>'
        f"{gloss_line(gloss_of(words.decoded.text), language)}"
    )


def _beams(words: Spoken, language: str) -> str:
    """What the sentence was chosen from, under a line that opens; the pair's first choice is marked."""
    others = words.decoded.alternatives
    if not others:
        return ""
    head = say("average_beams", language, count=1 + len(others))
    first = {words.first: say("average_first", language)}
    return wordings((words.decoded, *others), language, head=head, badges=first)


def notes(sentences: Sentences, language: str = "en") -> str:
    """What was left out of the reviews; "" if nothing."""
    said = []
    if sentences.wordless:
        said.append(say("average_note_wordless", language, count=sentences.wordless))
    if sentences.unreadable:
        said.append(say("average_note_unreadable", language, count=sentences.unreadable))
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
    count, spent = len(sentences.texts), seconds_text(seconds)
    ended = say("average_done", language, sentences=count, seconds=spent)
    return status_line(f"{ended} {notes(sentences, language)}".strip())


def opinions_map(encoded: Encoded, summary: Summary, dims: int = 2, language: str = "en") -> Figure:
    """The sentences coloured by opinion, their means, and the decoded sentences encoded again."""
    opinions = list(enumerate(summary.opinions, 1))
    words = OpinionWords(
        groups=[
            say("average_group", language, number=number, share=percent)
            for (number, _), percent in zip(opinions, summary.percents, strict=False)
        ],
        centres=[say("average_hover_centre", language, number=number) for number, _ in opinions],
        average=say("average_group_average", language),
        average_centre=say("average_hover_average", language),
        decoded=say("average_group_decoded", language),
        rest=say("average_rest", language),
        left_out=lambda text: say("average_hover_left_out", language, text=text),
    )
    return opinions_figure(encoded, summary, words, dims=dims, language=language)
