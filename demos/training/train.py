"""Step 4 of training: the encoder's upper layers, the space and the decoder learn together.

    python -m demos.training.train --run runs/joint --start assets/models/compact --hours 1.4

The decoder's cross-entropy goes through the vector into the encoder: the vector learns to hold what
the decoder needs, in whatever language it was said. Beside plain examples every step has sums (see
`demos.training.sums`) and averages of like sentences, so that arithmetic in the learned space means
what it should, and translations into other languages, whose vector is drawn to that of the other side
(as in Reimers and Gurevych, 2020, arXiv:2004.09813). Muon moves the decoder's matrices, AdamW the rest,
the encoder at a smaller rate. Muon works in bfloat16; a machine without it has AdamW for all.

On a CPU `demos.training.states` first writes what comes out of the layers that are not trained; without
its files they run in every step, as suits a GPU. With --frozen the encoder stays as it is, and
`demos.training.vectors --sums` writes its vectors before. With --new the decoder starts from random weights
and the encoder's own word embeddings, with the vocabulary of the run.

The run folder gets ``checkpoint.pt`` every few minutes (the same command goes on from it) and
``loss.csv``. What the recipe's "train" says stands in the place of the options' defaults.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
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
from demos.training.batches import PAD, UNCERTAIN, augment
from demos.training.curriculum import Curriculum, Step
from demos.training.mixtures import GROUPS, NORMALISED
from demos.training.model import SentenceDecoder, Shape, adapt, from_t5, grow
from demos.training.progress import Budget, Progress
from demos.training.states import Placed, Texts, load_placed, load_states, load_tokens, pool, split_encoder
from demos.training.vectors import knows_bfloat16

NOISE = 0.1  # on sums, in units of a unit vector's coordinate
TEMPERATURE, CONTRAST, SAME = 0.05, 0.3, 0.98  # of the contrast between translations: see `alignment`
PART, PART_ON_GPU = 4096, 65_536  # tokens that the encoder is given at once


class PairModel(nn.Module):
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
        with torch.autocast(pooled.device.type, enabled=False):
            return nn.functional.normalize((pooled - self.mean) @ self.matrix, dim=-1)

    def encode(self, texts: Texts, rows: np.ndarray) -> Tensor:
        """Unit vectors (n, d) of texts."""
        device = self.mean.device
        if isinstance(texts, Placed):
            return torch.from_numpy(texts.vectors[rows]).float().to(device)
        parts = list(texts.parts(rows, PART if device.type == "cpu" else PART_ON_GPU))
        batches = (texts.batch(rows[part]) for part in parts)
        vectors = [self.vectors(*(tensor.to(device) for tensor in batch)) for batch in batches]
        return torch.cat(vectors)[torch.from_numpy(np.argsort(np.concatenate(parts))).to(device)]


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


@contextmanager
def low_precision(device: torch.device, backwards: bool = True) -> Iterator[None]:
    """bfloat16 where there is any; on a CPU plain attention, as the fused one is slow backwards there."""
    plain = sdpa_kernel(SDPBackend.MATH) if backwards and device.type == "cpu" else nullcontext()
    with torch.autocast(device.type, dtype=torch.bfloat16, enabled=knows_bfloat16(device.type)), plain:
        yield


def text_loss(vectors: Tensor, targets: Tensor, decoder: SentenceDecoder) -> tuple[Tensor, int]:
    """Mean loss, in nats a token, and the number of tokens that are no padding."""
    count = int((targets != PAD).sum())
    targets = targets.to(vectors.device)
    tokens = nn.functional.pad(targets[:, :-1], (1, 0), value=PAD)
    return decoder.loss(vectors, tokens, targets), count


def alignment(one: Tensor, other: Tensor) -> Tensor:
    """How far translations (p, d) lie from what they translate: what their cosines lack of 1, and a contrast.

    The contrast is the cross-entropy of finding each pair among the step's (InfoNCE: van den Oord et al.,
    2018, arXiv:1807.03748), from the first side alone: the second, mostly Russian, stands still. Steps
    hold sentences of like length, so the others of a step are hard ones.
    """
    still = other.detach()
    cosines = one @ still.T
    same = (still @ still.T) > SAME  # one Russian sentence may stand for several languages
    same.fill_diagonal_(False)
    scores = (cosines / TEMPERATURE).masked_fill(same, float("-inf"))
    contrast = nn.functional.cross_entropy(scores, torch.arange(len(one), device=one.device))
    return 1 - cosines.diagonal().mean() + CONTRAST * contrast


def losses(
    model: PairModel,
    texts: Texts,
    step: Step,
    noise: torch.Generator,
    distractors: float = 0.0,
    uncertain: float = UNCERTAIN,
) -> tuple[Tensor, Tensor, Tensor]:
    """A step's loss, and in it that of the examples and that of the sums.

    The examples' vectors are moved as arithmetic will move them, the sums' shaken a little. What
    translations lack of a cosine of 1 is added; the second of a pair stands still for the first.
    """
    vectors = model.encode(texts, step.texts.numpy())
    device = vectors.device
    own = augment(vectors[step.place.to(device)], noise, distractors, uncertain)
    sums = step.weights.to(device) @ vectors
    sums = torch.where(step.unit.to(device)[:, None], nn.functional.normalize(sums, dim=-1), sums)
    shaken = torch.randn(sums.shape, generator=noise, device=device) * (NOISE * sums.shape[1] ** -0.5)
    plain, count = text_loss(own, step.targets, model.decoder)
    summed, more = text_loss(sums + shaken, step.aims, model.decoder)
    loss = (plain * count + summed * more) / (count + more)
    if len(step.same) and vectors.requires_grad:
        one, other = vectors[step.same.to(device)].unbind(1)
        loss = loss + alignment(one, other)
    return loss, plain.detach(), summed.detach()


@torch.no_grad()
def validate(model: PairModel, texts: Texts, curriculum: Curriculum) -> float:
    """Mean loss, in nats a token, over the examples that are held out, as they are."""
    rows = curriculum.validation[np.argsort(curriculum.corpus.lengths[curriculum.validation])]
    total = tokens = 0.0
    for part in np.array_split(rows, max(1, len(rows) // 256)):
        with low_precision(model.mean.device, backwards=False):
            vectors = model.encode(texts, curriculum.corpus.text[part])
            loss, count = text_loss(vectors, torch.from_numpy(curriculum.targets(part)), model.decoder)
        total, tokens = total + float(loss) * count, tokens + count
    return total / tokens


def train(
    trainer: Trainer,
    texts: Texts,
    curriculum: Curriculum,
    run: Path,
    budget: Budget,
    workers: int = 0,
    distractors: float = 0.0,
    uncertain: float = UNCERTAIN,
) -> None:
    """Train until the budget is used; checkpoints and a line of progress every few minutes."""
    model = trainer.model
    noise = torch.Generator(model.mean.device).manual_seed(curriculum.drawing)
    print(f"validation before: {validate(model, texts, curriculum):.4f}", flush=True)
    progress = Progress(run, budget, trainer)
    plain, summed = [], []
    for step in curriculum.loader(workers):
        with low_precision(model.mean.device):
            loss, one, other = losses(model, texts, step, noise, distractors, uncertain)
        loss.backward()
        trainer.update(progress.share)
        trainer.examples += len(step.targets) + len(step.aims)
        plain.append(one)
        summed.append(other)
        if progress.due():
            sums = f" sums {float(torch.stack(summed).mean()):.4f}"
            progress.note(float(torch.stack(plain).mean()), validate(model, texts, curriculum), sums)
            plain, summed = [], []
        if progress.finished:
            return


def open_model(encoder: TextEncoder, start: Path, upper: int) -> PairModel:
    """The encoder's upper layers and its space, taken off it, and the decoder of the pair in `start`."""
    config = json.loads((start / "decoder" / "config.json").read_text(encoding="utf-8"))
    decoder = from_t5(config, load_file(start / "decoder" / "model.safetensors"))
    return PairModel(encoder, upper, decoder)


def new_model(encoder: TextEncoder, vocabulary: Path, upper: int, layers: int, d_ff: int) -> PairModel:
    """The same with a decoder of random weights, whose word embeddings begin as the encoder's own."""
    spm = sentencepiece.SentencePieceProcessor(model_file=str(vocabulary))
    shape = Shape(len(spm), encoder.dim, num_heads=encoder.dim // 64, num_layers=layers, d_ff=d_ff)
    decoder = SentenceDecoder(shape)
    pieces = [spm.id_to_piece(i) for i in range(len(spm))]
    decoder.embed.weight.data.copy_(embedding_start(encoder, pieces))
    return PairModel(encoder, upper, decoder)


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--pair", default="compact", help="whose encoder and space (default: %(default)s)")
    parser.add_argument("--start", type=Path, default=Path("assets/models/compact"), help="the pair's folder")
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
    parser.add_argument("--frozen", action="store_true", help="train the decoder alone, on written vectors")
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
    trainer = Trainer(model, options.rate, options.encoder_rate, options.warmup)
    checkpoint = options.run / "checkpoint.pt"
    if checkpoint.exists():
        trainer.restore(torch.load(checkpoint, map_location=options.device))
    curriculum.drawing = options.seed + trainer.step
    print(f"{len(curriculum.corpus.text):,} examples, step {trainer.step}", flush=True)
    budget, shares = Budget(options.hours, options.steps), (options.distractors, options.uncertain)
    train(trainer, texts, curriculum, options.run, budget, options.workers, *shares)


if __name__ == "__main__":
    main()
