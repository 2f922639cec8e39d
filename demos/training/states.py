"""Step 2b of training: what the encoder's frozen layers make of every distinct source text, once.

    python -m demos.training.states --run runs/joint
    python -m demos.training.states --run runs/joint --vectors

The upper layers are trained, so a text's vector changes from step to step; the hidden states under
them do not. They are written in float16, every token's, one text after another: ``states.bin``
(tokens, d), with ``states.json`` (number of upper layers, texts done) and the texts' token counts in
``lengths.npy``. A run that was stopped goes on where it was. With --vectors the states become the
vectors of the pair as it is bundled, for the baseline: a quarter of the work of encoding anew.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from demos.codec.encoder import TextEncoder
from demos.codec.gguf_bert import Bert, pad_states, run_layers
from demos.training.vectors import all_texts, chunks, distinct_texts, knows_bfloat16, load_vectors

CHUNK = 8192  # texts between two notes of progress


class Texts:
    """Texts whose states under the trained layers can be had: those of `States` or of `Tokens`."""

    texts: list[str]
    offsets: np.ndarray  # int64 (texts + 1,): text i has the tokens from offsets[i] to offsets[i + 1]

    def batch(self, rows: np.ndarray) -> tuple[Tensor, Tensor]:
        """The states of some texts' r tokens (r, d), and which tokens they are: bool (b, t)."""
        raise NotImplementedError

    def places(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where the tokens of some texts lie, (r,), and bool (b, t): which of a padded batch they are."""
        counts = np.diff(self.offsets)[rows]
        ends = np.cumsum(counts)
        tokens = np.arange(ends[-1]) + np.repeat(self.offsets[rows] - (ends - counts), counts)
        return tokens, np.arange(counts.max())[None, :] < counts[:, None]

    def parts(self, rows: np.ndarray, batch_tokens: int = 4096) -> Iterator[np.ndarray]:
        """Places in `rows` of texts of like length, in batches of at most so many tokens."""
        lengths = np.diff(self.offsets)[rows]
        order = np.argsort(lengths, kind="stable")
        while len(order):
            count = 1
            while count < len(order) and (count + 1) * lengths[order[count]] <= batch_tokens:
                count += 1
            yield order[:count]
            order = order[count:]


@dataclass
class States(Texts):
    """Written states: those of text i are ``states[offsets[i]:offsets[i + 1]]``, float16 (tokens, d)."""

    texts: list[str]
    states: np.ndarray
    offsets: np.ndarray

    def batch(self, rows: np.ndarray) -> tuple[Tensor, Tensor]:
        """The states as they are written; see `Texts.batch`."""
        tokens, mask = self.places(rows)
        return torch.from_numpy(self.states[tokens]), torch.from_numpy(mask)


@dataclass
class Tokens(Texts):
    """Token ids, int32 (tokens,), and the lower layers that make states of them when they are asked for."""

    texts: list[str]
    ids: np.ndarray
    offsets: np.ndarray
    lower: Bert

    def to_bfloat16(self) -> None:
        """Keep the lower layers in bfloat16: autocast would cast anew at every step what is not trained."""
        self.lower.embeddings["LayerNorm"].to(torch.bfloat16)
        self.lower.encoder.to(torch.bfloat16)

    @torch.no_grad()
    def batch(self, rows: np.ndarray) -> tuple[Tensor, Tensor]:
        """The states that the lower layers make now; see `Texts.batch`."""
        tokens, mask = self.places(rows)
        ids = np.zeros(mask.shape, dtype=np.int64)
        ids[mask] = self.ids[tokens]
        device = next(self.lower.parameters()).device
        attention_mask = torch.from_numpy(mask).to(device)
        return self.lower.rows(torch.from_numpy(ids).to(device), attention_mask), attention_mask


@dataclass
class Placed(Texts):
    """Texts of an encoder that is not trained: their unit vectors in the pair's space, float16 (texts, d)."""

    texts: list[str]
    vectors: np.ndarray


def pool(layers: nn.ModuleList, heads: int, states: Tensor, mask: Tensor) -> Tensor:
    """A batch of `States` → unit vectors (b, d), before the space: the upper layers, and the mean."""
    x = pad_states(run_layers(layers, states.float(), mask, heads), mask)
    return nn.functional.normalize(x.float().sum(1) / mask.sum(1, keepdim=True), dim=-1)


def load_placed(run: Path, encoder: TextEncoder) -> Placed:
    """The texts that `demos.training.vectors` has encoded, in the encoder's space."""
    texts = all_texts(run)
    vectors, encoded = load_vectors(run, texts)
    for start in range(0, len(vectors), CHUNK):
        part = slice(start, start + CHUNK)
        vectors[part] = encoder.to_space(vectors[part].astype(np.float32))
    return Placed([text for text, known in zip(texts, encoded, strict=True) if known], vectors)


def load_tokens(run: Path, encoder: TextEncoder) -> Tokens:
    """Every text of the run cut into tokens, once, by all cores; `encoder` has the lower layers alone."""
    texts, path = all_texts(run), run / "tokens.npz"
    if not path.exists():
        parts = [texts[start : start + CHUNK] for start in range(0, len(texts), CHUNK)]
        # With "fork" the encoder is inherited: it could not be sent.
        with get_context("fork").Pool(initializer=_keep_encoder, initargs=(encoder,)) as pool:
            cuts = list(pool.imap(_cut, parts))
        ids, lengths = (np.concatenate(arrays) for arrays in zip(*cuts, strict=True))
        np.savez(path, ids=ids, offsets=np.concatenate([[0], np.cumsum(lengths)]))
    stored = np.load(path)
    return Tokens(texts, stored["ids"], stored["offsets"], encoder.model)  # type: ignore[arg-type]


_encoder: TextEncoder  # of a process that cuts


def _keep_encoder(encoder: TextEncoder) -> None:
    global _encoder
    _encoder = encoder


def _cut(texts: list[str]) -> tuple[np.ndarray, list[int]]:
    """The tokens of texts, one text after another, and how many each has."""
    rows = [ids[: _encoder.max_tokens] for ids in _encoder.token_ids(texts)]
    return np.array([token for row in rows for token in row], dtype=np.int32), [len(row) for row in rows]


def load_states(run: Path) -> States:
    """What `write_states` has written so far."""
    note = json.loads((run / "states.json").read_text())
    offsets = np.concatenate([[0], np.cumsum(np.load(run / "lengths.npy")[: note["texts"]])])
    states = np.memmap(run / "states.bin", np.float16, "r").reshape(-1, note["width"])
    return States(all_texts(run)[: note["texts"]], states, offsets)


def split_encoder(model: nn.Module, upper: int) -> nn.ModuleList:
    """Take the `upper` last layers off a `demos.codec.gguf_bert.Bert`, in place, and return them."""
    layers: nn.ModuleList = model.encoder["layer"]  # type: ignore[index,assignment]
    below = len(layers) - upper
    model.encoder["layer"] = layers[:below]  # type: ignore[index,operator,assignment]
    return layers[below:]


@torch.inference_mode()
def write_states(run: Path, encoder: TextEncoder, upper: int) -> None:
    """Write the states of what is not written yet, printing progress with an estimate of the time left."""
    texts = all_texts(run)
    rows = [ids[: encoder.max_tokens] for ids in encoder.token_ids(texts)]
    lengths = np.array([len(row) for row in rows])
    np.save(run / "lengths.npy", lengths)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    note = run / "states.json"
    done = json.loads(note.read_text())["texts"] if note.exists() else 0
    path = run / "states.bin"
    with path.open("ab") as file:
        file.truncate(int(offsets[-1]) * encoder.dim * 2)
    states = np.memmap(path, np.float16, "r+", shape=(int(offsets[-1]), encoder.dim))
    split_encoder(encoder.model, upper)
    begun, before = time.monotonic(), done
    written = States(texts, states, offsets)
    while done < len(texts):
        chunk = np.arange(done, min(done + CHUNK, len(texts)))
        for places in written.parts(chunk):
            part = chunk[places]
            ids = torch.full((len(part), int(lengths[part].max())), encoder.pad_id)
            for i, row in enumerate(part):
                ids[i, : lengths[row]] = torch.tensor(rows[row])
            mask = torch.arange(ids.shape[1])[None, :] < torch.from_numpy(lengths[part])[:, None]
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=knows_bfloat16("cpu")):
                out = encoder.model(input_ids=ids, attention_mask=mask.long()).last_hidden_state
            for i, row in enumerate(part):
                states[offsets[row] : offsets[row + 1]] = out[i, : lengths[row]].to(torch.float16).numpy()
        done += len(chunk)
        note.write_text(json.dumps({"texts": done, "of": len(texts), "width": encoder.dim, "upper": upper}))
        rate = (done - before) / (time.monotonic() - begun)
        left = (len(texts) - done) / rate / 60
        print(f"{done:,} of {len(texts):,} texts, {rate:.0f}/s, {left:.0f} min left", flush=True)


@torch.inference_mode()
def write_vectors(run: Path, encoder: TextEncoder) -> None:
    """Write the files of `demos.training.vectors` from the states and the encoder's own upper layers."""
    (run / "vectors").mkdir(exist_ok=True)
    states = load_states(run)
    heads: int = encoder.model.config.num_attention_heads  # type: ignore[union-attr,assignment]
    layers = split_encoder(encoder.model, json.loads((run / "states.json").read_text())["upper"])
    start = 0
    for texts, path in chunks(run, distinct_texts(run)):
        chunk = np.arange(start, start + len(texts))
        vectors = np.empty((len(texts), encoder.dim), dtype=np.float16)
        for places in states.parts(chunk):
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=knows_bfloat16("cpu")):
                vectors[places] = pool(layers, heads, *states.batch(chunk[places])).numpy()
        np.save(path, vectors)
        start += len(texts)
    print(f"{start:,} vectors")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--pair", default="compact", help="whose encoder (default: %(default)s)")
    parser.add_argument(
        "--upper", type=int, default=3, help="layers that will be trained (default: %(default)s)"
    )
    parser.add_argument(
        "--vectors", action="store_true", help="write the pair's vectors, from states that are there"
    )
    options = parser.parse_args()

    from demos.codec.pairs import load_encoder

    encoder = load_encoder(options.pair)
    if options.vectors:
        write_vectors(options.run, encoder)
    else:
        write_states(options.run, encoder, options.upper)


if __name__ == "__main__":
    main()
