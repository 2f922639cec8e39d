"""Step 3c of training: the words that the decoder has been trained to say, for the order of its beams.

    python -m demos.training.lexicon --runs runs/certainty --texts ../data/train/ru \\
        --out assets/models/compact/decoder

See `demos.codec.lexicon`. The words are those of the Russian targets of the runs that made a decoder.
Where the folder has a lexicon already, those words of the texts that it knows stay in it, so that
earlier runs need not be at hand.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from demos.codec.lexicon import FILE, Lexicon, cyrillic_words, load_lexicon
from demos.codec.manifest import NAME, write_manifest
from demos.training.data import load_examples, open_text


def words_in(folder: Path) -> set[str]:
    """The distinct words of a folder's text files, packed or not."""
    words: set[str] = set()
    for path in sorted(folder.iterdir()):
        with open_text(path) as lines:
            for line in lines:
                words.update(cyrillic_words(line))
    return words


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=Path, nargs="+", required=True)
    parser.add_argument("--texts", type=Path, help="folder of Russian texts to look for known words in")
    parser.add_argument("--out", type=Path, required=True, help=f"the decoder's folder, for {FILE}")
    options = parser.parse_args()

    words: set[str] = set()
    for run in options.runs:
        for target in dict.fromkeys(example.target for example in load_examples(run / "examples.jsonl")):
            words.update(cyrillic_words(target))
    earlier = load_lexicon(options.out)
    if options.texts and earlier:
        words |= {word for word in words_in(options.texts) - words if word in earlier}
    lexicon = Lexicon.of(words)
    lexicon.save(options.out)
    print(f"{len(words):,} words, {len(lexicon.bits):,} bytes")
    if (options.out.parent / NAME).exists():
        write_manifest(options.out.parent)


if __name__ == "__main__":
    main()
