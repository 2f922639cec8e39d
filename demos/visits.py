"""What a tab does when it is opened for the first time, and not before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr
from gradio.components import Component
from gradio.context import Context


def on_first_visit(
    run: Callable[..., Sequence[Any]],
    inputs: Sequence[Component],
    outputs: Sequence[Component],
    pair: gr.State,
    refresh: Callable[..., Sequence[Any]] | None = None,
    **settings: Any,
) -> None:
    """The first time that the gr.Tab which is being built is opened, `run` answers with `outputs`.

    A new pair is answered by `refresh` (or `run`), at once where the tab has been visited.

    Args:
        run: (request, *values of inputs) → values of outputs; `refresh` likewise.
        settings: of the events.
    """
    block = Context.block
    while block is not None and not isinstance(block, gr.Tab):
        block = block.parent
    assert block is not None, "on_first_visit is called inside a gr.Tab"
    again = refresh or run
    visited = gr.State(False)

    def visit(request: gr.Request, before: bool, *values: Any) -> tuple[Any, ...]:
        return True, *([gr.skip()] * len(outputs) if before else run(request, *values))

    def change(request: gr.Request, before: bool, *values: Any) -> tuple[Any, ...]:
        return tuple(again(request, *values)) if before else (gr.skip(),) * len(outputs)

    block.select(visit, [visited, *inputs], [visited, *outputs], **settings)
    pair.change(change, [visited, *inputs], outputs, **settings)
