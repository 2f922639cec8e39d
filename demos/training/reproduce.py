"""One run of training from its recipe: the recipe's commands, one after another.

    python -m demos.training.reproduce assets/recipes/compact_joint.json --data ../data --hours 1.45

A recipe's "commands" are those of this folder, with ``{data}`` and ``{hours}`` where these stand. A run
that continues another one needs that one's pair in ``assets/models/compact``. The first command that fails
ends it.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any


def commands(recipe: dict[str, Any], data: Path, hours: float) -> list[list[str]]:
    """What to run, as lists of arguments.

    Raises:
        ValueError: the recipe names no commands.
    """
    if not recipe.get("commands"):
        raise ValueError("the recipe has no commands: it was an experiment that nothing goes on from")
    lines = [line.format(data=data, hours=hours) for line in recipe["commands"]]
    return [
        [sys.executable, "-m", f"demos.training.{name}", *rest] for name, *rest in map(shlex.split, lines)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="folder that the recipe's paths are in")
    parser.add_argument("--hours", type=float, required=True, help="of training")
    parser.add_argument("--show", action="store_true", help="print the commands and run none")
    options = parser.parse_args()
    recipe = json.loads(options.recipe.read_text(encoding="utf-8"))
    for command in commands(recipe, options.data, options.hours):
        print(shlex.join(command[1:]), flush=True)
        if not options.show:
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
