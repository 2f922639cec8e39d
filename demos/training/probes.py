"""Probes of a pair's arithmetic, scored by rule: analogies, replacements, styles, averages.

    python -m demos.training.probes --pair compact --out runs/compact

The items lie in ``assets/probes``; the rules are in `demos.training.rules`. Vectors go to the
decoder as in the article, sums as they come, averages normalised, and averages also as in the Average
tab. Writes ``probes.json`` and ``probes.md``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from demos.codec import Codec
from demos.operations.axes import built_in_axes, direction
from demos.operations.opinions import Settings
from demos.training.evaluate import decode_all, open_codec
from demos.training.items import normal_form, read_items
from demos.training.rules import keeps, replaced, restyled
from demos.training.sense import average_in_words

EQUAL = 1e-4  # cosines that differ by less are the same: the medoid itself may be said
CANDIDATES = 10  # of an analogy, for the line that excludes its inputs
BARS = {"analogies": 0.6, "replacements": 0.6, "styles": 0.75, "averages": 0.7}


@dataclass(frozen=True)
class Outcome:
    """One item: what was asked, what came out, whether the rule is satisfied."""

    probe: str
    kind: str
    question: str
    answer: str
    right: bool


def analogies(codec: Codec, items: Sequence[dict[str, str]]) -> list[Outcome]:
    """word − minus + plus: is the answer an expected word?

    Scored twice: the first answer, and the best of ten that is none of the three inputs.
    """
    parts = [codec.encode([item[key] for item in items]) for key in ("word", "minus", "plus")]
    vectors = parts[0] - parts[1] + parts[2]
    first = decode_all(codec, vectors)
    ranked = codec.candidates(vectors, CANDIDATES)
    outcomes: list[Outcome] = []
    others: list[Outcome] = []
    for item, answer, candidates in zip(items, first, ranked, strict=True):
        question = f"{item['word']} − {item['minus']} + {item['plus']}"
        inputs = {normal_form(item[key]) for key in ("word", "minus", "plus")}
        expected = {normal_form(word) for word in item["expected"].split("|")}
        texts = [candidate.text for candidate in candidates]
        other = next((text for text in texts if normal_form(text) not in inputs), "")
        for probe, text, found in (
            ("analogies", answer, outcomes),
            ("analogies, inputs excluded", other, others),
        ):
            found.append(Outcome(probe, item["kind"], question, text, normal_form(text) in expected))
    return outcomes + others


def replacements(codec: Codec, items: Sequence[dict[str, str]]) -> list[Outcome]:
    """sentence − old + new: is the old phrase gone, the new one there, the rest kept?"""
    parts = [codec.encode([item[key] for item in items]) for key in ("sentence", "old", "new")]
    answers = decode_all(codec, parts[0] - parts[1] + parts[2])
    return [
        Outcome(
            "replacements",
            "",
            f"{item['sentence']} − {item['old']} + {item['new']}",
            answer,
            replaced(answer, item["gone"], item["come"], item["kept"]),
        )
        for item, answer in zip(items, answers, strict=True)
    ]


def styles(codec: Codec, items: Sequence[dict[str, str]]) -> list[Outcome]:
    """sentence + strength · axis: has the style moved, is the subject kept?

    The same sentences without the axis are scored too: what the rule gives for nothing.
    """
    deltas = {axis.name: direction(codec, axis).delta for axis in built_in_axes()}
    vectors = codec.encode([item["sentence"] for item in items])
    moves = np.stack([float(item["strength"]) * deltas[item["axis"]] for item in items])
    outcomes = []
    for probe, answers in (
        ("styles", decode_all(codec, vectors + moves)),
        ("styles, without the axis", decode_all(codec, vectors)),
    ):
        for item, answer in zip(items, answers, strict=True):
            strength = float(item["strength"])
            right = restyled(item["axis"], strength, item["sentence"], answer) and keeps(answer, item["kept"])
            question = f"{item['sentence']} {strength:+g} · {item['axis']}"
            outcomes.append(Outcome(probe, item["axis"], question, answer, right))
    return outcomes


def average_sets(items: Sequence[dict[str, str]]) -> dict[str, list[str]]:
    """The sentences of each set of the averages probe."""
    sets: dict[str, list[str]] = {}
    for item in items:
        sets.setdefault(item["set"], []).append(item["sentence"])
    return sets


def averages(codec: Codec, items: Sequence[dict[str, str]]) -> list[Outcome]:
    """Does what is said of a set's mean lie nearer to the mean than the set's medoid does?

    Scored twice: worded as the Average tab does it, and decoded from the mean alone, at length 1.
    """
    sets = average_sets(items)
    outcomes = []
    for probe, choices in (("averages", Settings().choices), ("averages, from the mean alone", 1)):
        for sentences in sets.values():
            words = average_in_words(codec, sentences, choices)
            question = f"{len(sentences)} sentences, medoid {words.typical_fidelity:.3f} «{words.typical}»"
            answer = f"{words.decoded.text} ({words.decoded.fidelity:.3f})"
            nearer = words.decoded.fidelity > words.typical_fidelity + EQUAL
            outcomes.append(Outcome(probe, "", question, answer, nearer))
    return outcomes


PROBES_BY_NAME: dict[str, Callable[[Codec, Sequence[dict[str, str]]], list[Outcome]]] = {
    "analogies": analogies,
    "replacements": replacements,
    "styles": styles,
    "averages": averages,
}


def run_probes(codec: Codec) -> list[Outcome]:
    """All outcomes of all probes."""
    return [outcome for name, probe in PROBES_BY_NAME.items() for outcome in probe(codec, read_items(name))]


def share(outcomes: Sequence[Outcome], probe: str, kind: str | None = None) -> tuple[int, int]:
    """(how many are right, of how many) of a probe, or of one kind of it."""
    part = [o for o in outcomes if o.probe == probe and kind in (None, o.kind)]
    return sum(o.right for o in part), len(part)


def outcomes_table(outcomes: Sequence[Outcome]) -> str:
    """A markdown table: each probe with its bar, below it its kinds."""
    lines = ["| probe | right | of | share | bar |", "|---|--:|--:|--:|--:|"]
    for probe in dict.fromkeys(outcome.probe for outcome in outcomes):
        kinds = [kind for kind in dict.fromkeys(o.kind for o in outcomes if o.probe == probe) if kind]
        for kind in (None, *kinds):
            right, total = share(outcomes, probe, kind)
            bar = f"{BARS[probe]:.0%}" if kind is None and probe in BARS else ""
            name = probe if kind is None else f"… {kind}"
            lines.append(f"| {name} | {right} | {total} | {right / total:.1%} | {bar} |")
    return "\n".join(lines) + "\n"


def save(outcomes: Sequence[Outcome], out: Path) -> None:
    """Write ``probes.json`` and ``probes.md`` into the folder."""
    out.mkdir(parents=True, exist_ok=True)
    rows = [asdict(outcome) for outcome in outcomes]
    (out / "probes.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    (out / "probes.md").write_text(outcomes_table(outcomes), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--pair", default="compact", help="which pair (default: %(default)s)")
    parser.add_argument("--decoder", type=Path, help="another checkpoint folder for the pair's decoder")
    parser.add_argument("--out", type=Path, help="folder for the report, such as the run's")
    parser.add_argument("--device", help="where the models run, as torch names it")
    options = parser.parse_args()
    outcomes = run_probes(open_codec(options.pair, options.decoder, options.device))
    for outcome in outcomes:
        print(f"{'+' if outcome.right else '-'} {outcome.probe}: {outcome.question} → {outcome.answer}")
    print("\n" + outcomes_table(outcomes))
    if options.out:
        save(outcomes, options.out)


if __name__ == "__main__":
    main()
