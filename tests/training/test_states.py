"""The hidden states under the layers that are trained, written or computed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch

from demos.training import states
from demos.training.states import load_states, load_tokens
from demos.training.vectors import all_texts
from tests.training.tiny import RUSSIAN, WIDTH, make_placed_encoder


def test_the_states_are_those_of_the_lower_layers_in_any_order(joint_run: Path) -> None:
    written = load_states(joint_run)
    assert written.texts == all_texts(joint_run)
    assert {"Собака спит на диване.", *RUSSIAN} < set(written.texts)
    rows = np.array([5, 0, 17])
    found, mask = written.batch(rows)
    encoder = make_placed_encoder(3)
    states.split_encoder(encoder.model, 2)
    for i, row in enumerate(rows):
        ids = torch.tensor(encoder.token_ids([written.texts[row]]))
        assert mask[i].sum() == ids.shape[1]
        expected = encoder.model(input_ids=ids).last_hidden_state[0]
        own = found[int(mask[:i].sum()) :][: ids.shape[1]]
        torch.testing.assert_close(own.float(), expected, atol=0.05, rtol=0.02)


def test_states_that_were_interrupted_are_taken_up(joint_run: Path, tmp_path: Path) -> None:
    for name in ("examples.jsonl", "sums.jsonl", "states.bin", "lengths.npy"):
        (tmp_path / name).write_bytes((joint_run / name).read_bytes())
    note = json.loads((joint_run / "states.json").read_text())
    note["texts"] = 16
    (tmp_path / "states.json").write_text(json.dumps(note))
    kept = np.memmap(tmp_path / "states.bin", np.float16, "r+")
    whole = np.array(kept)
    kept[int(np.load(joint_run / "lengths.npy")[:16].sum()) * WIDTH :] = 0
    kept.flush()
    states.write_states(tmp_path, make_placed_encoder(), 2)
    # Other texts share a batch now, which moves the last bits.
    np.testing.assert_allclose(np.memmap(tmp_path / "states.bin", np.float16, "r"), whole, atol=0.05)
    early = slice(0, int(np.load(joint_run / "lengths.npy")[:16].sum()) * WIDTH)
    np.testing.assert_array_equal(np.memmap(tmp_path / "states.bin", np.float16, "r")[early], whole[early])


def test_states_that_are_not_written_are_computed(joint_run: Path, tmp_path: Path) -> None:
    for name in ("examples.jsonl", "sums.jsonl"):
        (tmp_path / name).write_bytes((joint_run / name).read_bytes())
    encoder = make_placed_encoder()
    states.split_encoder(encoder.model, 2)
    written, tokens = load_states(joint_run), load_tokens(tmp_path, encoder)
    assert tokens.texts == written.texts
    rows = np.array([7, 3, 3, 11])
    found, mask = tokens.batch(rows)
    expected, same = written.batch(rows)
    assert torch.equal(mask, same)
    torch.testing.assert_close(found, expected.float(), atol=0.05, rtol=0.02)
    assert np.array_equal(load_tokens(tmp_path, encoder).ids, tokens.ids)  # the second time from the file
