"""The cache of vectors: encoded once, taken up where it stopped, honest about what is missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from demos.codec.encoder import TextEncoder
from demos.training import vectors
from demos.training.data import Example, write_examples
from demos.training.vectors import chunks, distinct_texts, encode_all, load_vectors

TEXTS = [f"Предложение номер {n}." for n in range(10)]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(vectors, "CHUNK", 4)
    write(tmp_path, TEXTS)
    return tmp_path


def write(run: Path, texts: list[str]) -> None:
    write_examples([Example("ru", text, text, 1.0, "x") for text in texts], run / "examples.jsonl")


def pooled(encoder: TextEncoder, texts: list[str]) -> np.ndarray:
    return encoder.pool(encoder.token_ids(texts))


def files(run: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in (run / "vectors").iterdir()}


def test_vectors_are_those_of_the_distinct_texts_in_their_order(run: Path, encoder: TextEncoder) -> None:
    write(run, [*TEXTS, TEXTS[0], TEXTS[3]])
    assert distinct_texts(run) == TEXTS
    encode_all(run, encoder)
    found, mask = load_vectors(run, TEXTS)
    assert found.dtype == np.float16
    assert mask.all()
    np.testing.assert_allclose(found, pooled(encoder, TEXTS), atol=1e-3)


def test_a_second_run_encodes_nothing_and_a_lost_chunk_alone(run: Path, encoder: TextEncoder) -> None:
    encode_all(run, encoder)
    first = files(run)
    assert len(first) == 3
    encode_all(run, encoder)
    assert files(run) == first
    lost = sorted(first)[1]
    (run / "vectors" / lost).unlink()
    encode_all(run, encoder)
    after = files(run)
    assert after.keys() == first.keys()
    assert {name for name in first if after[name] != first[name]} == {lost}


def test_changed_texts_change_the_checksum_in_the_name(run: Path, encoder: TextEncoder) -> None:
    encode_all(run, encoder)
    changed = [*TEXTS[:5], "Другое.", *TEXTS[6:]]
    old = [path for _, path in chunks(run, TEXTS)]
    new = [path for _, path in chunks(run, changed)]
    assert [a == b for a, b in zip(old, new, strict=True)] == [True, False, True]
    _, mask = load_vectors(run, changed)
    assert mask.tolist() == [True] * 4 + [False] * 4 + [True] * 2
    write(run, changed)
    encode_all(run, encoder)
    found, mask = load_vectors(run, changed)
    assert mask.all()
    np.testing.assert_allclose(found, pooled(encoder, changed), atol=1e-3)


def test_a_partial_cache_gives_the_rows_that_it_covers(run: Path, encoder: TextEncoder) -> None:
    encode_all(run, encoder)
    next(iter(chunks(run, TEXTS)))[1].unlink()
    found, mask = load_vectors(run, TEXTS)
    assert mask.tolist() == [False] * 4 + [True] * 6
    np.testing.assert_allclose(found, pooled(encoder, TEXTS[4:]), atol=1e-3)


def test_an_interrupted_chunk_is_not_taken_for_a_whole_one(run: Path, encoder: TextEncoder) -> None:
    encode_all(run, encoder)
    path = next(iter(chunks(run, TEXTS)))[1]
    path.rename(path.with_suffix(".part"))
    _, mask = load_vectors(run, TEXTS)
    assert not mask[:4].any()


def test_no_vectors_at_all_is_an_error(run: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing encoded"):
        load_vectors(run, TEXTS)
