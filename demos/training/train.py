"""Step 4 of training: the encoder's upper layers, the space and the decoder learn, together or alone.

    python -m demos.training.train --run runs/joint --start assets/models/compact --hours 1.4

What is learned is in `demos.training.joint`: the decoder says a text's Russian from its vector. With --frozen
the encoder stays as it is, and `demos.training.vectors --sums` writes its vectors before. With --new the
decoder starts from random weights and the encoder's own word embeddings, with the vocabulary of the run.
With --distil the decoder stays as it is, and the encoder learns what `demos.training.distillation` says.
Muon moves the decoder's matrices, AdamW the rest, the encoder at a smaller rate. Muon works in bfloat16; a
machine without it has AdamW for all.

On a CPU `demos.training.states` first writes what comes out of the layers that are not trained; without
its files they run in every step, as suits a GPU.

The run folder gets ``checkpoint.pt`` every few minutes (the same command goes on from it) and
``loss.csv``. What the recipe's "train" says stands in the place of the options' defaults.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from demos.codec.pairs import COMPACT
from demos.training.batches import UNCERTAIN
from demos.training.curriculum import Curriculum
from demos.training.distillation import Distillation
from demos.training.joint import Joint
from demos.training.mixtures import GROUPS, NORMALISED
from demos.training.model import Shape, adapt, grow, read_checkpoint
from demos.training.pair_model import PairModel, low_precision, new_model, open_model
from demos.training.progress import Budget, Progress
from demos.training.states import Texts, Tokens, load_placed, load_states, load_tokens
from demos.training.vectors import knows_bfloat16


class Objective(Protocol):
    """What a run learns."""

    def steps(self, done: int) -> Iterable[Any]:
        """What the loss is taken of, step by step without end, where `done` steps are done already."""

    def loss(self, step: Any) -> tuple[Tensor, int, dict[str, Tensor]]:
        """A step's loss, the number of its examples, and scalars for the log: "train" and others."""

    def validate(self) -> dict[str, float]:
        """Figures of what is held out: "validation" and others."""


class Trainer:
    """The model with its optimisers and its place in the budget; all of it is checkpointed."""

    def __init__(self, model: PairModel, rate: float, encoder_rate: float, warmup: int) -> None:
        self.model, self.warmup = model, warmup
        decoder = model.decoder
        learned = [p for p in decoder.parameters() if p.requires_grad]
        whole = {id(p) for p in decoder.layers.parameters() if p.ndim == 2 and not decoder.adapted}
        matrices = [p for p in learned if id(p) in whole]
        others = [p for p in learned if id(p) not in whole]
        encoder = [*model.upper.parameters(), model.mean, model.matrix]
        groups = [{"params": others, "peak": rate}, {"params": encoder, "peak": encoder_rate}]
        self.optimisers: list[torch.optim.Optimizer] = []
        if matrices and knows_bfloat16(model.mean.device.type):
            muon = torch.optim.Muon(matrices, weight_decay=0.01, adjust_lr_fn="match_rms_adamw")
            muon.param_groups[0]["peak"] = rate
            self.optimisers.append(muon)
        else:
            groups.append({"params": matrices, "peak": rate})
        groups = [group for group in groups if group["params"]]
        self.optimisers.append(torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=0.0, fused=True))
        self.seconds, self.step, self.examples = 0.0, 0, 0
        self.current_rate = rate

    def update(self, progress: float) -> None:
        """One step on the gradient that stands, at a place of the budget (0 to 1)."""
        part = min(1.0, (self.step + 1) / self.warmup) * max(0.0, 1.0 - progress)
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = self.current_rate = group["peak"] * part
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        self.step += 1

    def state(self) -> dict[str, Any]:
        """What `restore` takes up and the export reads; "kept" names the part that is not trained."""
        encoder = {k: v for k, v in self.model.state_dict().items() if not k.startswith("decoder.")}
        kept = not any(p.requires_grad for p in self.model.decoder.parameters())
        return {
            **({"kept": ["decoder"]} if kept else {}),
            "shape": asdict(self.model.decoder.shape),
            "model": self.model.decoder.state_dict(),
            "encoder": encoder,
            "below": self.model.below,
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "seconds": self.seconds,
            "step": self.step,
            "examples": self.examples,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` gave, of a model of the same shape."""
        decoder = {f"decoder.{name}": tensor for name, tensor in state["model"].items()}
        self.model.load_state_dict(state["encoder"] | decoder)
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        self.seconds, self.step, self.examples = state["seconds"], state["step"], state["examples"]


def train(trainer: Trainer, objective: Objective, run: Path, budget: Budget) -> None:
    """Train until the budget is used; checkpoints and a line of progress every few minutes."""
    before = ", ".join(f"{name} {value:.4f}" for name, value in objective.validate().items())
    print(f"before: {before}", flush=True)
    progress, seen = Progress(run, budget, trainer), []
    for step in objective.steps(trainer.step):
        with low_precision(trainer.model.mean.device):
            loss, examples, figures = objective.loss(step)
        loss.backward()
        trainer.update(progress.share)
        trainer.examples += examples
        seen.append(figures)
        if progress.due():
            means = {name: float(torch.stack([one[name] for one in seen]).mean()) for name in figures}
            progress.note(means | objective.validate())
            seen = []
        if progress.finished:
            return


def joint_objective(model: PairModel, texts: Texts, options: argparse.Namespace) -> Joint:
    """The objective of a run's examples and sums, for the options of `main`."""

    @torch.no_grad()
    def encode(rows: np.ndarray) -> np.ndarray:
        with low_precision(model.mean.device, backwards=False):
            parts = [model.encode(texts, part) for part in np.array_split(rows, -(-len(rows) // 8192))]
        return torch.cat(parts).cpu().numpy()

    curriculum = Curriculum(
        options.run,
        texts.texts,
        options.batch_tokens,
        options.seed,
        encode,
        options.translations,
        options.averages,
        options.shortest,
    )
    curriculum.sums.normalised = options.normalised
    print(f"{len(curriculum.corpus.text):,} examples", flush=True)
    return Joint(model, texts, curriculum, options.workers, options.distractors, options.uncertain)


def distillation_objective(model: PairModel, texts: Texts, options: argparse.Namespace) -> Distillation:
    """The objective of a run's examples alone, for the options of `main`."""
    if isinstance(texts, Tokens) and knows_bfloat16(options.device):
        texts.to_bfloat16()
    objective = Distillation(model, texts, options.run, options.batch_tokens, options.seed)
    print(f"{len(objective.training):,} examples", flush=True)
    return objective


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--pair", default="compact", help="whose encoder and space (default: %(default)s)")
    parser.add_argument("--start", type=Path, default=COMPACT, help="the pair's folder")
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument("--hours", type=float, default=0.0, help="training time, earlier sessions counted in")
    length.add_argument("--steps", type=int, help="how many steps, those of earlier sessions counted in")
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--encoder-rate", type=float, default=3e-4)
    parser.add_argument("--warmup", type=int, default=100, help="steps until the full rate")
    parser.add_argument("--batch-tokens", type=int, default=3072)
    parser.add_argument("--translations", type=int, default=16, help="pairs beside each draw of sums")
    parser.add_argument("--averages", type=int, default=GROUPS, help="in each draw of sums")
    parser.add_argument(
        "--shortest", type=int, default=3, help="words of sentences that averages are made of"
    )
    parser.add_argument("--new", action="store_true", help="a decoder from random weights")
    parser.add_argument("--upper", type=int, default=3, help="layers to train, where no states are written")
    parser.add_argument("--layers", type=int, help="of the decoder, where it is new or should grow")
    parser.add_argument("--d-ff", type=int, help="width of its feed-forward, likewise")
    alone = parser.add_mutually_exclusive_group()
    alone.add_argument("--frozen", action="store_true", help="train the decoder alone, on written vectors")
    alone.add_argument("--distil", action="store_true", help="train the encoder alone, towards its Russian")
    parser.add_argument("--distractors", type=float, default=0.0, help="share of examples among others")
    parser.add_argument("--uncertain", type=float, default=UNCERTAIN, help="share of examples made short")
    parser.add_argument("--normalised", type=float, default=NORMALISED, help="share of averages of length 1")
    parser.add_argument("--adapter", type=int, help="rank of an adapter, the decoder itself staying as it is")
    parser.add_argument("--workers", type=int, default=0, help="processes that make steps")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--seed", type=int, default=2029)
    recipe = json.loads((parser.parse_known_args()[0].run / "recipe.json").read_text(encoding="utf-8"))
    parser.set_defaults(**recipe.get("train", {}))
    options = parser.parse_args()

    from demos.codec.pairs import load_encoder

    torch.manual_seed(options.seed)
    encoder = load_encoder(options.pair)
    note = options.run / "states.json"
    upper = json.loads(note.read_text())["upper"] if note.exists() else options.upper
    if options.new:
        sizes = options.layers or Shape.num_layers, options.d_ff or Shape.d_ff
        model = new_model(encoder, options.run / "spm.model", upper, *sizes)
    else:
        model = open_model(encoder, options.start, upper)
        shape = model.decoder.shape
        model.decoder = grow(model.decoder, options.layers or shape.num_layers, options.d_ff or shape.d_ff)
    if options.adapter:
        adapt(model.decoder, options.adapter)
    model.to(options.device)
    texts: Texts
    if options.frozen:
        texts = load_placed(options.run, encoder)
    else:
        texts = load_states(options.run) if note.exists() else load_tokens(options.run, encoder)
        encoder.model.to(options.device)
    make = distillation_objective if options.distil else joint_objective
    objective: Objective = make(model, texts, options)
    trainer = Trainer(model, options.rate, options.encoder_rate, options.warmup)
    checkpoint = options.run / "checkpoint.pt"
    if checkpoint.exists():
        trainer.restore(read_checkpoint(checkpoint, options.device))
    print(f"step {trainer.step}", flush=True)
    train(trainer, objective, options.run, Budget(options.hours, options.steps))


if __name__ == "__main__":
    main()
