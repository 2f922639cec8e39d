"""How the Translate tab shows its answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from demos import exports
from demos.i18n import error_text, language_name, say
from demos.markup import answered_by, copy_button, fidelity, safe, wordings

if TYPE_CHECKING:
    from demos.translate import Translation


MOST_AT_ONCE = 24  # answers that the page shows without a scroll bar of their own


def results(
    done: Sequence[Translation], title: str, recorded: Mapping[str, str], language: str = "en"
) -> str:
    """A table of sources and answers, which folds into cards on a telephone.

    Args:
        title: the pair that answered.
        recorded: what the article's models gave for its own examples, by source.
    """
    heads = "".join(
        f'<th scope="col">{safe(say(key, language))}</th>'
        for key in ("translate_source", "translate_russian")
    )
    rows = "".join(_row(one, recorded.get(one.source, ""), language) for one in done)
    body = f'<table class="ss-table"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    long = ' class="ss-scroll" tabindex="0"' if len(done) > MOST_AT_ONCE else ""
    return f"<div{long}>{body}</div>{answered_by(title, language)}"


def status(done: int, total: int, language: str = "en", seconds: float | None = None) -> str:
    """How far the run is; with `seconds`, that it has ended."""
    if seconds is not None:
        text = say("translate_done", language, total=total, seconds=f"{seconds:.1f}")
        return f'<div class="ss-note" role="status">{safe(text)}</div>'
    text = say("translate_progress", language, done=done, total=total)
    bar = f'<progress max="{total}" value="{done}"></progress>'
    return f'<div class="ss-note" role="status">{bar} {safe(text)}</div>'


def _row(one: Translation, recorded: str, language: str) -> str:
    name = language_name(one.language, language)
    badge = f'<span class="ss-badge">{safe(name)}</span>'
    if not one.trained:
        text = say("translate_untrained", language, name=name)
        badge = f'<span class="ss-badge ss-warning">{safe(text)}</span>'
    source = f'<td class="ss-source"><span dir="auto">{safe(one.source)}</span> {badge}</td>'
    return f"<tr>{source}<td>{_answer(one, recorded, language)}</td></tr>"


def _answer(one: Translation, recorded: str, language: str) -> str:
    if one.error is not None:
        return f'<div class="ss-error">{safe(error_text(one.error, language))}</div>'
    if one.answer is None or not one.answer.text.strip():
        return f'<div class="ss-note">{safe(say("translate_silent", language))}</div>'
    answer = one.answer
    parts = [
        f'<div class="ss-line"><span class="ss-answer" lang="ru">{safe(answer.text)}</span>'
        f"{copy_button(answer.text, language)}</div>{fidelity(answer.fidelity, language)}"
    ]
    if one.language == "ru":
        parts.append(f' <span class="ss-badge">{safe(say("translate_paraphrase", language))}</span>')
    if one.verbatim:
        key = "translate_verbatim" if answer.text != one.source else "translate_nothing_else"
        parts.append(f'<div class="ss-note">{safe(say(key, language))}</div>')
    if recorded:
        parts.append(f'<div class="ss-note">{safe(say("translate_recorded", language, text=recorded))}</div>')
    parts.append(wordings(answer.alternatives, language, is_open=one.language == "ru"))
    return "".join(parts)


def table(done: Sequence[Translation]) -> list[exports.Row]:
    """The answers as rows to download."""
    return [
        {
            "source": one.source,
            "language": one.language,
            "russian": one.answer.text if one.answer else "",
            "fidelity": round(one.answer.fidelity, 4) if one.answer else "",
            "other_wordings": " | ".join(other.text for other in one.answer.alternatives)
            if one.answer
            else "",
            "error": str(one.error or ""),
            "pair": one.pair,
        }
        for one in done
    ]


def save_csv(done: Sequence[Translation]) -> str | None:
    """The answers as a CSV file → its path; None if there are none."""
    return exports.save_csv(table(done), "translate") if done else None


def save_json(done: Sequence[Translation]) -> str | None:
    """The answers as a JSON file → its path; None if there are none."""
    return exports.save_json(table(done), "translate") if done else None
