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
unchanged in a GGUF file; its upper layers and the map of its space as they were trained together with the
decoder; and a linear guess at a sentence's vector from its bag of words, by which quick answers leave out
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
{commands}

The last export but one bundles the pair, `bars` measures it, the last export puts the figures into this card.
"""

ALONE = (  # the commands of a recipe that names none
    "prepare --recipe assets/recipes/compact.json --data ../data --run {run}",
    "vectors --run {run}",
    "space --run {run} --out assets/models/compact/encoder",
    "bag --run {run} --out assets/models/compact/encoder",
    "train --run {run} --hours {hours}",
)
LAST = (
    "curve --run {run}",
    "export --run {run} --out assets/models/compact{began}",
    "bars --run {run} --data ../data --out {run}{began}",
    "export --run {run} --out assets/models/compact{began}",
)


def model_card(
    run: Path,
    out: Path,
    checkpoint: dict[str, Any],
    decoding: dict[str, Any],
    notes: Path | None = None,
    began: Sequence[Path] = (),
) -> str:
    """The card as markdown.

    Args:
        run: the run folder: sources.json and recipe.json, and what exists of loss.csv,
            evaluation.md and probes.md.
        out: where the card will lie; the loss curve is shown if it lies there.
        checkpoint: what `demos.training.train` saved.
        notes: hand-written markdown for the end of the card, used if the file exists.
        began: the runs that this one went on from, the first one first; their sources are listed too.
    """
    parts = [HEAD, _recipe(run, checkpoint, decoding)]
    if (out / PICTURE).exists():
        parts.append(f"![Training and validation loss against hours of training]({PICTURE})\n")
    for name, title in (("evaluation.md", "Evaluation"), ("probes.md", "Probes")):
        if (run / name).exists():
            parts.append(f"## {title}\n\n{(run / name).read_text(encoding='utf-8').strip()}\n")
    option = f" --began {' '.join(map(str, began))}" if began else ""
    names = {"run": str(run), "began": option}
    commands = [
        command.format(hours=hours, **names)
        for recipe, hours in _hours(run, checkpoint)
        for command in recipe.get("commands", ALONE)
    ]
    commands += [command.format(**names) for command in LAST]
    listed = "\n".join(f"    python -m demos.training.{command}" for command in commands)
    parts.append(REPRODUCE.format(commands=listed))
    parts.append(_sources([json.loads((r / "sources.json").read_text("utf-8")) for r in (*began, run)]))
    if notes is not None and notes.exists():
        parts.append(notes.read_text(encoding="utf-8").strip() + "\n")
    return "\n".join(parts)


def _hours(run: Path, checkpoint: dict[str, Any]) -> list[tuple[dict[str, Any], float]]:
    """The recipes that led to this run, the first one first and its own last, with the hours of each."""
    recipe, hours = json.loads((run / "recipe.json").read_text("utf-8")), checkpoint["seconds"] / 3600
    found = [(recipe, round(hours, 3))]
    while "continues" in recipe:
        before = recipe["continues"]
        recipe = json.loads(Path(before["recipe"]).read_text(encoding="utf-8"))
        found.insert(0, (recipe, before["hours"]))
    return found


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
        *_before(run, checkpoint),
        f"- This run: {checkpoint['seconds'] / 3600:.2f} hours{_machine(recipe)}, "
        f"{checkpoint['step']:,} steps, {checkpoint['examples']:,} examples seen.",
    ]
    if "shares" in checkpoint:
        encoder, decoder = checkpoint["shares"]["encoder"], checkpoint["shares"]["model"]
        share = f"{encoder:g} of this run's encoder and {decoder:g} of its decoder"
        lines.append(f"- The weights are a mean: {share}, the rest of the pair before it.")
    if (run / LOG).exists():
        last = read_log(run / LOG)[-1]
        train, validation = last["train"], last["validation"]
        whose = ", of this run's own weights" if "shares" in checkpoint else ""
        lines.append(f"- Last loss, nats a token{whose}: training {train:.3f}, validation {validation:.3f}.")
    lines.append("- Decoding: " + ", ".join(f"{name} {value}" for name, value in decoding.items()) + ".")
    return "\n".join(lines) + "\n"


def _joint(run: Path, checkpoint: dict[str, Any]) -> list[str]:
    """What joint training adds: the encoder's part of the weights, and the sums."""
    if "encoder" not in checkpoint:
        return []
    counts = Counter(item.kind for item in read_sums(run))
    recipe = json.loads((run / "recipe.json").read_text(encoding="utf-8"))
    millions = sum(tensor.numel() for tensor in checkpoint["encoder"].values()) / 1e6
    part = f"the layers above the first {checkpoint['below']} and the space, {millions:.1f} M parameters"
    where = (
        f"- Trained of the encoder, in the runs before this one: {part}. In this run it stood still."
        if recipe.get("train", {}).get("frozen")
        else f"- The loss went on into the encoder: {part}."
    )
    crowd = recipe.get("train", {}).get("crowd")
    return [
        where,
        *([f"- Of the vectors {crowd:.0%} had parts of four other sentences on top."] if crowd else []),
        "- Among the inputs of every step: averages of like sentences, and sums whose Russian is known, "
        "drawn from " + ", ".join(f"{count:,} of {kind}" for kind, count in counts.items()) + ". No pair of "
        "words has a word of the analogies probe, no sentence is a probe's; single phrases may be in both.",
    ]


def _machine(recipe: dict[str, Any]) -> str:
    return f" on {recipe['machine']}" if "machine" in recipe else ""


def _before(run: Path, checkpoint: dict[str, Any]) -> list[str]:
    """What a run that went on from others says of them."""
    lines = []
    for recipe, _ in _hours(run, checkpoint):
        if "continues" in recipe:
            before = recipe["continues"]
            where = _machine(json.loads(Path(before["recipe"]).read_text(encoding="utf-8")))
            lines.append(
                f"- Before: `{before['recipe']}`, {before['hours']} hours{where}, {before['steps']:,} steps, "
                f"{before['examples']:,} examples seen, validation loss {before['validation']:.3f} (on that "
                "run's own mixture)."
            )
    return lines


def _sources(runs: Sequence[Sequence[dict[str, Any]]]) -> str:
    """The table of all runs' sources; examples of the runs one after another."""
    counts = [{source["path"]: source["examples"] for source in run} for run in runs]
    sources = list({source["path"]: source for run in reversed(runs) for source in run}.values())
    ours = any(source["kind"] == "frames" for source in sources)
    lines = [
        "## What it was trained on\n",
        'The licence is what the source states, "none stated" included. The weights carry no text of these '
        "files; the files are not in the repository" + (", but for the frames.\n" if ours else ".\n"),
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
