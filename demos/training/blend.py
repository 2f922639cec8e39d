"""Step 4b of training: the mean of a run's weights and of those of the pair that it began with.

    python -m demos.training.blend --run runs/languages --share 0.7 --decoder-share 0.5

A run on one kind of text forgets some of another; the mean keeps much of both (WiSE-FT: Wortsman et al.,
2022, arXiv:2109.01903). Writes ``checkpoint.pt`` anew, with the shares in it; what was trained is kept in
``trained.pt``. Run it before the export, while `start` still holds the pair that training began with.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from demos.codec.pairs import COMPACT
from demos.training.export import UPPER
from demos.training.model import from_t5, read_checkpoint


def blend(checkpoint: dict[str, Any], start: Path, shares: dict[str, float]) -> dict[str, Any]:
    """A run's checkpoint with a share of its own weights, and the rest of those of the pair in `start`.

    `shares` has one for the "encoder" and one for the "model", which is the decoder.

    Raises:
        KeyError: the pair has no trained layer of the encoder where the run trained one.
    """
    decoder = start / "decoder"
    config = json.loads((decoder / "config.json").read_text(encoding="utf-8"))
    earlier = from_t5(config, load_file(decoder / "model.safetensors")).state_dict()
    encoder = load_file(start / "encoder" / "space.safetensors")
    for name, tensor in load_file(start / "encoder" / UPPER).items():
        _, _, number, rest = name.split(".", 3)
        encoder[f"upper.{int(number) - checkpoint['below']}.{rest}"] = tensor

    mixed = {
        part: {
            name: torch.lerp(theirs[name].float(), t, shares[part]) for name, t in checkpoint[part].items()
        }
        for part, theirs in (("model", earlier), ("encoder", encoder))
    }
    return checkpoint | mixed | {"shares": shares}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--start", type=Path, default=COMPACT, help="the pair's folder")
    parser.add_argument("--share", type=float, required=True, help="of the run's own weights, 0 to 1")
    parser.add_argument("--decoder-share", type=float, help="of the decoder's, where it is another")
    options = parser.parse_args()

    path, kept = options.run / "checkpoint.pt", options.run / "trained.pt"
    if not kept.exists():
        path.rename(kept)
    checkpoint = read_checkpoint(kept)
    own = options.share if options.decoder_share is None else options.decoder_share
    torch.save(blend(checkpoint, options.start, {"encoder": options.share, "model": own}), path)
    print(
        f"{options.share:g} of the run's encoder, {own:g} of its decoder, the rest of {options.start}: {path}"
    )


if __name__ == "__main__":
    main()
