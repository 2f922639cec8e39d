"""A sentence in another style on the screen: the answer, the filmstrip, how reliable the axes are."""

from __future__ import annotations

from collections.abc import Sequence

from demos.operations.axes import (
    BUILT_IN,
    Axis,
    Direction,
    Separation,
    built_in_axes,
    cosines,
    separation,
)
from demos.operations.restyling import Filmstrip, Styled, examples, signed
from demos.ui.i18n import number, say
from demos.ui.markup import (
    answered_by,
    doubt,
    fidelity,
    gloss_line,
    gloss_of,
    note,
    recorded_note,
    safe,
    sentence_buttons,
    sentence_menu,
    strip_row,
    wordings,
)


def axis_title(axis: Axis, language: str = "en") -> str:
    """What the screen calls an axis: "negative → positive"."""
    return say(f"style_axis_{axis.name}", language) if axis.name in BUILT_IN else axis.name


def axis_ends(axis: Axis, language: str = "en") -> tuple[str, str]:
    """What the screen calls its two sides."""
    if axis.name not in BUILT_IN:
        return axis.from_label, axis.to_label
    return say(f"style_from_{axis.name}", language), say(f"style_to_{axis.name}", language)


def styled_html(styled: Styled, axes: Sequence[Axis], pair_title: str, language: str = "en") -> str:
    """The answer, the formula, other wordings, and the article's own answer where it has one."""
    answer = styled.decoded
    html = [
        f'<div class="style-head">{safe(say("style_answer", language))}</div>'
        f'<div class="ss-answer" lang="ru">{safe(answer.text)}</div>'
        f'<div class="style-line">{fidelity(answer.fidelity, language)}'
        f"{sentence_buttons(answer.text, language)}{answered_by(pair_title, language, answer.quick)}</div>",
        gloss_line(gloss_of(answer.text), language),
        doubt(answer.fidelity, language),
        f'<div class="ss-note style-formula">{safe(formula_text(styled, axes, language))} '
        f"{sentence_menu(styled.sentence, language)}</div>",
        wordings(answer.alternatives, language, is_open=True),
    ]
    known = [example for example in examples() if example.sentence == styled.sentence]
    html += [gloss_line(example.gloss, language, "style_gloss") for example in known]
    for example in known:
        if example.recorded:
            axis = next(axis for axis in built_in_axes() if axis.name == example.axis)
            values = {"axis": axis_title(axis, language), "strength": signed(example.strength)}
            head = say("style_recorded", language, **values)
            here = {name: value for name, value in styled.strengths.items() if value}
            place = () if here == {example.axis: example.strength} else ("ss-elsewhere",)
            html.append(
                recorded_note(head, example.recorded, answer.text, language, "style-recorded", *place)
            )
    return "".join(html)


def formula_text(styled: Styled, axes: Sequence[Axis], language: str = "en") -> str:
    """The arithmetic in words: "vector of the sentence + 1.5 × (reserved → emotive)"."""
    parts = [say("style_formula", language)]
    for axis in axes:
        strength = styled.strengths.get(axis.name, 0.0)
        if strength:
            size = number(f"{abs(strength):.4g}", language)
            parts.append(f"{'−' if strength < 0 else '+'} {size} × ({axis_title(axis, language)})")
    return " ".join(parts) if len(parts) > 1 else say("style_unmoved", language)


def count_text(quality: Separation, language: str = "en") -> str:
    """A quality figure as a sentence may hold it: "46 of 48 (96 %)"."""
    if not quality.total:
        return say("style_quality_one", language)
    percent = round(100 * quality.share)
    return say("style_quality_count", language, right=quality.right, total=quality.total, percent=percent)


def quality_html(directions: Sequence[Direction], language: str = "en") -> str:
    """The axes as a table: whose sentences, held-out pairs, length of a step, cosines among them."""
    titles = [axis_title(found.axis, language) for found in directions]
    rows = []
    for found, title, row in zip(directions, titles, cosines(directions), strict=True):
        step = number(found.length, language)
        cells = [_origin(found, language), count_text(separation(found), language), step]
        cells += [
            number(f"{value:+.2f}", language) if other != title else ""
            for value, other in zip(row, titles, strict=True)
        ]
        rows.append(f"<tr><th>{safe(title)}</th>{''.join(f'<td>{safe(cell)}</td>' for cell in cells)}</tr>")
    heads = [say(f"style_quality_{key}", language) for key in ("axis", "origin", "held", "step")]
    top = "".join(f'<th rowspan="2">{safe(text)}</th>' for text in heads)
    top += f'<th colspan="{len(titles)}">{safe(say("style_quality_cosine", language))}</th>'
    below = "".join(f"<th>{safe(title)}</th>" for title in titles)
    return (
        f'{note(say("style_quality_note", language))}<div class="ss-wide-table"><table>'
        f"<thead><tr>{top}</tr><tr>{below}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _origin(found: Direction, language: str) -> str:
    """Whose sentences an axis is made of, and how many."""
    count, others = len(found.from_vectors), len(found.to_vectors)
    if found.axis.name not in BUILT_IN:
        return say("style_origin_own", language, a=count, b=others)
    owner = "article" if "article" in found.axis.source else "demo"
    return say(f"style_origin_{owner}", language, count=count)


def filmstrip_html(strip: Filmstrip, now: float, language: str = "en") -> str:
    """The frames as a list; the one nearest to the slider's strength `now` is framed."""
    ends = axis_ends(strip.direction.axis, language)
    nearest = min(strip.frames, key=lambda frame: abs(frame.strength - now))
    rows = [f'<div class="strip-end">↑ {safe(ends[0])}</div><ol class="strip">']
    for frame in strip.frames:
        strength = number(signed(frame.strength), language)
        here = frame is nearest
        rows.append(strip_row(strength, frame.marked, frame.decoded, language, here))
    return "".join(rows) + f'</ol><div class="strip-end">↓ {safe(ends[1])}</div>'
