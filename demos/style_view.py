"""What the Style tab says, as HTML: every text of a visitor or a decoder is escaped here."""

from __future__ import annotations

from collections.abc import Sequence

from demos.axes import BUILT_IN, Axis, Direction, Separation, built_in_axes, cosines, separation
from demos.i18n import say
from demos.markup import answered_by, copy_button, fidelity, safe, wordings
from demos.restyle import Filmstrip, Styled, examples, signed


def axis_title(axis: Axis, language: str = "en") -> str:
    """What the screen calls an axis: "negative → positive"."""
    return say(f"style_axis_{axis.name}", language) if axis.name in BUILT_IN else axis.name


def axis_ends(axis: Axis, language: str = "en") -> tuple[str, str]:
    """What the screen calls its two sides."""
    if axis.name not in BUILT_IN:
        return axis.from_label, axis.to_label
    return say(f"style_from_{axis.name}", language), say(f"style_to_{axis.name}", language)


def answer_html(
    styled: Styled, axes: Sequence[Axis], pair_title: str, language: str = "en", run: int = 0
) -> str:
    """The answer, the formula, other wordings, and the article's own answer where it has one.

    run: the number of the run that answers quickly; see `answered_by`.
    """
    answer = styled.decoded
    html = [
        f'<div class="style-head">{safe(say("style_answer", language))}</div>'
        f'<div class="ss-answer" lang="ru">{safe(answer.text)}</div>'
        f'<div class="style-line">{fidelity(answer.fidelity, language)}{copy_button(answer.text, language)}'
        f"{answered_by(pair_title, language, run * answer.quick)}</div>",
        f'<div class="ss-note style-formula">{safe(formula(styled, axes, language))}</div>',
        wordings(answer.alternatives, language, is_open=True),
    ]
    for example in examples():
        if example.recorded and example.sentence == styled.sentence:
            axis = next(axis for axis in built_in_axes() if axis.name == example.axis)
            values = {"axis": axis_title(axis, language), "strength": signed(example.strength)}
            note = say("style_recorded", language, text=example.recorded, **values)
            html.append(f'<div class="ss-note style-recorded">{safe(note)}</div>')
    return "".join(html)


def formula(styled: Styled, axes: Sequence[Axis], language: str = "en") -> str:
    """The arithmetic in words: "vector of the sentence + 1.5 × (reserved → emotive)"."""
    parts = [say("style_formula", language)]
    for axis in axes:
        strength = styled.strengths.get(axis.name, 0.0)
        if strength:
            parts.append(
                f"{'−' if strength < 0 else '+'} {abs(strength):.4g} × ({axis_title(axis, language)})"
            )
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
    heads = [say(f"style_quality_{key}", language) for key in ("axis", "origin", "held", "step")]
    rows = []
    for found, title, row in zip(directions, titles, cosines(directions), strict=True):
        sizes = {"a": len(found.from_vectors), "b": len(found.to_vectors), "count": len(found.from_vectors)}
        kind = (
            "own"
            if found.axis.name not in BUILT_IN
            else "article"
            if "article" in found.axis.source
            else "demo"
        )
        cells = [
            say(f"style_origin_{kind}", language, **sizes),
            count_text(separation(found), language),
            f"{found.length:.2f}",
            *(
                f"{value:+.2f}".replace("-", "−") if other != title else ""
                for value, other in zip(row, titles, strict=True)
            ),
        ]
        rows.append(f"<tr><th>{safe(title)}</th>{''.join(f'<td>{safe(cell)}</td>' for cell in cells)}</tr>")
    wide = f'<th colspan="{len(titles)}">{safe(say("style_quality_cosine", language))}</th>'
    top = "".join(f'<th rowspan="2">{safe(text)}</th>' for text in heads) + wide
    below = "".join(f"<th>{safe(title)}</th>" for title in titles)
    return (
        f'<p class="ss-note">{safe(say("style_quality_note", language))}</p><div class="style-table"><table>'
        f"<thead><tr>{top}</tr><tr>{below}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def filmstrip_html(strip: Filmstrip, now: float, language: str = "en") -> str:
    """The frames as a list; the one nearest to the slider's strength `now` is framed."""
    ends = axis_ends(strip.direction.axis, language)
    word = say("common_fidelity", language)
    nearest = min(strip.frames, key=lambda frame: abs(frame.strength - now))
    rows = [f'<div class="strip-end">↑ {safe(ends[0])}</div><ol class="strip">']
    for frame in strip.frames:
        text = "".join(f"<mark>{safe(t)}</mark>" if new else safe(t) for t, new in frame.pieces)
        here = ' aria-current="true"' if frame is nearest else ""
        rows.append(
            f'<li{here}><span class="strip-strength">{signed(frame.strength)}</span>'
            f'<span class="strip-text">{text}</span>'
            f'<span class="strip-fidelity" title="{safe(word)}">{frame.decoded.fidelity:.2f}</span></li>'
        )
    return "".join(rows) + f'</ol><div class="strip-end">↓ {safe(ends[1])}</div>'
