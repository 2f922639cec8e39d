"""Step 4c of training: the encoder's upper layers learn to put a text where its Russian already lies.

    python -m demos.training.align --run runs/aligned --start assets/models/compact --hours 1.5

The pair that training begins with is the teacher: a text's vector is drawn to the vector that the teacher
gives its Russian (Reimers and Gurevych, 2020, arXiv:2004.09813). Russian texts are examples as well and are
held where they are. So the decoder, its adapter and the axes of the space stay what they were, and only the
map from other languages moves. A contrast between the texts of a step, as in `demos.training.train`, is left
out: it drives them away from their Russian and from each other.

Most of the work is in layers that are not trained. They are run in bfloat16 where the machine has it, which
is some four times as fast on two cores as what `demos.training.train` does.

The run folder gets ``checkpoint.pt`` every few minutes (the same command goes on from it) and ``loss.csv``,
whose validation is the mean of what texts lack of a cosine of 1 with their Russian.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
import torch
from torch import Tensor, nn

from demos.codec.gguf_bert import Bert
from demos.training.curriculum import read_corpus
from demos.training.data import load_examples
from demos.training.progress import Budget, Progress
from demos.training.states import Tokens, load_tokens
from demos.training.train import Trainer, low_precision, open_model
from demos.training.vectors import knows_bfloat16

VALIDATION = 4000  # examples that training never sees
PART = 4096  # tokens that the encoder is given at once, padding included
FAR = -1e4  # a score that softmax makes nothing of


class Pairs:
    """Examples whose text and Russian are both among the texts of the run.

    Attributes:
        text, russian: rows of texts, int (n,).
        training, validation: rows of examples.
    """

    def __init__(self, run: Path, texts: list[str], batch_tokens: int, seed: int) -> None:
        self.batch_tokens = batch_tokens
        spm = sentencepiece.SentencePieceProcessor(model_file=str(run / "spm.model"))
        index = {text: row for row, text in enumerate(texts)}
        self.corpus, self.russian = read_corpus(load_examples(run / "examples.jsonl"), index, spm)
        self.text = self.corpus.text
        rows = np.random.default_rng(seed).permutation(np.flatnonzero(self.russian >= 0))
        # A Russian sentence of the validation is no training example in any language.
        held = np.unique(self.russian[rows[:VALIDATION]])
        seen = np.isin(self.russian[rows], held)
        self.training, self.validation = rows[~seen], rows[:VALIDATION]

    def steps(self, seed: int) -> Iterator[np.ndarray]:
        """Rows of examples of like length, in any order, step by step without end."""
        generator = np.random.default_rng(seed)
        while True:
            for rows in self.corpus.drawn(self.training, self.batch_tokens, generator):
                yield generator.permutation(rows)


class Encoder(nn.Module):
    """Token ids → unit vectors: layers that are not trained, those that are, and the space.

    Args:
        bert: the lower layers, which encoders may share; they are not trained.
        upper, mean, matrix: what a `PairModel` has above them.
    """

    def __init__(self, bert: Bert, upper: nn.ModuleList, mean: Tensor, matrix: Tensor) -> None:
        super().__init__()
        self.bert, self.upper, self.mean, self.matrix = [bert], upper, mean, matrix  # a list: no submodule
        self.heads = bert.config.num_attention_heads

    def below(self, ids: Tensor, here: Tensor) -> Tensor:
        """Token ids and what is no padding, both (b, t) → states (b, t, d) under the upper layers."""
        parts: Any = self.bert[0].embeddings
        x = parts["word_embeddings"](ids) + parts["position_embeddings"].weight[: ids.shape[1]]
        x = x + parts["token_type_embeddings"].weight[0]
        norm = parts["LayerNorm"]
        return run(self.bert[0].encoder["layer"], norm(x.to(norm.weight.dtype)), here, self.heads)

    def forward(self, texts: Tokens, rows: np.ndarray) -> Tensor:
        """Unit vectors (n, d) of some of the texts."""
        parts, found = list(texts.parts(rows, PART)), []
        for part in parts:
            places, mask = texts.places(rows[part])
            ids = np.zeros(mask.shape, dtype=np.int64)
            ids[mask] = texts.ids[places]
            here = torch.from_numpy(mask)
            with torch.no_grad():
                states = self.below(torch.from_numpy(ids), here)
            x = run(self.upper, states.to(next(self.upper.parameters()).dtype), here, self.heads).float()
            pooled = nn.functional.normalize((x * here[..., None]).sum(1) / here.sum(1, keepdim=True), dim=-1)
            with torch.autocast("cpu", enabled=False):
                found.append(nn.functional.normalize((pooled - self.mean) @ self.matrix, dim=-1))
        return torch.cat(found)[torch.from_numpy(np.argsort(np.concatenate(parts)))]


def run(layers: Any, x: Tensor, here: Tensor, heads: int) -> Tensor:
    """BERT's layers on padded states (b, t, d); `here` (b, t) marks what is no padding.

    It computes what `demos.codec.gguf_bert.run_layers` does. That one leaves the padding out, which saves
    work where lengths differ; here they are nearly equal, and moving the rows about would cost more.
    """
    b, t, d = x.shape
    mask = ~here[:, None, None, :]
    for layer in layers:
        attention = layer["attention"]
        q, k, v = (attention["self"][name](x) for name in ("query", "key", "value"))
        q, k, v = (y.view(b, t, heads, -1).transpose(1, 2) for y in (q, k, v))
        scores = (q @ k.transpose(-1, -2) * (d // heads) ** -0.5).masked_fill(mask, FAR)
        mixed = (scores.softmax(-1).to(v.dtype) @ v).transpose(1, 2).reshape(b, t, d)
        x = attention["output"]["LayerNorm"](attention["output"]["dense"](mixed) + x)
        inner = nn.functional.gelu(layer["intermediate"]["dense"](x))
        x = layer["output"]["LayerNorm"](layer["output"]["dense"](inner) + x)
    return x


class EncoderTrainer(Trainer):
    """A trainer that leaves the decoder as it is, which its checkpoints say."""

    def state(self) -> dict[str, Any]:
        return super().state() | {"kept": ["decoder"]}


def loss_of(student: Encoder, teacher: Encoder, texts: Tokens, pairs: Pairs, rows: np.ndarray) -> Tensor:
    """What some examples lack of a cosine of 1 with their Russian, as the teacher places it; the mean."""
    places, back = np.unique(pairs.russian[rows], return_inverse=True)
    with torch.no_grad():
        meant = teacher(texts, places)[torch.from_numpy(back)]
    cosines: Tensor = (student(texts, pairs.text[rows]) * meant).sum(1)
    return 1 - cosines.mean()


@torch.no_grad()
def validate(student: Encoder, teacher: Encoder, texts: Tokens, pairs: Pairs) -> tuple[float, float]:
    """What held-out texts lack of a cosine of 1 with their Russian: foreign ones, and Russian ones."""
    rows = pairs.validation
    with low_precision(torch.device("cpu"), backwards=False):
        one, other = student(texts, pairs.text[rows]), teacher(texts, pairs.russian[rows])
    lacking = 1 - (one * other).sum(1)
    own = torch.from_numpy(pairs.text[rows] == pairs.russian[rows])
    return float(lacking[~own].mean()), float(lacking[own].mean())


def train(
    trainer: Trainer,
    teacher: Encoder,
    student: Encoder,
    texts: Tokens,
    pairs: Pairs,
    run: Path,
    budget: Budget,
) -> None:
    """Train until the budget is used; a checkpoint and a line of progress every few minutes."""
    device = torch.device("cpu")
    foreign, own = validate(student, teacher, texts, pairs)
    print(f"lacking before: {foreign:.4f}, Russian {own:.4f}", flush=True)
    progress, losses = Progress(run, budget, trainer), []
    for rows in pairs.steps(trainer.step):
        with low_precision(device):
            loss = loss_of(student, teacher, texts, pairs, rows)
        loss.backward()
        trainer.update(progress.share)
        trainer.examples += len(rows)
        losses.append(float(loss.detach()))
        if progress.due():
            foreign, own = validate(student, teacher, texts, pairs)
            progress.note(float(np.mean(losses)), foreign, f" Russian {own:.4f}")
            losses = []
        if progress.finished:
            return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--start", type=Path, default=Path("assets/models/compact"), help="the pair's folder")
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument("--hours", type=float, default=0.0, help="training time, earlier sessions counted in")
    length.add_argument("--steps", type=int, help="how many steps, those of earlier sessions counted in")
    parser.add_argument("--upper", type=int, default=6, help="layers to train (default: %(default)s)")
    parser.add_argument("--encoder-rate", type=float, default=3e-4)
    parser.add_argument("--warmup", type=int, default=100, help="steps until the full rate")
    parser.add_argument("--batch-tokens", type=int, default=6144, help="of the Russian of a step")
    parser.add_argument("--seed", type=int, default=2047)
    recipe = json.loads((parser.parse_known_args()[0].run / "recipe.json").read_text(encoding="utf-8"))
    parser.set_defaults(**recipe.get("train", {}))
    options = parser.parse_args()

    from demos.codec.pairs import load_encoder

    torch.manual_seed(options.seed)
    encoder = load_encoder("compact")
    model = open_model(encoder, options.start, options.upper)
    model.decoder.requires_grad_(False)
    texts = load_tokens(options.run, encoder)
    precise = torch.bfloat16 if knows_bfloat16("cpu") else torch.float32
    texts.lower.embeddings["LayerNorm"].to(precise)
    texts.lower.encoder.to(precise)
    student = Encoder(texts.lower, model.upper, model.mean, model.matrix)
    above = deepcopy(model.upper).to(precise).requires_grad_(False)
    teacher = Encoder(texts.lower, above, model.mean.detach().clone(), model.matrix.detach().clone())
    pairs = Pairs(options.run, texts.texts, options.batch_tokens, options.seed)
    trainer = EncoderTrainer(model, 0.0, options.encoder_rate, options.warmup)
    checkpoint = options.run / "checkpoint.pt"
    if checkpoint.exists():
        trainer.restore(torch.load(checkpoint, map_location="cpu"))
    print(f"{len(pairs.training):,} examples, step {trainer.step}", flush=True)
    budget = Budget(options.hours, options.steps)
    train(trainer, teacher, student, texts, pairs, options.run, budget)


if __name__ == "__main__":
    main()
