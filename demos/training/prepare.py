"""Step 1 of training: read the recipe's sources, write the examples, learn the vocabulary.

    python -m demos.training.prepare --recipe assets/recipes/compact.json --data ../shared/data \\
        --run runs/compact

Writes ``examples.jsonl``, ``spm.model`` and ``sources.json`` (every file with its checksum,
licence and number of examples, for the model card) into the run folder.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import sentencepiece

from demos.codec.manifest import sha256
from demos.training.data import Example, origin, read_examples, source_path, write_examples
from demos.training.items import RECIPES
from demos.training.model import EOS, PAD, UNK


def train_vocabulary(targets: list[str], size: int, prefix: Path) -> None:
    """Learn a SentencePiece unigram vocabulary of `size` pieces; writes ``prefix.model``."""
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(targets),
        model_prefix=str(prefix),
        vocab_size=size,
        model_type="unigram",
        character_coverage=0.9998,
        byte_fallback=True,
        normalization_rule_name="nmt_nfkc",
        input_sentence_size=400_000,
        pad_id=PAD,
        eos_id=EOS,
        unk_id=UNK,
        bos_id=-1,
        minloglevel=1,
    )
    prefix.with_suffix(".vocab").unlink()


def describe_sources(recipe: dict[str, Any], data: Path, examples: list[Example]) -> list[dict[str, Any]]:
    """The recipe's sources with checksums and the number of examples that each gave."""
    counts = Counter(example.origin for example in examples)
    return [
        {**source, "sha256": sha256(source_path(source, data)), "examples": counts[origin(source)]}
        for source in recipe["sources"]
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--recipe", type=Path, default=RECIPES / "compact.json")
    parser.add_argument("--data", type=Path, required=True, help="folder that the recipe's paths are in")
    parser.add_argument("--run", type=Path, required=True, help="folder for everything this run makes")
    parser.add_argument("--vocabulary", type=Path, help="SentencePiece model to take instead of learning one")
    options = parser.parse_args()
    recipe = json.loads(options.recipe.read_text(encoding="utf-8"))
    options.run.mkdir(parents=True, exist_ok=True)

    examples = read_examples(recipe, options.data)
    write_examples(examples, options.run / "examples.jsonl")
    if options.vocabulary:
        shutil.copy(options.vocabulary, options.run / "spm.model")
    else:
        train_vocabulary([e.target for e in examples], recipe["vocabulary"], options.run / "spm")
    sources = describe_sources(recipe, options.data, examples)
    (options.run / "sources.json").write_text(json.dumps(sources, ensure_ascii=False, indent=1))
    noted = json.dumps(recipe | {"name": options.recipe.stem}, ensure_ascii=False, indent=1)
    (options.run / "recipe.json").write_text(noted, encoding="utf-8")

    languages = Counter(example.language for example in examples)
    print(f"{len(examples):,} examples, {len(languages)} languages: {languages.most_common(12)}")
    for source in sources:
        print(f"{source['examples']:>8,}  {source['path']}")


if __name__ == "__main__":
    main()
