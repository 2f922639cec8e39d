"""Any tab's answer from two pairs side by side."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

import gradio as gr
from gradio.components import Component

from demos.codec import PAIRS, Codec, Codecs
from demos.operations.answers import Decoded
from demos.ui.i18n import Language, error_text, language_of, pair_title, say, t
from demos.ui.live import LONG, Asked
from demos.ui.markup import error_line, fidelity, safe, sentence_menu
from demos.ui.pair_picker import LOOK, choices, progress_html
from demos.ui.preparing import preparations_of

Answers = list[tuple[str, Decoded]]  # what was asked, and the answer
Column = Answers | str  # a pair's answers, or what went wrong with it
Ask = Callable[[Codec, Asked], Answers]  # may raise anything

MOST_ROWS = 12  # of a long text, so many lines are compared


def build_compare(
    codecs: Codecs, prefix: str, inputs: Collection[Component], ask: Ask, sentences: bool = False
) -> None:
    """A closed section at the end of a tab that puts the tab's own question to two pairs.

    Args:
        prefix: the tab's name; the controls are "<prefix>-compare…".
        inputs: the tab's components, whose values `ask` reads.
        sentences: what is asked is a sentence, which has a menu as every sentence has.
    """
    with gr.Accordion(t("pairs_compare"), open=False, elem_id=f"{prefix}-compare"):
        gr.Markdown(t("pairs_compare_info"), elem_classes="ss-note")
        with gr.Row():
            pickers = [
                gr.Dropdown(
                    choices(codecs),
                    value=codecs.names[place],
                    label=t(f"pairs_{which}"),
                    elem_id=f"{prefix}-compare-{which}",
                    filterable=False,
                )
                for place, which in ((0, "first"), (-1, "second"))
            ]
        run = gr.Button(t("pairs_compare_run"), elem_id=f"{prefix}-compare-run")
        shown = gr.HTML(elem_id=f"{prefix}-compare-result", padding=False)

    def compare(values: dict[Component, Any], request: gr.Request) -> Iterator[str]:
        language = language_of(request)
        columns: list[Column] = []
        names = [values[picker] for picker in pickers]
        for name in names:
            try:
                if name in PAIRS and not codecs.loaded(name):
                    running = preparations_of(codecs).start(name)
                    while not running.wait(LOOK):
                        yield progress_html(running, PAIRS[codecs.default].title, language)
                    if running.error is not None:
                        raise running.error
                columns.append(ask(codecs.get(name), Asked(values, language))[:MOST_ROWS])
            except Exception as error:
                columns.append(error_text(error, language))
            yield answers_table(names, columns, language, sentences)

    run.click(
        compare,
        {*pickers, *inputs},
        shown,
        api_visibility="private",
        show_progress="minimal",
        **LONG,
    )


def answers_table(
    names: Sequence[str], columns: Sequence[Column], language: Language = "en", sentences: bool = False
) -> str:
    """The pairs' columns as an HTML table; those that are not there yet are left empty."""
    heads = [say("pairs_compare_source", language)]
    heads += [pair_title(PAIRS[name].title, language) if name in PAIRS else name for name in names]
    html = "".join(f'<th scope="col">{safe(head)}</th>' for head in heads)
    html = f"<thead><tr>{html}</tr></thead><tbody>"
    asked = next(
        ([source for source, _ in column] for column in columns if not isinstance(column, str)), [""]
    )
    for index, source in enumerate(asked):
        menu = sentence_menu(source, language) if sentences else ""
        html += f'<tr><td><span dir="auto">{safe(source)}</span>{menu}</td>'
        for head, column in zip(heads[1:], columns, strict=False):
            named = f'data-pair="{safe(head)}"'  # on a narrow screen, where there is no line of heads
            if not isinstance(column, str):
                answer = column[index][1]
                said = f"{safe(answer.text)} {fidelity(answer.fidelity, language)}"
                html += f"<td {named}>{said}{sentence_menu(answer.text, language)}</td>"
            elif index == 0:
                html += f'<td {named} rowspan="{len(asked)}">{error_line(column)}</td>'
        html += "</tr>"
    return f'<table class="ss-table ss-compare">{html}</tbody></table>'
