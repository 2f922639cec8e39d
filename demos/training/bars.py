"""Every figure that a decoder is held to, in one table.

    python -m demos.training.bars --pair compact --run runs/compact --data ../shared/data

Runs `demos.training.evaluate` (recovery, Tatoeba, NTREX) and `demos.training.probes`, writes their
reports into the run folder (or --out), and prints what was reached beside the bars.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from demos.training import probes
from demos.training.evaluate import evaluate, open_codec

RECOVERY_CHRF = 65.0
RECOVERY_COSINE = 0.92
TATOEBA_CHRF = 45.0
NTREX_CHRF = 30.0


def bars(report: dict[str, Any], outcomes: Sequence[probes.Outcome]) -> str:
    """The markdown table from a report of `evaluate` (with a baseline) and the probes' outcomes."""
    lines = ["| what | reached | nearest sentence | bar | held |", "|---|--:|--:|--:|---|"]

    def line(what: str, reached: float, nearest: str, bar: float, form: str) -> None:
        held = "yes" if reached >= bar else "no"
        lines.append(f"| {what} | {reached:{form}} | {nearest} | {bar:{form}} | {held} |")

    for group, title, key, bar, form in (
        ("recovery", "recovery, Tatoeba held-out, chrF", "chrf", RECOVERY_CHRF, ".1f"),
        ("recovery", "recovery, mean round-trip cosine", "cosine", RECOVERY_COSINE, ".3f"),
        ("tatoeba", "X → Russian, Tatoeba held-out, mean chrF", "chrf", TATOEBA_CHRF, ".1f"),
        ("ntrex", "X → Russian, NTREX of at most 20 words, mean chrF", "chrf", NTREX_CHRF, ".1f"),
    ):
        found = next(row for row in report["summary"] if row["group"] == group)
        line(title, found["pair"][key], f"{found['nearest'][key]:{form}}", bar, form)
    languages = [row for row in report["sets"] if row["group"] == "tatoeba"]
    above = sum(row["pair"]["chrf"] > row["nearest"]["chrf"] for row in languages)
    line("Tatoeba languages above the nearest sentence", above, "", len(languages), "g")
    for probe, bar in probes.BARS.items():
        right, total = probes.share(outcomes, probe)
        line(f"{probe} ({right} of {total})", right / total, "", bar, ".1%")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--pair", default="compact", help="which pair (default: %(default)s)")
    parser.add_argument("--decoder", type=Path, help="another checkpoint folder for the pair's decoder")
    parser.add_argument("--run", type=Path, required=True, help="the training run, for the baseline")
    parser.add_argument("--data", type=Path, required=True, help='folder that holds "eval"')
    parser.add_argument("--limit", type=int, help="at most so many sentences a set (default: all)")
    parser.add_argument("--out", type=Path, help="folder for the reports (default: the run)")
    parser.add_argument("--recorded", type=Path, help="earlier report (markdown) to take the baseline from")
    parser.add_argument("--began", type=Path, nargs="*", default=[], help="runs that this one went on from")
    parser.add_argument("--device", help="where the models run, as torch names it")
    parser.add_argument("--quick", action="store_true", help="the pair's quick answers")
    options = parser.parse_args()

    out = options.out or options.run
    out.mkdir(parents=True, exist_ok=True)
    codec = open_codec(options.pair, options.decoder, options.device, quick=options.quick)
    report = evaluate(
        codec, options.data, options.run, options.limit, recorded=options.recorded, began=options.began
    )
    outcomes = probes.run_probes(codec)
    text = json.dumps(report, ensure_ascii=False, indent=1)
    (out / "evaluation.json").write_text(text, encoding="utf-8")
    summary = bars(report, outcomes)
    (out / "evaluation.md").write_text(f"{summary}\n{report['markdown']}", encoding="utf-8")
    probes.save(outcomes, out)
    print(f"\n{summary}\n{report['markdown']}\n{probes.table(outcomes)}")


if __name__ == "__main__":
    main()
