"""Step 4 of training: train the decoder, for as many hours as there are.

    python -m demos.training.train --run runs/compact --hours 2

Muon (Jordan et al., 2024, https://kellerjordan.github.io/posts/muon/) moves the matrices, AdamW
the embeddings and norms; without bfloat16 in the machine AdamW moves all. The rate rises over the
first steps and falls linearly to zero at the end of the budget. The run folder gets
``checkpoint.pt`` (every few minutes; the same command goes on from it, with a larger --hours too)
and ``loss.csv``. What the recipe's "train" says stands in the place of the options' defaults.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from demos.codec.encoder import TextEncoder
from demos.training.batches import Batch, Corpus, disturb, load_corpus
from demos.training.model import SentenceDecoder, Shape, from_t5
from demos.training.progress import Progress
from demos.training.vectors import knows_bfloat16

VALIDATION = 1000  # distinct source texts that training never sees


class Trainer:
    """A decoder with its optimisers and its place in the budget; all of it is checkpointed."""

    def __init__(self, shape: Shape, rate: float, warmup: int, device: str) -> None:
        self.model = SentenceDecoder(shape).to(device)
        self.rate, self.warmup, self.device = rate, warmup, device
        matrices = [p for name, p in self.model.layers.named_parameters() if p.ndim == 2]
        chosen = {id(p) for p in matrices}
        others = [p for p in self.model.parameters() if id(p) not in chosen]
        self.optimisers: list[torch.optim.Optimizer] = []
        if knows_bfloat16(device):  # Muon orthogonalises in bfloat16 whatever the weights are
            self.optimisers.append(
                torch.optim.Muon(matrices, weight_decay=0.01, adjust_lr_fn="match_rms_adamw")
            )
        else:
            others += matrices
        self.optimisers.append(torch.optim.AdamW(others, betas=(0.9, 0.98), weight_decay=0.0, fused=True))
        self.seconds, self.step, self.examples = 0.0, 0, 0
        self.current_rate = 0.0

    def update(self, batch: Batch, generator: torch.Generator, progress: float) -> float:
        """One step on a batch at a place of the budget (0 to 1); its loss in nats a token."""
        self.current_rate = self.rate * min(1.0, (self.step + 1) / self.warmup) * max(0.0, 1.0 - progress)
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = self.current_rate
        vectors = disturb(batch.vectors, generator)
        loss = self.loss(batch._replace(vectors=vectors))
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimiser in self.optimisers:
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        self.step += 1
        self.examples += len(batch.vectors)
        return float(loss.detach())

    def loss(self, batch: Batch) -> Tensor:
        with torch.autocast(
            torch.device(self.device).type, dtype=torch.bfloat16, enabled=knows_bfloat16(self.device)
        ):
            vectors, tokens, targets = (part.to(self.device) for part in batch)
            return self.model.loss(vectors, tokens, targets)

    @torch.no_grad()
    def validate(self, corpus: Corpus, rows: np.ndarray) -> float:
        """Mean loss, in nats a token, over the rows as they are: no noise, no weights."""
        rows = rows[np.argsort(corpus.lengths[rows])]
        total = tokens = 0.0
        for part in np.array_split(rows, max(1, len(rows) // 256)):
            count = corpus.lengths[part].sum()
            total += float(self.loss(corpus.batch(part))) * count
            tokens += count
        return total / tokens

    def state(self) -> dict[str, Any]:
        return {
            "shape": asdict(self.model.shape),
            "model": self.model.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "seconds": self.seconds,
            "step": self.step,
            "examples": self.examples,
            "rate": self.rate,
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        self.seconds, self.step, self.examples = state["seconds"], state["step"], state["examples"]


def embedding_start(encoder: TextEncoder, pieces: list[str]) -> Tensor:
    """Rows of the encoder's own word embeddings for the decoder's pieces: (pieces, d), RMS 1.

    A piece that is a token of the encoder takes that token's row, any other the mean of the rows
    of its parts.
    """
    table = encoder.model.get_input_embeddings()  # type: ignore[operator]
    bare = encoder.token_ids([""])[0]
    start = len(bare) - 1  # ids of the prefix; the last one ends the text
    parts = [ids[start:-1] or bare[:1] for ids in encoder.token_ids([p.replace("▁", " ") for p in pieces])]
    rows = torch.stack([table(torch.tensor(ids)).float().mean(0) for ids in parts])
    rows = rows - rows.mean(0)
    return rows / rows.pow(2).mean().sqrt()


def batches(corpus: Corpus, rows: np.ndarray, batch_tokens: int, seed: int) -> Iterator[Batch]:
    """Batches without end: one shuffled pass after another."""
    generator = np.random.default_rng(seed)
    while True:
        yield from corpus.epoch(rows, batch_tokens, generator)


def train(trainer: Trainer, corpus: Corpus, run: Path, hours: float, batch_tokens: int, seed: int) -> None:
    """Train until the budget is used; checkpoints and a line of progress every few minutes."""
    held = np.random.default_rng(seed).permutation(len(corpus.vectors))[:VALIDATION]
    validating = np.isin(corpus.text, held)
    validation, training = np.flatnonzero(validating), np.flatnonzero(~validating)
    noise = torch.Generator().manual_seed(seed + trainer.step)
    progress, losses = Progress(run, hours, trainer), []
    for batch in batches(corpus, training, batch_tokens, seed + trainer.step):
        losses.append(trainer.update(batch, noise, progress.share))
        if progress.due():
            progress.note(float(np.mean(losses)), trainer.validate(corpus, validation))
            losses = []
        if progress.finished:
            return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--pair", default="compact", help="whose encoder and space (default: %(default)s)")
    parser.add_argument("--space", type=Path, default=Path("assets/models/compact/encoder/space.safetensors"))
    parser.add_argument("--hours", type=float, required=True, help="training time, earlier runs counted in")
    parser.add_argument("--start", type=Path, help="checkpoint folder of a decoder to go on from")
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--d-ff", type=int, default=1024)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--warmup", type=int, default=150, help="steps until the full rate")
    parser.add_argument("--batch-tokens", type=int, default=4096)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    recipe = json.loads((parser.parse_known_args()[0].run / "recipe.json").read_text(encoding="utf-8"))
    parser.set_defaults(**recipe.get("train", {}))
    options = parser.parse_args()

    torch.manual_seed(options.seed)
    corpus = load_corpus(options.run, options.space)
    spm = sentencepiece.SentencePieceProcessor(model_file=str(options.run / "spm.model"))
    width = corpus.vectors.shape[1]
    shape = Shape(
        len(spm), d_model=width, num_heads=width // 64, num_layers=options.layers, d_ff=options.d_ff
    )
    trainer = Trainer(shape, options.rate, options.warmup, options.device)
    checkpoint = options.run / "checkpoint.pt"
    if checkpoint.exists():
        trainer.restore(torch.load(checkpoint, map_location=options.device))
    elif options.start:
        config = json.loads((options.start / "config.json").read_text(encoding="utf-8"))
        start = from_t5(config, load_file(options.start / "model.safetensors"))
        trainer.model.load_state_dict(start.state_dict())
    else:
        from demos.codec.pairs import load_encoder

        pieces = [spm.id_to_piece(i) for i in range(len(spm))]
        trainer.model.embed.weight.data.copy_(embedding_start(load_encoder(options.pair), pieces))
    count = sum(p.numel() for p in trainer.model.parameters())
    print(f"{len(corpus.text):,} examples, {count / 1e6:.1f} M parameters, step {trainer.step}", flush=True)
    train(trainer, corpus, options.run, options.hours, options.batch_tokens, options.seed)


if __name__ == "__main__":
    main()
