"""Step 1b of training: analogies that the space itself has, beside `demos.training.sums`.

    python -m demos.training.analogies --run runs/languages

A few hundred written pairs are learned by heart. But the vectors of words hold many more relations:
of words that lie near each other, c − a + b often has one nearest word d among all the words that are
not in the sum (the rule of Mikolov et al., 2013, arXiv:1301.3781), and d − c looks the way b − a does.
Such sums, of words in their dictionary forms and of plurals, are appended to ``sums.jsonl``. None has a
word of the analogies probe.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from demos.training.data import load_examples
from demos.training.sums import TrainingSum, probe_words

NEAR = 48  # neighbours of a word that its partners are taken from
ALIKE = 0.5  # cosine of the two differences, at least
CLOSEST = 0.85  # cosine of a word and its partner, at most: forms of one word are nearer
PER_WORD = 30  # analogies that one word answers
TRIES = 12  # for each analogy that is asked for


def plain_forms(words: Iterable[str]) -> Iterator[str]:
    """The words that are dictionary forms, or plurals of nouns in the nominative."""
    import pymorphy3

    analyzer = pymorphy3.MorphAnalyzer()
    for word in words:
        parse = analyzer.parse(word)[0]
        if parse.normal_form == word.lower() or (parse.tag.POS == "NOUN" and {"plur", "nomn"} in parse.tag):
            yield word


def analogies(vectors: Tensor, limit: int, generator: torch.Generator) -> Iterator[tuple[int, int, int, int]]:
    """Rows c, a, b, d of unit vectors (n, dim) such that d is the nearest to c − a + b of all other rows.

    At most `limit` of them, and at most `PER_WORD` with one d.
    """
    n = len(vectors)
    near = torch.cat([(part @ vectors.T).topk(NEAR + 1).indices[:, 1:] for part in vectors.split(1024)])
    answers: Counter[int] = Counter()
    found: set[tuple[int, int, int, int]] = set()

    def partners(rows: Tensor) -> Tensor:
        return near[rows, torch.randint(NEAR, rows.shape, generator=generator)]

    for _ in range(-(-limit * TRIES // 1024)):
        c = torch.randint(n, (1024,), generator=generator)
        d, a = partners(c), partners(c)
        difference = vectors[d] - vectors[c]
        b = nearest_rows(vectors, vectors[a] + difference, (a, c, d))
        moved = vectors[b] - vectors[a]
        best = nearest_rows(vectors, vectors[c] + moved, (a, b, c))
        alike = torch.cosine_similarity(moved, difference)
        apart = (vectors[d] * vectors[c]).sum(-1) < CLOSEST
        good = (best == d) & (a != d) & (alike > ALIKE) & apart
        for one, old, new, other in torch.stack((c, a, b, d), dim=1)[good].tolist():
            if (one, old, new, other) not in found and answers[other] < PER_WORD:
                found.add((one, old, new, other))
                answers[other] += 1
                yield one, old, new, other
            if len(found) == limit:
                return


def nearest_rows(vectors: Tensor, sums: Tensor, others: tuple[Tensor, ...]) -> Tensor:
    """Row of the vector nearest to each of the sums (m, dim), but for one row of each of `others` (m,)."""
    scores = sums @ vectors.T
    scores.scatter_(1, torch.stack(others, dim=1), -torch.inf)
    return scores.argmax(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--pair", default="compact", help="whose encoder (default: %(default)s)")
    parser.add_argument("--limit", type=int, default=60_000)
    options = parser.parse_args()

    from demos.codec import load_codec

    forbidden = probe_words()
    examples = load_examples(options.run / "examples.jsonl")
    frequent = dict.fromkeys(e.target for e in examples if e.origin == "words")
    words = [word for word in plain_forms(frequent) if word.lower() not in forbidden]
    seed = json.loads((options.run / "recipe.json").read_text(encoding="utf-8"))["seed"]
    vectors = torch.from_numpy(np.asarray(load_codec(options.pair).encode(words)))
    rows = list(analogies(vectors, options.limit, torch.Generator().manual_seed(seed)))
    found = [TrainingSum("analogy", [words[row] for row in quadruple]) for quadruple in rows]
    with (options.run / "sums.jsonl").open("a", encoding="utf-8") as out:
        for item in found:
            out.write(json.dumps(item, ensure_ascii=False) + "\n")
    print(f"{len(found):,} analogies of {len(words):,} words, such as")
    for item in random.Random(seed).sample(found, min(12, len(found))):
        c, a, b, d = item.texts
        print(f"  {c} − {a} + {b} = {d}")


if __name__ == "__main__":
    main()
