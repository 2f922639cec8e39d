"""The export: a plain transformers checkpoint that says what the trained module says, and its card."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sentencepiece
import torch
from safetensors import safe_open
from transformers import AutoTokenizer, T5ForConditionalGeneration
from transformers.modeling_outputs import BaseModelOutput

from demos.codec.manifest import check_manifest
from demos.training.export import export, load_checkpoint, write_decoder
from demos.training.model import SentenceDecoder, Shape
from tests.training.tiny import RUSSIAN, Trained

TEXTS = ["Кошка спит.", "Привет, 你好!", "  Два   слова ", "Ёлка 1½", "naïve café"]


def test_plain_transformers_gives_the_logits_of_the_trained_module(trained: Trained, tmp_path: Path) -> None:
    model, _ = load_checkpoint(trained.run)
    write_decoder(model, trained.run / "spm.model", tmp_path, {}, torch.float32)
    t5 = T5ForConditionalGeneration.from_pretrained(tmp_path, dtype=torch.float32).eval()
    vectors = torch.from_numpy(trained.codec.encode(RUSSIAN))
    tokens = torch.randint(0, model.shape.vocab_size, (len(RUSSIAN), 30))
    with torch.no_grad():
        ours = model(vectors, tokens)
        encoded = BaseModelOutput(last_hidden_state=vectors.unsqueeze(1))
        theirs = t5(encoder_outputs=encoded, decoder_input_ids=tokens).logits
    torch.testing.assert_close(ours, theirs, atol=1e-3, rtol=1e-3)
    rounded = T5ForConditionalGeneration.from_pretrained(trained.out / "decoder", dtype=torch.float32).eval()
    with torch.no_grad():
        stored = rounded(encoder_outputs=encoded, decoder_input_ids=tokens).logits
    assert (ours.argmax(-1) == stored.argmax(-1)).float().mean() > 0.97


def test_the_file_holds_fp16_and_nothing_of_t5s_encoder(trained: Trained) -> None:
    with safe_open(trained.out / "decoder" / "model.safetensors", "pt") as file:
        names = list(file.keys())
        assert {file.get_tensor(name).dtype for name in names} == {torch.float16}
        assert file.metadata() == {"format": "pt"}
    assert names
    assert all(name == "shared.weight" or name.startswith("decoder.") for name in names)


def test_only_encoder_weights_are_missing_for_transformers(trained: Trained) -> None:
    loaded: Any = T5ForConditionalGeneration.from_pretrained(
        trained.out / "decoder", output_loading_info=True
    )
    info = loaded[1]
    assert not info["unexpected_keys"]
    assert not info["mismatched_keys"]
    assert all(name.startswith("encoder.") for name in info["missing_keys"])


def test_the_codec_decodes_as_plain_generate_does(trained: Trained) -> None:
    t5 = T5ForConditionalGeneration.from_pretrained(trained.out / "decoder", dtype=torch.float32).eval()
    assert t5.generation_config.num_beams == 2
    assert t5.generation_config.max_length == 24
    tokenizer = AutoTokenizer.from_pretrained(trained.out / "decoder")
    vectors = trained.codec.encode(RUSSIAN[:4])
    encoded = BaseModelOutput(last_hidden_state=torch.from_numpy(vectors).unsqueeze(1))
    ids = t5.generate(encoder_outputs=encoded)
    plain = tokenizer.batch_decode(ids, skip_special_tokens=True)
    assert [text.strip() for text in trained.codec.decode(vectors)] == [text.strip() for text in plain]


@pytest.mark.parametrize("text", TEXTS)
def test_auto_tokenizer_agrees_with_sentencepiece(trained: Trained, text: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(trained.out / "decoder")
    spm = sentencepiece.SentencePieceProcessor(model_file=str(trained.out / "decoder" / "spiece.model"))
    ids = spm.encode(text)
    assert tokenizer(text)["input_ids"] == [*ids, 1]
    assert tokenizer.decode(ids) == spm.decode(ids)
    assert (tokenizer.pad_token_id, tokenizer.eos_token_id, tokenizer.unk_token_id) == (0, 1, 2)


def test_the_manifest_covers_every_file(trained: Trained) -> None:
    files = {path.name for path in (trained.out / "decoder").iterdir()}
    assert check_manifest(trained.out, "decoder") == files
    assert {"config.json", "generation_config.json", "model.safetensors", "spiece.model"} <= files
    assert {"tokenizer.json", "tokenizer_config.json"} <= files


def test_the_card_names_sources_recipe_and_figures(trained: Trained, tmp_path: Path) -> None:
    (trained.run / "evaluation.md").write_text("| figures |\n", encoding="utf-8")
    notes = tmp_path / "notes.md"
    notes.write_text("## What was tried\n\nA wider one.\n", encoding="utf-8")
    export(trained.run, tmp_path / "model", "compact", notes)
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    for source in json.loads((trained.run / "sources.json").read_text(encoding="utf-8")):
        assert f"| {source['examples']:,} | `{source['sha256']}` |" in card
        assert f"| `{source['path']}` | {source['licence']} |" in card
    checkpoint = torch.load(trained.run / "checkpoint.pt", weights_only=True)
    assert f"{checkpoint['step']:,} steps" in card
    assert "## Evaluation\n\n| figures |" in card
    assert card.endswith("A wider one.\n")
    assert "## Probes" not in card
    assert "None" not in card
    (trained.run / "evaluation.md").unlink()


def test_weights_that_fp16_cannot_hold_are_refused(trained: Trained, tmp_path: Path) -> None:
    model = SentenceDecoder(Shape(vocab_size=315, d_model=64, num_heads=1, num_layers=1, d_ff=32))
    model.embed.weight.data[5, 5] = 1e6
    with pytest.raises(ValueError, match=r"cannot hold shared\.weight"):
        write_decoder(model, trained.run / "spm.model", tmp_path, {"num_beams": 1})


def test_a_run_without_a_checkpoint_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"checkpoint\.pt"):
        load_checkpoint(tmp_path)


def test_an_export_is_the_same_every_time(trained: Trained, tmp_path: Path) -> None:
    model, _ = load_checkpoint(trained.run)
    for name in ("a", "b"):
        write_decoder(model, trained.run / "spm.model", tmp_path / name, {"num_beams": 1})
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name
    assert np.all([path.stat().st_size > 0 for path in (tmp_path / "a").iterdir()])
