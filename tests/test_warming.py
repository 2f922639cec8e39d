"""What is answered before anybody asks."""

from __future__ import annotations

import time

import gradio as gr
import numpy as np
import pytest
from gradio_client import Client

from demos import warming
from demos.codec import Codec, EmptyInput
from demos.codec.decoder import BeamSearch
from demos.operations import bundled, restyling, reviews, sums
from demos.operations.axes import built_in_axes, direction
from demos.operations.opinions import summarise_reviews


def test_the_first_example_of_every_tab_is_known_with_the_programme(
    codec: Codec, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = list(warming.jobs(codec))
    assert len(jobs) == len(list(bundled.examples()))
    for cache in (codec._vector_cache, codec._beam_cache, codec._fluency_cache):
        cache.clear()  # other tests have asked before
    for job in jobs[:12]:
        job()

    def nobody(rows: list[np.ndarray], search: BeamSearch) -> list[object]:
        raise AssertionError("it was answered before")

    monkeypatch.setattr(codec, "_decodings", nobody)
    monkeypatch.setattr(codec, "_encodings", nobody)
    monkeypatch.setattr(codec, "_fluencies", nobody)
    summarise_reviews(codec, reviews.pasted(reviews.examples()[0].text))
    sums.combine(codec, sums.examples()[0].terms)
    first = restyling.examples()[0]
    restyling.make_filmstrip(codec, first.sentence, first.axis, {}, built_in_axes())


def test_the_programme_in_its_order_comes_before_what_tabs_open_with(codec: Codec) -> None:
    asked = [(job.args[1].tab, job.args[1].name) for job in warming.jobs(codec)]
    styles = [one.sentence for one in restyling.examples()]
    steps = [("translate", "recovery"), ("translate", "dozen"), ("average", "juicer")]
    steps += [("algebra", name) for name in ("queen", "paris", "ivan", "bear")]
    steps += [("style", styles[2]), ("style", styles[4])]
    assert asked[:12] == [("translate", "everyday"), *steps, ("average", "cafe"), ("style", styles[0])]


def test_an_example_that_fails_leaves_the_others(codec: Codec, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def job(number: int) -> None:
        asked.append(number)
        raise EmptyInput()

    monkeypatch.setattr(warming, "prepare", lambda codec: asked.append("prepared"))
    monkeypatch.setattr(warming, "jobs", lambda codec: [lambda n=n: job(n) for n in range(3)])
    warming.warm_up(codec, lambda: False)
    assert asked == ["prepared", 0, 1, 2]


def test_axes_that_cannot_be_encoded_leave_the_examples(
    codec: Codec, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(codec: Codec) -> None:
        raise EmptyInput()

    told: list[str] = []
    monkeypatch.setattr(warming, "prepare", fails)
    monkeypatch.setattr(warming, "jobs", lambda codec: [lambda: told.append("answered")])
    warming.warm_up(codec, lambda: False)
    assert told == ["answered"]


def test_what_is_prepared_waits_for_no_encoder(codec: Codec, monkeypatch: pytest.MonkeyPatch) -> None:
    warming.prepare(codec)
    monkeypatch.setattr(codec, "encode", None)
    assert all(direction(codec, axis).delta.any() for axis in built_in_axes())


def test_nothing_is_answered_in_advance_while_a_visitor_is_answered(
    codec: Codec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warming, "CALM", 0.2)
    monkeypatch.setattr(warming, "prepare", lambda codec: None)
    visits, told = [True, True, True, False], []

    def asked() -> bool:
        told.append("asked")
        return visits.pop(0) if visits else False

    monkeypatch.setattr(warming, "jobs", lambda codec: [lambda: told.append("answered")])
    began = time.monotonic()
    warming.warm_up(codec, asked)
    assert not visits
    assert told[-1] == "answered"
    assert time.monotonic() - began >= 0.2


def test_a_page_tells_whether_a_visitor_is_answered() -> None:
    seen = []
    with gr.Blocks() as page:
        box = gr.Textbox()
        gr.Button().click(lambda text: seen.append(warming.is_asked(page)), box, api_name="ask")
    try:
        _, url, _ = page.launch(prevent_thread_lock=True, quiet=True)
        assert not warming.is_asked(page)
        Client(url, verbose=False).predict("", api_name="/ask")
        assert seen == [True]
    finally:
        page.close()
