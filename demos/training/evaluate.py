"""Step 6 of training: how well does a pair bring sentences back?

    python -m demos.training.evaluate --pair compact --run runs/compact --data ../shared/data \\
        --limit 300

Recovery (Russian → vector → Russian) and translation (a text in another language → vector →
Russian), by chrF and BLEU (sacrebleu), and the round-trip cosine: of the source's vector with
the vector of the decoded text. Beside each stand the figures of the nearest training sentence.
With --run no evaluated sentence was seen in training; without it there is no baseline and no
such check. The baseline depends on the encoder alone, so --recorded takes it from an earlier report
of the same sentences instead of looking it up again. Writes ``evaluation.json`` and
``evaluation.md`` into the run folder (or --out).
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import sacrebleu

from demos.codec import Codec, Decoding
from demos.codec.linear import PRECISIONS, Precision
from demos.codec.load import build_codec
from demos.codec.pairs import compact_decoder_folder, find_pair, load_compact_encoder
from demos.training import baseline
from demos.training.items import normal_form
from demos.training.testsets import WORDS, TestSet, prepare_sets

BATCH = 64  # vectors decoded in one call
EXAMPLES = 3  # printed for each set
GROUPS = {
    "recovery": "Russian → Russian, Tatoeba held-out",
    "tatoeba": "X → Russian, Tatoeba held-out",
    "ntrex": "X → Russian, NTREX news of at most 20 words",
    "more": "captions and reviews",
}


@dataclass(frozen=True)
class Scores:
    """chrF and BLEU in 0–100, cosine in −1–1: means over a set, or over the sets of a group."""

    chrf: float
    bleu: float
    cosine: float


@dataclass(frozen=True)
class Result:
    """What a pair and the baseline reached on one set; `dropped` pairs were seen in training."""

    group: str
    name: str
    sentences: int
    dropped: int
    pair: Scores
    nearest: Scores | None
    examples: list[dict[str, str]]


def open_codec(
    name: str,
    decoder: Path | None = None,
    device: str | None = None,
    precision: Precision | None = None,
    quick: bool = False,
    folder: Path | None = None,
) -> Codec:
    """The pair's codec, with its own decoder or with that of a checkpoint folder.

    With `quick` it decodes as the pair does where an answer is wanted at once. A `folder` such as
    `demos.training.export` writes has the files of a pair that is not bundled, as the compact one has them.
    """
    pair = find_pair(name)
    if folder is not None:
        pair = replace(
            pair,
            load_encoder=lambda: load_compact_encoder(folder),
            decoder_folder=lambda: compact_decoder_folder(folder),
        )
    if quick and pair.quick is not None:
        pair = replace(pair, decoding=pair.quick)
    if decoder is not None:
        pair = replace(pair, decoder_folder=lambda: decoder)
    return build_codec(pair, device, precision)


def decode_all(codec: Codec, vectors: np.ndarray, settings: Decoding | None = None) -> list[str]:
    """Decode vectors (n, d) in batches with the pair's own settings, or others."""
    texts: list[str] = []
    for start in range(0, len(vectors), BATCH):
        texts += codec.decode(vectors[start : start + BATCH], settings)
    return texts


def cosines(codec: Codec, vectors: np.ndarray, texts: Sequence[str]) -> np.ndarray:
    """Cosine of each vector with the vector of its text, (n,); 0 where the text is empty."""
    found = np.zeros(len(texts))
    filled = [i for i, text in enumerate(texts) if text.strip()]
    if filled:
        encoded = codec.encode([texts[i] for i in filled])
        norms = np.linalg.norm(vectors[filled], axis=1)
        found[filled] = (encoded * vectors[filled]).sum(axis=1) / norms
    return found


def score(texts: Sequence[str], references: Sequence[str], round_trip: np.ndarray) -> Scores:
    """Scores of decoded texts against as many references; `round_trip` (n,) are their cosines."""
    return Scores(
        chrf=sacrebleu.corpus_chrf(texts, [references]).score,
        bleu=sacrebleu.corpus_bleu(texts, [references]).score,
        cosine=float(np.mean(round_trip)),
    )


def measure_set(
    codec: Codec, test: TestSet, nearest: baseline.NearestSentence | None, others: Scores | None = None
) -> Result:
    """Encode, decode and score one set, for the pair and for the nearest training sentence, whose
    figures are `others` where there is nothing to look it up in."""
    vectors = codec.encode(test.sources)
    decoded = decode_all(codec, vectors)
    figures = score(decoded, test.references, cosines(codec, vectors, decoded))
    copied: list[str] = []
    if nearest is not None:
        copied, similarity = nearest.find(vectors)
        others = score(copied, test.references, similarity)
    examples = []
    for i in range(min(EXAMPLES, len(test))):
        example = {"source": test.sources[i], "reference": test.references[i], "decoded": decoded[i]}
        examples.append(example | ({"nearest": copied[i]} if copied else {}))
    return Result(test.group, test.name, len(test), test.dropped, figures, others, examples)


def measure_words(codec: Codec) -> dict[str, str]:
    """Each of `WORDS` and what its vector decodes to."""
    return dict(zip(WORDS, decode_all(codec, codec.encode(WORDS)), strict=True))


def words_back(words: dict[str, str]) -> int:
    """How many words came back as themselves, but for case and punctuation."""
    return sum(normal_form(word) == normal_form(text) for word, text in words.items())


def mean(figures: Iterable[Scores]) -> Scores:
    """The mean of several sets, each counting the same."""
    rows = [(f.chrf, f.bleu, f.cosine) for f in figures]
    return Scores(*(float(value) for value in np.mean(rows, axis=0)))


def summary(results: Sequence[Result]) -> list[Result]:
    """One line a group: means over its sets, and how many sentences were set aside."""
    lines = []
    for group, title in GROUPS.items():
        part = [result for result in results if result.group == group]
        if not part:
            continue
        others = [result.nearest for result in part if result.nearest is not None]
        name = title if len(part) == 1 else f"{title}, mean of {len(part)}"
        lines.append(
            Result(
                group,
                name,
                sum(result.sentences for result in part),
                sum(result.dropped for result in part),
                mean(result.pair for result in part),
                mean(others) if others else None,
                [],
            )
        )
    return lines


def results_table(results: Sequence[Result]) -> str:
    """A markdown table of results."""
    lines = [
        "| set | sentences | chrF | BLEU | cosine | nearest: chrF | BLEU | cosine |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for result in results:
        cells = [result.name, f"{result.sentences}"]
        for figures in (result.pair, result.nearest):
            if figures is None:
                cells += ["", "", ""]
            else:
                cells += [f"{figures.chrf:.1f}", f"{figures.bleu:.1f}", f"{figures.cosine:.3f}"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def evaluate(
    codec: Codec,
    data: Path,
    run: Path | None = None,
    limit: int | None = None,
    groups: Iterable[str] = tuple(GROUPS),
    say: Callable[[str], None] = print,
    recorded: Path | None = None,
    began: Sequence[Path] = (),
) -> dict[str, Any]:
    """Measure a codec on the data's test sets; the report is what the JSON file holds.

    Nothing that `run` or the runs `began` was trained on is measured; the baseline is of `run` alone.

    Raises:
        ValueError: the earlier report `recorded` lacks one of the sets, or counts other sentences in it.
    """
    start = time.monotonic()
    sets = prepare_sets(data, run, limit, groups, began)
    known = {} if recorded is None else baseline.recorded_figures(recorded, [(t.name, len(t)) for t in sets])
    nearest = baseline.from_run(run, codec.pair.load_encoder()) if run and not recorded else None
    results = []
    for test in sets:
        others = Scores(*known[test.name]) if known else None
        result = measure_set(codec, test, nearest, others)
        results.append(result)
        other = "" if result.nearest is None else f", nearest {result.nearest.chrf:.1f}"
        say(f"{result.group} {result.name}: {result.sentences} sentences, chrF {result.pair.chrf:.1f}{other}")
        for example in result.examples:
            say("    " + " → ".join(example[k] for k in ("source", "decoded")))
            if "nearest" in example:
                say(f"        nearest: {example['nearest']}")
    words = measure_words(codec)
    say(f"words that come back: {words_back(words)} of {len(words)}")
    return {
        "pair": codec.name,
        "decoding": asdict(codec.decoding),
        "limit": limit,
        "baseline_sentences": len(nearest.sentences) if nearest else None,
        "recorded_baseline": str(recorded) if recorded else None,
        "minutes": round((time.monotonic() - start) / 60, 1),
        "summary": [asdict(line) for line in summary(results)],
        "sets": [asdict(result) for result in results],
        "words": words,
        "words_back": words_back(words),
        "markdown": report_text(codec, results, words, limit, nearest),
    }


def report_text(
    codec: Codec,
    results: Sequence[Result],
    words: dict[str, str],
    limit: int | None,
    nearest: baseline.NearestSentence | None,
) -> str:
    """The report as markdown: the summary, every set, the words that did not come back."""
    settings = codec.decoding
    size = "all sentences" if limit is None else f"at most {limit} sentences a set, drawn with a fixed seed"
    order = f", re-ranked by the round trip with weight {settings.rerank:g}" if settings.rerank else ""
    if settings.rerank_words is not None:
        order += f" ({settings.rerank_words:g} where a sum gives a single word)"
    if settings.rerank and settings.shortlist:
        order += f" from a shortlist of {settings.shortlist}"
    if settings.unknown_word:
        order += f", {settings.unknown_word:g} off for a word that is not in the lexicon"
    head = (
        f"Pair `{codec.name}`, {settings.num_beams} beams, repetition penalty "
        f"{settings.repetition_penalty}{order}; {size}."
    )
    if nearest:
        head += f" The baseline is the nearest of {len(nearest.sentences):,} training sentences by cosine."
    lost = [f"{word} → {text}" for word, text in words.items() if normal_form(word) != normal_form(text)]
    if dropped := sum(result.dropped for result in results):
        head += f" {dropped} evaluation pairs that training had seen are left out."
    if any(result.nearest for result in results) and not nearest:
        head += (
            " The figures of the baseline, the nearest training sentence, are those recorded earlier for as"
            " many sentences of each set and the same encoder."
        )
    tail = f"Single words that come back as themselves: {words_back(words)} of {len(words)}."
    if lost:
        tail += " The others: " + "; ".join(lost) + "."
    return f"{head}\n\n{results_table(summary(results))}\n{results_table(results)}\n{tail}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--pair", default="compact", help="which pair (default: %(default)s)")
    parser.add_argument("--decoder", type=Path, help="another checkpoint folder for the pair's decoder")
    parser.add_argument("--run", type=Path, help="the training run, for the baseline and the check")
    parser.add_argument("--data", type=Path, required=True, help='folder that holds "eval"')
    parser.add_argument("--limit", type=int, help="at most so many sentences a set (default: all)")
    parser.add_argument("--groups", nargs="+", choices=GROUPS, default=tuple(GROUPS), metavar="GROUP")
    parser.add_argument("--out", type=Path, help="folder for the report (default: the run)")
    parser.add_argument("--recorded", type=Path, help="earlier report (markdown) to take the baseline from")
    parser.add_argument("--began", type=Path, nargs="*", default=[], help="runs that this one went on from")
    parser.add_argument("--device", help="where the models run, as torch names it")
    parser.add_argument("--quick", action="store_true", help="the pair's quick answers")
    parser.add_argument("--precision", choices=PRECISIONS, help="of the decoder (default: the pair's)")
    options = parser.parse_args()
    out = options.out or options.run
    if out is None:
        parser.error("give --run or --out: the report needs a folder")
    out.mkdir(parents=True, exist_ok=True)

    codec = open_codec(options.pair, options.decoder, options.device, options.precision, options.quick)
    report = evaluate(
        codec,
        options.data,
        options.run,
        options.limit,
        options.groups,
        recorded=options.recorded,
        began=options.began,
    )
    (out / "evaluation.json").write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    (out / "evaluation.md").write_text(report["markdown"], encoding="utf-8")
    print("\n" + report["markdown"])


if __name__ == "__main__":
    main()
