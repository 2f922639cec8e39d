"""The loss curve of a run as a picture: ``loss.csv`` → ``loss.png``.

python -m demos.training.curve --run runs/compact
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

LOG = "loss.csv"
PICTURE = "loss.png"


def read_log(path: Path) -> list[dict[str, float]]:
    """The lines of a run's log, numbers under the names of the columns.

    Raises:
        FileNotFoundError: there is no log.
        ValueError: it has no line of figures yet.
    """
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(lines)]
    if not rows:
        raise ValueError(f"{path}: no figures yet")
    return rows


def draw(rows: list[dict[str, float]], path: Path) -> None:
    """Training and validation loss against hours of training, written as a png."""
    import matplotlib

    matplotlib.use("Agg")  # no display needed
    from matplotlib import pyplot as plt

    hours = [row["seconds"] / 3600 for row in rows]
    figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
    axes.plot(hours, [row["train"] for row in rows], color="#999999", label="training (noisy vectors)")
    axes.plot(hours, [row["validation"] for row in rows], color="#0072B2", label="validation")
    axes.set_xlabel("hours of training")
    axes.set_ylabel("loss, nats a token")
    last = rows[-1]
    axes.set_title(f"{last['examples'] / 1e6:.2f} M examples seen, validation loss {last['validation']:.2f}")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    options = parser.parse_args()
    draw(read_log(options.run / LOG), options.run / PICTURE)
    print(options.run / PICTURE)


if __name__ == "__main__":
    main()
