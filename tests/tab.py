"""A tab without a browser: its events are fired, and what they show is kept as a page would keep it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from copy import deepcopy
from types import ModuleType, SimpleNamespace
from typing import Any

import gradio as gr
from gradio.blocks import Block
from gradio.components import Component

from demos.codec import Codecs
from demos.ui.send import build_courier

Shown = dict[str, Any]  # what an event has shown so far, by the id of the element; states have none


class TabPage:
    """One page with one tab on it, whose components are known by the ids of their elements.

    `language` is the one that the visitor's browser is set to.
    """

    def __init__(self, tab: ModuleType, codecs: Codecs, language: str = "en") -> None:
        self._request = SimpleNamespace(headers={"accept-language": language})
        with gr.Blocks() as self.page:
            pair = gr.State(codecs.default)
            opened = gr.Button(elem_id="opened")
            with gr.Tab():
                tab.build(codecs, pair, build_courier(), opened.click)
        self.by_id = {block.elem_id: block for block in self.page.blocks.values() if block.elem_id}
        self.now: dict[Block, Any] = {
            block: deepcopy(block.value)
            for block in self.page.blocks.values()
            if isinstance(block, Component)
        }

    def __getitem__(self, elem_id: str) -> Any:
        """The value of a component."""
        return self.now[self.by_id[elem_id]]

    def __setitem__(self, elem_id: str, value: Any) -> None:
        self.now[self.by_id[elem_id]] = value

    def state(self, kind: type) -> Any:
        """The value of the state that holds such a one."""
        return next(value for value in self.now.values() if isinstance(value, kind))

    def fire(self, elem_id: str, event: str = "click") -> Iterator[Shown]:
        """The updates of an event one by one, those of the runs after it too, each with what it adds.

        Quick answers are left as they are.
        """
        (function,) = (
            one
            for one in self.page.fns.values()
            if (self.by_id[elem_id]._id, event) in one.targets and one.fn and not one.js
        )
        yield from self._run(function)
        for after in self.page.fns.values():
            if after.trigger_after == function._id and after.fn and not after.js:
                yield from self._run(after)

    def _run(self, function: Any) -> Iterator[Shown]:
        known: dict[Block, Any] = {}
        for update in self._call(function):
            new = {
                block: value
                for block, value in update.items()
                if block not in known or not _is_known(known[block], value)
            }
            known |= update
            self._apply(new)
            if new:
                yield {block.elem_id: value for block, value in new.items() if block.elem_id}

    def press(self, elem_id: str, event: str = "click") -> Shown:
        """All that an event shows at the end."""
        shown: Shown = {}
        for update in self.fire(elem_id, event):
            shown |= update
        return shown

    def _call(self, function: Any) -> Iterator[dict[Block, Any]]:
        values = {block: self.now[block] for block in function.inputs}
        arguments: list[Any] = [values] if function.inputs_as_dict else list(values.values())
        if "request" in inspect.signature(function.fn).parameters:
            arguments.append(self._request)
        found = function.fn(*arguments)
        for update in found if inspect.isgenerator(found) else [found]:
            if update != gr.skip():
                if not isinstance(update, dict) or not all(isinstance(key, Block) for key in update):
                    update = dict(zip(function.outputs, [update], strict=True))
                yield update

    def _apply(self, updates: dict[Block, Any]) -> None:
        for block, update in updates.items():
            if isinstance(update, dict) and update.get("__type__") == "update":
                if "value" in update:
                    self.now[block] = update["value"]
            elif block in self.now:
                self.now[block] = update


def _is_known(before: Any, value: Any) -> bool:
    """Whether a value that is sent again is the one before, or an update that says nothing more."""
    if isinstance(before, dict) and isinstance(value, dict):
        return all(name in before and before[name] is part for name, part in value.items())
    return before is value
