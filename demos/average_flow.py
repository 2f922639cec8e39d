"""What happens on the Average tab: a run with its progress, new settings, an uploaded file."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from demos import average_view as view
from demos import plot
from demos.average_io import Done, example_of, read_reviews, read_settings
from demos.codec import Codec, CodecError, Codecs
from demos.compare import Rows
from demos.exports import save_text
from demos.i18n import error_text, language_of, say
from demos.latest import Latest
from demos.markup import error_line
from demos.opinions import encode_into, encoded_with, summarise, summarise_reviews
from demos.reviews import sentences_of
from demos.tables import Table, TableError, read_table

NO_WEIGHT = ""
Shown = tuple[Any, ...]  # updates of components, in the order that `average.build` names them

_READY = gr.update(visible=True), gr.update(visible=False)  # the buttons that start and stop a run
_BUSY = gr.update(visible=False), gr.update(visible=True)


class Flow:
    """The tab's events, over a pool of codecs. What fails leaves everything on the screen as it was."""

    def __init__(self, codecs: Codecs) -> None:
        self.codecs = codecs
        self.latest = Latest()
        self.runs = Latest()

    def run(self, request: gr.Request, *values: Any) -> Iterator[Shown]:
        """Encode with a progress bar, then sum up → status, answers, picture and buttons, again and again.

        A later run, or Stop, ends it: Gradio's `cancels` would call what it ends an error on the page.
        """
        number = self.runs.begin(request)
        yield from self.runs.only(request, number, self._run(request, *values))
        self.runs.end(request, number)

    def _run(
        self,
        request: gr.Request,
        text: str,
        file: Table | None,
        column: str | None,
        weight: str | None,
        dims: int,
        name: str,
        *controls: Any,
    ) -> Iterator[Shown]:
        language = language_of(request)
        nothing = (gr.skip(),) * 5
        started = time.monotonic()
        self.latest.end(request, self.latest.begin(request))  # what a slider began is over
        yield view.status(say("average_reading", language)), *nothing, *_BUSY
        try:
            settings = read_settings(*controls)
            sentences = sentences_of(read_reviews(text or "", file, column, weight))
            codec = self.codecs.get(name)
            total = len(sentences.texts)
            vectors = np.empty((total, codec.dim), dtype=np.float32)
            for count in encode_into(codec, sentences.texts, vectors):
                working = say("average_working", language, done=count, total=total)
                yield view.status(working, count, total), *nothing, *_BUSY
            yield view.status(say("average_writing", language), total, total), *nothing, *_BUSY
            encoded = encoded_with(codec, sentences, vectors)
            summary = summarise(codec, encoded, settings)
            took = time.monotonic() - started
            done = Done(encoded, summary, settings, None if file else example_of(text), took)
            yield (
                view.done_line(sentences, took, language),
                *self._answers(done, language),
                self._map(done, dims, language),
                *_READY,
            )
        except CodecError as error:
            yield error_line(error_text(error, language)), *nothing, *_READY

    def again(self, request: gr.Request, done: Done | None, *controls: Any) -> Shown:
        """The answer for other settings → status and answers; the vectors are there already."""
        self.latest.end(request, self.latest.begin(request))
        return self._other(request, done, controls)

    def live(self, request: gr.Request, done: Done | None, *controls: Any) -> Shown:
        """The same at once while a slider is dragged, but for the number of opinions, which the hand may
        be on; `careful` comes when it rests."""
        return self._other(request, done, controls, self.latest.begin(request))[:-1]

    def careful(self, request: gr.Request, done: Done | None, dims: int, *controls: Any) -> Iterator[Shown]:
        """What takes the place of what `live` showed, and the map."""
        *found, done, _ = self._other(request, done, controls)
        yield *found, done, gr.skip()
        if isinstance(done, Done):
            yield *(gr.skip(),) * 4, self._map(done, dims, language_of(request))

    def _other(
        self, request: gr.Request, done: Done | None, controls: tuple[Any, ...], run: int = 0
    ) -> Shown:
        if done is None:
            return (gr.skip(),) * 5
        language = language_of(request)
        try:
            settings = read_settings(*controls)
            codec = self.codecs.get(done.encoded.pair)
            summary = summarise(codec, done.encoded, settings, quick=run > 0)
            if not summary.quick:
                self.latest.end(request, run)
            done = replace(done, settings=settings, summary=summary)
            line = view.done_line(done.encoded.sentences, done.seconds, language)
            return line, *self._answers(done, language, run)
        except CodecError as error:
            self.latest.end(request, run)
            return error_line(error_text(error, language)), *(gr.skip(),) * 4

    def draw(self, done: Done | None, dims: int, request: gr.Request) -> plot.Figure | None:
        """The map; None where there is no answer yet."""
        return self._map(done, dims, language_of(request)) if done else None

    def page(self, done: Done | None, dims: int, request: gr.Request) -> str | None:
        """The map as an HTML page → its path; None where there is no answer yet."""
        if done is None:
            return None
        language = language_of(request)
        return save_text(plot.figure_html(self._map(done, dims, language), language=language), "average.html")

    def receive(self, path: str, runs: int, request: gr.Request) -> Shown:
        """Read an uploaded file and show its columns; one that cannot be read leaves all but the message.

        A run that was on is stopped by it, so its buttons are set back.
        """
        language = language_of(request)
        try:
            table = read_table(path)
        except (TableError, OSError) as error:
            said = error_text(error, language) if isinstance(error, CodecError) else str(error)
            self._stop(request)
            return error_line(said), *(gr.skip(),) * 7, *_READY, gr.skip()
        weights = [(name, name) for name in table.number_columns]
        return (
            gr.skip(),
            table,
            view.file_line(Path(path).name, table, language),
            gr.update(choices=table.text_columns, value=table.text_columns[0]),
            gr.update(
                choices=[(say("average_no_weight", language), NO_WEIGHT), *weights],
                value=NO_WEIGHT,
                visible=bool(weights),
            ),
            gr.update(visible=True),
            gr.update(visible=False),
            runs + 1,
            gr.skip(),
            gr.skip(),
            (table.text_columns[0], NO_WEIGHT),
        )

    def reread(self, runs: int, read: tuple[str, str], column: str, weight: str) -> tuple[Any, Any]:
        """A new run if other columns than the last ones were chosen → number of runs, the columns."""
        chosen = (column, weight)
        return (gr.skip(), gr.skip()) if chosen == read else (runs + 1, chosen)

    def stopped(self, request: gr.Request) -> Shown:
        """End the run that is on → what the status says after Stop, and the buttons."""
        self._stop(request)
        return view.status(say("average_stopped", language_of(request))), *_READY

    def _stop(self, request: gr.Request) -> None:
        number = self.runs.pending(request)
        if number is not None:
            self.runs.end(request, number)

    def ask(
        self, codec: Codec, text: str, file: Table | None, column: str, weight: str, *controls: Any
    ) -> Rows:
        """The average sentence of one pair, for the comparison of two."""
        reviews = read_reviews(text or "", file, column, weight)
        average = summarise_reviews(codec, reviews, read_settings(*controls)).average
        return [(f"Σ {len(reviews)}", average.decoded)]

    def _answers(self, done: Done, language: str, run: int = 0) -> Shown:
        title = self.codecs.get(done.encoded.pair).title
        return (
            view.average_html(done.summary, done.encoded, title, done.example, language, run),
            view.opinions_html(done.summary, done.encoded, language),
            done,
            len(done.summary.opinions),
        )

    def _map(self, done: Done, dims: int, language: str) -> plot.Figure:
        codec = self.codecs.get(done.encoded.pair)
        return view.map_of(codec, done.encoded, done.summary, dims, language)
