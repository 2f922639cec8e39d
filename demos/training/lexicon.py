"""Step 3c of training: the words that the decoder has been trained to say, for the order of its beams.

    python -m demos.training.lexicon --runs runs/languages runs/far --out assets/models/compact/decoder

See `demos.codec.lexicon`. The words are those of the Russian targets of all the runs that made a decoder.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from demos.codec.lexicon import FILE, Lexicon, words_of
from demos.codec.manifest import NAME, write_manifest
from demos.training.data import load_examples


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True, help=f"the decoder's folder, for {FILE}")
    options = parser.parse_args()

    words: set[str] = set()
    for run in options.runs:
        for target in dict.fromkeys(example.target for example in load_examples(run / "examples.jsonl")):
            words.update(words_of(target))
    lexicon = Lexicon.of(words)
    lexicon.save(options.out)
    print(f"{len(words):,} words, {len(lexicon.bits):,} bytes")
    if (options.out.parent / NAME).exists():
        write_manifest(options.out.parent)


if __name__ == "__main__":
    main()
