"""A sentence moved along style axes, and the filmstrip: the same sentence at seven strengths of one axis."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path

import numpy as np

from demos import plot
from demos.answers import Decoded, decode_with_fidelity, read_back
from demos.axes import Axis, Direction, built_in_axes, check_strengths, direction, steer
from demos.codec import Codec
from demos.codec.memory import Memory

EXAMPLES = Path(__file__).parent.parent / "assets" / "examples" / "style.json"
FRAMES = 7
TOKEN = re.compile(r"\w+(?:-\w+)*|[^\w\s]")

Piece = tuple[str, bool]  # a part of a text, and whether it is new
# What a filmstrip is of: codec, sentence, axis, the other axes with their strengths, span.
StripOf = tuple[Codec, str, Axis, tuple[tuple[Axis, float], ...], float | None]


@dataclass(frozen=True, eq=False)
class Styled:
    """A sentence moved along axes: its vector there (dim,), not normalised, and what it says."""

    sentence: str
    strengths: Mapping[str, float]
    target: np.ndarray
    decoded: Decoded


@dataclass(frozen=True)
class Example:
    """A sentence to begin with; `recorded` is what the article's models gave, "" where it is ours."""

    sentence: str
    axis: str
    strength: float
    recorded: str = ""


@lru_cache(maxsize=1)
def examples() -> tuple[Example, ...]:
    return tuple(Example(**entry) for entry in json.loads(EXAMPLES.read_text(encoding="utf-8")))


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
        CodecError: the sentence is empty or too long.
    """
    known = built_in_axes() if axes is None else axes
    check_strengths(known, strengths)
    used = [direction(codec, axis) for axis in known if strengths.get(axis.name)]
    target = steer(codec.encode([sentence])[0], used, strengths)
    decoded = decode_with_fidelity(codec, target, alternatives, quick)[0]
    return Styled(sentence, dict(strengths), target, decoded)


@dataclass(frozen=True)
class Frame:
    """A strength and what is decoded there; `pieces` join to the text, new words marked True."""

    strength: float
    decoded: Decoded
    pieces: tuple[Piece, ...]


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


_STRIPS: Memory[tuple[StripOf, bool], Filmstrip] = Memory(64)  # whether each is a quick one, too


def mark_changes(text: str, reference: str) -> tuple[Piece, ...]:
    """Cut `text` where its words and signs differ from the reference's; case does not count.

    >>> mark_changes("Вы дома?", "Ты дома?")
    (('Вы', True), (' дома?', False))
    """
    spans = [match.span() for match in TOKEN.finditer(text)]
    new = [text[start:end].casefold() for start, end in spans]
    old = [match.group().casefold() for match in TOKEN.finditer(reference)]
    pieces: list[Piece] = []
    done = 0
    for tag, _, _, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag in ("replace", "insert"):
            start, end = spans[first][0], spans[last - 1][1]
            if start > done:
                pieces.append((text[done:start], False))
            pieces.append((text[start:end], True))
            done = end
    if done < len(text):
        pieces.append((text[done:], False))
    return tuple(pieces)


def make_filmstrip(
    codec: Codec,
    sentence: str,
    name: str,
    strengths: Mapping[str, float],
    axes: Sequence[Axis],
    span: float | None = None,
    quick: bool = False,
) -> Filmstrip:
    """Decode a sentence at seven strengths of the axis `name` in one batch.

    The last filmstrips are remembered: while the slider of this axis moves, nothing is decoded again.

    Args:
        strengths: of the other axes, which stay where they are; this axis' own is not used.
        span: the strengths run evenly from -span to span; the axis' `reach` if None.
        quick: decode as the pair does where an answer is wanted at once, unless the careful one is known.

    Raises:
        AxisError: an unknown axis or a strength out of range.
        CodecError: the sentence is empty or too long.
    """
    check_strengths(axes, {**strengths, name: 0.0 if span is None else span})
    chosen = next(axis for axis in axes if axis.name == name)
    others = tuple(
        (axis, float(strengths[axis.name])) for axis in axes if strengths.get(axis.name) and axis != chosen
    )
    question = (codec, sentence, chosen, others, span)
    keys = [(question, False), (question, True)][: 1 + quick]
    known = _STRIPS.recall(keys)
    found = next((known[key] for key in keys if key in known), None)
    if found is None:
        found = _decode_filmstrip(*question, quick)
        _STRIPS.keep({(question, found.quick): found})
    return found


def _decode_filmstrip(
    codec: Codec,
    sentence: str,
    axis: Axis,
    others: Sequence[tuple[Axis, float]],
    span: float | None,
    quick: bool,
) -> Filmstrip:
    chosen = direction(codec, axis)
    moves = [direction(codec, other) for other, _ in others]
    start = steer(codec.encode([sentence])[0], moves, {other.name: strength for other, strength in others})
    levels = np.linspace(-1, 1, FRAMES, dtype=np.float32) * np.float32(chosen.reach if span is None else span)
    decoded = decode_with_fidelity(codec, start + levels[:, None] * chosen.delta, quick=quick)
    middle = decoded[FRAMES // 2].text
    frames = [
        Frame(round(float(level), 2), answer, mark_changes(answer.text, middle))
        for level, answer in zip(levels, decoded, strict=True)
    ]
    return Filmstrip(sentence, chosen, start, tuple(frames))


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


def filmstrip_figure(
    codec: Codec,
    strip: Filmstrip,
    now: float,
    words: Mapping[str, str],
    *,
    dims: int = 2,
    language: str = "en",
) -> plot.Figure:
    """The path of the sentence along the axis, among the sentences that the axis is made of.

    The basis is that of the path and of what was decoded on it, so it stays while the slider moves.
    A dashed line leads from each step to the vector of what was decoded there.

    Args:
        words: what the legend calls the groups "from", "to", "path", "decoded" and "now".
    """
    axis = strip.direction
    targets = np.stack([strip.target(frame.strength) for frame in strip.frames])
    spoken = [frame for frame in strip.frames if frame.decoded.text.strip()]
    back = read_back(codec, [frame.decoded.text for frame in spoken])
    known = [axis.from_vectors, axis.to_vectors, targets]
    basis = plot.fit_basis(np.vstack([targets, back]), dims).facing(axis.delta)

    points = [plot.Point(text, group=words["from"], size=0.6) for text in axis.axis.from_texts]
    points += [plot.Point(text, group=words["to"], size=0.6) for text in axis.axis.to_texts]
    first = len(points)
    for frame in strip.frames:
        label = signed(frame.strength)
        points.append(plot.Point(f"{words['path']}: {label}", label, words["path"]))
    lines = [(first + i, first + i + 1) for i in range(len(strip.frames) - 1)]
    second = len(points)
    points += [plot.Point(frame.decoded.text, group=words["decoded"], size=0.8) for frame in spoken]
    dashed = [(first + strip.frames.index(frame), second + i) for i, frame in enumerate(spoken)]
    points.append(plot.Point(f"{words['now']}: {signed(now)}", group=words["now"], size=1.6))
    vectors = np.vstack([*known, back, strip.target(now)[None]])
    return plot.figure(basis, vectors, points, lines=lines, dashed=dashed, language=language)
