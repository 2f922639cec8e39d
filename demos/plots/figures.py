"""Pictures of vectors: their first principal components, drawn by plotly.

A `Basis` is fitted once to the inputs and kept while they stay, so the picture does not jump
when a slider moves; `figure` draws any vectors in it. Both axes have one scale, so distances on
the screen compare. Colours are Okabe and Ito's (2008), which colour-blind people tell apart, and
every group has a symbol of its own as well; the backgrounds are transparent and the texts grey,
so one figure serves dark and light pages.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap
from typing import Any
from zlib import crc32

import numpy as np
import plotly.graph_objects as go

from demos.operations.places import Map
from demos.plots.basis import EYE, Basis, fit_basis, seen, window_of
from demos.plots.labels import TELEPHONE, WIDE, choose_sides, share_labels, shorten

__all__ = ["Basis", "Figure", "Point", "figure", "figure_html", "fit_basis"]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#999999")
SYMBOLS = ("circle", "diamond", "square", "triangle-up", "star", "cross", "x", "hexagon")
SYMBOLS_3D = ("circle", "diamond", "square", "cross", "x", "circle-open", "diamond-open", "square-open")
GREY = "#808080"
FONT = 16  # pixels; labels are two larger
HOVER_WIDTH = 60  # characters in a line of what a mark says under the pointer
MARK = 14  # diameter of a mark of size 1, in pixels
MANY = 3000  # from here on a group is drawn by WebGL
LABELLED = 40  # more labels than this cannot be told apart: the rest speak on hover

_WORDS = {
    "en": {
        "axis": "component {n} · {share} % of the variance",
        "short": "{n} · {share} %",
        "file": "sentence-space",
    },
    "ru": {
        "axis": "компонента {n} · {share} % разброса",
        "short": "{n} · {share} %",
        "file": "sentence-space",
    },
}
_RUSSIAN_BUTTONS = {
    "Download plot as a PNG": "Скачать картинку PNG",
    "Download plot": "Скачать картинку",
    "Zoom": "Увеличить рамкой",
    "Pan": "Двигать",
    "Zoom in": "Ближе",
    "Zoom out": "Дальше",
    "Reset axes": "Вернуть вид",
    "Box Select": "Выбрать рамкой",
    "Lasso Select": "Выбрать лассо",
    "Orbital rotation": "Вращать свободно",
    "Turntable rotation": "Вращать вокруг оси",
    "Reset camera to default": "Вернуть вид",
    "Taking snapshot - this may take a few seconds": "Готовим картинку…",
    "Snapshot succeeded": "Картинка сохранена",
    "Double-click to zoom back out": "Двойной щелчок вернёт вид",
}


@dataclass(frozen=True)
class Point:
    """A mark: its whole text on hover, a short label beside it, the group that colours it.

    size 1 is a usual mark; 0 draws no mark (a label or an arrow's end alone). `sentence` is the one that
    the vector is of: None where it is the text, "" where the vector is no sentence's. A click on a mark
    that is not `asked` is one on its place.
    """

    text: str
    label: str = ""
    group: str = ""
    size: float = 1.0
    sentence: str | None = None
    asked: bool = True


class Figure(go.Figure):  # type: ignore[misc]
    """A plotly figure whose JSON carries its configuration, which Gradio's plot hands to plotly.js."""

    # plotly sets only attributes that the class has
    config: dict[str, Any] = {}
    map: Map | None = None  # what is drawn, of a figure of two dimensions

    def to_json(self, *args: Any, **kwargs: Any) -> str:
        body = json.loads(super().to_json(*args, **kwargs))
        return json.dumps(body | {"config": self.config}, ensure_ascii=False, separators=(",", ":"))


def figure(
    basis: Basis,
    vectors: np.ndarray,
    points: Sequence[Point],
    *,
    lines: Sequence[tuple[int, int]] = (),
    dashed: Sequence[tuple[int, int]] = (),
    groups: Sequence[str] = (),
    language: str = "en",
    height: int = 440,
    area: tuple[float, float] = WIDE,
) -> Figure:
    """Draw `vectors` (n, d), one `Point` each, in `basis`.

    Args:
        lines: pairs of point indexes joined by an arrow; `dashed` by a dashed line.
        groups: the order of the legend; groups not named here follow as they come.
        language: "en" or "ru", for the axes and the buttons.
        height: of the figure in pixels; its width is the page's.
        area: width and height of its drawing area on a laptop in pixels, for the sides of the labels.

    Raises:
        ValueError: the numbers of vectors and points differ.
    """
    placed = basis.project(vectors) if len(points) else np.zeros((0, basis.dims))
    if len(placed) != len(points):
        raise ValueError(f"{len(placed)} vectors for {len(points)} points")
    window = window_of(basis, placed)
    labels = _labels(points)
    sides = narrow = ["top center"] * len(points)
    if any(labels):
        flat = placed if basis.dims == 2 else seen(placed)
        box = (
            window if basis.dims == 2 else np.tile((window - window.mean(1, keepdims=True))[0] * 1.5, (2, 1))
        )
        labels = share_labels(flat, labels, window=box, reach=2 * MARK, area=area)
        joined = [*lines, *dashed]
        sides, narrow = (
            choose_sides(flat, labels, window=box, segments=joined, font=FONT + 2, mark=MARK, area=size)
            for size in (area, TELEPHONE)
        )
    traces = [*_lines(placed, lines, window), *_lines(placed, dashed, window, dashed=True)]
    order = list(dict.fromkeys([*groups, *(point.group for point in points)]))
    for index, group in enumerate(order):
        members = [i for i, p in enumerate(points) if p.group == group and (p.size > 0 or labels[i])]
        if members:
            traces.append(_marks(placed, points, labels, sides, narrow, members, index))
    named = sum(bool(group) for group in order)
    drawn = Figure(data=traces, layout=_layout(basis, window, language, height, named), _validate=False)
    drawn.config = _config(language)
    if basis.dims == 2 and points:
        texts = tuple(point.text if point.sentence is None else point.sentence for point in points)
        drawn.map = Map(basis.plane, np.asarray(vectors), texts)
    return drawn


def figure_html(drawn: go.Figure, language: str = "en") -> str:
    """A whole page with the figure and plotly.js inside, about 5 MB, that needs no network."""
    plot = drawn.to_html(full_html=False, include_plotlyjs=True, config=getattr(drawn, "config", None))
    style = (
        ":root{color-scheme:light dark} body{margin:1rem;font-family:sans-serif}"
        ".main-svg:not(:has(.hoverlayer .hovertext)) text{fill:CanvasText!important}"
    )
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>Sentence Space</title>'
        f"<style>{style}</style></head><body>{plot}</body></html>"
    )


def hover(text: str) -> str:
    """The whole text as plotly.js may show it: escaped, in lines of `HOVER_WIDTH` characters."""
    return "<br>".join(escape(line, quote=False) for line in wrap(text, HOVER_WIDTH))


def _labels(points: Sequence[Point]) -> list[list[str]]:
    """The lines of each label; beyond `LABELLED` the rest have none."""
    found: list[list[str]] = []
    left = LABELLED
    for point in points:
        show = bool(point.label.strip()) and left > 0
        left -= show
        found.append(shorten(point.label) if show else [])
    return found


def _marks(
    placed: np.ndarray,
    points: Sequence[Point],
    labels: Sequence[Sequence[str]],
    sides: Sequence[str],
    narrow: Sequence[str],
    members: Sequence[int],
    index: int,
) -> dict[str, Any]:
    """One trace: the marks of a group with their labels; its `meta` are their sides on a telephone."""
    flat = placed.shape[1] == 2
    symbols = SYMBOLS if flat else SYMBOLS_3D
    mark = MARK if flat else MARK * 0.6
    shown = [i for i in members if points[i].size > 0]
    texts = ["<br>".join(escape(line, quote=False) for line in labels[i]) for i in members]
    trace: dict[str, Any] = {
        "type": "scatter" if flat else "scatter3d",
        "mode": "+".join(["markers"] * bool(shown) + ["text"] * any(texts)),
        "name": escape(points[members[0]].group, quote=False),
        "showlegend": bool(points[members[0]].group and shown),
        "hoverinfo": "text",
        "hovertext": [hover(points[i].text) for i in members],
        "customdata": [i if points[i].asked and points[i].size > 0 else -1 for i in members],
        "marker": {
            "color": COLOURS[index % len(COLOURS)],
            "symbol": symbols[index % len(symbols)],
            "size": _array([round(points[i].size * mark, 1) for i in members]),
            "opacity": 1.0 if len(points) <= 200 else 0.7,
            "line": {"width": 1, "color": GREY},
        },
        **_coordinates(placed[list(members)]),
    }
    if any(texts):
        trace |= {"text": texts, "textposition": _array([sides[i] for i in members])}
        trace["meta"] = _array([narrow[i] for i in members])
        trace["textfont"] = {"size": FONT + 2, "color": GREY}
        if flat:
            trace["cliponaxis"] = False
    elif flat and len(members) > MANY:
        trace["type"] = "scattergl"
    return trace


def _lines(
    placed: np.ndarray, pairs: Sequence[tuple[int, int]], window: np.ndarray, dashed: bool = False
) -> list[dict[str, Any]]:
    """Joined points in one trace: arrows, or dashed lines without heads."""
    far = 1e-4 * float(np.max(window[:, 1] - window[:, 0]))
    pairs = [(a, b) for a, b in pairs if np.linalg.norm(placed[b] - placed[a]) > far]
    if not pairs:
        return []
    flat = placed.shape[1] == 2
    gap = np.full(placed.shape[1], np.nan)
    path = np.array([row for a, b in pairs for row in (placed[a], placed[b], gap)])
    trace: dict[str, Any] = {
        "type": "scatter" if flat else "scatter3d",
        "mode": "lines",
        "line": {"color": GREY, "width": 2.5 if flat else 5, "dash": "dash" if dashed else "solid"},
        "hoverinfo": "skip",
        "showlegend": False,
        **_coordinates(path),
    }
    if dashed:
        return [trace]
    if flat:
        heads = {"symbol": "arrow", "angleref": "previous", "size": [0, 15, 0] * len(pairs)}
        return [trace | {"mode": "lines+markers", "marker": heads | {"color": GREY, "line": {"width": 0}}}]
    ends = np.array([placed[b] for _, b in pairs])
    ways = np.array([placed[b] - placed[a] for a, b in pairs])
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    cones = {
        "type": "cone",
        **_coordinates(ends),
        **dict(zip("uvw", ways.round(4).T.tolist(), strict=True)),
        "anchor": "tip",
        "sizemode": "absolute",
        "sizeref": 0.05 * float(np.max(window[:, 1] - window[:, 0])),
        "colorscale": [[0, GREY], [1, GREY]],
        "showscale": False,
        "hoverinfo": "skip",
    }
    return [trace, cones]


def _layout(basis: Basis, window: np.ndarray, language: str, height: int, groups: int) -> dict[str, Any]:
    wording = _WORDS.get(language, _WORDS["en"])["axis" if basis.dims == 2 else "short"]
    step = float(np.max(window[:, 1] - window[:, 0])) / 6  # one grid for all axes: one scale
    axes = [
        {
            "range": np.round(bounds, 4).tolist(),
            "title": {"text": wording.format(n=n, share=f"{100 * share:.0f}"), "font": {"size": FONT}},
            "dtick": round(step, 4),
            "showticklabels": False,
            "gridcolor": "rgba(128,128,128,0.22)" if basis.dims == 2 else GREY,
            "zeroline": False,
        }
        for n, (share, bounds) in enumerate(zip(basis.explained, window, strict=True), 1)
    ]
    layout: dict[str, Any] = {
        "height": height,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"size": FONT, "color": GREY},
        "margin": {"l": 36, "r": 12, "t": 36, "b": 36},
        "showlegend": groups > 1,
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "font": {"size": FONT}},
        "hoverlabel": {"bgcolor": "#1f2430", "font": {"size": FONT, "color": "#ffffff"}, "align": "left"},
        "hovermode": "closest",
        "dragmode": False if basis.dims == 2 else "orbit",
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": GREY, "activecolor": COLOURS[5]},
        "template": {},
        # One a basis: the page keeps the visitor's view of a picture as long.
        "uirevision": f"{crc32(basis.pca.components_.round(3).tobytes()):x}",
    }
    if basis.dims == 2:
        axes[1] |= {"scaleanchor": "x", "scaleratio": 1}
        return layout | dict(zip(("xaxis", "yaxis"), axes, strict=True))
    scene = dict(zip(("xaxis", "yaxis", "zaxis"), axes, strict=True))
    camera = {"eye": dict(zip("xyz", EYE, strict=True)), "center": {"x": 0, "y": 0, "z": -0.1}}
    layout["margin"] |= {"l": 0, "r": 0, "b": 0, "t": 72}  # room for the legend, which overlaps a scene
    return layout | {"scene": scene | {"aspectmode": "cube", "camera": camera}}


def _config(language: str) -> dict[str, Any]:
    words = _WORDS.get(language, _WORDS["en"])
    config: dict[str, Any] = {
        "displaylogo": False,
        "displayModeBar": True,
        "scrollZoom": False,
        "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d", "resetCameraLastSave3d"],
        "toImageButtonOptions": {"format": "png", "scale": 2, "filename": words["file"]},
    }
    if language == "ru":
        config |= {"locale": "ru", "locales": {"ru": {"dictionary": _RUSSIAN_BUTTONS, "format": {}}}}
    return config


def _coordinates(placed: np.ndarray) -> dict[str, Any]:
    """(n, dims) → x, y (and z) as short lists of numbers, None where a line is broken."""
    columns = placed.round(4).T.tolist()
    return {
        name: [None if v != v else v for v in column] for name, column in zip("xyz", columns, strict=False)
    }


def _array(values: list[Any]) -> Any:
    """One value for a list of equal ones, which is shorter in JSON."""
    return values[0] if len(set(values)) == 1 else values
