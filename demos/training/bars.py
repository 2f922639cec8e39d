"""Everything that a pair is held to, in one table.

    python -m demos.training.bars --data ../shared/data --judge "../judge/judge.sh"
    python -m demos.training.bars --data ../shared/data --only words digits --limit 20 --quick

Each measure can be asked for alone, by its name. --limit takes at most so many sentences of each set,
--quick the pair's quick answers: together they take minutes where all sentences take hours. `sense` and the
probes always decode with care, as the tabs do in the end. --pair-folder measures an export that is not
bundled. Writes ``bars.md`` (the table, and every set) and ``bars.json`` (every answer) into --out.

The judge of `sense` is a command; see `demos.training.sense`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from demos.codec import Codec, Decoding
from demos.codec.pairs import COMPACT
from demos.operations.pieces import translate_by_pieces
from demos.operations.translating import translate
from demos.training import probes, sense
from demos.training.evaluate import cosines, decode_all, open_codec, score
from demos.training.items import read_items
from demos.training.rules import did_not_eat, has, keeps_numbers, six_days
from demos.training.testsets import (
    TestSet,
    digit_set,
    held_out_entries,
    limited,
    ntrex_sets,
    russian_news,
    tatoeba_sets,
)

HARDEST = "chm"  # Mari: the only language that the encoder has hardly read


@dataclass(frozen=True)
class Setting:
    """What is measured, and how: `settings` decodes translations, the pair's own way all else."""

    codec: Codec
    data: Path
    limit: int | None = None
    settings: Decoding | None = None
    judge: str | None = None
    unseen: Path = sense.UNSEEN


@dataclass(frozen=True)
class Metric:
    """One line of the table: a value of `count` items, and the bar that it has to reach, if there is one.

    With `at_most` the bar is the most that it may be. `form` formats the value as a format spec does.
    """

    what: str
    value: float
    count: int
    bar: float | None = None
    form: str = ".1f"
    at_most: bool = False

    @property
    def held(self) -> bool | None:
        """Whether the bar is reached; None where there is none."""
        if self.bar is None:
            return None
        return self.value <= self.bar if self.at_most else self.value >= self.bar

    def row(self) -> str:
        """Its line of a markdown table."""
        limit = "" if self.bar is None else ("≤ " if self.at_most else "") + f"{self.bar:{self.form}}"
        held = {None: "", True: "yes", False: "no"}[self.held]
        return f"| {self.what} | {self.value:{self.form}} | {limit} | {held} | {self.count} |"


@dataclass(frozen=True)
class Answer:
    """What was asked, what was expected, what came; `right` where a rule says so."""

    question: str
    expected: str
    answer: str
    right: bool | None = None


@dataclass
class Measured:
    """A measure's figures, its answers, and the figures of its single sets."""

    figures: list[Metric] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    sets: list[Metric] = field(default_factory=list)


def by_one_vector(setting: Setting, lines: Sequence[str]) -> list[str]:
    """The answer to each line, its whole in one vector."""
    return decode_all(setting.codec, setting.codec.encode(lines), setting.settings)


def by_pieces(setting: Setting, lines: Sequence[str]) -> list[str]:
    """The answer to each line, a long one piece by piece."""
    return [translate_by_pieces(setting.codec, line, setting.settings).text for line in lines]


def by_the_tab(setting: Setting, lines: Sequence[str]) -> list[str]:
    """The answer to each line as the Translate tab gives it, which knows the line beside its vector."""
    found = [one for batch in translate(setting.codec, lines, pieces=True) for one in batch]
    return ["" if one.answer is None else one.answer.text for one in found]


def translated(
    setting: Setting,
    tests: Iterable[TestSet],
    answer: Callable[[Setting, Sequence[str]], list[str]] = by_one_vector,
) -> tuple[Measured, list[float], list[float]]:
    """Answers to sets of sentences; chrF (0 to 100) and round-trip cosine of each set."""
    measured, chrf, cosine = Measured(), list[float](), list[float]()
    for test in (limited(test, setting.limit) for test in tests):
        vectors, decoded = setting.codec.encode(test.sources), answer(setting, test.sources)
        figures = score(decoded, test.references, cosines(setting.codec, vectors, decoded))
        chrf.append(figures.chrf)
        cosine.append(figures.cosine)
        measured.sets.append(Metric(f"{test.group} {test.name}, chrF", figures.chrf, len(test)))
        rows = zip(test.sources, test.references, decoded, strict=True)
        measured.answers += [Answer(*row) for row in rows]
    return measured, chrf, cosine


def recovery(setting: Setting) -> Measured:
    """Russian → vector → Russian, of held-out sentences of Tatoeba: chrF and the round trip's cosine."""
    measured, (chrf,), (cosine,) = translated(setting, tatoeba_sets(setting.data)[:1])
    count = len(measured.answers)
    measured.figures = [
        Metric("recovery, ru → ru Tatoeba, chrF", chrf, count, 82.0),
        Metric("recovery, round-trip cosine", cosine, count, 0.96, ".3f"),
    ]
    return measured


def tatoeba(setting: Setting) -> Measured:
    """Other languages → Russian, of held-out sentences of Tatoeba: their mean, and the lowest."""
    tests = tatoeba_sets(setting.data)[1:]
    measured, chrf, _ = translated(setting, tests)
    worst = min(value for value, test in zip(chrf, tests, strict=True) if test.name != HARDEST)
    measured.figures = [
        Metric(
            f"X → ru Tatoeba, mean of {len(tests)} languages, chrF",
            statistics.mean(chrf),
            len(measured.answers),
            50.0,
        ),
        Metric("X → ru Tatoeba, the lowest language but Mari", worst, len(tests) - 1, 30.0),
    ]
    return measured


def ntrex(setting: Setting) -> Measured:
    """Other languages → Russian, of short news, each line as one vector."""
    measured, chrf, _ = translated(setting, ntrex_sets(setting.data))
    what = f"X → ru NTREX ≤ 20 words, mean of {len(chrf)} languages, one vector, chrF"
    measured.figures = [Metric(what, statistics.mean(chrf), len(measured.answers), 30.0)]
    return measured


def ntrex_pieces(setting: Setting) -> Measured:
    """The same, a long line as several vectors."""
    measured, chrf, _ = translated(setting, ntrex_sets(setting.data), by_pieces)
    what = f"X → ru NTREX ≤ 20 words, mean of {len(chrf)} languages, by pieces, chrF"
    measured.figures = [Metric(what, statistics.mean(chrf), len(measured.answers), 33.0)]
    return measured


def ntrex_russian(setting: Setting) -> Measured:
    """Russian → vector → Russian, of short news."""
    measured, (chrf,), _ = translated(setting, [russian_news(setting.data)])
    measured.figures = [Metric("ru → ru NTREX ≤ 20 words, chrF", chrf, len(measured.answers), 55.0)]
    return measured


def entries(kind: str, what: str, bar: float) -> Callable[[Setting], Measured]:
    """The measure of a kind of the lexicon's held-out entries: how many are answered as it says."""

    def measure(setting: Setting) -> Measured:
        asked = held_out_entries(setting.data, setting.limit)[kind]
        decoded = by_one_vector(setting, [entry.text for entry in asked])
        measured = Measured()
        for language in dict.fromkeys(entry.language for entry in asked):
            part = [pair for pair in zip(asked, decoded, strict=True) if pair[0].language == language]
            answers = [
                Answer(f"{language}: {one.text}", " | ".join(one.russian), answer, one.accepts(answer))
                for one, answer in part
            ]
            measured.sets.append(share(f"{kind} {language}", answers))
            measured.answers += answers
        measured.figures = [share(what, measured.answers, bar)]
        return measured

    return measure


def article(setting: Setting) -> Measured:
    """The article's line in many languages: how many answers keep each of its three facts."""
    items = read_items("article")
    answers = decode_all(setting.codec, setting.codec.encode([item["sentence"] for item in items]))
    found = [
        (did_not_eat(answer), six_days(answer), has(answer, item["address"]))
        for item, answer in zip(items, answers, strict=True)
    ]
    names = "did not eat", "six days", "an address"
    figures = [
        Metric(f"the article's line: {name}", sum(row[i] for row in found), len(items), bar, "d")
        for i, (name, bar) in enumerate(zip(names, (12, 12, 11), strict=True))
    ]
    rows = [
        Answer(item["sentence"], ", ".join(names), answer, all(right))
        for item, answer, right in zip(items, answers, found, strict=True)
    ]
    return Measured(figures, rows)


def digits(setting: Setting) -> Measured:
    """Lines with digits: the share of answers whose numbers differ, in two ways to answer."""
    test = limited(digit_set(setting.data), None if setting.limit is None else 5 * setting.limit)
    what = "Tatoeba lines with digits: answers whose numbers differ"
    ways = {"of one vector": by_one_vector, "as the Translate tab answers": by_the_tab}
    measured = Measured()
    for way, answer in ways.items():
        measured.answers = [
            Answer(source, reference, said, keeps_numbers(source, said))
            for source, reference, said in zip(
                test.sources, test.references, answer(setting, test.sources), strict=True
            )
        ]
        wrong = sum(not one.right for one in measured.answers) / len(test)
        measured.figures.append(Metric(f"{what}, {way}", wrong, len(test), 0.03, ".1%", at_most=True))
    return measured


def probe(name: str, bar: float, kind: str | None = None, least: int = 0) -> Callable[[Setting], Measured]:
    """The measure of a probe: the share of its outcomes that are right; and how many of a kind, if named."""

    def measure(setting: Setting) -> Measured:
        outcomes = probes.PROBES_BY_NAME[name](setting.codec, read_items(name))
        counted = [outcome for outcome in outcomes if outcome.probe == name]
        answers = [Answer(one.question, one.kind, one.answer, one.right) for one in counted]
        figures = [share(name, answers, bar)]
        if kind is not None:
            right, total = probes.share(outcomes, name, kind)
            figures.append(Metric(f"{name}: {kind}", right, total, least, "d"))
        others = [outcome for outcome in outcomes if outcome.probe != name]
        sets = [
            share(other, [Answer("", "", "", one.right) for one in others if one.probe == other])
            for other in dict.fromkeys(one.probe for one in others)
        ]
        return Measured(figures, answers, sets)

    return measure


def share(what: str, answers: Sequence[Answer], bar: float | None = None) -> Metric:
    """The share of the answers that are right."""
    return Metric(what, sum(bool(one.right) for one in answers) / len(answers), len(answers), bar, ".1%")


SENSE = {
    "averages": "averages of the probe's sets",
    "unseen": "averages of unseen sets",
    "opinions": "main opinions of the demo's reviews",
    "sums": "sums of the probes and the presets",
    "styles": "styles at the ends of the sliders",
}


def sense_of(setting: Setting) -> Measured:
    """How natural the tabs' answers are: the judge's median, and the share above its limit.

    An average is right where it is nearer to the middle than the medoid and below the judge's limit.
    """
    assert setting.judge is not None
    items = {name: read_items(name) for name in ("analogies", "replacements", "styles")}
    sets = probes.average_sets(read_items("averages"))
    unseen = sense.read_unseen(setting.unseen) if setting.unseen.exists() else {}
    said = [
        *sense.averages_said(setting.codec, "averages", sets),
        *sense.averages_said(setting.codec, "unseen", unseen),
        *sense.opinions_said(setting.codec),
        *sense.sums_said(setting.codec, items, setting.limit),
        *sense.styles_said(setting.codec, items["styles"], setting.limit),
        *sense.real_sentences(unseen),
    ]
    values = sense.judge(setting.judge, [one.text for one in said])
    measured = Measured()

    def part(*kinds: str) -> list[float]:
        return [value for one, value in zip(said, values, strict=True) if one.kind in kinds]

    def lines(what: str, found: Sequence[float], median_bar: float | None, most: float | None) -> None:
        above = sum(value > sense.LIMIT for value in found) / len(found)
        measured.figures += [
            Metric(
                f"{what}: the judge's median", statistics.median(found), len(found), median_bar, ".2f", True
            ),
            Metric(f"{what}: share above its limit", above, len(found), most, ".1%", at_most=True),
        ]

    real = part("real")
    lines("real review sentences", real, None, None)
    for kind, what in SENSE.items():
        if found := part(kind):
            average = kind in ("averages", "unseen", "opinions")
            lines(what, found, statistics.median(real) + 0.1 if average else None, 0.15)
    lines("all decoded averages", part("averages", "unseen", "opinions"), statistics.median(real) + 0.1, 0.15)
    rows = list(zip(said, values, strict=True))
    good = [one.nearer and value <= sense.LIMIT for one, value in rows if one.kind in ("averages", "unseen")]
    what = "averages that make sense and are nearer than the medoid"
    measured.figures.append(Metric(what, sum(good) / len(good), len(good), 0.5, ".1%"))
    measured.answers = [
        Answer(f"{one.kind}: {one.question}", f"{value:+.2f}", one.text, value <= sense.LIMIT)
        for one, value in rows
    ]
    return measured


MEASURES: dict[str, Callable[[Setting], Measured]] = {
    "recovery": recovery,
    "tatoeba": tatoeba,
    "ntrex": ntrex,
    "ntrex_pieces": ntrex_pieces,
    "ntrex_russian": ntrex_russian,
    "words": entries("words", "words X → ru, held out: exact or listed", 0.5),
    "people": entries("people", "names of people, held out", 0.6),
    "places": entries("places", "names of places, held out", 0.6),
    "numbers": entries("numbers", "numbers in words, held out", 0.8),
    "dates": entries("dates", "dates, held out", 0.8),
    "article": article,
    "digits": digits,
    "analogies": probe("analogies", 33 / 80),
    "replacements": probe("replacements", 64 / 70),
    "styles": probe("styles", 56 / 72, "informal_formal", 16),
    "sense": sense_of,
}


def metrics_table(figures: Iterable[Metric]) -> str:
    """A markdown table of metrics."""
    lines = ["| what | reached | bar | held | items |", "|---|--:|--:|---|--:|"]
    return "\n".join([*lines, *(figure.row() for figure in figures)]) + "\n"


def report(measured: dict[str, Measured], remark: str) -> str:
    """The table of all measures, then that of their single sets."""
    figures = [figure for one in measured.values() for figure in one.figures]
    sets = [figure for one in measured.values() for figure in one.sets]
    return f"{remark}\n\n{metrics_table(figures)}" + (f"\n{metrics_table(sets)}" if sets else "")


def save(measured: dict[str, Measured], text: str, out: Path) -> None:
    """Write ``bars.md`` and ``bars.json`` into the folder."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "bars.md").write_text(text, encoding="utf-8")
    rows = {name: asdict(one) for name, one in measured.items()}
    (out / "bars.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")


def remark(setting: Setting, quick: bool) -> str:
    """How it was measured, as one sentence."""
    size = "all sentences" if setting.limit is None else f"at most {setting.limit} sentences a set"
    way = "quick answers" if quick else "careful answers"
    return f"Pair `{setting.codec.name}`, {way}, {size}, drawn with a fixed seed."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--pair", default="compact", help="which pair (default: %(default)s)")
    parser.add_argument(
        "--pair-folder", type=Path, help=f"files of the compact pair (default: {COMPACT.name})"
    )
    parser.add_argument("--data", type=Path, required=True, help='folder that holds "eval" and "train"')
    parser.add_argument("--only", nargs="+", choices=MEASURES, metavar="MEASURE", help=", ".join(MEASURES))
    parser.add_argument("--limit", type=int, help="at most so many sentences a set (default: all)")
    parser.add_argument("--judge", metavar="COMMAND", help="what judges sentences; without it no `sense`")
    parser.add_argument("--out", type=Path, help="folder for the report")
    parser.add_argument("--device", help="where the models run, as torch names it")
    parser.add_argument("--quick", action="store_true", help="the pair's quick answers for translations")
    options = parser.parse_args()
    chosen = options.only or [name for name in MEASURES if name != "sense" or options.judge]
    if "sense" in chosen and not options.judge:
        parser.error("`sense` needs --judge")

    codec = open_codec(options.pair, device=options.device, folder=options.pair_folder)
    settings = codec.quick if options.quick else None
    setting = Setting(codec, options.data, options.limit, settings, options.judge)
    measured: dict[str, Measured] = {}
    for name in chosen:
        start = time.monotonic()
        measured[name] = MEASURES[name](setting)
        for figure in measured[name].figures:
            print(figure.row(), flush=True)
        print(f"{name}: {time.monotonic() - start:.0f} s", flush=True)
        text = report(measured, remark(setting, options.quick))
        if options.out:
            save(measured, text, options.out)
    print(f"\n{text}")


if __name__ == "__main__":
    main()
