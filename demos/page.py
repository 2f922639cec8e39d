"""The page: one line with the title, the tabs and a few small buttons; four tabs; what there is to know."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import gradio as gr
import segno
from starlette.middleware import Middleware

from demos import algebra, api, average, style, translate
from demos.codec import PAIRS, Codecs
from demos.hosting import BehindProxy, BodyLimit, KnownCalls, Rewritten, in_space
from demos.operations import reviews, translating
from demos.ui.i18n import TEXTS, t
from demos.ui.pair_picker import build_picker
from demos.ui.send import build_courier

ASSETS = Path(__file__).resolve().parent.parent / "assets"
SCRIPTS = ("numbers.js", "page.js", "plots.js", "links.js", "sentences.js", "stage.js", "connection.js")
FILES = ("README.md", "LICENSE", "assets/models/compact/README.md")  # what "About" names of the source
# The steps of the article's talk: what each presses, and what the article's models answered.
PROGRAMME: list[dict[str, Any]] = json.loads((ASSETS / "programme.json").read_text(encoding="utf-8"))
TABS = {"translate": translate, "average": average, "algebra": algebra, "style": style}
_LOGO = """
<svg viewBox="0 0 48 48" width="34" height="34" aria-hidden="true" fill="none" stroke="currentColor"
 stroke-width="3" stroke-linecap="round" stroke-linejoin="round">
<path d="M6 6v36h36" opacity=".35"/><path d="M8 40 36 15"/><path d="M27 13l10 1 0 10"/>
<circle cx="18" cy="14" r="3" fill="currentColor" stroke="none"/>
<circle cx="33" cy="33" r="3" fill="currentColor" stroke="none"/></svg>
"""
LOOKED_AGAIN = 0.008  # seconds; Gradio looks for questions every millisecond, which takes 6 % of an idle core
MOST_WAITING = 200  # questions of all visitors that wait; the next one is told that there are too many
BUTTONS = (
    "models",
    "undo",
    "link",
    "history",
    "stage",
    "language",
    "theme",
)  # the page's script answers them


def script() -> str:
    """The page's own script, a function that Gradio calls when the page has been loaded."""
    asked = ("page_", "pairs_choice_", "pairs_title_")
    texts = {
        language: {key: text for key, text in entries.items() if key.startswith(asked)}
        for language, entries in TEXTS.items()
    }
    parts = [
        f"const TEXTS = {json.dumps(texts, ensure_ascii=False)};",
        f"const PROGRAMME = {json.dumps(PROGRAMME, ensure_ascii=False)};",
        f"const EXAMPLES = {json.dumps(_examples())};",
        f"const PAIRS = {json.dumps([name.replace('-', '_') for name in PAIRS])};",
        *map(_asset, SCRIPTS),
    ]
    return "() => {\n" + "\n".join(parts) + "\n}"


def mark_of(text: str) -> int:
    """A number of 32 bits by which the page's script knows a text, from its UTF-16 units; see links.js."""
    units = memoryview(text.encode("utf-16-le")).cast("H")
    mark = len(units)
    for unit in units:
        mark = (mark * 31 + unit) & 0xFFFFFFFF
    return mark


def _examples() -> dict[str, dict[str, int]]:
    """The marks of the texts that a link names, by tab and by the last part of their button's id."""
    return {
        "translate": {one.name: mark_of("\n".join(one.texts)) for one in translating.examples()},
        "average": {one.name: mark_of(one.text) for one in reviews.examples()},
    }


def head() -> str:
    """The look of the presenter's view, whose rules Gradio must not prefix."""
    return f"<style>{_asset('stage.css')}</style>"


def language_first(page: bytes) -> bytes:
    """The page with its own choice of language before Gradio's scripts: these ask the navigator for it before
    they run what `head` holds."""
    return page.replace(b"<head>", f"<head><script>{_asset('language.js')}</script>".encode(), 1)


_TOLD = b"Object.entries(this.loading_stati.current)"  # of the controls' numbers and what they are told
_SHOWS = b""".filter(([control, told]) => {
  const unfinished = (this.unfinished ??= new Set());
  const tell = told.show_progress !== "hidden" || unfinished.has(control);
  if (told.status === "complete") unfinished.delete(control);
  else if (tell) unfinished.add(control);
  return tell;
})"""


def told_where_shown(script: bytes) -> bytes:
    """Gradio's script of the events, telling of an event's progress only those controls that show it, and
    those that have not been told yet that the last one is complete: their clock would go on for ever.

    Left to itself it tells every control that any event has read or changed so far, several times an event,
    and reads each of them first: that is nearly half of what a page does between a question and its answer.
    """
    return script.replace(_TOLD, _TOLD + _SHOWS)


def _event_scripts() -> list[str]:
    """The paths of Gradio's scripts that `told_where_shown` is for."""
    scripts = (Path(gr.__file__).parent / "templates" / "frontend" / "assets").glob("Blocks-*.js")
    return [f"/assets/{script.name}" for script in scripts]


# For FastAPI, which Gradio starts.
SERVER: dict[str, Any] = {
    "exception_handlers": api.EXCEPTION_HANDLERS,
    "middleware": [
        Middleware(BehindProxy),
        Middleware(BodyLimit),
        Middleware(KnownCalls),
        Middleware(
            Rewritten,
            {"/": language_first, api.OPENAPI: api.with_required}
            | dict.fromkeys(_event_scripts(), told_where_shown),
        ),
    ],
}


def code_of(link: str) -> str:
    """The QR code of a link, as SVG that fills its place; "" for no link and for one that is too long."""
    if not link.startswith(("http://", "https://")):
        return ""
    try:
        return str(segno.make(link, error="l").svg_inline(border=4, omitsize=True))
    except segno.DataOverflowError:
        return ""


def _build_code() -> None:
    """The presenter's QR code: a hidden button, which the page's script presses, and where the code comes."""
    code = gr.HTML(elem_id="qr", visible="hidden", apply_default_css=False)
    link = gr.Textbox(visible="hidden", elem_id="qr-link")
    show = gr.Button(visible="hidden", elem_id="do-qr")
    show.click(
        code_of,
        link,
        code,
        js="() => window.sentenceSpace.qr()",
        api_visibility="private",
        show_progress="hidden",
    )


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def build_page(codecs: Codecs) -> gr.Blocks:
    """All of the demo over a pool of codecs; the default pair should be loaded already."""
    page: gr.Blocks
    with api.Blocks(title="Sentence Space", analytics_enabled=False) as page:
        with gr.Row(elem_id="header"):
            gr.HTML(_LOGO, elem_id="logo", apply_default_css=False, min_width=40, scale=0)
            gr.HTML(t("common_title"), elem_id="title", apply_default_css=False, min_width=100, scale=0)
            for name in BUTTONS:
                gr.Button(t(f"page_do_{name}"), size="sm", elem_id=f"do-{name}", scale=0, min_width=44)
        with gr.Column(elem_id="models"):  # behind its button
            pair = build_picker(codecs)
            with gr.Row(elem_id="models-more"):  # on a telephone, whose header has no room for them
                for name in ("history", "undo"):
                    gr.Button(t(f"page_{name}"), size="sm", elem_id=f"more-{name}")
        courier = build_courier()
        _build_code()
        with gr.Tabs(elem_id="tabs", overflow_behavior="wrap"):
            for place, (name, tab) in enumerate(TABS.items()):
                with gr.Tab(t(f"common_tab_{name}"), id=name, elem_id=f"tab-{name}") as part:
                    opened = part.select if place else page.load  # the first one is open
                    tab.build(codecs, pair, courier, opened)
        with gr.Accordion(t("common_about"), open=False, elem_id="about"):
            gr.Markdown(t("common_about_text"))
            gr.Markdown(t("common_about_licences"))
            if in_space():
                space = f"https://huggingface.co/spaces/{os.environ['SPACE_ID']}"
                files = [f"[{name}]({space}/blob/main/{name})" for name in FILES]
                gr.Markdown(" · ".join([f"[{os.environ['SPACE_ID']}]({space}/tree/main)", *files]))
            else:
                gr.Markdown(t("common_about_source"))
                gr.Markdown(" · ".join(f"`{ASSETS.parent.name}/{name}`" for name in FILES))
            gr.Markdown(t("common_about_hosted" if in_space() else "common_about_local"))
        api.build(codecs)
    page.queue(max_size=MOST_WAITING)
    page._queue.sleep_when_free = LOOKED_AGAIN
    return page
