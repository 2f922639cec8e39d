"""The model card of a trained pair, written from what its runs recorded: nothing is typed in by hand.

The card says what the pair is, how good, how it was made, and from what. What was tried on the way stands in
``assets/recipes/history.md``.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from safetensors import safe_open

from demos.codec.adapter import FILE as ADAPTER
from demos.training.curve import LOG, PICTURE, read_log
from demos.training.items import RECIPES
from demos.training.model import SentenceDecoder, Shape

SOURCES = "sources.json"
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

# The compact pair: one vector of {width} numbers, and a Russian sentence back

An encoder turns a sentence in any of about a hundred languages into one vector of length 1; a decoder turns
a vector into a Russian sentence. Between the two one can calculate.

    from demos.codec import load_codec

    codec = load_codec("compact")
    codec.decode(codec.encode(["Good morning!"]))
"""
REPRODUCE = """\
With the sources below in one folder, here `../data`, each run is one command; each needs the pair of the
run before it in `assets/models/compact`:

    pip install -r demos/training/requirements.txt
{commands}

Then `python -m demos.training.bars --data ../data --out RUN` measures the pair, and
`python -m demos.training.export --run RUN` puts the figures into this card. What else was tried, what
failed and what was learned is told in `assets/recipes/history.md`.
"""


def model_card(run: Path, out: Path, checkpoint: dict[str, Any], decoding: dict[str, Any]) -> str:
    """The card as markdown.

    Args:
        run: the run folder: recipe.json, and what exists of loss.csv and bars.md.
        out: the pair's folder, where the card will lie; its ``sources.json`` lists the sources of all runs.
        checkpoint: what the trainer saved.
        decoding: the pair's own settings.
    """
    shape = Shape(**checkpoint["shape"])
    parts = [HEAD.format(width=shape.d_model), _pair(run, out, checkpoint, decoding)]
    if (run / "bars.md").exists():
        figures = (run / "bars.md").read_text(encoding="utf-8").strip().split("\n\n")[:2]
        parts.append("## How good it is\n\n" + "\n\n".join(figures) + "\n")
    parts.append(_runs(run, checkpoint))
    if (out / PICTURE).exists():
        parts.append(f"![Training and validation loss of the last run against its hours]({PICTURE})\n")
    parts.append(_sources(json.loads((out / SOURCES).read_text(encoding="utf-8"))))
    return "\n".join(parts)


def gathered_sources(run: Path, before: Path | None) -> list[dict[str, Any]]:
    """The sources of a run and of the runs before it, each once; "examples" counts by the run's recipe.

    Args:
        run: the run folder, with its own sources.json as `demos.training.prepare` writes it.
        before: the sources.json of the pair that the run began with, if it has one.
    """
    recipe = json.loads((run / "recipe.json").read_text(encoding="utf-8"))
    name = recipe_name(run, recipe)
    known = json.loads(before.read_text(encoding="utf-8")) if before and before.exists() else []
    found = {(source["path"], source["origin"]): source for source in known}
    for source in json.loads((run / SOURCES).read_text(encoding="utf-8")):
        entry = {key: source[key] for key in ("origin", "path", "licence", "sha256")}
        counts = found.get((source["path"], source["origin"]), {}).get("examples", {})
        found[source["path"], source["origin"]] = entry | {"examples": counts | {name: source["examples"]}}
    return list(found.values())


def recipe_name(run: Path, recipe: dict[str, Any]) -> str:
    """The name of the recipe's file: as `demos.training.prepare` notes it, or one that ends like the run."""
    fitting = (path.stem for path in sorted(RECIPES.glob("*.json")) if path.stem.endswith(run.name))
    return str(recipe.get("name") or next(fitting, run.name))


def _pair(run: Path, out: Path, checkpoint: dict[str, Any], decoding: dict[str, Any]) -> str:
    """What the pair is made of, and how it decodes."""
    shape = Shape(**checkpoint["shape"])
    millions = sum(p.numel() for p in SentenceDecoder(shape).parameters()) / 1e6
    recipe = json.loads((run / "recipe.json").read_text(encoding="utf-8"))
    held_out = ", ".join(recipe["held_out"])
    longest = max(earlier["max_words"] for _, earlier, _ in _chain(run, checkpoint))
    settings = ", ".join(f"{name} {value}" for name, value in decoding.items())
    return f"""\
## What it is made of

- `encoder/`: multilingual-e5-small (Wang et al., 2024, arXiv:2402.05672; MIT), its 4-bit weights unchanged
  in a GGUF file{_trained_layers(out)};
  and a linear guess at a sentence's vector from its bag of words, by which quick answers leave out the
  beam that promises least.
- `decoder/`: a plain `transformers` T5 checkpoint whose one encoder state is the vector: d_model
  {shape.d_model}, {shape.num_layers} layers of {shape.num_heads} heads, d_ff {shape.d_ff}, gated-gelu, tied
  embeddings, a SentencePiece vocabulary of {shape.vocab_size:,} pieces; {millions:.1f} M parameters, trained
  here from scratch.
{_adapter(out)}- Objective: cross-entropy of the Russian target given the vector of the source, vectors
  disturbed as arithmetic disturbs them; sums whose Russian is known and averages of like sentences among
  the inputs.
- Texts of at most {longest} words were trained on. Held out: {held_out}.
- Decoding: {settings}.
"""


def _trained_layers(out: Path) -> str:
    """Which of the encoder's layers were trained, as the pair's folder has them."""
    file = out / "encoder" / "upper.safetensors"
    if not file.exists():
        return ""
    with safe_open(file, "pt") as weights:
        layers = {int(name.split(".")[2]) for name in weights.keys()}  # noqa: SIM118
    return f"; layers {min(layers) + 1} to {max(layers) + 1} of 12 and the map of its space, trained here"


def _adapter(out: Path) -> str:
    """What the decoder's adapter is, as the pair's folder has it."""
    file = out / "decoder" / ADAPTER
    if not file.exists():
        return ""
    with safe_open(file, "pt") as factors:
        names = sorted(factors.keys())
        rank = factors.get_slice(names[0]).get_shape()[0]
    return f"""\
- `decoder/{ADAPTER}`: a LoRA adapter (Hu et al., 2021, arXiv:2106.09685) of rank {rank} for vectors
  shorter than 1. Length is certainty: the mean of sentences that do not agree is short. Vectors of length
  1 and more are decoded without it.
"""


def _runs(run: Path, checkpoint: dict[str, Any]) -> str:
    """The table of the runs that made the pair, the first one first, and the command of each."""
    lines = [
        "## How it was made\n",
        "| recipe | trained | machine | hours | steps | examples | validation loss, nats a token |",
        "|---|---|---|--:|--:|--:|--:|",
    ]
    commands, blended = [], []
    for name, recipe, figures in _chain(run, checkpoint):
        if "shares" in figures:
            encoder, decoder = figures["shares"]["encoder"], figures["shares"]["model"]
            blended.append(
                f"What `{name}` left is a mean: {encoder:g} of its encoder and {decoder:g} of its decoder,"
                " the rest of the pair before it."
            )
        loss = "" if figures["validation"] is None else f"{figures['validation']:.3f}"
        if "measure" in recipe:
            loss += f" ({recipe['measure']})"
        cells = (
            f"`{name}`",
            _what_learned(recipe),
            recipe.get("machine", ""),
            f"{figures['hours']:.2f}",
            f"{figures['steps']:,}",
            f"{figures['examples']:,}",
            loss,
        )
        lines.append("| " + " | ".join(cells) + " |")
        commands.append(
            f"    python -m demos.training.reproduce assets/recipes/{name}.json --data ../data"
            f" --hours {figures['hours']:g}"
        )
    lines.append("\nEach run goes on from the one above it; losses are those of each run's own mixture.")
    lines += blended
    return "\n".join(lines) + "\n\n" + REPRODUCE.format(commands="\n".join(commands))


def _chain(run: Path, checkpoint: dict[str, Any]) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """(recipe's name, recipe, its figures) of the runs that led to this one, the first one first."""
    recipe = json.loads((run / "recipe.json").read_text(encoding="utf-8"))
    loss = read_log(run / LOG)[-1]["validation"] if (run / LOG).exists() else None
    figures = {
        "hours": round(checkpoint["seconds"] / 3600, 3),
        "steps": checkpoint["step"],
        "examples": checkpoint["examples"],
        "validation": loss,
    }
    if "shares" in checkpoint:
        figures["shares"] = checkpoint["shares"]
    found = [(recipe_name(run, recipe), recipe, figures)]
    while "continues" in recipe:
        figures = recipe["continues"]
        path = Path(figures["recipe"])
        recipe = json.loads(path.read_text(encoding="utf-8"))
        found.insert(0, (path.stem, recipe, figures))
    return found


def _what_learned(recipe: dict[str, Any]) -> str:
    """Which part of the pair a run trained."""
    if recipe.get("train", {}).get("distil"):
        return "the encoder's upper layers"
    if recipe.get("train", {}).get("adapter"):
        return "an adapter of the decoder"
    if recipe.get("train", {}).get("frozen"):
        return "decoder" if "continues" in recipe else "decoder, from random weights"
    return "decoder and the encoder's upper layers"


def _sources(sources: list[dict[str, Any]]) -> str:
    """The sources by licence, each with the most examples that a run had of it."""
    by_licence: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for source in sources:
        by_licence[source["licence"]][source["origin"]] += max(source["examples"].values())
    lines = [
        "## What it was trained on\n",
        'The licence is what the source states, "none stated" included. The weights carry no text of these;'
        f" the texts are not in the repository. `{SOURCES}` has every file with its SHA-256 and the examples"
        " that each run drew from it; here stands the most that a run had.\n",
        "| licence | sources (examples) |",
        "|---|---|",
    ]
    for licence, origins in by_licence.items():
        named = "; ".join(f"{origin} ({count:,})" for origin, count in origins.items())
        lines.append(f"| {licence} | {named} |")
    return "\n".join(lines) + "\n"
