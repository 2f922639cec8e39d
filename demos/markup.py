"""Pieces of HTML that the tabs share. Whatever came from a person or a model goes through `safe`."""

from __future__ import annotations

from html import escape

from demos.answers import Decoded
from demos.i18n import say

# gr.HTML runs its value through JavaScript and Handlebars templates: none of their signs may pass.
_TEMPLATE_SIGNS = str.maketrans({"{": "&#123;", "}": "&#125;", "$": "&#36;", "`": "&#96;", "\\": "&#92;"})


def safe(text: object) -> str:
    """Text that stands in HTML, attributes included, as itself."""
    return escape(str(text)).translate(_TEMPLATE_SIGNS)


def error_line(text: str) -> str:
    """A message of what went wrong, which screen readers announce."""
    return f'<div class="ss-error" role="alert">{safe(text)}</div>'


def fidelity(value: float, language: str = "en") -> str:
    """A number and a bar; the explanation on hover."""
    width = 100 * max(0.0, min(1.0, value))
    tip = safe(say("common_fidelity_info", language))
    name = safe(say("common_fidelity", language))
    return (
        f'<span class="ss-fidelity" title="{tip}"><span class="ss-word">{name}</span> {value:.2f}'
        f'<span class="ss-meter" aria-hidden="true"><i style="width:{width:.0f}%"></i></span></span>'
    )


def copy_button(text: str, language: str = "en") -> str:
    """A small button that copies `text`; the page's script listens to it."""
    name = safe(say("common_copy", language))
    done = safe(say("common_copied", language))
    return (
        f'<button type="button" class="ss-copy" data-copy="{safe(text)}" data-done="{done}" '
        f'title="{name}" aria-label="{name}">⧉</button>'
    )


def wordings(others: tuple[Decoded, ...], language: str = "en", is_open: bool = False) -> str:
    """The other wordings of an answer under a line that opens; nothing if there are none."""
    if not others:
        return ""
    items = "".join(
        f"<li>{safe(other.text)} {fidelity(other.fidelity, language)}{copy_button(other.text, language)}</li>"
        for other in others
    )
    name = safe(say("common_alternatives", language))
    return (
        f'<details class="ss-others"{" open" * is_open}><summary>{name}</summary><ol>{items}</ol></details>'
    )


def answered_by(title: str, language: str = "en") -> str:
    """Which pair gave the answers."""
    return f'<div class="ss-by">{safe(say("common_answered_by", language, pair=title))}</div>'
