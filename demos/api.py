"""The endpoints of the web API: what the tabs do, by name; with --mcp they are tools too.

Their docstrings are what the API page and the tools' users read. A pair is named as in
`demos.codec.PAIRS`; "" is the pair that the app was opened with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import gradio as gr
import numpy as np

from demos import opinions as reviews_of
from demos.answers import MOST_ALTERNATIVES, Decoded, decode_with_fidelity
from demos.codec import BadSetting, BadVector, Codec, CodecError, Codecs
from demos.restyle import restyle
from demos.reviews import Review
from demos.sums import Length, Term, combine
from demos.translate import MOST_LINES, split_text
from demos.translate import translate as translated
from demos.wordings import Spoken

MOST_REVIEWS = 10_000
NAMES = ("translate", "average", "algebra", "style", "encode", "decode")


class Endpoints:
    """The functions behind the endpoints, over a pool of codecs; they raise CodecError."""

    def __init__(self, codecs: Codecs) -> None:
        self.codecs = codecs

    def translate(
        self, text: str, split: bool = False, alternatives: int = 0, pair: str = ""
    ) -> list[dict[str, Any]]:
        """Say texts in any of about a hundred languages in Russian, each through one vector.

        Args:
            text: One sentence a line, at most 200 lines.
            split: Split the text into sentences instead of lines.
            alternatives: How many other wordings to give, 0 to 10.
            pair: The model pair, "" for the default one.

        Returns:
            For each line: source, language (its code), trained (whether the encoder was trained on that
            language), russian, fidelity (the cosine between the vector and that of the Russian),
            alternatives, error (why there is no answer, or ""), pair.
        """
        codec = self._codec(pair)
        lines = split_text(text, split)
        _limit("text", len(lines), MOST_LINES, "lines")
        _limit("alternatives", alternatives, MOST_ALTERNATIVES, "", least=0)
        return [
            {
                "source": one.source,
                "language": one.language,
                "trained": one.trained,
                **(_said(one.answer) if one.answer else {"russian": "", "fidelity": 0.0, "alternatives": []}),
                "error": str(one.error or ""),
                "pair": codec.name,
            }
            for batch in translated(codec, lines, alternatives)
            for one in batch
        ]

    def average(
        self,
        reviews: list[str],
        opinions: int = 0,
        trim: float = 0.0,
        pair: str = "",
        weights: list[float] | None = None,
    ) -> dict[str, Any]:
        """Sum up reviews: the one average sentence, and the main opinions, each in one Russian sentence.

        Args:
            reviews: The reviews, in any language, 1 to 10000.
            opinions: How many opinions to find, 1 to 12; 0 chooses.
            trim: The share of sentences far from the centre that is left out, 0 to 0.8.
            pair: The model pair, "" for the default one.
            weights: A number for each review, 0 leaves it out; none: all weigh the same.

        Returns:
            average: its russian, fidelity, typical (the nearest real sentence), typical_fidelity, and
            likeness (the cosine between the two sentences);
            opinions: the same for each, with its share of all sentences; pair.
        """
        codec = self._codec(pair)
        _limit("reviews", len(reviews), MOST_REVIEWS, "reviews")
        settings = reviews_of.Settings(opinions=opinions or None, trim=trim)
        weights = [1.0] * len(reviews) if weights is None else weights
        if len(weights) != len(reviews):
            raise BadSetting("weights", len(weights), f"one for each of the {len(reviews)} reviews")
        for weight in weights:
            if not 0 <= weight < 1e15:
                raise BadSetting("weights", weight, "numbers from 0 on")
        texts = [Review(text, weight) for text, weight in zip(reviews, weights, strict=True) if text.strip()]
        summary = reviews_of.summarise_reviews(codec, texts, settings)
        return {
            "average": _spoken(summary.average),
            "opinions": [_spoken(one.spoken) | {"share": round(one.share, 4)} for one in summary.opinions],
            "pair": codec.name,
        }

    def algebra(
        self,
        texts: list[str],
        coefficients: list[float],
        length: str = "raw",
        factor: float = 1.0,
        exclude_inputs: bool = False,
        alternatives: int = 0,
        pair: str = "",
        quick: bool = False,
    ) -> dict[str, Any]:
        """Add and subtract the meanings of texts: король + женщина - мужчина.

        Args:
            texts: One to eight words or sentences, in any language.
            coefficients: A number from -2 to 2 for each text.
            length: Of the sum's vector: "raw" as it comes, "unit", or "factor".
            factor: With "factor", what the vector is multiplied by, 0.1 to 3.
            exclude_inputs: Pass over answers that only repeat one of the texts.
            alternatives: How many other wordings to give, 0 to 10.
            pair: The model pair, "" for the default one.
            quick: Answer as under a moving slider: sooner, from a smaller search.

        Returns:
            russian, fidelity, alternatives, skipped (answers passed over), pair.
        """
        codec = self._codec(pair)
        _limit("alternatives", alternatives, MOST_ALTERNATIVES, "", least=0)
        if len(texts) != len(coefficients):
            raise BadSetting("coefficients", len(coefficients), f"one for each of the {len(texts)} texts")
        wanted: dict[str, Length] = {"raw": "raw", "unit": "unit", "factor": "factor"}
        if length not in wanted:
            raise BadSetting("length", length, "raw, unit or factor")
        found = combine(
            codec,
            [Term(text, coefficient) for text, coefficient in zip(texts, coefficients, strict=True)],
            length=wanted[length],
            factor=factor,
            alternatives=alternatives,
            exclude_inputs=exclude_inputs,
            quick=quick,
        )
        return _said(found.decoded) | {"skipped": list(found.skipped), "pair": codec.name}

    def style(
        self,
        sentence: str,
        strengths: dict[str, float],
        alternatives: int = 0,
        pair: str = "",
        quick: bool = False,
    ) -> dict[str, Any]:
        """Move a sentence along style axes.

        Args:
            sentence: In any language.
            strengths: For an axis (ty_vy, negative_positive, informal_formal, reserved_emotive) how far
                to go, in average steps between its two lists of sentences; negative goes the other way.
            alternatives: How many other wordings to give, 0 to 10.
            pair: The model pair, "" for the default one.
            quick: Answer as under a moving slider: sooner, from a smaller search.

        Returns:
            russian, fidelity, alternatives, pair.
        """
        codec = self._codec(pair)
        _limit("alternatives", alternatives, MOST_ALTERNATIVES, "", least=0)
        moved = restyle(codec, sentence, strengths, alternatives=alternatives, quick=quick)
        return _said(moved.decoded) | {"pair": codec.name}

    def encode(self, texts: list[str], pair: str = "") -> list[list[float]]:
        """The vectors of texts, each of length 1.

        Args:
            texts: In any language, at most 200.
            pair: The model pair, "" for the default one.

        Returns:
            A list of numbers for each text.
        """
        _limit("texts", len(texts), MOST_LINES, "texts")
        vectors: list[list[float]] = self._codec(pair).encode(texts).tolist()
        return vectors

    def decode(
        self, vectors: list[list[float]], alternatives: int = 0, pair: str = ""
    ) -> list[dict[str, Any]]:
        """Russian sentences for vectors. A vector's length is the strength of what it says.

        Args:
            vectors: At most 200, each as wide as those that the pair's encode gives.
            alternatives: How many other wordings to give, 0 to 10.
            pair: The model pair, "" for the default one.

        Returns:
            For each vector: russian, fidelity, alternatives, pair.
        """
        codec = self._codec(pair)
        _limit("vectors", len(vectors), MOST_LINES, "vectors")
        _limit("alternatives", alternatives, MOST_ALTERNATIVES, "", least=0)
        try:
            rows = np.array(vectors, dtype=np.float32)
        except (TypeError, ValueError) as error:
            raise BadVector("shape", f"not lists of {codec.dim} numbers: {error}") from None
        if rows.shape != (len(vectors), codec.dim):
            raise BadVector("width", f"expected {codec.dim} numbers in every vector", expected=codec.dim)
        return [_said(one) | {"pair": codec.name} for one in decode_with_fidelity(codec, rows, alternatives)]

    def _codec(self, pair: str) -> Codec:
        return self.codecs.get(pair or None)


def build(codecs: Codecs) -> None:
    """Adds the endpoints to the page that is being built."""
    endpoints = Endpoints(codecs)
    for name in NAMES:
        gr.api(  # type: ignore[attr-defined]
            _told(getattr(endpoints, name)),
            api_name=name,
            concurrency_id="model",
            concurrency_limit=8,
        )


def _told(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with its errors as messages for the caller."""
    from functools import wraps

    @wraps(function)
    def told(*args: Any, **kwargs: Any) -> Any:
        with _messages():
            return function(*args, **kwargs)

    return told


@contextmanager
def _messages() -> Iterator[None]:
    try:
        yield
    except CodecError as error:
        raise gr.Error(str(error), print_exception=False) from None


def _limit(name: str, value: int, most: int, what: str, least: int = 1) -> None:
    if not least <= value <= most:
        raise BadSetting(name, value, f"{least} to {most} {what}".strip())


def _said(one: Decoded) -> dict[str, Any]:
    return {
        "russian": one.text,
        "fidelity": round(one.fidelity, 4),
        "alternatives": [
            {"russian": other.text, "fidelity": round(other.fidelity, 4)} for other in one.alternatives
        ],
    }


def _spoken(one: Spoken) -> dict[str, Any]:
    return {
        "russian": one.decoded.text,
        "fidelity": round(one.decoded.fidelity, 4),
        "typical": one.typical,
        "typical_fidelity": round(one.typical_fidelity, 4),
        "likeness": round(one.likeness, 4),
    }
