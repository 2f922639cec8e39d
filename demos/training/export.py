"""Step 5 of training: the run's checkpoint → a plain ``transformers`` T5 checkpoint with a model card.

    python -m demos.training.export --run runs/compact --out assets/models/compact

Writes ``decoder/`` (config, fp16 weights, SentencePiece vocabulary, tokenizer), ``README.md`` and
``sources.json`` (see `demos.training.card`), the loss curve if the run has one, and ``manifest.json``.
T5's encoder is left out of the weights: a decoder of vectors never runs it.
"""

from __future__ import annotations

import argparse
import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from sentencepiece import SentencePieceProcessor
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from torch import Tensor
from transformers import PreTrainedTokenizerFast
from transformers.generation.configuration_utils import GenerationConfig
from transformers.models.t5.configuration_t5 import T5Config

from demos.codec.adapter import FILE as ADAPTER
from demos.codec.manifest import write_manifest
from demos.codec.pairs import COMPACT, find_pair
from demos.training.card import SOURCES, gathered_sources, model_card
from demos.training.curve import PICTURE
from demos.training.model import (
    EOS,
    PAD,
    UNK,
    SentenceDecoder,
    Shape,
    adapt,
    adapter_to_t5,
    read_checkpoint,
    to_t5,
)

UPPER = "upper.safetensors"


def load_trained(run: Path) -> tuple[SentenceDecoder, dict[str, Any]]:
    """The run's decoder, float32 on the CPU, and the checkpoint it is from.

    Raises:
        FileNotFoundError: the run has no checkpoint yet.
    """
    checkpoint = read_checkpoint(run / "checkpoint.pt")
    model = SentenceDecoder(Shape(**checkpoint["shape"]))
    factor = checkpoint["model"].get("layers.0.out.lora_A")
    if factor is not None:
        adapt(model, len(factor))
    model.load_state_dict(checkpoint["model"])
    return model.eval(), checkpoint


def export_decoder(
    model: SentenceDecoder,
    vocabulary: Path,
    folder: Path,
    decoding: dict[str, Any],
    dtype: torch.dtype = torch.float16,
) -> None:
    """Write a T5 checkpoint folder; `decoding` holds the defaults for ``generate``.

    Raises:
        ValueError: a weight is not finite in the dtype, or heads × d_kv is not the width.
    """
    sizes, state = to_t5(model)
    folder.mkdir(parents=True, exist_ok=True)
    kind = {"architectures": ["T5ForConditionalGeneration"], "dtype": str(dtype).removeprefix("torch.")}
    T5Config.from_dict(sizes | kind).save_pretrained(folder)
    special = {"decoder_start_token_id": PAD, "pad_token_id": PAD, "eos_token_id": EOS}
    own = ("rerank", "shortlist", "unknown")  # our settings, not generate's
    settings = {name: value for name, value in decoding.items() if not name.startswith(own)}
    generation = GenerationConfig.from_dict(settings | special | {"do_sample": False})
    generation.save_pretrained(folder)
    weights = {name: tensor.to(dtype) for name, tensor in state.items()}
    too_large = [name for name, tensor in weights.items() if not torch.isfinite(tensor).all()]
    if too_large:
        raise ValueError(f"{dtype} cannot hold {', '.join(too_large)}")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    shutil.copy(vocabulary, folder / "spiece.model")
    export_tokenizer(vocabulary, folder)


def export_tokenizer(vocabulary: Path, folder: Path) -> None:
    """Write the SentencePiece vocabulary as a ``tokenizers`` file that AutoTokenizer loads.

    T5's own tokenizer class knows no byte pieces, so the class here is the plain fast one.
    """
    spm = SentencePieceProcessor(model_file=str(vocabulary))
    pieces = [(spm.id_to_piece(i), spm.get_score(i)) for i in range(len(spm))]
    names = [piece for piece, _ in pieces]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=UNK, byte_fallback=True))
    spaces = normalizers.Replace(Regex(r"\s+"), " ")
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), spaces, normalizers.Strip()])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Sequence(
        [decoders.ByteFallback(), decoders.Metaspace(prepend_scheme="always"), decoders.Fuse()]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"$A {names[EOS]}", special_tokens=[(names[EOS], EOS)]
    )
    special = {"pad_token": names[PAD], "eos_token": names[EOS], "unk_token": names[UNK]}
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special)
    fast.save_pretrained(folder)


def export_encoder(trained: dict[str, Tensor], below: int, folder: Path, start: Path | None = None) -> None:
    """Write what training made of the encoder: ``upper.safetensors`` and ``space.safetensors``.

    Args:
        trained: a checkpoint's "encoder": upper layers numbered from 0, the space's mean and matrix.
        below: how many layers lie under them.
        start: the encoder's folder that training began with; layers under the trained ones that an
            earlier run has trained are taken from it.
    """
    upper: dict[str, Tensor] = {}
    if start is not None and (start / UPPER).exists():
        earlier = load_file(start / UPPER)
        upper = {name: tensor.clone() for name, tensor in earlier.items() if int(name.split(".")[2]) < below}
    trained = dict(trained)
    space = {name: trained.pop(name) for name in ("mean", "matrix")}
    for name, weight in trained.items():
        _, number, rest = name.split(".", 2)
        upper[f"encoder.layer.{below + int(number)}.{rest}"] = weight.bfloat16()
    folder.mkdir(parents=True, exist_ok=True)
    save_file(upper, folder / UPPER)
    save_file(space, folder / "space.safetensors")


def export(
    run: Path,
    out: Path,
    pair: str = "compact",
    start: Path | None = None,
) -> None:
    """Write the pair's decoder, model card and manifest into the folder `out`; see `model_card`.

    `start` is the folder of the pair that training began with: layers and sources are added to its own.
    """
    model, checkpoint = load_trained(run)
    decoding = asdict(find_pair(pair).decoding)
    if model.adapted:
        factors = {name: factor.half() for name, factor in adapter_to_t5(model).items()}
        save_file(factors, out / "decoder" / ADAPTER)
    elif "decoder" not in checkpoint.get("kept", ()):
        export_decoder(model, run / "spm.model", out / "decoder", decoding)
    if "encoder" in checkpoint and not model.adapted:
        folder = start / "encoder" if start else None
        export_encoder(checkpoint["encoder"], checkpoint["below"], out / "encoder", folder)
    picture = run / PICTURE
    if picture.exists():
        shutil.copy(picture, out / PICTURE)
    sources = gathered_sources(run, start / SOURCES if start else None)
    (out / SOURCES).write_text(json.dumps(sources, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (out / "README.md").write_text(model_card(run, out, checkpoint, decoding), encoding="utf-8")
    write_manifest(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--pair", default="compact", help="whose decoding defaults (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=COMPACT)
    parser.add_argument("--start", type=Path, default=COMPACT, help="the pair that training began with")
    options = parser.parse_args()
    export(options.run, options.out, options.pair, options.start)
    for file in sorted((options.out / "decoder").iterdir()):
        print(f"{file}  {file.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
