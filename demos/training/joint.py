"""Step 3 of joint training: the encoder's upper layers, the space and the decoder learn together.

    python -m demos.training.joint --run runs/joint --start assets/models/compact --hours 1.4

The decoder's cross-entropy goes through the vector into the encoder: the vector learns to hold what
the decoder needs, in whatever language it was said. Beside plain examples every step has a few sums
(see `demos.training.sums`) and averages of like sentences, so that arithmetic in the learned space
means what it should. Muon moves the decoder's matrices, AdamW the rest, the encoder at a smaller rate.

The run folder gets ``checkpoint.pt`` every few minutes (the same command goes on from it) and
``loss.csv``. What the recipe's "train" says stands in the place of the options' defaults.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from demos.codec.encoder import TextEncoder
from demos.training.batches import EOS, PAD, Corpus, disturb, neighbours, padded, shifted
from demos.training.data import load_examples
from demos.training.mixtures import Mixture, load_sums
from demos.training.model import SentenceDecoder, from_t5
from demos.training.states import States, load_states, pool, split_encoder
from demos.training.train import COLUMNS, save
from demos.training.vectors import knows_bfloat16

VALIDATION = 1000  # distinct source texts that training never sees
GROUPED = 98_304  # sentences that groups are made of
NOISE = 0.1  # on sums, in units of a unit vector's coordinate
BFLOAT16 = knows_bfloat16("cpu")


class JointModel(nn.Module):
    """Hidden states of a text → its unit vector → the decoder.

    Args:
        encoder: whose `upper` last layers and space are trained; they are taken off it.
        decoder: what reads its vectors.
    """

    def __init__(self, encoder: TextEncoder, upper: int, decoder: SentenceDecoder) -> None:
        super().__init__()
        assert encoder.space is not None
        self.heads: int = encoder.model.config.num_attention_heads  # type: ignore[union-attr,assignment]
        self.upper, self.decoder = split_encoder(encoder.model, upper), decoder
        self.below = len(encoder.model.encoder["layer"])  # type: ignore[index]
        self.mean = nn.Parameter(encoder.space.mean.clone())
        self.matrix = nn.Parameter(encoder.space.matrix.clone())
        self.requires_grad_()

    def vectors(self, states: Tensor, mask: Tensor) -> Tensor:
        """Hidden states (r, d) of the tokens that the mask (b, t) marks → unit vectors (b, d)."""
        pooled = pool(self.upper, self.heads, states, mask)
        with torch.autocast("cpu", enabled=False):
            return nn.functional.normalize((pooled - self.mean) @ self.matrix, dim=-1)

    def encode(self, states: States, rows: np.ndarray) -> Tensor:
        """Unit vectors (n, d) of texts."""
        parts = list(states.parts(rows))
        vectors = [self.vectors(*states.batch(rows[part])) for part in parts]
        return torch.cat(vectors)[torch.from_numpy(np.argsort(np.concatenate(parts)))]


class JointTrainer:
    """The model with its optimisers and its place in the budget; all of it is checkpointed."""

    def __init__(self, model: JointModel, rate: float, encoder_rate: float, warmup: int) -> None:
        self.model, self.warmup = model, warmup
        decoder = model.decoder
        matrices = [p for p in decoder.layers.parameters() if p.ndim == 2]
        chosen = {id(p) for p in matrices}
        others = [p for p in decoder.parameters() if id(p) not in chosen]
        encoder = [*model.upper.parameters(), model.mean, model.matrix]
        muon = torch.optim.Muon(matrices, weight_decay=0.01, adjust_lr_fn="match_rms_adamw")
        adam = torch.optim.AdamW(
            [{"params": others, "peak": rate}, {"params": encoder, "peak": encoder_rate}],
            betas=(0.9, 0.98),
            weight_decay=0.0,
            fused=True,
        )
        muon.param_groups[0]["peak"] = rate
        self.optimisers: list[torch.optim.Optimizer] = [muon, adam]
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
        encoder = {k: v for k, v in self.model.state_dict().items() if not k.startswith("decoder.")}
        return {
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
        decoder = {f"decoder.{name}": tensor for name, tensor in state["model"].items()}
        self.model.load_state_dict(state["encoder"] | decoder)
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        self.seconds, self.step, self.examples = state["seconds"], state["step"], state["examples"]


class Lesson:
    """What is learned from: plain examples and sums, over texts whose states are written."""

    def __init__(self, run: Path, seed: int, model: JointModel) -> None:
        self.states = load_states(run)
        spm = sentencepiece.SentencePieceProcessor(model_file=str(run / "spm.model"))
        index = {text: row for row, text in enumerate(self.states.texts)}
        examples = [e for e in load_examples(run / "examples.jsonl") if e.source in index]
        targets = [[*ids, EOS] for ids in spm.encode([example.target for example in examples])]
        self.corpus = Corpus(
            vectors=np.empty((0, model.decoder.shape.d_model), dtype=np.float16),
            text=np.array([index[example.source] for example in examples], dtype=np.int32),
            ids=np.array([token for target in targets for token in target], dtype=np.uint16),
            offsets=np.concatenate([[0], np.cumsum([len(target) for target in targets])]),
            weight=np.array([example.weight for example in examples], dtype=np.float32),
        )
        sources = np.unique(self.corpus.text)
        held = np.random.default_rng(seed).permutation(sources)[:VALIDATION]
        validating = np.isin(self.corpus.text, held)
        self.validation, self.training = np.flatnonzero(validating), np.flatnonzero(~validating)
        like = [index[e.source] for e in examples if e.source == e.target and e.origin != "words"]
        like = [row for row in dict.fromkeys(like) if 3 <= len(self.states.texts[row].split()) <= 12]
        groups = self.groups(run, np.setdiff1d(like, held), seed, model)
        self.sums = load_sums(run, self.states, groups, set(held.tolist()), spm)

    def groups(self, run: Path, rows: np.ndarray, seed: int, model: JointModel) -> np.ndarray:
        """Texts and their neighbours as the untrained encoder sees them; found once a run."""
        path = run / "groups.npy"
        if not path.exists():
            generator = np.random.default_rng(seed)
            rows = generator.permutation(rows)[:GROUPED]
            with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=BFLOAT16):
                parts = [
                    model.encode(self.states, part) for part in np.array_split(rows, -(-len(rows) // 8192))
                ]
            np.save(path, rows[neighbours(torch.cat(parts).numpy(), generator)])
        found: np.ndarray = np.load(path)
        return found


@contextmanager
def in_training() -> Iterator[None]:
    """bfloat16 where there is any; plain attention, since the fused one is slow backwards on short rows."""
    low = torch.autocast("cpu", dtype=torch.bfloat16, enabled=BFLOAT16)
    with low, sdpa_kernel(SDPBackend.MATH):
        yield


def text_loss(vectors: Tensor, targets: np.ndarray, decoder: SentenceDecoder) -> tuple[Tensor, int]:
    """Mean loss, in nats a token, and the number of tokens that are no padding."""
    return decoder.loss(vectors, *shifted(targets)), int((targets != PAD).sum())


def plain_loss(
    model: JointModel, lesson: Lesson, rows: np.ndarray, noise: torch.Generator | None
) -> tuple[Tensor, int]:
    """The loss of examples; with a generator, their vectors are moved as arithmetic will move them."""
    corpus = lesson.corpus
    targets = padded([corpus.ids[corpus.offsets[row] : corpus.offsets[row + 1]] for row in rows])
    texts, place = np.unique(corpus.text[rows], return_inverse=True)
    vectors = model.encode(lesson.states, texts)[torch.from_numpy(place)]
    return text_loss(vectors if noise is None else disturb(vectors, noise), targets, model.decoder)


def sums_loss(
    model: JointModel, lesson: Lesson, mixture: Mixture, noise: torch.Generator
) -> tuple[Tensor, int]:
    """The loss of sums and averages, with a little noise on them."""
    texts, place = np.unique(mixture.rows, return_inverse=True)
    vectors = mixture.weights @ model.encode(lesson.states, texts)[torch.from_numpy(place)]
    vectors = torch.where(mixture.unit[:, None], nn.functional.normalize(vectors, dim=-1), vectors)
    shaken = torch.randn(vectors.shape, generator=noise) * (NOISE * vectors.shape[1] ** -0.5)
    return text_loss(vectors + shaken, padded(mixture.targets), model.decoder)


@torch.no_grad()
def validate(model: JointModel, lesson: Lesson) -> float:
    """Mean loss, in nats a token, over the examples that are held out, as they are."""
    rows = lesson.validation[np.argsort(lesson.corpus.lengths[lesson.validation])]
    parts = np.array_split(rows, max(1, len(rows) // 256))
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=BFLOAT16):
        losses = [plain_loss(model, lesson, part, None) for part in parts]
    return sum(float(loss) * count for loss, count in losses) / sum(count for _, count in losses)


def train(
    trainer: JointTrainer, lesson: Lesson, run: Path, hours: float, batch_tokens: int, seed: int
) -> None:
    """Train until the budget is used; checkpoints and a line of progress every few minutes."""
    budget = hours * 3600
    noise = torch.Generator().manual_seed(seed + trainer.step)
    generator = np.random.default_rng(seed + trainer.step)
    log = run / "loss.csv"
    if not log.exists():
        log.write_text(",".join(COLUMNS) + "\n")
    print(f"validation before: {validate(trainer.model, lesson):.4f}", flush=True)
    every = min(300.0, budget / 20)
    begun, before, shown = time.monotonic(), trainer.seconds, trainer.seconds
    plain, summed = [], []
    while True:
        for rows in lesson.corpus.drawn(lesson.training, batch_tokens, generator):
            mixture = lesson.sums.draw(generator)
            with in_training():
                one, count = plain_loss(trainer.model, lesson, rows, noise)
                other, more = sums_loss(trainer.model, lesson, mixture, noise)
            ((one * count + other * more) / (count + more)).backward()
            trainer.update(trainer.seconds / budget)
            trainer.examples += len(rows) + len(mixture.targets)
            plain.append(float(one.detach()))
            summed.append(float(other.detach()))
            trainer.seconds = before + time.monotonic() - begun
            finished = trainer.seconds >= budget
            if finished or trainer.seconds - shown >= every:
                figures = (
                    round(trainer.seconds),
                    trainer.step,
                    trainer.examples,
                    f"{trainer.current_rate:.2e}",
                    f"{np.mean(plain):.4f}",
                    f"{validate(trainer.model, lesson):.4f}",
                )
                with log.open("a", newline="") as out:
                    csv.writer(out).writerow(figures)
                print(*(f"{name} {value}" for name, value in zip(COLUMNS, figures, strict=True)), end="")
                print(
                    f" sums {np.mean(summed):.4f}, {(budget - trainer.seconds) / 60:.0f} min left", flush=True
                )
                save(trainer.state(), run / "checkpoint.pt")
                shown, plain, summed = trainer.seconds, [], []
            if finished:
                return


def open_model(pair: str, start: Path, upper: int) -> JointModel:
    """The bundled pair as it is: its encoder's upper layers, its space, its decoder."""
    from demos.codec.pairs import load_encoder

    config = json.loads((start / "decoder" / "config.json").read_text(encoding="utf-8"))
    decoder = from_t5(config, load_file(start / "decoder" / "model.safetensors"))
    return JointModel(load_encoder(pair), upper, decoder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--pair", default="compact", help="whose encoder and space (default: %(default)s)")
    parser.add_argument("--start", type=Path, default=Path("assets/models/compact"), help="the pair's folder")
    parser.add_argument("--hours", type=float, required=True, help="training time, earlier runs counted in")
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--encoder-rate", type=float, default=3e-4)
    parser.add_argument("--warmup", type=int, default=100, help="steps until the full rate")
    parser.add_argument("--batch-tokens", type=int, default=3072)
    parser.add_argument("--seed", type=int, default=2029)
    recipe = json.loads((parser.parse_known_args()[0].run / "recipe.json").read_text(encoding="utf-8"))
    parser.set_defaults(**recipe.get("train", {}))
    options = parser.parse_args()

    torch.manual_seed(options.seed)
    upper = json.loads((options.run / "states.json").read_text())["upper"]
    model = open_model(options.pair, options.start, upper)
    lesson = Lesson(options.run, options.seed, model)
    trainer = JointTrainer(model, options.rate, options.encoder_rate, options.warmup)
    checkpoint = options.run / "checkpoint.pt"
    if checkpoint.exists():
        trainer.restore(torch.load(checkpoint))
    print(f"{len(lesson.corpus.text):,} examples, step {trainer.step}", flush=True)
    train(trainer, lesson, options.run, options.hours, options.batch_tokens, options.seed)


if __name__ == "__main__":
    main()
