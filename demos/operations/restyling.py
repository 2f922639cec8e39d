"""A sentence moved along style axes, and the filmstrip: the same sentence at seven strengths of one axis."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

import numpy as np

from demos.codec import Codec
from demos.operations.answers import Decoded, answer
from demos.operations.axes import Axis, Direction, built_in_axes, check_strengths, direction, steer

EXAMPLE_FILE = Path(__file__).resolve().parents[2] / "assets" / "examples" / "style.json"
FRAMES = 7
TOKEN = re.compile(r"\w+(?:-\w+)*|[^\w\s]")

MarkedPart = tuple[str, bool]  # a part of a text, and whether it is new


@dataclass(frozen=True, eq=False)
class Styled:
    """A sentence moved along axes: its vector there (dim,), not normalised, and what it says."""

    sentence: str
    strengths: Mapping[str, float]
    target: np.ndarray
    decoded: Decoded


@dataclass(frozen=True)
class StyleExample:
    """A sentence to begin with; `recorded` is what the article's models gave, "" where it is ours, `gloss`
    the sentence in English, "" where it is English."""

    sentence: str
    axis: str
    strength: float
    recorded: str = ""
    gloss: str = ""


@cache
def examples() -> tuple[StyleExample, ...]:
    """The bundled sentences, in the order of the buttons."""
    return tuple(StyleExample(**entry) for entry in json.loads(EXAMPLE_FILE.read_text(encoding="utf-8")))


def restyle(
    codec: Codec,
    sentence: str,
    strengths: Mapping[str, float],
    axes: Sequence[Axis] | None = None,
    alternatives: int = 0,
    quick: bool = False,
) -> Styled:
    """Move a sentence along axes and decode it.

    Args:
        sentence: in any language of the encoder.
        strengths: by the axis' name; 1 is one average step from A to B, negative goes back.
        axes: those that the names mean; the bundled ones if None.
        alternatives: how many other wordings to give.
        quick: decode as the pair does where an answer is wanted at once.

    Raises:
        AxisError: an unknown axis or a strength out of range.
        CodecError: the sentence is empty or too long, or says nothing.
    """
    known = built_in_axes() if axes is None else axes
    check_strengths(known, strengths)
    used = [direction(codec, axis) for axis in known if strengths.get(axis.name)]
    target = steer(codec.encode([sentence])[0], used, strengths)
    return Styled(sentence, dict(strengths), target, answer(codec, target, alternatives, quick)[0])


@dataclass(frozen=True)
class Frame:
    """A strength and what is decoded there; the parts of `marked` join to the text, new words are True."""

    strength: float
    decoded: Decoded
    marked: tuple[MarkedPart, ...]


@dataclass(frozen=True, eq=False)
class Filmstrip:
    """A sentence along one axis.

    Attributes:
        direction: the axis, with its vectors.
        start: (dim,), the sentence with every other axis at its strength and this one at 0.
        frames: from the most negative strength to the most positive; the middle one is 0.
    """

    sentence: str
    direction: Direction
    start: np.ndarray
    frames: tuple[Frame, ...]

    @property
    def quick(self) -> bool:
        """Whether a careful search may find better frames."""
        return any(frame.decoded.quick for frame in self.frames)

    def target(self, strength: float) -> np.ndarray:
        """The vector (dim,) at a strength of this axis."""
        return np.asarray(self.start + np.float32(strength) * self.direction.delta)


def mark_changes(text: str, reference: str) -> tuple[MarkedPart, ...]:
    """Cut `text` where its words and signs differ from the reference's; case does not count.

    >>> mark_changes("Вы дома?", "Ты дома?")
    (('Вы', True), (' дома?', False))
    """
    spans = [match.span() for match in TOKEN.finditer(text)]
    new = [text[start:end].casefold() for start, end in spans]
    old = [match.group().casefold() for match in TOKEN.finditer(reference)]
    parts: list[MarkedPart] = []
    done = 0
    for tag, _, _, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag in ("replace", "insert"):
            start, end = spans[first][0], spans[last - 1][1]
            if start > done:
                parts.append((text[done:start], False))
            parts.append((text[start:end], True))
            done = end
    if done < len(text):
        parts.append((text[done:], False))
    return tuple(parts)


def make_filmstrip(
    codec: Codec,
    sentence: str,
    name: str,
    strengths: Mapping[str, float],
    axes: Sequence[Axis],
    quick: bool = False,
) -> Filmstrip:
    """Decode a sentence at seven strengths of the axis `name` in one batch: evenly from -reach to reach.

    The codec remembers its last answers: while the slider of this axis moves, nothing is decoded again.

    Args:
        strengths: of the other axes, which stay where they are; this axis' own is not used.
        quick: decode as the pair does where an answer is wanted at once, unless the careful one is known.

    Raises:
        AxisError: an unknown axis or a strength out of range.
        CodecError: the sentence is empty or too long, or says nothing.
    """
    check_strengths(axes, {**strengths, name: 0.0})
    chosen = next(axis for axis in axes if axis.name == name)
    step = direction(codec, chosen)
    moves = [direction(codec, axis) for axis in axes if axis != chosen and strengths.get(axis.name)]
    start = steer(codec.encode([sentence])[0], moves, strengths)
    levels = np.linspace(-1, 1, FRAMES, dtype=np.float32) * np.float32(step.reach)
    found = answer(codec, start + levels[:, None] * step.delta, quick=quick)
    middle = found[FRAMES // 2].text
    frames = [
        Frame(round(float(level), 2), one, mark_changes(one.text, middle))
        for level, one in zip(levels, found, strict=True)
    ]
    return Filmstrip(sentence, step, start, tuple(frames))


def signed(strength: float) -> str:
    """A strength as the screen writes it: "+1.5", "−2", "0"."""
    return f"{strength:+.4g}".replace("-", "−") if round(strength, 4) else "0"


def filmstrip_rows(strip: Filmstrip) -> list[dict[str, object]]:
    """The frames as a table to download."""
    return [
        {
            "sentence": strip.sentence,
            "axis": strip.direction.axis.name,
            "strength": frame.strength,
            "decoded": frame.decoded.text,
            "fidelity": round(frame.decoded.fidelity, 4),
        }
        for frame in strip.frames
    ]
