"""Pieces of HTML that the tabs share. Whatever came from a person or a model goes through `safe`."""

from __future__ import annotations

from html import escape

from demos.answers import Decoded
from demos.i18n import say

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
        f'title="{name}" aria-label="{name}">{_COPY_ICON}</button>'
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


def answered_by(title: str, language: str = "en", run: int = 0) -> str:
    """Which pair gave the answers, and what their figures mean.

    run: the number of the run that gives a quick answer, 0 where no careful one follows. It makes each
        quick answer another text, since only a change of the text calls for the careful one.
    """
    by = say("common_answered_by", language, pair=title)
    more = say("common_quick" if run else "common_fidelity_short", language)
    kind = f' ss-quick" data-run="{run}' if run else ""
    return f'<div class="ss-by{kind}">{safe(f"{by} · {more}")}</div>'
