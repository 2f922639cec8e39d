"""Training text: sources named in a recipe → examples (a text in any language, its Russian).

A recipe (``assets/recipes/*.json``) lists files under a data folder with how much of each to
use. Files may be packed with xz. Their kinds:

- text: one sentence a line, its own target
- pairs: tab-separated ``language, text, target``, or ``text, target`` with "language" given
- rows: one JSON object a line, ``{language: text}``; "ru" is the target of all the others
- sourced: tab-separated ``language, text, target, collection``; "collection" names the one to take.
  Rows that `demos.training.heldout` keeps for evaluation are left out
- pieces: one sentence a line, cut at its punctuation; each piece is its own target
- frames: what `demos.training.frames` makes of the file, which lies in the repository
- written: tab-separated ``topic, sentence``, written for this demo; the file lies in the repository too

With "held_out_here" no sentence of the probes or of the demo's own reviews is an example. With
"both_sides" the Russian of a pair is an example of its own too: the space is fitted on pairs whose two
sides are encoded. With a "temperature" T the rare languages of a source come more often: a language of n
examples in proportion to n ** (1 / T) (Arivazhagan et al., 2019, arXiv:1907.05019).
"""

from __future__ import annotations

import csv
import gzip
import json
import lzma
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

from demos.operations import reviews
from demos.training import frames
from demos.training.heldout import held_out_row
from demos.training.items import PROBES, RECIPES, normal_form

WORD = re.compile(r"[А-Яа-яЁё]+(?:-[А-Яа-яЁё]+)*")
TARGET_LANGUAGE = "ru"


class Example(NamedTuple):
    """A source text, the sentence its vector should decode to, and where they come from."""

    language: str
    source: str
    target: str
    weight: float
    origin: str


def open_text(path: Path) -> IO[str]:
    """Open a UTF-8 text file for reading, unpacking .xz and .gz by name."""
    if path.suffix == ".xz":
        return lzma.open(path, "rt", encoding="utf-8")
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def pieces(sentence: str) -> list[str]:
    """The parts of a sentence between its marks of punctuation, of 3 to 9 words each."""
    parts = (part.strip() for part in re.split(r"[,;:—()«»\"]+|[.!?…]+(?:\s|$)| - ", sentence))
    return [part for part in parts if 3 <= len(part.split()) <= 9]


def read_source(
    path: Path, kind: str, language: str | None = None, collection: str | None = None
) -> Iterator[tuple[str, str, str]]:
    """Yield (language, text, target) from one file of a recipe.

    Raises:
        ValueError: an unknown kind, or a line without the columns the kind needs.
    """
    if kind == "frames":
        for text in frames.sentences(path):
            yield TARGET_LANGUAGE, text, text
        return
    with open_text(path) as lines:
        if kind == "written":
            for line in lines:
                _, text = line.rstrip("\n").split("\t")
                yield TARGET_LANGUAGE, text, text
        elif kind == "text":
            for line in lines:
                if text := line.strip():
                    yield TARGET_LANGUAGE, text, text
        elif kind == "pairs":
            for number, row in enumerate(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE), 1):
                if len(row) != (2 if language else 3):
                    raise ValueError(f"{path}:{number}: {len(row)} columns")
                code, text, target = [language, *row] if language else row
                yield str(code), text.strip(), target.strip()
        elif kind == "sourced":
            for line in lines:
                code, text, target, source = line.rstrip("\n").split("\t")
                if source == collection and not held_out_row(code, text):
                    yield code, text.strip(), target.strip()
        elif kind == "pieces":
            for line in lines:
                for text in pieces(line):
                    yield TARGET_LANGUAGE, text, text
        elif kind == "rows":
            for line in lines:
                row = json.loads(line)
                if target := row.pop(TARGET_LANGUAGE, ""):
                    for code, text in row.items():
                        yield code, text.strip(), target.strip()
        else:
            raise ValueError(f"unknown kind of source: {kind!r}")


def source_path(source: dict[str, Any], data: Path) -> Path:
    """Where the file of one of a recipe's sources lies."""
    folder = RECIPES if source["kind"] in ("frames", "written") else data
    return folder / str(source["path"])


def origin(source: dict[str, Any]) -> str:
    """What a recipe's source is called in its examples: its path, and its collection if it names one."""
    collection = source.get("collection")
    return f"{source['path']}#{collection}" if collection else str(source["path"])


def held_out(data: Path, paths: Iterable[str]) -> set[str]:
    """Normal forms of every sentence that evaluation uses."""
    forms: set[str] = set()
    for path in paths:
        with open_text(data / path) as lines:
            for line in lines:
                forms.update(normal_form(part) for part in line.rstrip("\n").split("\t"))
    return forms - {""}


def measured_here() -> set[str]:
    """Normal forms of the sentences of the probes and of the demo's reviews."""
    texts = [
        cell for path in PROBES.glob("*.tsv") for cell in re.split(r"[\t\n]| \| ", path.read_text("utf-8"))
    ]
    for example in reviews.examples():
        texts += reviews.collect_sentences(reviews.pasted(example.text)).texts
    return {normal_form(text) for text in texts if len(text.split()) > 1}


def read_examples(recipe: dict[str, Any], data: Path) -> list[Example]:
    """All examples of a recipe, deduplicated, shuffled, and with nothing that is held out."""
    generator = random.Random(recipe["seed"])
    forbidden = held_out(data, recipe["held_out"])
    if recipe.get("held_out_here"):
        forbidden |= measured_here()
    seen: set[tuple[str, str]] = set()
    examples: list[Example] = []
    for source in recipe["sources"]:
        path = source_path(source, data)
        rows = list(read_source(path, source["kind"], source.get("language"), source.get("collection")))
        generator.shuffle(rows)
        counts: Counter[str] = Counter()
        first = len(examples)
        for language, text, target in rows:
            if sum(counts.values()) >= source.get("limit", len(rows)):
                break
            if counts[language] >= source.get("limit_per_language", len(rows)):
                continue
            if not text or not target or (text, target) in seen:
                continue
            if len(target.split()) > recipe["max_words"] or len(text) > 12 * recipe["max_words"]:
                continue
            if normal_form(target) in forbidden or normal_form(text) in forbidden:
                continue
            seen.add((text, target))
            counts[language] += 1
            examples.append(Example(language, text, target, source["weight"], origin(source)))
            if source.get("both_sides") and (target, target) not in seen:
                seen.add((target, target))
                examples.append(Example(TARGET_LANGUAGE, target, target, source["weight"], origin(source)))
        examples[first:] = tempered(examples[first:], source.get("temperature", 1.0))
    words = frequent_words(examples, recipe["words"])
    if recipe.get("lemmas"):
        words += dictionary_forms(frequent_words(examples, recipe["lemmas"]), recipe["lemma_weight"])
    examples += words
    generator.shuffle(examples)
    return examples


def tempered(examples: list[Example], temperature: float) -> list[Example]:
    """Examples of one source: the largest language keeps its weight, the others get more by their rarity."""
    counts = Counter(example.language for example in examples)
    scale = {code: (max(counts.values()) / n) ** (1 - 1 / temperature) for code, n in counts.items()}
    return [e._replace(weight=round(e.weight * scale[e.language], 3)) for e in examples]


def frequent_words(examples: Iterable[Example], count: int) -> list[Example]:
    """The most frequent Russian words of the targets, each an example of its own.

    A word is kept as it is usually written, so names stay capitalised. Single words let word
    algebra decode to a word; the article added 400,000 of them.
    """
    spellings: Counter[str] = Counter()
    for target in dict.fromkeys(example.target for example in examples):
        words = WORD.findall(target)
        spellings.update(words[1:])  # the first word is capitalised whatever it is
    best: dict[str, str] = {}
    totals: Counter[str] = Counter()
    for word, times in spellings.items():
        form = word.lower()
        totals[form] += times
        if form not in best or times > spellings[best[form]]:
            best[form] = word
    top = [best[form] for form, _ in totals.most_common(count)]
    return [Example(TARGET_LANGUAGE, word, word, 1.0, "words") for word in top]


def dictionary_forms(words: Iterable[Example], weight: float) -> list[Example]:
    """The words in their dictionary forms, each once; capitals are kept.

    A word that is the dictionary form of any word stays as it is. The plural of a noun is another
    example where it is one of the words. The forms are pymorphy3's (Korobov, 2015, arXiv:1503.07283).
    A decoder that has seen more words in these forms answers word algebra in them.
    """
    import pymorphy3

    analyzer = pymorphy3.MorphAnalyzer()
    words = list(words)
    forms: dict[str, Example] = {}

    def add(form: str, example: Example) -> None:
        form = form[0].upper() + form[1:] if example.target[0].isupper() else form
        forms.setdefault(form, example._replace(source=form, target=form, weight=weight))

    for example in words:
        found = [parse.normal_form for parse in analyzer.parse(example.target)]
        add(example.target.lower() if example.target.lower() in found else found[0], example)
    known = {example.target.lower() for example in words}
    for form, example in list(forms.items()):
        nouns = (parse for parse in analyzer.parse(form) if parse.tag.POS == "NOUN")
        noun = next((parse for parse in nouns if parse.normal_form == form.lower()), None)
        plural = noun.inflect({"plur", "nomn"}) if noun else None
        if plural and plural.word in known:
            add(plural.word, example)
    return list(forms.values())


def write_examples(examples: Iterable[Example], path: Path) -> None:
    """Write examples as JSON lines."""
    with path.open("w", encoding="utf-8") as out:
        for example in examples:
            out.write(json.dumps(example, ensure_ascii=False) + "\n")


def load_examples(path: Path) -> list[Example]:
    """Read what `write_examples` wrote."""
    with path.open(encoding="utf-8") as lines:
        return [Example(*json.loads(line)) for line in lines]
