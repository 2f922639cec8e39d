"""Pictures: the basis, what is drawn in it, and that no text gets out of its place."""

from __future__ import annotations

import json
import re

import numpy as np
import plotly.graph_objects as go
import pytest

from demos.plots.basis import seen, window_of
from demos.plots.figures import LABELLED, MANY, Figure, Point, figure, figure_html, fit_basis, hover
from demos.plots.labels import (
    SIDES,
    TELEPHONE,
    WIDE,
    Box,
    choose_sides,
    covered,
    label_box,
    share_labels,
    shorten,
)

EVIL = '<img src=x onerror="alert(1)">&{{x}}'


def cloud(count: int, width: int = 24, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)


def body(drawn: Figure) -> dict[str, list[dict[str, object]]]:
    return dict(json.loads(drawn.to_json()))


def test_two_components_of_a_plane_keep_every_distance() -> None:
    plane = cloud(12, 2) @ cloud(2, 24, seed=1)
    basis = fit_basis(plane)
    placed = basis.project(plane)
    across = np.linalg.norm(plane[:, None] - plane[None], axis=-1)
    np.testing.assert_allclose(np.linalg.norm(placed[:, None] - placed[None], axis=-1), across, atol=1e-4)
    assert sum(basis.explained) == pytest.approx(1, abs=1e-6)
    assert basis.explained[0] >= basis.explained[1]


def test_explained_is_the_share_of_the_variance() -> None:
    vectors = cloud(30)
    basis = fit_basis(vectors, 3)
    whole = vectors.astype(np.float64).var(axis=0).sum()
    np.testing.assert_allclose(basis.project(vectors).var(axis=0) / whole, basis.explained, rtol=1e-5)


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("vectors", [cloud(1), np.repeat(cloud(1), 5, axis=0), cloud(2), cloud(1)[0]])
def test_few_or_equal_vectors_have_a_basis_too(vectors: np.ndarray, dims: int) -> None:
    basis = fit_basis(vectors, dims)
    rows = np.atleast_2d(vectors)
    assert basis.project(rows).shape == (len(rows), dims)
    assert np.isfinite(basis.project(rows)).all()
    assert len(basis.explained) == dims
    drawn = figure(basis, rows, [Point("a")] * len(rows))
    assert "NaN" not in drawn.to_json()


def test_a_basis_is_the_same_every_time() -> None:
    first, second = fit_basis(cloud(9)), fit_basis(cloud(9))
    np.testing.assert_array_equal(first.project(cloud(9)), second.project(cloud(9)))


def test_only_two_or_three_dimensions() -> None:
    with pytest.raises(ValueError, match="2 or 3"):
        fit_basis(cloud(4), 4)


@pytest.mark.parametrize("dims", [2, 3])
def test_the_axes_stand_still_while_points_stay_inside(dims: int) -> None:
    vectors = cloud(6)
    basis = fit_basis(vectors, dims)
    usual = window_of(basis, basis.project(vectors))
    np.testing.assert_array_equal(window_of(basis, basis.project(vectors[:1] * 0.9)), usual)
    far = basis.project(vectors * 5)
    wide = window_of(basis, far)
    assert (far >= wide[:, 0]).all()
    assert (far <= wide[:, 1]).all()
    assert (wide[:, 0] <= usual[:, 0] + 1e-9).all()


def test_the_axes_of_three_dimensions_are_equally_wide_around_what_they_show() -> None:
    basis = fit_basis(cloud(6) * np.geomspace(1, 30, 24), 3)
    window = window_of(basis, np.zeros((0, 3)))
    np.testing.assert_allclose(np.ptp(window, axis=1), np.ptp(window, axis=1).max())
    np.testing.assert_allclose(window.mean(axis=1), (basis.low + basis.high) / 2)
    assert np.ptp(basis.high - basis.low) > 1, "what it shows is not as wide as high"


def test_the_axes_of_a_picture_with_the_same_basis_do_not_move() -> None:
    vectors, points = cloud(4), [Point("x")] * 4
    basis = fit_basis(vectors)
    moved = vectors * np.array([[0.7], [1], [1], [1]])
    first, second = (figure(basis, rows, points).layout for rows in (vectors, moved))
    assert first.xaxis.range == second.xaxis.range
    assert first.yaxis.range == second.yaxis.range
    assert first.yaxis.scaleanchor == "x"


def test_texts_are_escaped_wherever_they_stand() -> None:
    drawn = figure(fit_basis(cloud(3)), cloud(3), [Point(EVIL, EVIL, EVIL)] * 3, groups=["other"])
    assert "<img" not in drawn.to_json()
    assert "&lt;img" in drawn.data[0].hovertext[0]
    assert "&lt;img" in drawn.data[0].text[0]
    assert "&lt;img" in drawn.data[0].name
    assert "<img" not in figure_html(drawn).split("<body>")[0]


def test_the_hover_shows_the_whole_text_in_short_lines() -> None:
    text = "Очень длинное предложение, которое надо показать целиком. " * 6
    shown = hover(text)
    assert shown.replace("<br>", " ") == text.strip()
    assert max(map(len, shown.split("<br>"))) <= 60


@pytest.mark.parametrize("dims", [2, 3])
def test_plotly_accepts_every_attribute(dims: int) -> None:
    vectors = cloud(5)
    points = [Point("a", "a", "one"), Point("b", "b", "two", 1.5), Point("c", group="one"), Point("", size=0)]
    points.append(Point("", "+1", size=0))
    lines, dashed = [(0, 1), (1, 2)], [(2, 3)]
    drawn = figure(fit_basis(vectors, dims), vectors, points, lines=lines, dashed=dashed)
    go.Figure(drawn.to_dict())  # validates
    assert {trace.type for trace in drawn.data} <= {"scatter", "scatter3d", "cone"}


def test_arrows_lead_from_point_to_point() -> None:
    vectors = cloud(3)
    basis = fit_basis(vectors)
    points = [Point("x")] * 3
    drawn = figure(basis, vectors, points, lines=[(0, 2), (1, 1)], dashed=[(2, 1)])
    placed = basis.project(vectors).round(4)
    solid, dashed = drawn.data[:2]
    assert list(solid.x) == [placed[0, 0], placed[2, 0], None], "an arrow of no length is left out"
    assert list(solid.y) == [placed[0, 1], placed[2, 1], None]
    assert solid.marker.symbol == "arrow"
    assert solid.marker.angleref == "previous"
    assert solid.marker.size[0] == 0
    assert list(dashed.x) == [placed[2, 0], placed[1, 0], None]
    assert dashed.line.dash == "dash"


@pytest.mark.parametrize("dims", [2, 3])
def test_groups_differ_in_colour_and_in_symbol(dims: int) -> None:
    names = [f"group {n}" for n in range(7)]
    vectors = cloud(7)
    drawn = figure(fit_basis(vectors, dims), vectors, [Point(n, group=n) for n in names], groups=names[::-1])
    assert [trace.name for trace in drawn.data] == names[::-1]
    assert len({trace.marker.color for trace in drawn.data}) == 7
    assert len({trace.marker.symbol for trace in drawn.data}) == 7
    assert drawn.layout.showlegend


def test_labels_can_be_read_from_afar_and_backgrounds_are_transparent() -> None:
    drawn = figure(fit_basis(cloud(2)), cloud(2), [Point("a", "a"), Point("b", "b")])
    assert drawn.data[0].textfont.size >= 16
    assert drawn.layout.xaxis.title.font.size >= 16
    assert drawn.layout.paper_bgcolor == drawn.layout.plot_bgcolor == "rgba(0,0,0,0)"
    grey = int(drawn.layout.font.color[1:3], 16) / 255
    light = (grey + 0.055) ** 2.4 / 1.055**2.4
    assert 1.05 / (light + 0.05) > 3, "large grey text on white, WCAG's 3 : 1"
    assert (light + 0.05) / 0.05 > 3, "and on black"


def test_the_axes_name_their_share_in_both_languages() -> None:
    vectors = cloud(5)
    basis = fit_basis(vectors)
    share = f"{100 * basis.explained[0]:.0f} %"
    for language, word in (("en", "variance"), ("ru", "разброса")):
        title = figure(basis, vectors, [Point("x")] * 5, language=language).layout.xaxis.title.text
        assert share in title
        assert word in title


def test_the_json_carries_the_configuration_for_plotly_js() -> None:
    drawn = figure(fit_basis(cloud(2)), cloud(2), [Point("x")] * 2, language="ru")
    config = json.loads(drawn.to_json())["config"]
    assert config["toImageButtonOptions"]["format"] == "png"
    assert config["displaylogo"] is False
    assert config["locales"]["ru"]["dictionary"]["Zoom"]


def test_a_slider_s_picture_is_small() -> None:
    vectors = cloud(20, 384)
    points = [
        Point("Это произошло во время правления Петра Первого.", "Пётр", f"g{n % 4}") for n in range(20)
    ]
    lines = [(n, n + 1) for n in range(18)]
    drawn = figure(fit_basis(vectors), vectors, points, lines=lines, dashed=[(18, 19)])
    assert len(drawn.to_json().encode()) < 12_000
    assert len(drawn.data) <= 6


def test_many_points_are_drawn_by_webgl_and_only_some_have_labels() -> None:
    vectors = cloud(MANY + 1, 4)
    drawn = figure(fit_basis(vectors), vectors, [Point("x")] * len(vectors))
    assert drawn.data[0].type == "scattergl"
    labelled = figure(fit_basis(vectors[:100]), vectors[:100], [Point("x", "word")] * 100)
    assert sum(bool(text) for text in labelled.data[0].text) == LABELLED


def test_codes_that_would_cover_each_other_are_one_label() -> None:
    window = np.array([[0.0, 10.4], [0.0, 3.7]])  # 100 pixels a unit on the wide screen
    places = np.array([[1.0, 1.0], [1.2, 1.0], [1.0, 1.1], [5.0, 1.0], [1.1, 1.0], [1.0, 1.0]])
    labels = [["EN"], ["FR"], ["EN"], ["DE"], ["+1"], ["король"]]
    shared = share_labels(places, labels, window=window, reach=28)
    assert shared == [["EN, FR"], [], [], ["DE"], ["+1"], ["король"]]


def test_the_views_mark_is_the_basis_own() -> None:
    vectors = cloud(6)
    basis, other = fit_basis(vectors), fit_basis(cloud(6, seed=1))
    first = figure(basis, vectors, [Point("a")] * 6).layout.uirevision
    assert first == figure(basis, 2 * vectors[:3], [Point("b")] * 3).layout.uirevision
    assert first != figure(other, vectors, [Point("a")] * 6).layout.uirevision
    assert first != figure(fit_basis(vectors, 3), vectors, [Point("a")] * 6).layout.uirevision


def test_vectors_and_points_go_together() -> None:
    with pytest.raises(ValueError, match="3 vectors for 2 points"):
        figure(fit_basis(cloud(3)), cloud(3), [Point("x")] * 2)


def test_an_empty_picture_is_a_picture() -> None:
    drawn = figure(fit_basis(cloud(3)), np.zeros((0, 24)), [])
    assert body(drawn)["data"] == []


def test_the_page_needs_no_network_and_closes_no_script_early() -> None:
    vectors = cloud(2)
    page = figure_html(figure(fit_basis(vectors), vectors, [Point("</script><b>", "x")] * 2), language="ru")
    assert not re.search(r"<(script|link)[^>]+(src|href)=", page)
    assert page.count("plotly.js v") >= 1
    assert "</script><b>" not in page
    assert '<html lang="ru">' in page


def test_a_side_s_box_lies_beside_the_mark() -> None:
    box = label_box(100, 100, "middle right", ["abcd"], 10, 16)
    assert box.left > 108
    assert box.bottom < 100 < box.top
    assert label_box(100, 100, "top center", ["ab"], 10, 16).bottom > 108
    assert label_box(100, 100, "bottom left", ["ab"], 10, 16).right < 92


def test_neighbours_are_labelled_on_different_sides() -> None:
    positions = np.array([[0.0, 0.0], [0.02, 0.0], [0.0, 0.03]])
    labels = [["королева"], ["король"], ["женщина"]]
    window = np.array([[-1.0, 1.0], [-1.0, 1.0]])
    sides = choose_sides(positions, labels, window=window, font=18, mark=14)
    scale = min(WIDE) / 2
    pixels = positions * scale + np.array(WIDE) / 2
    boxes = np.array(
        [
            label_box(x, y, side, lines, 18, 14)
            for (x, y), side, lines in zip(pixels, sides, labels, strict=True)
        ]
    )
    areas = covered(boxes, boxes)  # with themselves, and with each other
    own = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    assert np.all(areas - own < 0.1 * own)


def test_a_label_at_the_edge_goes_inwards() -> None:
    window = np.array([[-1.0, 1.0], [-1.0, 1.0]])
    at_edges = np.array([[-1.0, 0.0], [1.0, 0.0]])
    labels = [["правление Ивана"], ["правление Петра"]]
    sides = choose_sides(at_edges, labels, window=window, font=18, area=TELEPHONE)
    assert sides[0].endswith("right")
    assert sides[1].endswith("left")


def test_a_telephone_has_its_own_sides_for_the_labels() -> None:
    vectors = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.15, 0.1]])
    texts = ["Завтра мы поедем в Москву.", "поезд", "самолёт", "Завтра мы полетим в Москву."]
    drawn = figure(fit_basis(vectors), vectors, [Point(text, text) for text in texts])
    (named,) = (trace for trace in drawn.data if trace["text"] is not None)
    assert len(named["textposition"]) == len(named["meta"]) == 4
    assert list(named["textposition"]) != list(named["meta"])
    assert set(named["meta"]) <= set(SIDES)


def test_a_low_area_has_no_room_above_a_high_mark() -> None:
    window = np.array([[-1.0, 1.0], [-1 / 3, 1 / 3]])
    high, label = np.array([[0.0, 0.2], [0.0, -0.2]]), [["Завтра мы поедем в", "Москву на поезде."], []]
    assert choose_sides(high, label, window=window, font=18)[0] == "top center"
    assert not choose_sides(high, label, window=window, font=18, area=(600, 200))[0].startswith("top")


def test_long_labels_are_cut_in_two_lines() -> None:
    assert shorten("король") == ["король"]
    lines = shorten("Это произошло во время правления Ивана Грозного, и долго")
    assert len(lines) == 2
    assert lines[-1].endswith("…")
    assert shorten("а" * 300)[0].startswith("ааа")
    assert shorten("  \n ") == [""]


def test_boxes_share_their_intersection() -> None:
    boxes = np.array([Box(0, 0, 2, 2), Box(3, 0, 4, 2), Box(9, 9, 10, 10)])
    assert covered(boxes, np.array([Box(1, 1, 5, 5), Box(0, 0, 2, 3)])).tolist() == [1 + 4, 1, 0]
    assert covered(boxes, np.empty((0, 4))).tolist() == [0, 0, 0]


def test_what_is_higher_is_seen_higher() -> None:
    placed = np.array([[0.0, 0, 0], [0, 0, 1], [1, -1, 0]])
    flat = seen(placed)
    assert flat[1, 1] > flat[0, 1]
    assert flat[1, 0] == pytest.approx(flat[0, 0])
    assert flat[2, 0] != pytest.approx(flat[0, 0])
