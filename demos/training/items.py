"""Where probes and recipes lie, the items of the probes, and when two sentences are the same to training."""

from __future__ import annotations

import csv
import re
from pathlib import Path

_ASSETS = Path(__file__).resolve().parents[2] / "assets"
PROBES, RECIPES = _ASSETS / "probes", _ASSETS / "recipes"


def normal_form(text: str) -> str:
    """Letters and digits in lower case: two sentences with one form count as the same.

    `demos.operations.answers.same_words` is stricter, and would give the recipes other examples.
    """
    return re.sub(r"\W+", " ", text.lower().replace("ё", "е")).strip()


def read_items(name: str, folder: Path = PROBES) -> list[dict[str, str]]:
    """The items of a probe; the file's first line is a comment, the second names the columns."""
    lines = (folder / f"{name}.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True))
