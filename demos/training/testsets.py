"""What `demos.training.evaluate` measures on: held-out sentences, none of them seen in training.

The files lie in the folder ``eval`` of the data: sentences of Tatoeba that the training text
leaves out, news of NTREX-128 (https://github.com/MicrosoftTranslator/NTREX), captions of STS-B
and sentences of reviews. A limited subset is drawn with a fixed seed.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from demos.training.data import Example, load_examples, normal_form, open_text, read_source

SEED = 2026
MIN_PAIRS = 50  # Tatoeba languages with fewer held-out pairs are not measured
MAX_WORDS = 20  # of an NTREX sentence in Russian
LONGEST = 1000  # characters of a caption or a review: one of the reviews is a list of hundreds of words
NTREX = {  # language → file of NTREX-128
    "English": "src-eng",
    "German": "deu",
    "French": "fra",
    "Spanish": "spa",
    "Polish": "pol",
    "Ukrainian": "ukr",
    "Turkish": "tur",
    "Hindi": "hin",
    "Arabic": "arb",
    "Hebrew": "heb",
    "Japanese": "jpn",
    "Chinese": "zho-CN",
}

# Common nouns, verbs, adjectives and names: a word's vector should decode to that word.
_WORDS = """
дом мама вода город книга кошка собака хлеб школа машина друг работа солнце зима ночь море лес
музыка любовь деньги время человек ребёнок врач учитель дорога окно молоко яблоко рыба хороший
красный большой читать говорить спать быстро вчера Москва Россия
"""
WORDS = tuple(_WORDS.split())


@dataclass(frozen=True)
class TestSet:
    """Texts in one language and the Russian they should decode to.

    group: "recovery", "tatoeba", "ntrex" or "more"; dropped: how many were seen in training.
    """

    __test__ = False  # not a test class, whatever pytest makes of the name

    group: str
    name: str
    sources: tuple[str, ...]
    references: tuple[str, ...]
    dropped: int = 0

    def __len__(self) -> int:
        return len(self.sources)


def make_set(group: str, name: str, pairs: Iterable[tuple[str, str]]) -> TestSet:
    """A set of (source, reference) pairs; pairs with an empty side are left out."""
    kept = [(source.strip(), target.strip()) for source, target in pairs]
    kept = [pair for pair in kept if all(pair)]
    return TestSet(group, name, tuple(s for s, _ in kept), tuple(t for _, t in kept))


def tatoeba_sets(data: Path) -> list[TestSet]:
    """Held-out Tatoeba: recovery of the Russian, then every language with enough pairs."""
    with open_text(data / "eval" / "ru_heldout.txt") as lines:
        russian = [line.strip() for line in lines]
    by_language: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for language, text, target in read_source(data / "eval" / "tatoeba.x-ru.heldout.tsv", "pairs"):
        by_language[language].append((text, target))
    large = sorted(
        (item for item in by_language.items() if len(item[1]) >= MIN_PAIRS),
        key=lambda item: (-len(item[1]), item[0]),
    )
    sets = [make_set("recovery", "Russian", zip(russian, russian, strict=True))]
    return sets + [make_set("tatoeba", language, pairs) for language, pairs in large]


def ntrex_sets(data: Path) -> list[TestSet]:
    """NTREX news in twelve languages, where the Russian has at most `MAX_WORDS` words."""

    def read(name: str) -> list[str]:
        with open_text(data / "eval" / "ntrex" / f"{name}.txt.xz") as lines:
            return [line.strip() for line in lines]

    russian = read("rus")
    sets = []
    for language, name in NTREX.items():
        pairs = zip(read(name), russian, strict=True)
        sets.append(make_set("ntrex", language, [p for p in pairs if len(p[1].split()) <= MAX_WORDS]))
    return sets


def more_sets(data: Path) -> list[TestSet]:
    """Captions and news of STS-B and sentences of reviews: from Russian and from English."""
    sets = []
    for title, name in (("STS-B", "stsb_test.jsonl.xz"), ("reviews", "mabsa_dev.jsonl.xz")):
        with open_text(data / "eval" / name) as lines:
            rows = [json.loads(line) for line in lines]
        for language, code in (("Russian", "ru"), ("English", "en")):
            pairs = dict.fromkeys((row.get(code, ""), row.get("ru", "")) for row in rows)
            short = [pair for pair in pairs if max(map(len, pair)) <= LONGEST]
            sets.append(make_set("more", f"{title}, {language}", short))
    return sets


def all_sets(data: Path) -> list[TestSet]:
    """Every test set of the folder `data`."""
    return [*tatoeba_sets(data), *ntrex_sets(data), *more_sets(data)]


def seen_forms(examples: Iterable[Example]) -> set[str]:
    """Normal forms of everything that training has read, sources and targets."""
    texts = {text for example in examples for text in (example.source, example.target)}
    return {normal_form(text) for text in texts}


def without_seen(test: TestSet, forms: set[str]) -> TestSet:
    """The set without the pairs whose source or reference is in the training text.

    A one-word sentence («Спасибо.») counts as seen when the word was trained on as a word.
    """
    pairs = list(zip(test.sources, test.references, strict=True))
    kept = [pair for pair in pairs if not any(normal_form(text) in forms for text in pair)]
    return replace(make_set(test.group, test.name, kept), dropped=len(pairs) - len(kept))


def limited(test: TestSet, limit: int | None) -> TestSet:
    """At most `limit` of the pairs, drawn with a fixed seed, in their order; None keeps all."""
    if limit is None or limit >= len(test):
        return test
    chosen = sorted(random.Random(f"{SEED} {test.group} {test.name}").sample(range(len(test)), limit))
    return replace(
        test,
        sources=tuple(test.sources[i] for i in chosen),
        references=tuple(test.references[i] for i in chosen),
    )


def prepare_sets(
    data: Path, run: Path | None, limit: int | None, groups: Iterable[str], began: Sequence[Path] = ()
) -> list[TestSet]:
    """The test sets of the groups, without anything that the runs were trained on, then limited."""
    wanted = set(groups)
    sets = [test for test in all_sets(data) if test.group in wanted]
    if run is not None:
        forms = set[str]().union(*(read_forms(folder) for folder in (run, *began)))
        sets = [without_seen(test, forms) for test in sets]
        for test in sets:
            assert not any(normal_form(text) in forms for text in (*test.sources, *test.references))
    empty = [test.name for test in sets if not len(test)]
    if empty:
        raise ValueError(f"training has seen every sentence of {', '.join(empty)}")
    return [limited(test, limit) for test in sets]


def read_forms(run: Path) -> set[str]:
    """Normal forms of every text that a run was trained on, those of its sums included."""
    from demos.training.sums import read_sums

    sums = {normal_form(text) for item in read_sums(run) for text in item.texts}
    return seen_forms(load_examples(run / "examples.jsonl")) | sums
