"""The export: a plain transformers checkpoint that says what the trained module says, and its card."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import sentencepiece
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from transformers import AutoTokenizer, T5ForConditionalGeneration
from transformers.modeling_outputs import BaseModelOutput

from demos.codec.manifest import check_manifest
from demos.training.card import gathered_sources
from demos.training.export import export, export_decoder, export_encoder, load_trained
from demos.training.items import RECIPES
from demos.training.model import SentenceDecoder, Shape
from demos.training.reproduce import commands
from tests.training.tiny import RUSSIAN, Trained

TEXTS = ["Кошка спит.", "Привет, 你好!", "  Два   слова ", "Ёлка 1½", "naïve café"]


def test_plain_transformers_gives_the_logits_of_the_trained_module(trained: Trained, tmp_path: Path) -> None:
    model, _ = load_trained(trained.run)
    export_decoder(model, trained.run / "spm.model", tmp_path, {}, torch.float32)
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
    assert {name.split(".")[0] for name in info["missing_keys"]} == {"encoder"}


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


def test_the_card_names_sources_runs_and_figures(trained: Trained, tmp_path: Path) -> None:
    (trained.run / "bars.md").write_text("How.\n\n| figures |\n\n| single sets |\n", encoding="utf-8")
    export(trained.run, tmp_path / "model", "compact")
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    described = json.loads((trained.run / "sources.json").read_text(encoding="utf-8"))
    kept = json.loads((tmp_path / "model" / "sources.json").read_text(encoding="utf-8"))
    assert [source["sha256"] for source in kept] == [source["sha256"] for source in described]
    assert [source["examples"] for source in kept] == [{"recipe": s["examples"]} for s in described]
    assert f"| ours | tests ({sum(source['examples'] for source in described):,}) |" in card
    checkpoint = torch.load(trained.run / "checkpoint.pt", weights_only=True)
    assert f" {checkpoint['step']:,} | {checkpoint['examples']:,} |" in card
    assert "## How good it is\n\nHow.\n\n| figures |\n" in card
    assert "single sets" not in card
    assert "None" not in card
    (trained.run / "bars.md").unlink()


def test_sources_of_earlier_runs_are_kept(trained: Trained, tmp_path: Path) -> None:
    first = tmp_path / "first"
    first.mkdir()
    old = {"origin": "an attic", "path": "old.txt", "licence": "CC0", "sha256": "1", "examples": {"a": 7}}
    same = json.loads((trained.run / "sources.json").read_text(encoding="utf-8"))[0] | {"examples": {"a": 3}}
    (first / "sources.json").write_text(json.dumps([old, same]), encoding="utf-8")
    attic, both, _ = gathered_sources(trained.run, first / "sources.json")
    assert (attic, both["examples"]) == (old, {"a": 3, "recipe": len(RUSSIAN)})


def test_a_recipe_is_reproduced_by_its_commands() -> None:
    recipe = {"commands": ["prepare --data {data}", "train --hours {hours}"]}
    first, second = commands(recipe, Path("texts"), 1.5)
    assert first[1:] == ["-m", "demos.training.prepare", "--data", "texts"]
    assert second[1:] == ["-m", "demos.training.train", "--hours", "1.5"]
    with pytest.raises(ValueError, match="no commands"):
        commands({}, Path("texts"), 1)
    for path in RECIPES.glob("*.json"):
        named = json.loads(path.read_text(encoding="utf-8"))
        for command in commands(named, Path("texts"), 1) if "commands" in named else ():
            assert find_spec(command[2]) is not None, command


def test_weights_that_fp16_cannot_hold_are_refused(trained: Trained, tmp_path: Path) -> None:
    model = SentenceDecoder(Shape(vocab_size=315, d_model=64, num_heads=1, num_layers=1, d_ff=32))
    model.embed.weight.data[5, 5] = 1e6
    with pytest.raises(ValueError, match=r"cannot hold shared\.weight"):
        export_decoder(model, trained.run / "spm.model", tmp_path, {"num_beams": 1})


def test_a_run_without_a_checkpoint_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"checkpoint\.pt"):
        load_trained(tmp_path)


def test_an_export_is_the_same_every_time(trained: Trained, tmp_path: Path) -> None:
    model, _ = load_trained(trained.run)
    for name in ("a", "b"):
        export_decoder(model, trained.run / "spm.model", tmp_path / name, {"num_beams": 1})
    first, second = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("a", "b")
    )
    assert "model.safetensors" in first
    assert all(first.values())
    assert first == second


def test_layers_that_only_an_earlier_run_trained_are_kept(tmp_path: Path) -> None:
    weights = [torch.full((2, 2), float(i)) for i in range(4)]
    space = {"mean": torch.zeros(2), "matrix": torch.eye(2)}
    first, then = tmp_path / "first", tmp_path / "then"
    export_encoder({f"upper.{i}.w": weight for i, weight in enumerate(weights[:3])} | space, 1, first)
    for folder in (then, first):  # the same folder may be written over
        export_encoder({"upper.0.w": weights[3]} | space, 3, folder, first)
        found = load_file(folder / "upper.safetensors")
        assert {name: tensor[0, 0].item() for name, tensor in found.items()} == {
            "encoder.layer.1.w": 0,
            "encoder.layer.2.w": 1,
            "encoder.layer.3.w": 3,
        }
