"""The choice of a model pair in the header: what each pair is, and its way onto this machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr
from gradio.context import Context

from demos.codec import PAIRS, CodecError, Codecs
from demos.ui.i18n import TEXTS, Language, error_text, language_of, pair_title, say, t
from demos.ui.markup import error_line, status_line
from demos.ui.preparing import Preparation, preparations_of

LOOK = 0.3  # seconds between two looks at a preparation


def build_picker(codecs: Codecs) -> gr.State:
    """The picker with its status line, inside a Blocks context; returns the state that holds the pair's name.

    The pair changes only when the new one has said its first sentence; where that fails, the page says
    why and the pair before goes on answering.
    """
    pair = gr.State(codecs.default)
    choice = gr.Dropdown(
        choices(codecs),
        value=codecs.default,
        label=t("common_pair"),
        elem_id="pair",
        filterable=False,
    )
    status = gr.HTML("", elem_id="pair-status", padding=False)

    def show(name: str, request: gr.Request) -> str:
        return about(codecs, name, language_of(request))

    def choose(name: str, current: str, request: gr.Request) -> Iterator[tuple[Any, Any, Any]]:
        """(status, choice, pair) while the pair is made ready, and at the end."""
        language = language_of(request)
        if name not in PAIRS:  # not from our own list: the browser may send anything
            yield about(codecs, current, language), current, current
            return
        if name == current:  # looked at and left as it was
            yield about(codecs, current, language), gr.skip(), gr.skip()
            return
        if not codecs.loaded(name):
            running = preparations_of(codecs).start(name)
            while not running.wait(LOOK):
                yield progress_html(running, current, language), gr.update(interactive=False), gr.skip()
            if running.error is not None:
                why = why_not(running.error, pair_title(PAIRS[current].title, language), language)
                yield error_line(why), gr.update(value=current, interactive=True), current
                return
        told = status_line(say("pairs_ready", language, pair=pair_title(PAIRS[name].title, language)))
        told += about(codecs, name, language)
        yield told, gr.update(value=name, interactive=True), name

    choice.blur(  # Gradio says `input` twice for one choice: when it is made, and when the field is left
        choose,
        [choice, pair],
        [status, choice, pair],
        api_visibility="private",
        show_progress="hidden",
        concurrency_id="pairs",
        concurrency_limit=8,
    )
    page = Context.root_block
    assert page is not None, "build_picker is called inside a Blocks context"
    page.load(show, pair, status, api_visibility="private", show_progress="hidden")
    return pair


def why_not(error: CodecError, current: str, language: Language) -> str:
    """What went wrong, and that the current pair goes on."""
    key = f"pairs_stays_{error.code}"
    if key in TEXTS["en"]:
        return say(key, language, current=current, **error.details)
    return f"{error_text(error, language)} {say('pairs_stays', language, current=current)}"


def choices(codecs: Codecs) -> list[tuple[Any, str]]:
    """The pairs as a list to choose from: what the browser calls each, with its size where it is not bundled,
    and its name."""
    return [(t(f"pairs_choice_{name.replace('-', '_')}"), name) for name in codecs.names]


def about(codecs: Codecs, name: str, language: Language) -> str:
    """What a pair is, its languages, where its files are and where it runs, as HTML."""
    pair = PAIRS[name]
    if not pair.repos:
        where = say("pairs_bundled", language)
    elif codecs.loaded(name) or pair.here:
        where = say("pairs_here", language)
    else:
        where = say("pairs_to_fetch", language, size=f"{pair.size / 1000:.1f}")
    count = len(pair.languages)
    spoken = say("pairs_two_languages" if count == 2 else "pairs_languages", language, count=count)
    text = say(
        "pairs_about",
        language,
        encoder=pair.encoder,
        decoder=pair.decoder if pair.repos else say("pairs_own_decoder", language),
        dim=pair.dim,
        languages=spoken,
        where=where,
        device=say("pairs_cpu" if codecs.device_of(name) == "cpu" else "pairs_gpu", language),
    )
    if pair.unpinned:
        text += " " + say("pairs_unpinned", language, repos=", ".join(pair.unpinned))
    return status_line(text)


def progress_html(running: Preparation, current: str, language: Language) -> str:
    """How far a preparation is, as HTML: a sentence and a bar."""
    titles = {
        "pair": pair_title(running.pair.title, language),
        "current": pair_title(PAIRS[current].title, language),
    }
    if running.stage != "download":
        return status_line(say("pairs_loading", language, **titles)) + "<progress></progress>"
    here, total = running.here // 1_000_000, running.total // 1_000_000
    text = say("pairs_downloading", language, here=here, total=total, **titles)
    return status_line(text) + f'<progress value="{here}" max="{total}"></progress>'
