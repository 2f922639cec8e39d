"""The steps of fixed shape, which a GPU captures, give the tokens and scores of the plain ones; and who
does which batch. Here they run as they are, uncaptured; `python -m demos.bench.gpu` compares on a GPU."""

from __future__ import annotations

import logging
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from demos.bench.standins import SMALL, liven, write_rut5
from demos.codec.board import Board
from demos.codec.decoder import Beam, BeamSearch, load_checkpoint
from demos.codec.graphs import CAPACITY, Graphs
from demos.codec.pairs import compact_decoder_folder
from demos.codec.t5 import FastDecoder

# (sentences, beams): powers of two and others, up to where a batch no longer counts as small.
BATCHES = [(1, 1), (5, 1), (48, 1), (1, 3), (3, 3), (16, 3), (1, 16), (3, 16)]


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> FastDecoder:
    """A small random decoder."""
    folder: Path = write_rut5(tmp_path_factory.mktemp("t5"), SMALL, vocabulary=False)
    return FastDecoder(liven(load_checkpoint(folder)))


@pytest.fixture(scope="module")
def vectors() -> Tensor:
    torch.manual_seed(12)
    return torch.randn(48, SMALL.width) / 10


def plain(
    decoder: FastDecoder, vectors: Tensor, beams: int, penalty: float = 1.2, longest: int = 40
) -> list[list[Beam]]:
    return decoder.generate(vectors, BeamSearch(beams, penalty, longest))


def fixed(graphs: Graphs, decoder: FastDecoder, *rest: Any, **more: Any) -> list[list[Beam]]:
    """What `plain` gives, by steps of fixed shape where the graphs do not decline."""
    decoder.graphs = graphs
    try:
        return plain(decoder, *rest, **more)
    finally:
        decoder.graphs = None


def assert_same(ours: list[list[Beam]], theirs: list[list[Beam]]) -> None:
    for row, other in zip(ours, theirs, strict=True):
        assert [beam.ids for beam in row] == [beam.ids for beam in other]
        assert [beam.score for beam in row] == pytest.approx([beam.score for beam in other], abs=1e-5)


@pytest.mark.parametrize("penalty", [1.0, 1.2, 3.0])
@pytest.mark.parametrize(("count", "beams"), BATCHES)
def test_every_token_is_that_of_the_plain_steps(
    decoder: FastDecoder, vectors: Tensor, count: int, beams: int, penalty: float
) -> None:
    graphs = Graphs(capture=False)
    ours = fixed(graphs, decoder, vectors[:count], beams, penalty, CAPACITY)
    assert_same(ours, plain(decoder, vectors[:count], beams, penalty, CAPACITY))
    ((n, k, capacity, _),) = graphs.boards
    assert (k, capacity) == (beams, CAPACITY)
    assert count <= n < 2 * count


@pytest.mark.parametrize(
    ("first", "count", "beams", "boards"), [(0, 48, 1, 2), (19, 1, 3, 3), (16, 16, 3, 3), (0, 4, 16, 3)]
)
def test_sentences_end_one_by_one_and_outgrow_a_board(
    decoder: FastDecoder, vectors: Tensor, first: int, count: int, beams: int, boards: int
) -> None:
    graphs, some = Graphs(capture=False), vectors[first : first + count]
    ours = fixed(graphs, decoder, some, beams, longest=4 * CAPACITY)
    assert_same(ours, plain(decoder, some, beams, longest=4 * CAPACITY))
    assert [capacity for _, _, capacity, _ in graphs.boards] == [CAPACITY, 2 * CAPACITY, 4 * CAPACITY][
        :boards
    ]
    assert len({len(row[0].ids) for row in ours}) > count / 4, "too many end at once"


@pytest.mark.parametrize("beams", [1, 3, 16])
def test_the_bundled_decoder_keeps_every_token(beams: int) -> None:
    bundled = FastDecoder(load_checkpoint(compact_decoder_folder()))
    torch.manual_seed(4)
    few = torch.nn.functional.normalize(torch.randn(4, bundled.dim))
    assert_same(fixed(Graphs(capture=False), bundled, few, beams), plain(bundled, few, beams))


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_step_never_asks_what_a_tensor_holds(tmp_path: Path, precision: Any) -> None:
    checkpoint = load_checkpoint(write_rut5(tmp_path, SMALL, vocabulary=False))
    nowhere = FastDecoder(checkpoint, precision, on_cpu=False).to(torch.device("meta"))  # shapes alone
    with torch.inference_mode():
        board = Board(nowhere, (2, 3, CAPACITY, 1.2))
        board.step(nowhere)
        with pytest.raises(NotImplementedError):
            board.found.tolist()


def test_a_board_forgets_what_it_was_used_for(decoder: FastDecoder, vectors: Tensor) -> None:
    graphs = Graphs(capture=False)
    fixed(graphs, decoder, vectors[:4] * torch.tensor([[torch.inf], [torch.nan], [1e30], [1.0]]), 3)
    first = dict(graphs.boards)
    assert_same(fixed(graphs, decoder, vectors[4:7], 3), plain(decoder, vectors[4:7], 3))
    assert graphs.boards == first


@pytest.mark.parametrize("bounds", [{"kept": 1}, {"memory": 1}])
def test_no_more_boards_are_kept_than_agreed(
    decoder: FastDecoder, vectors: Tensor, bounds: dict[str, int]
) -> None:
    graphs = Graphs(capture=False, **bounds)
    for beams in (1, 3):
        assert_same(fixed(graphs, decoder, vectors[:2], beams), plain(decoder, vectors[:2], beams))
        assert len(graphs.boards) == 1


def test_what_was_used_last_is_kept(decoder: FastDecoder, vectors: Tensor) -> None:
    graphs = Graphs(capture=False, kept=2)
    for count in (1, 2, 1, 4):
        fixed(graphs, decoder, vectors[:count], 3, longest=4)
    assert [n for n, *_ in graphs.boards] == [1, 4]


def test_large_batches_and_forked_processes_take_plain_steps(
    decoder: FastDecoder, vectors: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    graphs = Graphs(capture=False, rows=16)
    assert_same(fixed(graphs, decoder, vectors[:6], 3), plain(decoder, vectors[:6], 3))
    pid = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: pid + 1)
    assert_same(fixed(graphs, decoder, vectors[:1], 3), plain(decoder, vectors[:1], 3))
    assert not graphs.boards


@pytest.mark.parametrize("fails_at", [1, 2])
def test_a_failed_capture_is_told_once_and_costs_no_answer(
    decoder: FastDecoder,
    vectors: Tensor,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fails_at: int,
) -> None:
    captures = iter(range(1, 10))

    def capture(*_: object) -> None:
        if next(captures) == fails_at:
            raise RuntimeError("operation not permitted when stream is capturing")

    graphs = Graphs()
    monkeypatch.setattr(graphs, "_capture", capture)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            ours = fixed(graphs, decoder, vectors[18:20], 3, longest=2 * CAPACITY)
            assert_same(ours, plain(decoder, vectors[18:20], 3, longest=2 * CAPACITY))
    assert graphs.failed
    assert len(caplog.records) == 1
    assert "not permitted" in caplog.text


def test_threads_do_not_mix_their_sentences(decoder: FastDecoder, vectors: Tensor) -> None:
    expected = plain(decoder, vectors[:8], 3)
    decoder.graphs = Graphs(capture=False)
    try:
        with ThreadPoolExecutor(4) as pool:
            found = pool.map(lambda vector: plain(decoder, vector[None], 3), vectors[:8])
            assert_same([row for (row,) in found], expected)
    finally:
        decoder.graphs = None
