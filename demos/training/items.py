"""The items of the probes, which training sentences must not hold, and how two sentences are compared."""

from __future__ import annotations

import csv
import re
from pathlib import Path

PROBES = Path(__file__).resolve().parents[2] / "assets" / "probes"


def normal_form(text: str) -> str:
    """Letters and digits in lower case: two sentences with one form count as the same."""
    return re.sub(r"\W+", " ", text.lower().replace("ё", "е")).strip()


def read_items(name: str, folder: Path = PROBES) -> list[dict[str, str]]:
    """The items of a probe; the file's first line is a comment, the second names the columns."""
    lines = (folder / f"{name}.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True))
