"""Style axes: their files, their arithmetic, their quality figures, and what a user may paste."""

from __future__ import annotations

import hashlib
import json
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from cachetools import LRUCache

from demos.codec import Codec, SaysNothing
from demos.operations import axes
from demos.operations.axes import Axis, AxisError


class Words:
    """A stand-in encoder: one direction of 64 a word, so that sums can be worked out by hand."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        rows = []
        for text in texts:
            row = np.zeros(64, dtype=np.float32)
            for word in text.split():
                row[int(hashlib.md5(word.encode()).hexdigest(), 16) % 64] += 1
            rows.append(row / np.linalg.norm(row))
        return np.stack(rows)


def made(from_texts: Sequence[str], to_texts: Sequence[str]) -> axes.Direction:
    axis = Axis("made", "a", "b", tuple(from_texts), tuple(to_texts), "test")
    return axes.direction(cast("Codec", Words()), axis)


def test_bundled_axes_have_pairs_and_an_origin() -> None:
    bundled = {axis.name: axis for axis in axes.built_in_axes()}
    assert tuple(bundled) == axes.BUILT_IN
    assert all(axis.paired and axis.source for axis in bundled.values())
    assert 40 <= len(bundled["ty_vy"].from_texts) <= 50
    assert 40 <= len(bundled["negative_positive"].from_texts) <= 50
    assert len(bundled["reserved_emotive"].from_texts) == 5
    assert len(bundled["informal_formal"].from_texts) == 3
    assert "article" in bundled["reserved_emotive"].source
    assert "article" in bundled["informal_formal"].source
    assert bundled["ty_vy"].source == bundled["negative_positive"].source == "written for this demo"


@pytest.mark.parametrize("name", axes.BUILT_IN)
def test_no_sentence_of_an_axis_stands_twice(name: str) -> None:
    axis = next(axis for axis in axes.built_in_axes() if axis.name == name)
    sentences = [*axis.from_texts, *axis.to_texts]
    assert len(set(sentences)) == len(sentences)
    assert all(sentence == sentence.strip() for sentence in sentences)


def test_a_file_without_origin_or_with_a_stray_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.tsv"
    path.write_text("a\tb\nодин\tдва\n", encoding="utf-8")
    with pytest.raises(ValueError, match="origin"):
        axes.read_axis(path)
    path.write_text("# origin: test\na\tb\nодин\tдва\tтри\n", encoding="utf-8")
    with pytest.raises(ValueError, match="two columns"):
        axes.read_axis(path)


def test_delta_is_the_difference_of_the_means_and_is_not_normalised() -> None:
    axis = made(["дом", "лес"], ["дом ура", "лес ура"])
    expected = axis.to_vectors.mean(0) - axis.from_vectors.mean(0)
    np.testing.assert_allclose(axis.delta, expected, atol=1e-6)
    assert axis.length == pytest.approx(float(np.linalg.norm(expected)))
    assert axis.length < 0.95


def test_a_slider_ends_before_sentences_do() -> None:
    for axis in (made(["дом"], ["лес"]), made(["дом", "лес"], ["дом ура", "лес ура"])):
        assert axis.reach * axis.length <= axes.FARTHEST < (axis.reach + 0.1) * axis.length
        assert round(10 * axis.reach, 6).is_integer()
    short = axes.Direction(axis.axis, axis.from_vectors, axis.to_vectors, axis.delta * 1e-3)
    assert short.reach == axes.LARGEST_STRENGTH


def test_steering_adds_every_delta_with_its_strength() -> None:
    louder, other = made(["дом", "лес"], ["дом ура", "лес ура"]), made(["кот"], ["пёс"])
    second = axes.Direction(Axis("other", "", "", ("кот",), ("пёс",), ""), *vars_of(other))
    vector = Words().encode(["море"])[0]
    moved = axes.steer(vector, [louder, second], {"made": 1.5, "other": -0.5})
    np.testing.assert_allclose(moved, vector + 1.5 * louder.delta - 0.5 * second.delta, atol=1e-6)
    np.testing.assert_array_equal(axes.steer(vector, [louder], {}), vector)


def vars_of(direction: axes.Direction) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return direction.from_vectors, direction.to_vectors, direction.delta


def test_separation_counts_held_out_pairs_that_point_along_the_rest() -> None:
    from_texts = ["дом", "лес", "река", "мост"]
    together = made(from_texts, [f"{text} ура" for text in from_texts])
    assert axes.separation(together) == axes.Separation(4, 4)
    one_backwards = made(["дом", "лес", "река", "мост ура"], ["дом ура", "лес ура", "река ура", "мост"])
    assert axes.separation(one_backwards) == axes.Separation(3, 4)


def test_separation_of_unequal_lists_takes_every_pair_and_matches_the_slow_way() -> None:
    axis = made(["дом ты", "лес ты", "река"], ["дом вы", "море вы", "луг вы", "пар"])
    right = 0
    for i, a in enumerate(axis.from_vectors):
        for j, b in enumerate(axis.to_vectors):
            delta = np.delete(axis.to_vectors, j, 0).mean(0) - np.delete(axis.from_vectors, i, 0).mean(0)
            right += float((b - a) @ delta) > 0
    assert axes.separation(axis) == axes.Separation(right, 12)


def test_one_pair_has_nothing_to_hold_out() -> None:
    quality = axes.separation(made(["дом"], ["дворец"]))
    assert quality.total == 0
    assert np.isnan(quality.share)


def test_cosines_of_axes() -> None:
    one, other = made(["дом"], ["дом ура"]), made(["дом ура"], ["дом"])
    np.testing.assert_allclose(axes.cosines([one, other]), [[1, -1], [-1, 1]], atol=1e-6)


def test_own_axis_keeps_the_pasted_lines() -> None:
    axis = axes.own_axis("  кошки  и собаки ", "кот\n\n кит \n", "пёс\nслон\nволк")
    assert axis.name == "кошки и собаки"
    assert axis.from_texts == ("кот", "кит")
    assert axis.to_texts == ("пёс", "слон", "волк")
    assert not axis.paired


def test_a_line_of_an_own_axis_is_what_people_see_as_one() -> None:
    axis = axes.own_axis("е\u0308лка", "Кофе,\u2028ждали\nЧаи\u0306", "Ура\nДа")
    assert (axis.name, axis.from_texts) == ("ёлка", ("Кофе, ждали", "Чай"))
    assert axis.paired


def test_an_own_axis_with_a_line_that_says_nothing_is_refused(codec: Codec) -> None:
    with pytest.raises(SaysNothing, match=r"'\.\.\.'"):
        axes.direction(codec, axes.own_axis("моя", "да\n...", "нет\nнет"))


def test_a_name_with_an_arrow_names_the_ends() -> None:
    axis = axes.own_axis("past → future", "Я был.", "Я буду.")
    assert (axis.from_label, axis.to_label) == ("past", "future")
    other = axes.own_axis("a → b → c", "Я был.", "Я буду.")
    assert (other.from_label, other.to_label) == ("A", "B")


@pytest.mark.parametrize(
    ("name", "from_text", "to_text", "reason"),
    [
        (" ", "а", "б", "no_name"),
        ("x" * 41, "а", "б", "long_name"),
        ("TY_VY", "а", "б", "name_taken"),
        ("моя", " \n", "б", "no_sentences"),
        ("моя", "а", "", "no_sentences"),
        ("моя", "а\n" * 201, "б", "many_sentences"),
        ("моя", "а\nб", "б\nа", "same_lists"),
    ],
)
def test_own_axis_says_what_is_wrong(name: str, from_text: str, to_text: str, reason: str) -> None:
    with pytest.raises(AxisError) as caught:
        axes.own_axis(name, from_text, to_text)
    assert caught.value.details["reason"] == reason


def test_own_axes_are_written_down_and_made_again() -> None:
    own = [axes.own_axis("a → b", "Я был.\nТы был.", "Я буду."), axes.own_axis("ещё", "а", "б")]
    assert axes.unpack(axes.pack(own)) == tuple(own)
    assert axes.unpack(axes.pack([])) == ()


def test_what_is_kept_of_visitors_axes_is_bounded_in_bytes(codec: Codec) -> None:
    tracemalloc.start()
    for number in range(5):
        assert len(axes.unpack(json.dumps([["x", f"{number} " * 400_000, "а"]]))) == 1
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 800_000  # one of the five texts
    made = axes.direction(codec, axes.own_axis("моя", "Я был.", "Я буду."))
    assert axes.direction(codec, axes.own_axis("моя", "Я был.", "Я буду.")) is made
    assert made.nbytes >= 3 * made.delta.nbytes
    known = axes.direction.cache
    assert isinstance(known, LRUCache)
    assert known.maxsize == axes.CACHED_DIRECTIONS
    assert known.getsizeof(made) == made.nbytes


@pytest.mark.parametrize(
    ("packed", "reason"),
    [
        ("[", "unreadable"),
        ("7", "unreadable"),
        ('[["name", "а"]]', "unreadable"),
        ("[" * 100_000, "unreadable"),
        ('[["x", "а", "б"], ["X", "а", "в"]]', "name_taken"),
        (json.dumps([["x", "а", "б"]] * 4), "many"),
    ],
)
def test_what_holds_no_axes_is_refused(packed: str, reason: str) -> None:
    with pytest.raises(AxisError) as caught:
        axes.unpack(packed)
    assert caught.value.details["reason"] == reason


def test_lists_that_mean_the_same_to_the_encoder_are_refused() -> None:
    with pytest.raises(AxisError) as caught:
        made(["один два"], ["два один"])
    assert caught.value.details["reason"] == "same_lists"


@pytest.mark.parametrize(
    ("strengths", "reason"),
    [
        ({"nobody": 1.0}, "unknown"),
        ({"ty_vy": float("nan")}, "bad_strength"),
        ({"ty_vy": 99.0}, "bad_strength"),
    ],
)
def test_strengths_are_checked(strengths: Any, reason: str) -> None:
    with pytest.raises(AxisError) as caught:
        axes.check_strengths(axes.built_in_axes(), strengths)
    assert caught.value.details["reason"] == reason


def test_bundled_axes_separate_their_pairs_with_the_bundled_encoder(codec: Codec) -> None:
    for axis in axes.built_in_axes():
        quality = axes.separation(axes.direction(codec, axis))
        assert quality.total == len(axis.from_texts)
        assert quality.share >= 0.8, axis.name


def test_a_direction_is_encoded_once(codec: Codec, monkeypatch: pytest.MonkeyPatch) -> None:
    axis = Axis("once", "a", "b", ("Первое дело.",), ("Второе дело.",), "test")
    first = axes.direction(codec, axis)
    monkeypatch.setattr(codec, "encode", None)
    assert axes.direction(codec, axis) is first
