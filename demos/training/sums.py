"""Step 1a of training: sums of vectors whose Russian is known, for the decoder to learn algebra from.

    python -m demos.training.sums --run runs/joint --data ../shared/data

Four kinds, made from the run's own examples and from pairs written down in ``assets/recipes``:

- replacement: two sentences that differ in one phrase: S − phrase + other phrase is the other one
- relation: pairs of words in one relation (number and gender by pymorphy3, opposites, capitals);
  a word plus the difference of another pair is the word's own partner
- style: a sentence and the same in another style; any pair's difference leads from one to the other
- translation: a sentence in two languages: they should have one vector, that of the second

Nothing that a probe of ``assets/probes`` asks for is among the words and pairs. Writes ``sums.jsonl``.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from demos.training.data import WORD, Example, held_out, load_examples, open_text, read_source
from demos.training.items import PROBES, RECIPES, normal_form, read_items

WORDS_OF_CONTEXT = 2  # that two sentences with one phrase changed must share
LONGEST_PHRASE = 2  # words
PER_CHANGE, PER_PHRASE = 3, 40  # replacements with one pair of phrases, with one phrase


class TrainingSum(NamedTuple):
    """kind and texts: of a replacement S, phrase, other phrase and S′, of an analogy c, a, b and d (see
    `demos.training.analogies`), of the rest one and its partner.

    The kind of a relation or of a style is its name: "number", "ty_vy" …
    """

    kind: str
    texts: list[str]


def replacements(sentences: Iterable[str], limit: int, generator: random.Random) -> list[TrainingSum]:
    """Pairs of sentences that differ in one phrase, as (S, phrase, other phrase, S′)."""
    frames: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    common: set[str] = set()
    for sentence in sentences:
        words = sentence.split()
        common.update(words[1:])
        for length in range(1, LONGEST_PHRASE + 1):
            for start in range(len(words) - length + 1):
                if len(words) - length < WORDS_OF_CONTEXT or len(words) > 12:
                    continue
                bare = " ".join(words[start : start + length])
                phrase = bare.rstrip(".,!?:;…")
                if not phrase or not all(WORD.fullmatch(word) for word in phrase.split()):
                    continue
                rest = bare[len(phrase) :]
                frame = " ".join(words[:start]), rest + " ".join(words[start + length :])
                frames[frame].append((phrase, sentence))
    found: list[TrainingSum] = []
    changes: Counter[tuple[str, str]] = Counter()
    phrases: Counter[str] = Counter()
    order = [items for items in frames.values() if len(items) > 1]
    generator.shuffle(order)
    for items in order:
        (old, sentence), (new, other) = generator.sample(items, 2)
        if old.lower() == new.lower() or changes[old, new] >= PER_CHANGE:
            continue
        if max(phrases[old], phrases[new]) >= PER_PHRASE:
            continue
        changes[old, new] += 1
        phrases.update((old, new))
        if sentence.startswith(old) and generator.random() < 0.5:
            small = [phrase[0].lower() + phrase[1:] for phrase in (old, new)]
            if all(phrase.split()[0] in common for phrase in small):  # names stay capitalised
                old, new = small
        found.append(TrainingSum("replacement", [sentence, old, new, other]))
        if len(found) == limit:
            break
    return found


def related_words(words: list[str]) -> Iterator[TrainingSum]:
    """Pairs of frequent words: singular and plural, masculine and feminine, a word and its «не»."""
    import pymorphy3

    analyzer = pymorphy3.MorphAnalyzer()
    known = {word.lower() for word in words}
    for word in words:
        form = word.lower()
        for parse in analyzer.parse(form)[:1]:
            if "NOUN" in parse.tag and {"sing", "nomn"} in parse.tag:
                plural = parse.inflect({"plur", "nomn"})
                if plural and plural.word in known and plural.word != form and word == form:
                    yield TrainingSum("number", [form, plural.word])
                if {"anim", "masc"} in parse.tag and word == form:
                    stem = form[:-1] if form[-1] in "йь" else form
                    endings = [form + "ка", form + "ша", form + "иня", stem + "ница", form[:-2] + "ица"]
                    endings += [form[:-2] + "ка", form[:-2] + "ница"]
                    for ending in endings:
                        if ending in known and {"anim", "femn"} in analyzer.parse(ending)[0].tag:
                            yield TrainingSum("gender", [form, ending])
            if {"ADJF", "sing", "masc", "nomn"} in parse.tag or {"VERB", "past", "masc"} in parse.tag:
                feminine = parse.inflect({"femn"} | ({"nomn"} if "ADJF" in parse.tag else set()))
                if feminine and feminine.word in known:
                    yield TrainingSum("gender", [form, feminine.word])
            rest = form.removeprefix("не")
            adjective = parse.tag.POS in ("ADJF", "ADVB") and parse.normal_form == form
            if not adjective or rest == form or rest not in known:
                continue
            if parse.tag.POS == analyzer.parse(rest)[0].tag.POS:
                yield TrainingSum("opposite", [rest, form])


def translations(
    data: Path, settings: dict[str, Any], forbidden: set[str], longest: int
) -> Iterator[TrainingSum]:
    """The pairs of a file of `language, text, text`; no more of a language than the settings say."""
    counts: Counter[str] = Counter()
    for language, one, other in read_source(data / settings["path"], "pairs"):
        if counts[language] >= settings["limit_per_language"] or max(len(one), len(other)) > 12 * longest:
            continue
        if one and other and not forbidden.intersection(map(normal_form, (one, other))):
            counts[language] += 1
            yield TrainingSum("translation", [one, other])


def written_pairs(path: Path) -> list[TrainingSum]:
    """The lines `kind, one, other` of a file of ours; "#" begins a comment."""
    with path.open(encoding="utf-8") as file:
        lines = (line for line in file if not line.startswith("#"))
        return [TrainingSum(kind, [one, other]) for kind, one, other in csv.reader(lines, delimiter="\t")]


def origins(recipe: dict[str, Any], examples: Iterable[Example]) -> set[str]:
    """Where the sentences of replacements and of averages are from: the recipe's choice, or everywhere."""
    chosen = recipe.get("sums", {}).get("sentences", [example.origin for example in examples])
    return set(chosen) - {"words"}


def probe_words() -> set[str]:
    """Every word that the analogies probe gives or expects, in lower case."""
    return {
        word.lower()
        for item in read_items("analogies", PROBES)
        for key in ("word", "minus", "plus", "expected")
        for word in item[key].split("|")
    }


def read_sums(run: Path) -> list[TrainingSum]:
    """Read what `main` wrote; nothing where it was not run."""
    path = run / "sums.jsonl"
    if not path.exists():
        return []
    return [TrainingSum(*json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder that the recipe's paths are in")
    parser.add_argument("--words", type=Path, default=RECIPES / "word_pairs.tsv")
    parser.add_argument("--styles", type=Path, default=RECIPES / "style_pairs.tsv")
    options = parser.parse_args()
    recipe = json.loads((options.run / "recipe.json").read_text(encoding="utf-8"))
    settings = recipe["sums"]
    generator = random.Random(recipe["seed"])

    examples = load_examples(options.run / "examples.jsonl")
    used = origins(recipe, examples)
    sentences = dict.fromkeys(e.target for e in examples if e.origin in used)
    asked = {
        normal_form(item["sentence"]) for name in ("replacements", "styles") for item in read_items(name)
    }
    sums = replacements(
        (s for s in sentences if normal_form(s) not in asked), settings["replacements"], generator
    )
    forbidden = probe_words()
    words = [example.target for example in examples if example.origin == "words"]
    related = dict.fromkeys(
        (s.kind, *s.texts) for s in [*related_words(words), *written_pairs(options.words)]
    )
    sums += [
        TrainingSum(kind, texts)
        for kind, *texts in related
        if not forbidden.intersection(map(str.lower, texts))
    ]
    excluded = held_out(options.data, recipe["held_out"]) | asked
    with open_text(options.data / settings["style"]) as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    styles = [TrainingSum("ty_vy", [row["informal"], row["formal"]]) for row in rows]
    for item in [*styles, *written_pairs(options.styles)]:
        short = max(len(text.split()) for text in item.texts) <= recipe["max_words"]
        if short and not excluded.intersection(map(normal_form, item.texts)):
            sums.append(item)
    for source in settings.get("translations", []):
        sums += translations(options.data, source, excluded, recipe["max_words"])
    with (options.run / "sums.jsonl").open("w", encoding="utf-8") as out:
        for item in sums:
            out.write(json.dumps(item, ensure_ascii=False) + "\n")
    print(Counter(item.kind for item in sums))


if __name__ == "__main__":
    main()
