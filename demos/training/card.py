"""The model card of a trained pair, written from what the run recorded: nothing is typed in by hand."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from demos.training.curve import LOG, PICTURE, read_log
from demos.training.model import SentenceDecoder, Shape
from demos.training.sums import read_sums

HEAD = """\
---
language: ru
library_name: transformers
tags:
- sentence-embeddings
- text2text-generation
base_model: intfloat/multilingual-e5-small
license: other
license_name: several
---

# The compact pair: one vector of 384 numbers, and a Russian sentence back

`encoder/` holds multilingual-e5-small (Wang et al., 2024, arXiv:2402.05672; MIT), its 4-bit weights
unchanged in a GGUF file; its three upper layers and the map of its space as they were trained together with
the decoder; and a linear guess at a sentence's vector from its bag of words, by which quick answers leave out
the beam that promises least. `decoder/` is a T5 decoder trained here from scratch: a plain `transformers`
checkpoint whose one encoder state is the vector.

    from demos.codec import load_codec

    codec = load_codec("compact")
    codec.decode(codec.encode(["Good morning!"]))
"""

REPRODUCE = """\
## How to reproduce

In the repository, with the sources below in one folder (here `../data`):

    pip install -r demos/training/requirements.txt
    python -m demos.training.prepare --recipe assets/recipes/compact.json --data ../data --run runs/compact
    python -m demos.training.vectors --run runs/compact
    python -m demos.training.space --run runs/compact --out assets/models/compact/encoder
    python -m demos.training.bag --run runs/compact --out assets/models/compact/encoder
{training}
    python -m demos.training.curve --run {run}
    python -m demos.training.export --run {run} --out assets/models/compact{began}{after}
    python -m demos.training.bars --run {source} --data ../data --out {run}
    python -m demos.training.export --run {run} --out assets/models/compact{began}

The first export bundles the decoder, `bars` measures it, the second export puts the figures into this card.
"""


FIRST = "    python -m demos.training.train --run runs/compact --hours {hours}"
MORE = """\
{first}
    python -m demos.training.export --run runs/compact --out runs/compact/model
    python -m demos.training.prepare --recipe assets/recipes/compact_more.json --data ../data --run {run} \\
        --vocabulary runs/compact/spm.model
    python -m demos.training.vectors --run {run}
    python -m demos.training.train --run {run} --start runs/compact/model/decoder --hours {hours}"""

JOINT = """\
{first}
    python -m demos.training.export --run runs/compact --out assets/models/compact
    python -m demos.training.prepare --recipe assets/recipes/compact_joint.json --data ../data --run {run} \\
        --vocabulary runs/compact/spm.model
    python -m demos.training.sums --run {run} --data ../data
    python -m demos.training.states --run {run}
    python -m demos.training.joint --run {run} --hours {hours}"""
AFTER = """
    python -m demos.training.bag --run {run} --out assets/models/compact/encoder
    python -m demos.training.states --run {run} --vectors"""


def model_card(
    run: Path,
    out: Path,
    checkpoint: dict[str, Any],
    decoding: dict[str, Any],
    notes: Path | None = None,
    began: Path | None = None,
) -> str:
    """The card as markdown.

    Args:
        run: the run folder: sources.json and recipe.json, and what exists of loss.csv,
            evaluation.md and probes.md.
        out: where the card will lie; the loss curve is shown if it lies there.
        checkpoint: what `demos.training.train` saved.
        notes: hand-written markdown for the end of the card, used if the file exists.
        began: the run that this one went on from; its sources are listed too.
    """
    parts = [HEAD, _recipe(run, checkpoint, decoding)]
    if (out / PICTURE).exists():
        parts.append(f"![Training and validation loss against hours of training]({PICTURE})\n")
    for name, title in (("evaluation.md", "Evaluation"), ("probes.md", "Probes")):
        if (run / name).exists():
            parts.append(f"## {title}\n\n{(run / name).read_text(encoding='utf-8').strip()}\n")
    hours = round(checkpoint["seconds"] / 3600, 2)
    recipe = json.loads((run / "recipe.json").read_text(encoding="utf-8"))
    training, after, source = FIRST.format(hours=hours), "", "runs/compact"
    if "continues" in recipe:
        first = FIRST.format(hours=recipe["continues"]["hours"])
        joint = "encoder" in checkpoint
        training = (JOINT if joint else MORE).format(first=first, run=run, hours=hours)
        if joint:
            after, source = AFTER.format(run=run), str(run)
    option = f" --began {began}" if began else ""
    parts.append(REPRODUCE.format(training=training, run=run, began=option, after=after, source=source))
    parts.append(_sources([json.loads((r / "sources.json").read_text("utf-8")) for r in (began, run) if r]))
    if notes is not None and notes.exists():
        parts.append(notes.read_text(encoding="utf-8").strip() + "\n")
    return "\n".join(parts)


def _recipe(run: Path, checkpoint: dict[str, Any], decoding: dict[str, Any]) -> str:
    shape = Shape(**checkpoint["shape"])
    recipe = json.loads((run / "recipe.json").read_text(encoding="utf-8"))
    millions = sum(p.numel() for p in SentenceDecoder(shape).parameters()) / 1e6
    lines = [
        "## Recipe\n",
        f"- Decoder: T5, d_model {shape.d_model}, {shape.num_layers} layers of {shape.num_heads} heads, "
        f"d_ff {shape.d_ff}, gated-gelu, tied embeddings, a SentencePiece vocabulary of {shape.vocab_size:,} "
        f"pieces; {millions:.1f} M trained parameters.",
        "- Objective: teacher-forced cross-entropy of the Russian target from the vector of the source, with "
        "noise, mixing and changes of length on the vectors.",
        *_joint(run, checkpoint),
        f"- Sentences of at most {recipe['max_words']} words; the {recipe['words']:,} most frequent words as "
        f"examples of their own; seed {recipe['seed']}; held out: {', '.join(recipe['held_out'])}.",
        *_before(recipe),
        f"- Trained for {checkpoint['seconds'] / 3600:.2f} hours, {checkpoint['step']:,} steps, "
        f"{checkpoint['examples']:,} examples seen.",
    ]
    if (run / LOG).exists():
        last = read_log(run / LOG)[-1]
        train, validation = last["train"], last["validation"]
        lines.append(f"- Last loss, nats a token: training {train:.3f}, validation {validation:.3f}.")
    lines.append("- Decoding: " + ", ".join(f"{name} {value}" for name, value in decoding.items()) + ".")
    return "\n".join(lines) + "\n"


def _joint(run: Path, checkpoint: dict[str, Any]) -> list[str]:
    """What joint training adds: the encoder's part of the weights, and the sums."""
    if "encoder" not in checkpoint:
        return []
    counts = Counter(item.kind for item in read_sums(run))
    millions = sum(tensor.numel() for tensor in checkpoint["encoder"].values()) / 1e6
    return [
        "- The loss went on into the encoder: the layers above the first "
        f"{checkpoint['below']} and the space, {millions:.1f} M parameters.",
        "- Among the inputs of every step: averages of like sentences, and sums whose Russian is known, "
        "drawn from " + ", ".join(f"{count:,} of {kind}" for kind, count in counts.items()) + ". No pair of "
        "words has a word of the analogies probe, no sentence is a probe's; single phrases may be in both.",
    ]


def _before(recipe: dict[str, Any]) -> list[str]:
    """What a run that went on from another says of it."""
    if "continues" not in recipe:
        return []
    first = recipe["continues"]
    return [
        f"- Went on from a decoder of `{first['recipe']}`: {first['hours']} hours, {first['steps']:,} steps, "
        f"{first['examples']:,} examples seen, validation loss {first['validation']:.3f}. This run:",
    ]


def _sources(runs: Sequence[Sequence[dict[str, Any]]]) -> str:
    """The table of the first run's sources; examples of the runs one after another."""
    counts = [{source["path"]: source["examples"] for source in run} for run in runs]
    sources = list({source["path"]: source for run in reversed(runs) for source in run}.values())
    lines = [
        "## What it was trained on\n",
        'The licence is what the source states, "none stated" included. The weights carry no text of these '
        "files; the files are not in the repository.\n",
        "| source | file | licence | examples | SHA-256 |",
        "|---|---|---|--:|---|",
    ]
    for source in sources:
        cells = (
            source["origin"],
            f"`{source['path']}`",
            source["licence"],
            " + ".join(f"{count[source['path']]:,}" for count in counts if source["path"] in count),
            f"`{source['sha256']}`",
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
