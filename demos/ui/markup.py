"""Pieces of HTML that the tabs share. Whatever came from a person or a model goes through `safe`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from demos.operations.answers import Decoded, grade
from demos.ui.i18n import number, pair_title, say, t

GLOSSES: dict[str, str] = json.loads(
    (Path(__file__).resolve().parents[2] / "assets" / "examples" / "glosses.json").read_text(encoding="utf-8")
)
# gr.HTML runs its value through JavaScript and Handlebars templates: none of their signs may pass.
_TEMPLATE_SIGNS = str.maketrans({"{": "&#123;", "}": "&#125;", "$": "&#36;", "`": "&#96;", "\\": "&#92;"})
_COPY_ICON = (  # drawn, since few fonts have the sign
    '<svg viewBox="0 0 16 16" width="17" height="17" aria-hidden="true" fill="none" stroke="currentColor" '
    'stroke-width="1.4"><rect x="5.5" y="5.5" width="9" height="9" rx="1.5"/>'
    '<path d="M10.5 3V3a1.5 1.5 0 0 0-1.5-1.5H3A1.5 1.5 0 0 0 1.5 3v6A1.5 1.5 0 0 0 3 10.5"/></svg>'
)


def safe(text: object) -> str:
    """Text that stands in HTML, attributes included, as itself."""
    return escape(str(text)).translate(_TEMPLATE_SIGNS)


def error_line(text: str) -> str:
    """A message of what went wrong, which screen readers announce."""
    return f'<div class="ss-error" role="alert">{safe(text)}</div>'


def note(text: str, *classes: str) -> str:
    """A remark beside an answer; its element may have more classes.

    The presenter's view leaves remarks out, but for those of the class "ss-why": without them the answer
    beside which they stand would be taken for another thing than it is.
    """
    return f'<div class="{" ".join(("ss-note", *classes))}">{safe(text)}</div>'


def status_line(text: str, done: int | None = None, total: int = 1) -> str:
    """What is going on, which screen readers announce; a bar shows `done` of `total` where it is given."""
    bar = "" if done is None else f'<progress max="{total}" value="{done}"></progress> '
    return f'<div class="ss-note" role="status">{bar}{safe(text)}</div>'


def fidelity(value: float, language: str = "en") -> str:
    """A number, a bar and its range in a word and a colour; the explanation on hover."""
    found = grade(value)
    range_ = safe(say(f"common_grade_{found}", language))
    width = 100 * max(0.0, min(1.0, value))
    tip = safe(say("common_fidelity_info", language))
    name = safe(say("common_fidelity", language))
    return (
        f'<span class="ss-fidelity ss-{found}" title="{tip}"><span class="ss-word">{name}</span> '
        f"{number(value, language)}"
        f'<span class="ss-meter" aria-hidden="true"><i style="width:{width:.0f}%"></i></span>'
        f'<span class="ss-grade">{range_}</span></span>'
    )


def doubt(value: float, language: str = "en") -> str:
    """A warning under an answer whose fidelity is far from what was asked; "" for a better one.

    It is for answers to one question. An average of many sentences has no near answer by nature.
    """
    if grade(value) != "far":
        return ""
    return note(say("common_doubt", language), "ss-doubt")


def sentence_buttons(text: str, language: str = "en") -> str:
    """Small buttons of an answer: one copies it, one opens its menu; the page's script listens to them."""
    name = safe(say("page_copy", language))
    done = safe(say("common_copied", language))
    return (
        f'<button type="button" class="ss-copy" data-copy="{safe(text)}" data-done="{done}" '
        f'title="{name}" aria-label="{name}">{_COPY_ICON}</button>{sentence_menu(text, language)}'
    )


def sentence_menu(text: str, language: str = "en") -> str:
    """The button that opens the menu of a sentence: copy it, take it to another tab, hear it."""
    more = safe(say("page_more", language))
    return (
        f'<button type="button" class="ss-more" data-say="{safe(text)}" title="{more}" '
        f'aria-label="{more}" aria-haspopup="menu" aria-expanded="false">⋯</button>'
    )


def strip_row(
    place: str, pieces: Iterable[tuple[str, bool]], decoded: Decoded, language: str = "en", here: bool = False
) -> str:
    """A sentence of a strip: where it stands, its words with the new ones marked, its fidelity.

    Args:
        pieces: parts of the sentence, each with whether it is new.
        here: whether the row is the one that the controls stand at.
    """
    text = "".join(f"<mark>{safe(part)}</mark>" if new else safe(part) for part, new in pieces)
    text += f" {sentence_menu(decoded.text, language)}"
    gloss = gloss_of(decoded.text) if language == "en" else ""
    if gloss:
        text += f'<div class="ss-gloss" lang="en">{safe(gloss)}</div>'
    current = ' aria-current="true"' if here else ""
    return (
        f'<li{current}><span class="strip-strength">{safe(place)}</span>'
        f'<span class="strip-text" lang="ru">{text}</span>'
        f'<span class="strip-fidelity" title="{safe(say("common_fidelity", language))}">'
        f"{number(decoded.fidelity, language)}</span></li>"
    )


def gloss_of(answer: str) -> str:
    """What a Russian answer to an example says in English; "" where nobody has written it down."""
    return GLOSSES.get(answer, "")


def gloss_line(gloss: str, language: str = "en", key: str = "common_gloss") -> str:
    """What a Russian example says, for a page in English; "" for a text that has no gloss.

    It stands under the text that it is of, or `key` says which one that is.
    """
    if not gloss or language != "en":
        return ""
    return f'<div class="ss-gloss">{safe(say(key, language, text=gloss))}</div>'


def recorded_note(
    head: str, recorded: str, answer: str, language: str = "en", *classes: str, remark: str = ""
) -> str:
    """What the article's models answered, under the heading `head`, in letters as large as the demo's own.

    Its gloss follows, but where the demo's own `answer` is the same; then the remark.
    """
    gloss = "" if recorded == answer else gloss_line(gloss_of(recorded), language)
    return (
        f'<div class="{" ".join(("ss-note", "ss-recorded", *classes))}">'
        f'<div class="ss-heading" role="heading" aria-level="3">{safe(head)}</div>'
        f'<span class="ss-then" lang="ru">{safe(recorded)}</span> {sentence_menu(recorded, language)}'
        f"{gloss}{safe(remark)}</div>"
    )


def wordings(
    others: Sequence[Decoded],
    language: str = "en",
    is_open: bool = False,
    head: str = "",
    badges: Mapping[str, str] | None = None,
) -> str:
    """Wordings of one vector under a line that opens; nothing if there are none.

    Args:
        head: what the line says; that they are other wordings where it is "".
        badges: what is written beside some of them, by their text.
    """
    if not others:
        return ""
    badge = {text: f' <span class="ss-badge">{safe(why)}</span>' for text, why in (badges or {}).items()}
    items = "".join(
        f"<li>{safe(other.text)} {fidelity(other.fidelity, language)}{sentence_buttons(other.text, language)}"
        f"{badge.get(other.text, '')}{gloss_line(gloss_of(other.text), language)}</li>"
        for other in others
    )
    name = safe(head or say("common_alternatives", language))
    return (
        f'<details class="ss-others"{" open" * is_open}><summary>{name}</summary><ol>{items}</ol></details>'
    )


def answered_by(title: str, language: str = "en", quick: bool = False) -> str:
    """Which pair gave the answers, and what their figures mean; of a quick one, that a better one follows."""
    by = say("common_answered_by", language, pair=pair_title(title, language))
    more = say("common_quick" if quick else "common_fidelity_short", language)
    return f'<div class="ss-by{" ss-quick" * quick}">{safe(f"{by} · {more}")}</div>'


def two_or_three(elem_id: str, **settings: Any) -> gr.Radio:
    """The choice of a map in two or three dimensions."""
    choices = [(t("common_plot_2d"), 2), (t("common_plot_3d"), 3)]
    return gr.Radio(choices, value=2, elem_id=elem_id, **settings)
