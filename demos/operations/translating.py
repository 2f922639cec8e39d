"""Sentences in any language → one vector each, or one for each piece of a long one → Russian."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from demos.codec import Codec, CodecError, SaysNothing, TextTooLong
from demos.operations.answers import (
    MOST_ALTERNATIVES,
    Decoded,
    answer,
    by_fidelity,
    decoded,
    same_words,
    with_first_choice,
)
from demos.operations.checks import Difference, differences, prefer
from demos.operations.keeping import keeping
from demos.operations.pieces import Piece, Piecewise, is_long, translate_by_pieces
from demos.operations.sentences import language_of_text, may_be_russian, sentences_of
from demos.operations.text import lines_of

MOST_LINES = 200
MOST_CHARACTERS = 100_000
EXAMPLE_FILE = Path(__file__).resolve().parents[2] / "assets" / "examples" / "translate.json"
BATCH = 4  # lines that are answered together
PARAPHRASES = 5
_BEAMS = 12  # candidates that paraphrases are chosen from, at least
_STEM, _ENDING = 3, 3  # letters that two forms of a word share at least, and that they may end in at most


@dataclass(frozen=True)
class TranslateExample:
    """Texts to begin with.

    Attributes:
        texts: one a line; with `split` their sentences are asked for, not their lines.
        article: whether they are the article's.
        recorded: what the article's models gave for the first of them.
        variants: what they gave roughly for every one, where the article prints no more; "" elsewhere.
        gloss: what the first of them, which are Russian, say in English.
    """

    name: str
    texts: tuple[str, ...]
    split: bool
    article: bool
    recorded: tuple[str, ...]
    variants: str
    gloss: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.texts)


@dataclass(frozen=True)
class Translation:
    """A line and what became of it.

    Attributes:
        source: the line.
        language: its code, "" where it was not recognised.
        trained: False where the encoder was not trained on that language.
        answer: the Russian; None where `error` says why there is none. It is the decoder's own; of a
            Russian source the alternatives are paraphrases.
        same: the answer is the source, word for word.
        differences: what the answer lacks of the source, has changed or added, see `checks.differences`.
        pair: the name of the pair that answered.
        pieces: what a long line was answered by, each through a vector of its own; empty where the line
            has one vector.
    """

    source: str
    language: str
    trained: bool
    answer: Decoded | None
    error: CodecError | None = None
    same: bool = False
    differences: tuple[Difference, ...] = ()
    pair: str = ""
    pieces: tuple[Piece, ...] = ()


@cache
def examples() -> tuple[TranslateExample, ...]:
    """The bundled examples, in the order of the buttons."""
    entries: list[dict[str, Any]] = json.loads(EXAMPLE_FILE.read_text(encoding="utf-8"))
    return tuple(
        TranslateExample(
            name=entry["name"],
            texts=tuple(entry["texts"]),
            split=entry["split"],
            article=entry["article"],
            recorded=tuple(entry.get("recorded", ())),
            variants=entry.get("variants", ""),
            gloss=tuple(entry.get("gloss", ())),
        )
        for entry in entries
    )


def split_text(text: str, into_sentences: bool = False) -> list[str]:
    """A text → its lines, or its sentences; empty ones left out."""
    return sentences_of(text) if into_sentences else lines_of(text)


def translate(
    codec: Codec, texts: Sequence[str], alternatives: int = 0, pieces: bool = False
) -> Iterator[list[Translation]]:
    """Texts in any language → Russian as they are ready: the first alone, so that nobody waits for more than
    one, then batches of `BATCH`.

    A text that cannot be encoded is answered with its error, the others are not held up.

    Args:
        alternatives: other wordings wanted; a line in pieces has none.
        pieces: long lines go through a vector for each of their pieces, not through one vector.
    """
    starts = [0, *range(1, len(texts), BATCH)] if texts else []
    for start, end in zip_longest(starts, starts[1:]):
        yield _translate_batch(codec, list(texts[start:end]), alternatives, start, pieces)


def _translate_batch(
    codec: Codec, texts: list[str], alternatives: int, start: int, pieces: bool
) -> list[Translation]:
    vectors, errors = codec.encode_each(texts, start)
    good = (index for index in range(len(texts)) if start + index not in errors)
    vector_of = dict(zip(good, vectors, strict=True))
    cut: dict[int, Piecewise] = {}
    answers: dict[int, Decoded] = {}
    for index in range(len(texts)):
        too_long = isinstance(errors.get(start + index), TextTooLong)
        if pieces and is_long(texts[index]) and (index in vector_of or too_long):
            try:
                cut[index] = translate_by_pieces(codec, texts[index])
            except (SaysNothing, TextTooLong):
                continue  # of a piece: the line is answered as a whole, if it can be
            errors.pop(start + index, None)
            answers[index] = _whole(codec, cut[index], vector_of.pop(index, None))
    languages = [language_of_text(text) for text in texts]
    foreign = [index for index in vector_of if languages[index] != "ru"]
    if foreign:
        found = answer(codec, np.stack([vector_of[index] for index in foreign]), alternatives)
        for index, one in zip(foreign, found, strict=True):
            answers[index] = _keeping(
                codec, texts[index], languages[index], vector_of[index], one, alternatives
            )
            if _is_its_own_answer(texts[index], languages[index], one.text):
                languages[index] = "ru"
    russian = [index for index in vector_of if languages[index] == "ru"]
    if russian:
        sources, most = [texts[index] for index in russian], max(PARAPHRASES, alternatives)
        found_others = reworded(codec, np.stack([vector_of[index] for index in russian]), sources, most)
        for index, (own, others) in zip(russian, found_others, strict=True):
            answers[index] = replace(own, alternatives=tuple(one for one in others if one.text != own.text))
    return [
        Translation(
            source=text,
            language=language,
            trained=not language or language in codec.languages,
            answer=answers.get(index),
            error=errors.get(start + index),
            same=index in answers and same_words(answers[index].text) == same_words(text),
            differences=tuple(differences(text, answers[index].text, language)) if index in answers else (),
            pair=codec.name,
            pieces=cut[index].pieces if index in cut else (),
        )
        for index, (text, language) in enumerate(zip(texts, languages, strict=True))
    ]


def _is_its_own_answer(source: str, language: str, answered: str) -> bool:
    """Whether a line of no known language is Russian, as its answer in Russian tells, which is the line."""
    return not language and may_be_russian(source) and same_words(source) == same_words(answered)


def _keeping(
    codec: Codec, source: str, language: str, vector: np.ndarray, found: Decoded, alternatives: int
) -> Decoded:
    """The answer to a source, or another wording of its vector (dim,) where that keeps numbers, names and
    negation which the answer does not."""
    if not differences(source, found.text, language):
        return found
    (wide,) = answer(codec, vector, MOST_ALTERNATIVES)
    best, *others = keeping(codec, source, language, vector, [wide, *wide.alternatives])
    if best.text == found.text:
        return found
    own = [one for one in others if not one.numbers_given]
    return replace(best, alternatives=tuple(own[:alternatives]))


def _whole(codec: Codec, found: Piecewise, vector: np.ndarray | None) -> Decoded:
    """The sentence of some pieces with its fidelity to the line's own vector (dim,), where there is one,
    else the mean of the pieces'."""
    back, errors = codec.encode_each([found.text])
    mean = float(np.mean([piece.fidelity for piece in found.pieces]))
    given = any(piece.numbers_given for piece in found.pieces)
    if errors:
        return Decoded(found.text, mean, numbers_given=given)
    whole = mean if vector is None else float(np.clip(back[0] @ vector, -1, 1))
    return Decoded(found.text, whole, vector=back[0], numbers_given=given)


# --- Russian in, other Russian out ---------------------------------------------------------------------


def reworded(
    codec: Codec, vectors: np.ndarray, sources: Sequence[str], count: int
) -> list[tuple[Decoded, list[Decoded]]]:
    """For each vector (n, dim) of a Russian source: the decoder's own answer, of the beams that keep the
    source's numbers, names and negation where there are such (`demos.operations.checks`), and at most
    `count` paraphrases, the most faithful first.

    None of these is the source or another form of it (`is_paraphrase`), or differs from another in case and
    punctuation alone, so there may be fewer.
    """
    beams = max(_BEAMS, codec.decoding.num_beams)
    found = with_first_choice(codec, vectors, beams, codec.decoding)
    answers = []
    for source, (first, row) in zip(sources, found, strict=True):
        own = prefer(source, [first, *row], "ru")[0]
        by_words = {same_words(one.text): one for one in (*reversed(row), first)}
        others = by_fidelity(one for one in by_words.values() if is_paraphrase(one.text, source))
        answers.append((decoded(own), others[:count]))
    return answers


def is_paraphrase(text: str, source: str) -> bool:
    """Whether a Russian sentence says a source in other words.

    One that repeats the source does not, nor does one whose words differ in their endings alone («столица
    Украине»: that is another form, seldom a right one), nor one whose numbers, names or negation differ.
    """
    words, others = same_words(text).split(), same_words(source).split()
    if not words or (len(words) == len(others) and all(map(_forms_of_one, words, others))):
        return False
    return not differences(source, text, "ru")


def _forms_of_one(word: str, other: str) -> bool:
    """Whether two words are equal but for their endings."""
    if word == other:
        return True
    shared = next((i for i, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), None)
    stem = min(len(word), len(other)) if shared is None else shared
    return stem >= _STEM and max(len(word), len(other)) - stem <= _ENDING
