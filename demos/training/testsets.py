"""What `demos.training.evaluate` measures on: held-out sentences, none of them seen in training.

The files lie in the folder ``eval`` of the data: sentences of Tatoeba that the training text
leaves out, news of NTREX-128 (https://github.com/MicrosoftTranslator/NTREX), captions of STS-B
and sentences of reviews. Words, names, numbers and dates are those of the training lexicon that
`demos.training.heldout` keeps out of training. A limited subset is drawn with a fixed seed.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from demos.training.data import Example, load_examples, open_text, read_source
from demos.training.heldout import held_out_row
from demos.training.items import normal_form
from demos.training.rules import digit_numbers, keeps_numbers

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

LEXICON = "train/lexicon/lexicon.x-ru.tsv.xz"
ENTRY_SOURCES = {  # what is measured of the lexicon → the sources of its entries
    "words": ("freedict", "concepticon", "gcompris_words", "mueller"),
    "people": ("names_wikidata",),
    "places": ("cldr_territories", "kgeography", "iso_countries"),
    "numbers": ("num_words",),
    "dates": ("dates",),
}
_LANGUAGES = "eng deu fra spa ita por nld swe fin pol ces ukr ell tur hun ara heb jpn zho kor"
ENTRY_LANGUAGES = tuple(_LANGUAGES.split())
ENTRIES = 30  # of a kind in a language, at most

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


def russian_news(data: Path) -> TestSet:
    """The Russian side of NTREX, where it has at most `MAX_WORDS` words: to itself."""
    with open_text(data / "eval" / "ntrex" / "rus.txt.xz") as lines:
        short = [line.strip() for line in lines if len(line.split()) <= MAX_WORDS]
    return make_set("ntrex", "Russian", zip(short, short, strict=True))


def digit_set(data: Path) -> TestSet:
    """Held-out sentences of Tatoeba that have digits, foreign and Russian ones, where the reference keeps
    their numbers."""
    with open_text(data / "eval" / "ru_heldout.txt") as lines:
        pairs = [(line.strip(), line.strip()) for line in lines]
    foreign = read_source(data / "eval" / "tatoeba.x-ru.heldout.tsv", "pairs")
    pairs += [(text, target) for _, text, target in foreign]
    kept = [p for p in pairs if digit_numbers(p[0]) and len(p[1].split()) <= MAX_WORDS and keeps_numbers(*p)]
    return make_set("digits", "Tatoeba with digits", dict.fromkeys(kept))


@dataclass(frozen=True)
class Entry:
    """A foreign word, name, number or date, and all that the lexicon says it may be in Russian."""

    language: str
    text: str
    russian: tuple[str, ...]

    def accepts(self, answer: str) -> bool:
        """Whether an answer is one of the Russian sides, but for case, punctuation and the dots of ё."""
        return normal_form(answer) in {normal_form(text) for text in self.russian}


@cache  # the lexicon has a million lines
def held_out_entries(data: Path, limit: int | None = None) -> dict[str, list[Entry]]:
    """The held-out entries of each of `ENTRY_SOURCES`: of every language at most `ENTRIES`, or `limit`."""
    kinds = {source: kind for kind, sources in ENTRY_SOURCES.items() for source in sources}
    russian: dict[tuple[str, str], list[str]] = defaultdict(list)
    found: dict[str, dict[str, dict[str, None]]] = {kind: defaultdict(dict) for kind in ENTRY_SOURCES}
    with open_text(data / LEXICON) as lines:
        for line in lines:
            language, text, target, source = line.rstrip("\n").split("\t")
            if language in ENTRY_LANGUAGES and held_out_row(language, text):
                russian[language, text].append(target)  # of every source, so that synonyms count
                if source in kinds:
                    found[kinds[source]][language][text] = None
    most = min(ENTRIES, limit or ENTRIES)
    entries: dict[str, list[Entry]] = {}
    for kind, languages in found.items():
        entries[kind] = []
        for language in sorted(languages):
            texts = list(languages[language])
            if len(texts) > most:
                texts = random.Random(f"{SEED} {kind} {language}").sample(texts, most)
            entries[kind] += [Entry(language, text, tuple(russian[language, text])) for text in texts]
    return entries


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
    """The test sets of the groups, without anything that the runs were trained on, then limited.

    Raises:
        ValueError: training has seen every sentence of a set.
    """
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
