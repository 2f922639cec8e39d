"""A plot that answers: a click says the sentence of a place, a drag the way between two, and so on.

Gradio's plot draws the figure; assets/map.js listens to the hand and the keyboard above it. The browser
sends places and the numbers of marks, never vectors: these are kept here for as long as the map is shown.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections import OrderedDict
from collections.abc import Container
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.context import LocalContext

from demos.codec import BadSetting, Codec, CodecError
from demos.operations import places
from demos.operations.answers import Decoded
from demos.operations.places import Map, Said, Way
from demos.plots.figures import Figure
from demos.ui.i18n import TEXTS, error_text, say, t

ASSETS = Path(__file__).resolve().parents[2] / "assets"
MOST_KEPT = 500  # maps of all visitors
MOST_NUMBERS = 16_000_000  # in their vectors: 64 MB
_A_VISITOR = 2  # maps of one plot of one page: the one that is shown and the one that is on its way
WORDS = (  # of the page's script
    *("average", "between", "busy", "clear", "corner", "from", "hint", "hint_select", "name", "name_select"),
    *("near", "nothing", "offline", "part", "select", "speak", "waits", "way", "whole"),
)

JsonObject = dict[str, Any]  # as JSON
Place = tuple[str, str]  # a page, by its session, and one of its plots


class Maps:
    """The maps that are on the visitors' screens, by tokens that cannot be guessed. Safe under threads.

    The oldest are forgotten where there are too many; a click on one of them says so.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[Place, Codec, Map]] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, drawn: Map, codec: Codec, place: Place) -> str:
        """Keep what is drawn at a place → its token."""
        token = secrets.token_urlsafe(12)
        with self._lock:
            self._kept[token] = (place, codec, drawn)
            here = [one for one, (where, *_) in self._kept.items() if where == place]
            for old in here[:-_A_VISITOR]:
                del self._kept[old]
            numbers = sum(one.vectors.size for *_, one in self._kept.values())
            while len(self._kept) > 1 and (len(self._kept) > MOST_KEPT or numbers > MOST_NUMBERS):
                *_, forgotten = self._kept.popitem(last=False)[1]
                numbers -= forgotten.vectors.size
        return token

    def nbytes(self, page: str) -> int:
        """The bytes of the vectors of a page's maps."""
        with self._lock:
            return sum(one.vectors.nbytes for (where, _), _, one in self._kept.values() if where == page)

    def forget_others(self, pages: Container[str]) -> None:
        """Forget the maps of all pages but these."""
        with self._lock:
            for token in [token for token, ((page, _), *_) in self._kept.items() if page not in pages]:
                del self._kept[token]

    def get(self, token: object) -> tuple[Codec, Map] | None:
        """The pair and the map of a token, None if it is not kept."""
        with self._lock:
            found = self._kept.get(token) if isinstance(token, str) else None
            if found is None:
                return None
            self._kept.move_to_end(str(token))
        return found[1], found[2]


MAPS = Maps()


def _words(texts: dict[str, str]) -> dict[str, str]:
    """What the page's script says."""
    own = {word: texts[f"map_{word}"] for word in WORDS}
    return own | {"fidelity": texts["common_fidelity"], "plot": texts["page_plot"]}


def speaking_plot(elem_id: str) -> gr.Plot:
    """A plot that answers, where its figures come from `speaking`."""
    around = gr.HTML(
        html_template="@children<div class='map-side'></div>",
        css_template=(ASSETS / "map.css").read_text(encoding="utf-8"),
        js_on_load=(ASSETS / "map.js").read_text(encoding="utf-8"),
        server_functions=[speak],
        apply_default_css=False,
        elem_id=f"{elem_id}-speaks",
        elem_classes="speaking-map",
        between=places.BETWEEN,
        words={language: _words(texts) for language, texts in TEXTS.items()},
    )
    with around:
        return gr.Plot(show_label=False, elem_id=elem_id, label=t("page_plot"))


def speaking(figure: Figure, codec: Codec, name: str) -> Figure:
    """The same figure; if it has two dimensions, this pair answers what it is asked from now on.

    Called while an event of the page is being answered; `name` is that of the plot.
    """
    if figure.map is not None:
        request = LocalContext.request.get(None)
        page = getattr(request, "session_hash", None) or secrets.token_hex(8)
        figure.layout.meta = {"map": MAPS.keep(figure.map, codec, (page, name))}
    return figure


def speak(asked: Any) -> JsonObject:
    """The answer to a question of the browser; {"error": …} where it is no question or has no answer.

    A question is {"map": token, "language": "en" or "ru"} with one of
    {"place": [x, y], "quick": bool}, {"mark": number}, {"marks": [numbers]},
    {"way": [number, number], "between": number}.
    """
    question = asked if isinstance(asked, dict) else {}
    language = "ru" if question.get("language") == "ru" else "en"
    kept = MAPS.get(question.get("map"))
    if kept is None:
        return {"error": say("map_gone", language)}
    try:
        return _answer(*kept, question)
    except Exception as error:
        if not isinstance(error, CodecError | gr.Error):
            logging.getLogger(__name__).exception("A map did not answer", exc_info=error)
            return {"error": say("map_failed", language)}
        return {"error": error_text(error, language)}


def _answer(codec: Codec, drawn: Map, question: dict[str, Any]) -> JsonObject:
    if "place" in question:
        return _said(places.say_place(codec, drawn, question["place"], question.get("quick") is True))
    if "marks" in question:
        chosen = question["marks"]
        return _said(places.say_average(codec, drawn, chosen)) | {"count": len(chosen)}
    if "way" in question:
        ends = question["way"]
        if not isinstance(ends, list) or len(ends) != 2:
            raise BadSetting("way", repr(ends)[:60], "two numbers")
        return _way(places.say_way(codec, drawn, ends[0], ends[1], question.get("between", 5)))
    mark = question.get("mark")
    said = places.say_mark(codec, drawn, mark)
    near = [
        {"text": drawn.texts[number], "cosine": round(cosine, 4), "at": _at(drawn, number)}
        for number, cosine in places.nearest(drawn, mark)
    ]
    return _said(said) | {"near": near}


def _said(said: Said) -> JsonObject:
    found = said.decoded
    lies = None if said.lies is None else [round(float(one), 5) for one in said.lies]
    return {**_words_of(found), "lies": lies, "quick": found.quick}


def _way(way: Way) -> JsonObject:
    """The beads, each with what it says, and the stops: sentences with the changed words marked."""
    beads = [
        {"at": [round(float(one), 5) for one in place], **_words_of(found)}
        for place, found in zip(way.places, way.said, strict=True)
    ]
    stops = [
        {**_words_of(stop.decoded), "pieces": [list(piece) for piece in stop.marked]} for stop in way.stops
    ]
    return {"beads": beads, "stops": stops}


def _words_of(found: Decoded) -> JsonObject:
    return {"text": found.text, "fidelity": round(found.fidelity, 4)}


def _at(drawn: Map, number: int) -> list[float]:
    return [round(float(one), 5) for one in drawn.plane.place(drawn.vectors[number][None])[0]]
