"""Sums of vectors as training draws them: `demos.training.sums` and groups of like sentences → mixtures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from demos.training.batches import EOS
from demos.training.states import States
from demos.training.sums import read_sums

REPLACEMENTS, RELATIONS, STYLES, GROUPS, MEMBERS = 16, 10, 8, 4, 4  # of each in a step
KINDS = {"number": 0.25, "gender": 0.35, "opposite": 0.25, "capital": 0.15}  # of the relations
STRENGTHS = 0.8, 1.3  # of a style, in differences of a pair
SMALLEST = 3  # sentences in a group


class Mixture(NamedTuple):
    """Sums to decode: row i of `weights` (m, n) says how much of each of the n texts its vector has."""

    rows: np.ndarray
    weights: Tensor
    unit: Tensor  # bool (m,): averages, normalised before they are decoded
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
        weights = torch.zeros(len(self.items), len(self.texts))
        for i, (parts, _, _) in enumerate(self.items):
            for place, coefficient in parts:
                weights[i, place] += coefficient
        unit = torch.tensor([unit for _, unit, _ in self.items])
        return Mixture(np.array(self.texts), weights, unit, [targets[target] for _, _, target in self.items])


@dataclass
class Sums:
    """What mixtures are drawn from: rows of texts everywhere; `targets` holds their token ids."""

    replacements: np.ndarray  # (n, 4): S, phrase, other phrase, S′
    relations: dict[str, np.ndarray]  # kind → (n, 2)
    styles: np.ndarray  # (n, 2): informal, formal
    groups: np.ndarray  # (n, 8): a sentence and its neighbours, the nearest first
    targets: dict[int, np.ndarray]

    def draw(self, generator: np.random.Generator) -> Mixture:
        """The sums of one step, each way round."""
        draft = Draft()
        for chosen in self.replacements[generator.integers(len(self.replacements), size=REPLACEMENTS)]:
            one, old, new, other = chosen if generator.random() < 0.5 else chosen[::-1]
            draft.add([(draft.put(one), 1.0), (draft.put(old), -1.0), (draft.put(new), 1.0)], other)
        for kind in generator.choice(list(KINDS), size=RELATIONS, p=list(KINDS.values())):
            pairs = self.relations[kind]
            (a, b), (c, d) = pairs[generator.choice(len(pairs), 2, replace=False)][
                :, :: generator.choice((1, -1))
            ]
            draft.add([(draft.put(c), 1.0), (draft.put(b), 1.0), (draft.put(a), -1.0)], d)
        self.draw_styles(draft, generator)
        for group in self.groups[generator.integers(len(self.groups), size=GROUPS)]:
            members = group[: generator.integers(SMALLEST, group.size + 1)]
            mean = [(draft.put(row), 1.0 / len(members)) for row in members]
            for row in generator.choice(members, min(MEMBERS, len(members)), replace=False):
                draft.add(mean, row, unit=True)
        return draft.mixture(self.targets)

    def draw_styles(self, draft: Draft, generator: np.random.Generator) -> None:
        """Pairs: one side, and the mean difference of the other pairs, is the other side."""
        pairs = self.styles[generator.choice(len(self.styles), STYLES, replace=False)]
        places = np.array([[draft.put(one), draft.put(other)] for one, other in pairs])
        for i, pair in enumerate(pairs):
            way = generator.integers(2)  # 0: to the formal one
            strength = generator.uniform(*STRENGTHS) / (STYLES - 1)
            others = np.delete(places, i, axis=0)
            parts = [(int(places[i, way]), 1.0)]
            parts += [(int(place), strength) for place in others[:, 1 - way]]
            parts += [(int(place), -strength) for place in others[:, way]]
            draft.add(parts, pair[1 - way])


def load_sums(run: Path, states: States, groups: np.ndarray, held: set[int], spm: Any) -> Sums:
    """The run's sums whose texts' states are written, without those that have a text of `held`."""
    index = {text: row for row, text in enumerate(states.texts)}
    found: dict[str, list[list[int]]] = {}
    for item in read_sums(run):
        rows = [index.get(text, -1) for text in item.texts]
        if min(rows) >= 0 and not held.intersection(rows):
            found.setdefault(item.kind, []).append(rows)
    arrays = {kind: np.array(rows) for kind, rows in found.items()}
    wanted = np.unique(np.concatenate([rows.ravel() for rows in (*arrays.values(), groups)]))
    tokens = spm.encode([states.texts[row] for row in wanted])
    targets = {int(row): np.array([*ids, EOS]) for row, ids in zip(wanted, tokens, strict=True)}
    relations = {kind: arrays[kind] for kind in KINDS}
    return Sums(arrays["replacement"], relations, arrays["style"], groups, targets)
