"""The decoder as trained against transformers' T5, and its export."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from transformers import T5Config, T5ForConditionalGeneration
from transformers.modeling_outputs import BaseModelOutput

from demos.codec.adapter import FILE, load_adapted
from demos.codec.decoder import load_checkpoint
from demos.training.model import (
    SentenceDecoder,
    Shape,
    adapt,
    adapter_to_t5,
    from_t5,
    grow,
    read_checkpoint,
    to_t5,
)

SHAPE = Shape(vocab_size=90, d_model=64, d_kv=16, d_ff=96, num_layers=3, num_heads=4)


def make_model(seed: int = 0, shape: Shape = SHAPE) -> SentenceDecoder:
    """A decoder with random weights everywhere, norms and position bias too."""
    torch.manual_seed(seed)
    model = SentenceDecoder(shape).eval()
    for parameter in model.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    return model


@pytest.mark.parametrize("length", [1, 9, 150])
def test_logits_are_those_of_plain_t5(length: int) -> None:
    model = make_model()
    config, state = to_t5(model)
    reference = T5ForConditionalGeneration(T5Config.from_dict(config)).eval()
    missing, unexpected = reference.load_state_dict(state, strict=False)
    assert not unexpected
    tied = ("encoder.", "decoder.embed_tokens.", "lm_head.")
    assert [name for name in missing if not name.startswith(tied)] == []
    reference.tie_weights()

    vectors = torch.nn.functional.normalize(torch.randn(3, 64), dim=-1)
    tokens = torch.randint(0, 90, (3, length))
    with torch.no_grad():
        ours = model(vectors, tokens)
        encoded = BaseModelOutput(last_hidden_state=vectors.unsqueeze(1))
        theirs = reference(encoder_outputs=encoded, decoder_input_ids=tokens).logits
    assert ours.abs().max() > 0.5
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-4)


def test_a_token_sees_nothing_that_comes_after_it() -> None:
    model = make_model()
    vectors, tokens = torch.randn(2, 64), torch.randint(0, 90, (2, 12))
    changed = tokens.clone()
    changed[:, 7:] = 5
    with torch.no_grad():
        a, b = model(vectors, tokens), model(vectors, changed)
    torch.testing.assert_close(a[:, :7], b[:, :7])
    assert not torch.allclose(a[:, 7:], b[:, 7:])


def test_the_vector_changes_every_score() -> None:
    model, tokens = make_model(), torch.zeros(1, 4, dtype=torch.long)
    with torch.no_grad():
        a, b = model(torch.eye(64)[:1], tokens), model(torch.eye(64)[1:2], tokens)
    assert (a - b).abs().min(dim=-1).values.max() > 0
    assert (a - b).abs().max() > 0.1


def test_loss_is_the_mean_over_tokens_that_are_not_padding() -> None:
    model = make_model()
    vectors, tokens = torch.randn(2, 64), torch.randint(1, 90, (2, 6))
    targets = torch.randint(1, 90, (2, 6))
    targets[1, 2:] = 0
    with torch.no_grad():
        logits = model(vectors, tokens)
        real = targets != 0
        expected = torch.nn.functional.cross_entropy(logits[real], targets[real])
        torch.testing.assert_close(model.loss(vectors, tokens, targets), expected)


def test_cross_attention_needs_heads_that_fill_the_width() -> None:
    shape = Shape(**(asdict(SHAPE) | {"num_heads": 2}))
    with pytest.raises(ValueError, match="must equal d_model"):
        to_t5(SentenceDecoder(shape))


def test_an_exported_decoder_can_be_trained_on() -> None:
    model = make_model(5)
    config, state = to_t5(model)
    again = from_t5(T5Config.from_dict(config).to_dict(), state)
    assert again.shape == model.shape
    for name, weight in again.state_dict().items():
        torch.testing.assert_close(weight, model.state_dict()[name])


def test_a_checkpoint_of_the_old_name_of_cross_attention_is_read(tmp_path: Path) -> None:
    model = make_model()
    state = {name.replace("cross_attention", "constant"): t for name, t in model.state_dict().items()}
    assert "layers.0.constant.weight" in state
    torch.save({"model": state, "step": 3}, tmp_path / "checkpoint.pt")
    found = read_checkpoint(tmp_path / "checkpoint.pt")
    assert found["step"] == 3
    again = SentenceDecoder(SHAPE)
    again.load_state_dict(found["model"])
    for name, weight in again.state_dict().items():
        assert torch.equal(weight, model.state_dict()[name])


def test_the_export_shares_no_memory_with_the_model() -> None:
    model = make_model()
    _, state = to_t5(model)
    before = model.embed.weight.clone()
    state["shared.weight"].zero_()
    torch.testing.assert_close(model.embed.weight.data, before.data)


@pytest.mark.parametrize(("num_layers", "d_ff"), [(3, 96), (3, 160), (5, 96), (7, 160)])
def test_a_grown_decoder_computes_the_same_and_learns_everywhere(num_layers: int, d_ff: int) -> None:
    model = make_model()
    larger = grow(model, num_layers, d_ff)
    assert (larger.shape.num_layers, larger.shape.d_ff) == (num_layers, d_ff)
    vectors, tokens = torch.nn.functional.normalize(torch.randn(3, 64), dim=-1), torch.randint(0, 90, (3, 9))
    torch.testing.assert_close(larger(vectors, tokens), model(vectors, tokens), atol=1e-5, rtol=1e-5)
    rate = 0.05
    for _ in range(2):  # what adds nothing yet passes no gradient on before the first step
        larger.zero_grad()
        larger.loss(vectors, tokens, torch.randint(1, 90, (3, 9))).backward()
        with torch.no_grad():
            for parameter in larger.parameters():
                assert parameter.grad is not None
                parameter.sub_(rate * parameter.grad)
    for name, parameter in larger.layers.named_parameters():
        assert parameter.grad is not None
        assert parameter.grad.abs().max() > 0, name


def test_an_adapter_adds_nothing_at_first_and_is_all_that_learns() -> None:
    model, tokens = make_model(), torch.randint(0, 90, (2, 7))
    vectors = torch.randn(2, 64)
    with torch.no_grad():
        before = model(vectors, tokens)
    adapt(model, 3)
    assert model.adapted
    with torch.no_grad():
        torch.testing.assert_close(model(vectors, tokens), before)
    learned = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert learned
    assert all("lora_" in name for name in learned)
    assert {name.split(".")[2] for name in learned} == {"qkv", "out", "cross_attention", "wi_0", "wi_1", "wo"}


def test_an_exported_adapter_makes_of_the_decoder_what_was_trained(tmp_path: Path) -> None:
    model, tokens = make_model(), torch.randint(0, 90, (2, 7))
    config, state = to_t5(model)
    T5Config.from_dict(config).save_pretrained(tmp_path)
    save_file(state, tmp_path / "model.safetensors")
    vectors = torch.randn(2, 64)
    adapt(model, 3)
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            parameter.data.normal_(std=0.1)
    save_file(adapter_to_t5(model), tmp_path / FILE)
    adapted = load_adapted(tmp_path, load_checkpoint(tmp_path))
    assert adapted is not None
    with torch.no_grad():
        trained, exported = model(vectors, tokens), from_t5(config, adapted.weights)(vectors, tokens)
        plain = from_t5(config, state)(vectors, tokens)
    torch.testing.assert_close(exported, trained, atol=1e-4, rtol=1e-4)
    assert (trained - plain).abs().max() > 0.1
