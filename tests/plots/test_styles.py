"""The map of a filmstrip."""

from __future__ import annotations

from demos.codec import Codec
from demos.operations.axes import built_in_axes
from demos.operations.restyling import FRAMES, make_filmstrip
from demos.plots.styles import filmstrip_figure

SENTENCE = "Ты не мог бы закрыть окно?"
WORDS = {"from": "A", "to": "B", "path": "path", "decoded": "decoded", "now": "now"}


def test_map_stays_while_the_slider_moves(codec: Codec) -> None:
    strip = make_filmstrip(codec, SENTENCE, "informal_formal", {}, built_in_axes())
    low = filmstrip_figure(strip, -0.4, WORDS)
    high = filmstrip_figure(strip, 0.7, WORDS)
    assert low.layout.xaxis.range == high.layout.xaxis.range
    by_name = {trace.name: trace for trace in high.data if trace.name}
    assert set(by_name) == set(WORDS.values())
    assert len(by_name["A"].x) == 3
    assert len(by_name["path"].x) == FRAMES
    assert list(by_name["path"].x) == sorted(by_name["path"].x), "from A on the left to B on the right"
    assert low.data[-1].x != high.data[-1].x, "the slider's own mark moves"


def test_map_in_three_dimensions(codec: Codec) -> None:
    strip = make_filmstrip(codec, SENTENCE, "ty_vy", {}, built_in_axes())
    drawn = filmstrip_figure(strip, 1.0, WORDS, dims=3)
    assert {trace.type for trace in drawn.data} >= {"scatter3d"}
