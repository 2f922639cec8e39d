"""Review sentences put together from written frames: what people praise and complain of, in short words.

    python -m demos.training.frames

Reviews are what the Average tab is for, and no large free collection of short Russian ones is at hand. The
frames (``assets/recipes/review_frames.tsv``) name things with what is said of them; pymorphy3 (Korobov, 2015,
arXiv:1503.07283) makes adjectives agree. Many sentences share a thing or a word, so among them are the
sets of like sentences that training takes means of. None is a sentence of a probe. Run alone, the module
prints some.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from demos.training.items import RECIPES, normal_form, read_items

REVIEW_FRAMES = RECIPES / "review_frames.tsv"
COUNT, SEED = 24_000, 7  # sentences before repetitions are left out
CLAUSES = "="  # in the place of the things: praise and complaints are whole clauses
STRONG = ("отличный", "прекрасный", "замечательный", "чудесный", "ужасный", "огромный", "захватывающий")
DEGREES = ("очень", "очень", "довольно", "всегда")
SAID = {  # of anything, whatever its gender
    True: ("на высоте", "выше всяких похвал", "супер", "просто чудо", "лучше не бывает"),
    False: ("так себе", "хуже некуда", "на троечку", "просто кошмар", "оставляет желать лучшего"),
}
DRINKS = ("кофе", "капучино", "эспрессо", "американо")  # masculine, like кофе
FORMS = {"masc": ("был", "ся"), "femn": ("была", "ась"), "neut": ("было", "ось"), "plur": ("были", "ись")}
SHAPES = {  # how often each comes
    "{thing} {is_}": 3,
    "{thing} {degree} {is_}": 3,
    "{thing} {is_} и {too}": 2,
    "{thing} {is_}, {other} {other_is}": 4,
    "{thing} {is_}, но {other} {other_is_not}": 2,
    "{is_} {thing}": 2,
    "{is_} {thing}, {other_is} {other}": 1,
    "{thing} {was} {being}": 2,
    "{no}понравил{liked} {thing}": 1,
    "{thing} {said}": 1,
    "{thing} {is_}, {clause}": 4,
    "{clause}, {thing} {is_}": 2,
    "{clause}": 2,
    "{clause}, {clause_too}": 3,
    "{clause}, {but} {thing} {is_not}": 1,
}


@dataclass(frozen=True)
class Thing:
    """A noun with its words around it, and the adjectives that praise it and that complain of it."""

    name: str
    number: str  # a gender, or "plur"
    words: dict[bool, tuple[str, ...]]


@cache
def analyzer() -> Any:
    """pymorphy3's analyser, which is slow to make."""
    import pymorphy3

    return pymorphy3.MorphAnalyzer()


@cache
def agreement(name: str) -> str:
    """The gender of the first noun in the nominative, or "plur".

    Raises:
        ValueError: there is none.
    """
    for word in name.split():
        for parse in analyzer().parse(word):
            if parse.tag.POS == "NOUN" and "nomn" in parse.tag:
                if word in DRINKS:
                    return "masc"
                return "plur" if "plur" in parse.tag else str(parse.tag.gender)
    raise ValueError(f"no noun in {name!r}")


@cache
def inflected(word: str, number: str, case: str = "nomn") -> str:
    """An adjective or participle in the gender, or in the plural.

    Raises:
        ValueError: it is none.
    """
    for parse in analyzer().parse(word):
        if parse.tag.POS in ("ADJF", "PRTF") and "nomn" in parse.tag:
            form = parse.inflect({number, case} if number == "plur" else {"sing", number, case})
            if form:
                return str(form.word)
    raise ValueError(f"not an adjective: {word!r}")


class Frames:
    """The frames of a file: by domain, its things, and its clauses of praise and of complaint."""

    def __init__(self, path: Path = REVIEW_FRAMES) -> None:
        self.things: dict[str, list[Thing]] = defaultdict(list)
        self.clauses: dict[str, dict[bool, list[str]]] = defaultdict(lambda: {True: [], False: []})
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("#"):
                continue
            domain, names, *columns = line.split("\t")
            good, bad = (tuple(column.split("|")) for column in columns)
            if names == CLAUSES:
                self.clauses[domain][True] += good
                self.clauses[domain][False] += bad
            else:
                things = (Thing(name, agreement(name), {True: good, False: bad}) for name in names.split("|"))
                self.things[domain] += things

    def sentence(self, draw: random.Random) -> str:
        """One sentence about one domain."""
        domain = draw.choices(list(self.things), [len(things) for things in self.things.values()])[0]
        good = draw.random() < 0.5
        thing, other = draw.sample(self.things[domain], 2)
        clauses = self.clauses[domain]
        word, *more = draw.sample(thing.words[good], min(2, len(thing.words[good])))
        shape = draw.choices(list(SHAPES), list(SHAPES.values()))[0]
        text = shape.format(
            thing=thing.name,
            is_=inflected(word, thing.number),
            too=inflected(more[0] if more else word, thing.number),
            is_not=inflected(draw.choice(thing.words[not good]), thing.number),
            degree="просто" if inflected(word, "masc") in STRONG else draw.choice(DEGREES),
            was=FORMS[thing.number][0],
            being=inflected(word, thing.number, "ablt"),
            liked=FORMS[thing.number][1],
            no="" if good else "не ",
            said=draw.choice(SAID[good]),
            other=other.name,
            other_is=inflected(draw.choice(other.words[good]), other.number),
            other_is_not=inflected(draw.choice(other.words[not good]), other.number),
            clause=draw.choice(clauses[good]),
            clause_too=draw.choice(clauses[good]),
            but="но" if good else "зато",
        )
        return text[0].upper() + text[1:] + draw.choice("!...")


def sentences(path: Path = REVIEW_FRAMES) -> Iterator[str]:
    """The sentences of the frames, each once, always the same ones; no sentence of a probe."""
    frames, draw = Frames(path), random.Random(SEED)
    names = "averages", "styles", "replacements"
    probes = {normal_form(item["sentence"]) for name in names for item in read_items(name)}
    for text in dict.fromkeys(frames.sentence(draw) for _ in range(COUNT)):
        clauses = text.lower().rstrip(".!").replace(" и ", ", ").split(", ")
        if len(set(clauses)) == len(clauses) and normal_form(text) not in probes:
            yield text


def main() -> None:
    made = list(sentences())
    print(f"{len(made):,} sentences, such as")
    for text in random.Random(SEED).sample(made, 40):
        print(f"  {text}")


if __name__ == "__main__":
    main()
