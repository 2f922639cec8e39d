"""The endpoints of the web API: what the tabs do, by name; with --mcp they are an assistant's tools too.

Each endpoint is a model of its arguments with the answers to them. From the model come the checks of a call
and all descriptions and schemas, see `demos.api`. A pair is named as in `demos.codec.PAIRS`; "" is the
pair that the app was opened with.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from demos.codec import BadVector, Codec, CodecError
from demos.operations import journey
from demos.operations.answers import MOST_ALTERNATIVES, Decoded, answer
from demos.operations.axes import BUILT_IN, LARGEST_STRENGTH, AxisError
from demos.operations.opinions import (
    LARGEST_TRIM,
    MOST_OPINIONS,
    Settings,
    encode_sentences,
    summarise,
)
from demos.operations.restyling import restyle
from demos.operations.reviews import Review, collect_sentences
from demos.operations.sums import FACTORS, LARGEST, MOST_TERMS, Term, combine
from demos.operations.translating import (
    BATCH,
    MOST_CHARACTERS,
    MOST_LINES,
    Translation,
    split_text,
    translate,
)
from demos.operations.wordings import MeanLength, Spoken

MOST_REVIEWS = 10_000
MOST_REVIEW_CHARACTERS = 2_000_000  # of all reviews
MOST_TEXT_CHARACTERS = 10_000  # characters of one sentence; the encoder takes fewer, but says so better
LARGEST_WEIGHT = 1e15

Json = Any  # what JSON can hold
Sentence = Annotated[str, Field(max_length=MOST_TEXT_CHARACTERS)]
PairName = Annotated[str, Field(max_length=100, description='The model pair, "" for the default one.')]
Quick = Annotated[bool, Field(description="Answer as under a moving slider: sooner, from a smaller search.")]
Alternatives = Annotated[
    int,
    Field(
        ge=0, le=MOST_ALTERNATIVES, description=f"How many other wordings to give, 0 to {MOST_ALTERNATIVES}."
    ),
]


class Endpoint(BaseModel):
    """The arguments of a call, in the order of the API; what a subclass says of itself is its description."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
    returns: ClassVar[str]
    streams: ClassVar[bool] = False  # gives what is there so far before it has all
    # What the caller knows a text and a vector by that the codec refuses.
    text_called: ClassVar[str] = ""
    vector_called: ClassVar[str] = ""

    if TYPE_CHECKING:  # each has it, not as its first argument
        pair: PairName

    @abstractmethod
    def answers(self, codec: Codec) -> Iterator[Json]:
        """The answer, as `returns` describes it, is the last one given; before it comes what there is so far.

        Raises:
            CodecError: what is wrong; `subject` says with which argument.
        """

    def subject(self, error: CodecError) -> str:
        """The argument, or the part of one, that an error of the answers is about."""
        if "index" not in error.details or error.details["index"] is None:
            return next(iter(type(self).model_fields))
        called = self.vector_called if isinstance(error, BadVector) else self.text_called
        return called.format(**error.details)


class Translate(Endpoint):
    """Translate text from about 100 languages into Russian, each sentence through one vector.
    Russian text is paraphrased. Lines are answered a few at a time, and the answers so far are streamed.
    """

    returns = (
        "For each line: source, language (its code), trained (whether the encoder was trained on that "
        "language), russian, fidelity (the cosine between the vector and that of the Russian), alternatives, "
        'error (why there is no answer, or ""), pair.'
    )
    streams = True
    text_called = "the line of index {index} in text"

    text: str = Field(
        max_length=MOST_CHARACTERS,
        description=f"One sentence a line, at most {MOST_LINES} lines and {MOST_CHARACTERS} characters.",
    )
    split: bool = Field(False, description="Split the text into sentences instead of lines.")
    alternatives: Alternatives = 0
    pair: PairName = ""

    def answers(self, codec: Codec) -> Iterator[Json]:
        lines = split_text(self.text, self.split)
        if not 1 <= len(lines) <= MOST_LINES:
            raise CodecError(f"text has {len(lines)} lines, expected 1 to {MOST_LINES} lines")
        found: list[dict[str, Any]] = []
        for batch in translate(codec, lines, self.alternatives):
            found += [self._said(one) for one in batch]
            yield list(found)

    def _said(self, one: Translation) -> dict[str, Any]:
        nothing = {"russian": "", "fidelity": 0.0, "alternatives": []}
        return {
            "source": one.source,
            "language": one.language,
            "trained": one.trained,
            **(_said(one.answer) if one.answer else nothing),
            "error": one.error.about(self.subject(one.error)) if one.error else "",
            "pair": one.pair,
        }


class Average(Endpoint):
    """Sum up reviews in any language: the one average sentence, and the main opinions, each in one Russian
    sentence. Ten thousand reviews take a minute or two; how many sentences are encoded is streamed.
    """

    returns = (
        "average: its russian, fidelity, typical (the nearest real sentence), typical_fidelity, likeness "
        "(the cosine between the two sentences), same (the two are one) and agreement (the mean cosine of "
        "its sentences with their middle); opinions: the same for each, with its share of all sentences and "
        "agrees (they agree enough to be said in one sentence); rest: the share of sentences like none of "
        "them; sentences and encoded: how many there are and how many are done, without those that the "
        "encoder cannot take at the end; pair."
    )
    streams = True
    text_called = "the first sentence of reviews"

    reviews: list[Annotated[str, Field(max_length=MOST_CHARACTERS)]] = Field(
        min_length=1,
        max_length=MOST_REVIEWS,
        description=f"1 to {MOST_REVIEWS} reviews, at most {MOST_REVIEW_CHARACTERS} characters together.",
    )
    opinions: int = Field(
        0, ge=0, le=MOST_OPINIONS, description=f"How many opinions to find, 1 to {MOST_OPINIONS}; 0 chooses."
    )
    trim: float = Field(
        0.0,
        ge=0,
        le=LARGEST_TRIM,
        description=f"The share of sentences far from the centre that is left out, 0 to {LARGEST_TRIM}.",
    )
    pair: PairName = ""
    weights: list[Annotated[float, Field(ge=0, le=LARGEST_WEIGHT)]] | None = Field(
        None,
        max_length=MOST_REVIEWS,
        description="A number for each review, 0 leaves it out; none: all weigh the same.",
    )
    length: MeanLength = Field(
        "agreement",
        description='How long the decoded mean is: "agreement", as it comes, or "article", always 1.',
    )

    @model_validator(mode="after")
    def fits(self) -> Average:
        _together("reviews", self.reviews, MOST_REVIEW_CHARACTERS)
        if self.weights is not None and len(self.weights) != len(self.reviews):
            expected = f"a number for each of the {len(self.reviews)} reviews"
            raise ValueError(f"weights has {len(self.weights)} items, expected {expected}")
        return self

    def answers(self, codec: Codec) -> Iterator[Json]:
        settings = Settings(opinions=self.opinions or None, trim=self.trim, length=self.length)
        weights = [1.0] * len(self.reviews) if self.weights is None else self.weights
        weighted = zip(self.reviews, weights, strict=True)
        sentences = collect_sentences([Review(text, weight) for text, weight in weighted if text.strip()])
        total = len(sentences.texts)
        nothing: Json = {"average": None, "opinions": [], "rest": None, "sentences": total}
        encoded = yield from encode_sentences(
            codec, sentences, lambda count, _: {**nothing, "encoded": count, "pair": codec.name}
        )
        summary = summarise(codec, encoded, settings)
        yield {
            "average": _spoken(summary.average, summary.agreement),
            "opinions": [
                _spoken(one.spoken, one.agreement) | {"share": round(one.share, 4), "agrees": one.agrees}
                for one in summary.opinions
            ],
            "rest": round(summary.rest.share, 4),
            "sentences": total,
            "encoded": len(encoded.vectors),
            "pair": codec.name,
        }

    def subject(self, error: CodecError) -> str:
        return "weights" if error.details.get("reason") == "weightless" else super().subject(error)


class Algebra(Endpoint):
    """Add and subtract the meanings of words or sentences and say the result in Russian:
    король + женщина - мужчина.
    """

    returns = "russian, fidelity, alternatives, skipped (answers passed over), pair."
    text_called = "texts[{index}]"
    vector_called = "the sum of texts with coefficients"

    texts: list[Sentence] = Field(
        min_length=1,
        max_length=MOST_TERMS,
        description=f"1 to {MOST_TERMS} words or sentences, in any language.",
    )
    coefficients: list[Annotated[float, Field(ge=-LARGEST, le=LARGEST)]] = Field(
        min_length=1,
        max_length=MOST_TERMS,
        description=f"A number from {-LARGEST:g} to {LARGEST:g} for each text.",
    )
    length: Literal["raw", "unit", "factor"] = Field(
        "raw", description='Of the sum\'s vector: "raw" as it comes, "unit", or "factor".'
    )
    factor: float = Field(
        1.0,
        ge=FACTORS[0],
        le=FACTORS[1],
        description=f'With "factor", what the vector is multiplied by, {FACTORS[0]:g} to {FACTORS[1]:g}.',
    )
    exclude_inputs: bool = Field(False, description="Pass over answers that only repeat one of the texts.")
    alternatives: Alternatives = 0
    pair: PairName = ""
    quick: Quick = False

    @model_validator(mode="after")
    def fits(self) -> Algebra:
        if len(self.texts) != len(self.coefficients):
            expected = f"a number for each of the {len(self.texts)} texts"
            raise ValueError(f"coefficients has {len(self.coefficients)} items, expected {expected}")
        return self

    def answers(self, codec: Codec) -> Iterator[Json]:
        found = combine(
            codec,
            [Term(text, number) for text, number in zip(self.texts, self.coefficients, strict=True)],
            length=self.length,
            factor=self.factor,
            alternatives=self.alternatives,
            exclude_inputs=self.exclude_inputs,
            quick=self.quick,
        )
        yield _said(found.decoded) | {"skipped": list(found.skipped), "pair": codec.name}


class Style(Endpoint):
    """Change the style of a sentence, from polite to familiar or from praise to complaint, and say it in
    Russian.
    """

    returns = "russian, fidelity, alternatives, pair."
    text_called = "sentence"
    vector_called = "the sum of sentence and strengths"

    sentence: Sentence = Field(description="A sentence in any language.")
    strengths: dict[str, Annotated[float, Field(ge=-LARGEST_STRENGTH, le=LARGEST_STRENGTH)]] = Field(
        max_length=len(BUILT_IN),
        description=(
            f"For an axis ({', '.join(BUILT_IN)}) how far to go, in average steps between its two lists of "
            f"sentences, {-LARGEST_STRENGTH:g} to {LARGEST_STRENGTH:g}; negative goes the other way."
        ),
    )
    alternatives: Alternatives = 0
    pair: PairName = ""
    quick: Quick = False

    def answers(self, codec: Codec) -> Iterator[Json]:
        moved = restyle(
            codec, self.sentence, self.strengths, alternatives=self.alternatives, quick=self.quick
        )
        yield _said(moved.decoded) | {"pair": codec.name}

    def subject(self, error: CodecError) -> str:
        return "strengths" if isinstance(error, AxisError) else super().subject(error)


class Journey(Endpoint):
    """Walk from one sentence to another in equal steps between their vectors; say each step in Russian."""

    returns = (
        "For each stop: russian, fidelity, first and last (the part of the way on which it is said, 0 to 1), "
        "changed (the words that the stop before did not have), pair."
    )

    start: Sentence = Field(description="The first sentence, in any language.")
    end: Sentence = Field(description="The last sentence, in any language.")
    steps: int = Field(
        7,
        ge=journey.STEPS[0],
        le=journey.STEPS[1],
        description=f"How many points of the way are said, {journey.STEPS[0]} to {journey.STEPS[1]}, both "
        "ends among them; neighbours that say the same are one stop.",
    )
    pair: PairName = ""
    quick: Quick = False

    def answers(self, codec: Codec) -> Iterator[Json]:
        yield [
            {
                "russian": stop.decoded.text,
                "fidelity": round(stop.decoded.fidelity, 4),
                "first": round(stop.first, 4),
                "last": round(stop.last, 4),
                "changed": [part for part, new in stop.marked if new],
                "pair": codec.name,
            }
            for stop in journey.travel(codec, self.start, self.end, self.steps, self.quick).stops
        ]

    def subject(self, error: CodecError) -> str:
        return "end" if error.details.get("index") else "start"


class Encode(Endpoint):
    """Turn texts in any language into vectors, each of length 1."""

    returns = "A list of numbers for each text."
    text_called = "texts[{index}]"

    texts: list[Sentence] = Field(
        min_length=1,
        max_length=MOST_LINES,
        description=f"1 to {MOST_LINES} texts, at most {MOST_CHARACTERS} characters together.",
    )
    pair: PairName = ""

    @model_validator(mode="after")
    def fits(self) -> Encode:
        _together("texts", self.texts, MOST_CHARACTERS)
        return self

    def answers(self, codec: Codec) -> Iterator[Json]:
        yield codec.encode(self.texts).tolist()


class Decode(Endpoint):
    """Turn vectors into Russian sentences; a vector's length is the strength of what it says.
    Vectors are answered a few at a time, and the answers so far are streamed.
    """

    returns = "For each vector: russian, fidelity, alternatives, pair."
    streams = True
    vector_called = "vectors[{index}]"

    vectors: list[Annotated[list[float], Field(min_length=1, max_length=4096)]] = Field(
        min_length=1,
        max_length=MOST_LINES,
        description=f"1 to {MOST_LINES} vectors, each as wide as those that the pair's encode gives.",
    )
    alternatives: Alternatives = 0
    pair: PairName = ""

    def answers(self, codec: Codec) -> Iterator[Json]:
        for place, vector in enumerate(self.vectors):
            if len(vector) != codec.dim:
                message, subject = (
                    f"has {len(vector)} numbers, expected {codec.dim} numbers",
                    f"vector {place + 1}",
                )
                raise BadVector("width", message, subject, index=place)
        rows = codec.checked(self.vectors)
        found: list[dict[str, Any]] = []
        for start in range(0, len(rows), BATCH):
            decoded = answer(codec, rows[start : start + BATCH], self.alternatives)
            found += [_said(one) | {"pair": codec.name} for one in decoded]
            yield list(found)


ENDPOINTS: dict[str, type[Endpoint]] = {
    kind.__name__.lower(): kind for kind in (Translate, Average, Algebra, Style, Journey, Encode, Decode)
}


def _said(one: Decoded) -> dict[str, Any]:
    return {
        "russian": one.text,
        "fidelity": round(one.fidelity, 4),
        "alternatives": [
            {"russian": other.text, "fidelity": round(other.fidelity, 4)} for other in one.alternatives
        ],
    }


def _spoken(one: Spoken, agreement: float) -> dict[str, Any]:
    return {
        "russian": one.decoded.text,
        "fidelity": round(one.decoded.fidelity, 4),
        "typical": one.typical,
        "typical_fidelity": round(one.typical_fidelity, 4),
        "likeness": round(one.likeness, 4),
        "same": one.same,
        "agreement": round(agreement, 4),
    }


def _together(name: str, texts: Sequence[str], most: int) -> None:
    count = sum(map(len, texts))
    if count > most:
        raise ValueError(f"{name} has {count} characters together, expected at most {most}")
