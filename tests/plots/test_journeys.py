"""The picture of a journey."""

from __future__ import annotations

from demos.codec import Codec
from demos.operations.journey import travel
from demos.plots.journeys import journey_figure

WORDS = {"way": "the way", "said": "said"}


def test_the_way_goes_right_and_every_stop_is_a_mark(codec: Codec) -> None:
    journey = travel(codec, "Ребёнок играет во дворе.", "Старик сидит дома.", 7)
    drawn = journey_figure(journey, WORDS)
    way, said = (next(one for one in drawn.data if one["name"] == WORDS[name]) for name in ("way", "said"))
    assert len(way["x"]) == 7
    assert way["x"][0] < way["x"][-1]
    assert list(said["hovertext"]) == [stop.decoded.text for stop in journey.stops]
    assert drawn.map is not None
    assert drawn.map.texts == ("",) * 7 + tuple(stop.decoded.text for stop in journey.stops)
    assert journey_figure(journey, WORDS, dims=3).map is None
