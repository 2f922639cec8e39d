"""Sums of vectors as training draws them: `demos.training.sums` and groups of like sentences → mixtures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from demos.training.model import EOS
from demos.training.sums import read_sums

REPLACEMENTS, ANALOGIES, RELATIONS, STYLES, GROUPS = 16, 16, 20, 8, 12  # of each in a draw
KINDS = {"number": 0.25, "gender": 0.4, "opposite": 0.2, "capital": 0.15}  # of the relations
AXES = {  # of the styles
    "ty_vy": 0.3,
    "informal_formal": 0.35,
    "reserved_emotive": 0.15,
    "negative_positive": 0.1,
    "past_future": 0.1,
}
# A mean of unit vectors is as long as its members' mean cosine with it: that is its certainty. A share
# of the means is normalised all the same, as in the article; a share is answered by one of the members,
# the rest by the sentence nearest to the mean.
MEMBERS, NORMALISED = 0.4, 0.2
STRENGTHS = 0.8, 1.3  # of a style, in differences of a pair
STRONG, STRONGEST = 0.25, 2.5  # share of the styles that are stronger, and how strong at most


class Mixture(NamedTuple):
    """Sums to decode: row i of `weights` (m, n) says how much of each of the n texts its vector has."""

    rows: np.ndarray
    weights: Tensor
    unit: Tensor  # bool (m,): averages that are normalised before they are decoded
    targets: list[np.ndarray]


class Draft:
    """A mixture in the making: texts to encode, and what to take of each."""

    def __init__(self) -> None:
        self.texts: list[int] = []
        self.items: list[tuple[list[tuple[int, float]], bool, int]] = []

    def put(self, row: int) -> int:
        """Its place among the texts."""
        self.texts.append(int(row))
        return len(self.texts) - 1

    def add(self, parts: list[tuple[int, float]], target: int, unit: bool = False) -> None:
        """Ask for a sum of (place, coefficient) that should decode to the text `target`."""
        self.items.append((parts, unit, int(target)))

    def mixture(self, targets: dict[int, np.ndarray]) -> Mixture:
        """All that was asked for; `targets` has the token ids (t,) of each text that a sum decodes to."""
        weights = torch.zeros(len(self.items), len(self.texts))
        for i, (parts, _, _) in enumerate(self.items):
            for place, coefficient in parts:
                weights[i, place] += coefficient
        unit = torch.tensor([unit for _, unit, _ in self.items])
        return Mixture(np.array(self.texts), weights, unit, [targets[target] for _, _, target in self.items])


@dataclass
class Groups:
    """Sets of like sentences. Row i of `members` (n, 24) has rows of texts, −1 after the last.

    `hubs` (n,) are what their averages decode to; see `demos.training.batches.like_sentences`.
    """

    members: np.ndarray
    hubs: np.ndarray


@dataclass
class Sums:
    """What mixtures are drawn from: rows of texts everywhere; `targets` holds their token ids."""

    replacements: np.ndarray  # (n, 4): S, phrase, other phrase, S′
    analogies: np.ndarray  # (n, 4): c, a, b, d, with c − a + b = d
    relations: dict[str, np.ndarray]  # kind → (n, 2)
    styles: dict[str, np.ndarray]  # kind → (n, 2)
    groups: Groups
    translations: np.ndarray  # (n, 2)
    targets: dict[int, np.ndarray]
    averages: int = GROUPS  # in a draw
    normalised: float = NORMALISED  # share of the averages

    def draw(self, generator: np.random.Generator, times: int = 1) -> Mixture:
        """The sums of one step, each way round, of `times` draws."""
        draft = Draft()
        for _ in range(times):
            self.draw_exchanges(draft, self.replacements, REPLACEMENTS, generator)
            self.draw_exchanges(draft, self.analogies, ANALOGIES, generator)
            self.draw_relations(draft, generator)
            self.draw_styles(draft, generator)
            for number in generator.integers(len(self.groups.hubs), size=self.averages):
                members = self.groups.members[number]
                members = members[members >= 0]
                mean = [(draft.put(row), 1.0 / len(members)) for row in members]
                answer = self.groups.hubs[number]
                if generator.random() < MEMBERS:
                    answer = generator.choice(members)
                draft.add(mean, answer, unit=bool(generator.random() < self.normalised))
        return draft.mixture(self.targets)

    @staticmethod
    def draw_exchanges(draft: Draft, rows: np.ndarray, count: int, generator: np.random.Generator) -> None:
        """Of (n, 4), either way round: the first, without the second, with the third, is the fourth."""
        if not len(rows):
            return
        for chosen in rows[generator.integers(len(rows), size=count)]:
            one, old, new, other = chosen if generator.random() < 0.5 else chosen[::-1]
            draft.add([(draft.put(one), 1.0), (draft.put(old), -1.0), (draft.put(new), 1.0)], other)

    def draw_relations(self, draft: Draft, generator: np.random.Generator) -> None:
        """Pairs of words: one of a pair, with the difference of another pair, is the other."""
        known = list(self.relations)
        if not known:
            return
        shares = np.array([KINDS[kind] for kind in known])
        for kind in generator.choice(known, size=RELATIONS, p=shares / shares.sum()):
            pairs = self.relations[kind]
            (a, b), (c, d) = pairs[generator.choice(len(pairs), 2, replace=False)][
                :, :: generator.choice((1, -1))
            ]
            draft.add([(draft.put(c), 1.0), (draft.put(b), 1.0), (draft.put(a), -1.0)], d)

    def draw_styles(self, draft: Draft, generator: np.random.Generator) -> None:
        """Pairs of a style: one side, and the mean difference of the other pairs, is the other side."""
        known = list(self.styles)
        if not known:
            return
        shares = np.array([AXES[kind] for kind in known])
        pairs = self.styles[generator.choice(known, p=shares / shares.sum())]
        pairs = pairs[generator.choice(len(pairs), STYLES, replace=False)]
        places = np.array([[draft.put(one), draft.put(other)] for one, other in pairs])
        for i, pair in enumerate(pairs):
            way = generator.integers(2)  # 0: to the formal one
            strong = generator.random() < STRONG
            strength = generator.uniform(STRENGTHS[strong], STRONGEST if strong else STRENGTHS[1])
            strength /= STYLES - 1
            others = np.delete(places, i, axis=0)
            parts = [(int(places[i, way]), 1.0)]
            parts += [(int(place), strength) for place in others[:, 1 - way]]
            parts += [(int(place), -strength) for place in others[:, way]]
            draft.add(parts, pair[1 - way])


def load_sums(run: Path, texts: Sequence[str], groups: Groups, held: set[int], spm: Any) -> Sums:
    """The run's sums of texts whose states can be had, without those that have a text of `held`."""
    index = {text: row for row, text in enumerate(texts)}
    found: dict[str, list[list[int]]] = {}
    for item in read_sums(run):
        rows = [index.get(text, -1) for text in item.texts]
        if min(rows) >= 0 and not held.intersection(rows):
            found.setdefault(item.kind, []).append(rows)
    arrays = {kind: np.array(rows) for kind, rows in found.items()}
    translations = arrays.pop("translation", np.empty((0, 2), dtype=np.int64))
    replacements, analogies = (
        arrays.get(kind, np.empty((0, 4), dtype=np.int64)) for kind in ("replacement", "analogy")
    )
    wanted = np.unique(
        np.concatenate([rows.ravel() for rows in (*arrays.values(), groups.hubs, groups.members)])
    )
    wanted = wanted[wanted >= 0]
    tokens = spm.encode([texts[row] for row in wanted])
    targets = {int(row): np.array([*ids, EOS]) for row, ids in zip(wanted, tokens, strict=True)}
    relations = {kind: arrays[kind] for kind in KINDS if kind in arrays}
    styles = {kind: arrays[kind] for kind in AXES if kind in arrays}
    return Sums(replacements, analogies, relations, styles, groups, translations, targets)
