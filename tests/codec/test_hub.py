"""The article's pairs: stand-in checkpoints, the local hub cache, and a hub that misbehaves."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from huggingface_hub import constants

from demos.bench.standins import (
    SMALL,
    Article,
    Layout,
    StandInShape,
    Weights,
    save_weights,
    stand_in_pair,
    write_labse,
    write_rut5,
)
from demos.codec import PAIRS, Codec, DiskFull, HubUnavailable, ModelFilesError, hub
from demos.codec.bert import load_bert
from demos.codec.decoder import BeamSearch
from demos.codec.load import build_codec
from tests.fake_hub import NEWER, PIECE, FakeHub, fill_cache, serve

TEXTS = [
    "4 декабря 2000 года",
    "Давно такого не читала, очень хорошо пишешь!",
    "London is the capital of Great Britain.",
    "я",
    "Худовандо, ман 6 рӯз боз чизе нахӯрдаам! שלום",
]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """An encoder and a decoder as the hub has them."""
    folder = tmp_path_factory.mktemp("pair")
    return write_labse(folder / "encoder", SMALL), write_rut5(folder / "decoder", SMALL)


@pytest.fixture(scope="module")
def codec(folders: tuple[Path, Path]) -> Codec:
    return build_codec(stand_in_pair(*folders), "cpu", "float32")


@pytest.fixture(scope="module")
def article(folders: tuple[Path, Path]) -> Article:
    return Article(*folders)


def ids_of(codec: Codec, vectors: np.ndarray) -> list[list[int]]:
    """The codec's tokens under the pair's own settings."""
    how = codec.decoding
    search = BeamSearch(how.num_beams, how.repetition_penalty, how.max_length)
    beams = codec._decoder.generate(torch.from_numpy(vectors), search)
    return [list(row[0].ids) for row in beams]


def spoken(row: list[int]) -> list[int]:
    """Token ids without padding, start and end."""
    return [token for token in row if token > 1]


# The article's encode and decode ----------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["pooler", "pretraining"])
@pytest.mark.parametrize("weights", ["safetensors", "bin"])
def test_vectors_are_those_of_the_article(tmp_path: Path, layout: Layout, weights: Weights) -> None:
    encoder = write_labse(tmp_path / "encoder", SMALL, layout, weights)
    decoder = write_rut5(tmp_path / "decoder", SMALL)
    ours = hub.load_labse_folder(encoder)
    np.testing.assert_allclose(ours.encode(TEXTS), Article(encoder, decoder).encode(TEXTS), atol=2e-6)
    assert ours.max_tokens == 512
    assert ours.prefix == ""


@pytest.mark.parametrize("weights", ["safetensors", "bin"])
def test_tokens_are_those_of_the_article(
    tmp_path: Path, folders: tuple[Path, Path], weights: Weights
) -> None:
    decoder = write_rut5(tmp_path / "decoder", SMALL, weights)
    article = Article(folders[0], decoder)
    codec = build_codec(stand_in_pair(folders[0], decoder), "cpu", "float32")
    vectors = article.encode(TEXTS)
    tokens = article.tokens(vectors)
    theirs = [spoken(row) for row in tokens]
    assert len({tuple(row) for row in theirs}) == len(TEXTS), "the stand-in says the same whatever the vector"
    assert ids_of(codec, vectors) == theirs
    assert codec.decode(vectors) == article.texts(tokens)


def test_sums_are_decoded_as_they_are(codec: Codec, article: Article) -> None:
    one, two, three = codec.encode(["король", "женщина", "мужчина"])
    rows = np.stack([one + two - three, 1.7 * one, 0.2 * (one + two)])
    assert codec.decode(rows) == article.decode(rows)


def test_the_pairs_decode_as_the_article_does() -> None:
    for name in ("labse", "labse-en-ru"):
        pair = PAIRS[name]
        how = pair.decoding
        assert (how.num_beams, how.repetition_penalty, how.max_length) == (3, 3.0, 256)
        assert pair.dim == 768
        assert [len(repo.revision) for repo in pair.repos] == [40, 40]


def test_alternatives_have_scores_in_order(codec: Codec) -> None:
    (row,) = codec.candidates(codec.encode(["Доброе утро!"]), 3)
    assert len({candidate.text for candidate in row}) == 3
    assert [candidate.score for candidate in row] == sorted((c.score for c in row), reverse=True)


def test_nobody_keeps_the_encoder_of_t5(folders: tuple[Path, Path]) -> None:
    from demos.bench.reference import load_t5

    held = sum(p.numel() for p in load_t5(folders[1]).parameters())
    layers = SMALL.layers * (
        8 * SMALL.width * SMALL.heads * SMALL.key + 3 * SMALL.width * SMALL.gated + 3 * SMALL.width
    )
    tables = 2 * SMALL.decoder_tokens * SMALL.width + 32 * SMALL.heads + SMALL.width
    assert held == layers + tables


def test_the_codec_reads_nothing_of_the_encoder_of_t5(folders: tuple[Path, Path]) -> None:
    from demos.codec.decoder import load_checkpoint, read_weights

    assert any(name.startswith("encoder.block.") for name in read_weights(folders[1]))
    assert not any("encoder." in name for name in load_checkpoint(folders[1]).weights)


# Checkpoints that are not what they should be ---------------------------------------------------------


def test_a_missing_pooler_is_an_error(tmp_path: Path) -> None:
    encoder = write_labse(tmp_path, SMALL, "no pooler")
    with pytest.raises(ModelFilesError, match=r"pooler\.dense is missing"):
        load_bert(encoder)


@pytest.mark.parametrize("weights", ["safetensors", "bin"])
def test_the_dense_layer_of_sentence_transformers_is_the_pooler(tmp_path: Path, weights: Weights) -> None:
    plain = hub.load_labse_folder(write_labse(tmp_path / "plain", SMALL, "pooler", weights))
    dense = hub.load_labse_folder(write_labse(tmp_path / "dense", SMALL, "2_Dense", weights))
    np.testing.assert_array_equal(plain.encode(TEXTS), dense.encode(TEXTS))


def test_a_dense_layer_without_tanh_is_no_pooler(tmp_path: Path) -> None:
    encoder = write_labse(tmp_path, SMALL, "2_Dense")
    settings = encoder / "2_Dense" / "config.json"
    settings.write_text(settings.read_text().replace("Tanh", "ReLU"))
    with pytest.raises(ModelFilesError, match="not Tanh"):
        load_bert(encoder)


def test_a_missing_weight_of_the_encoder_is_an_error(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    encoder = write_labse(tmp_path, SMALL)
    state = load_file(encoder / "model.safetensors")
    del state["encoder.layer.1.output.dense.weight"]
    save_weights(state, encoder, "safetensors")
    with pytest.raises(ModelFilesError, match=r"encoder\.layer\.1\.output\.dense\.weight"):
        load_bert(encoder)


def test_a_head_that_is_not_tied_must_be_there(tmp_path: Path, folders: tuple[Path, Path]) -> None:
    decoder = write_rut5(tmp_path, SMALL, head=False)
    with pytest.raises(ModelFilesError, match=r"lm_head\.weight is missing"):
        build_codec(stand_in_pair(folders[0], decoder), "cpu", "float32")


def test_the_head_is_the_checkpoints_own(codec: Codec, folders: tuple[Path, Path]) -> None:
    from safetensors.torch import load_file

    from demos.bench.reference import load_t5

    model, state = load_t5(folders[1]), load_file(folders[1] / "model.safetensors")
    torch.testing.assert_close(model.lm_head.weight.data, state["lm_head.weight"], rtol=0, atol=0)
    torch.testing.assert_close(model.shared.weight.data, state["shared.weight"], rtol=0, atol=0)
    assert not torch.equal(model.lm_head.weight, model.shared.weight)


def test_a_head_that_was_overwritten_is_an_error(tmp_path: Path, folders: tuple[Path, Path]) -> None:
    from safetensors.torch import load_file

    decoder = write_rut5(tmp_path, SMALL)
    state = load_file(decoder / "model.safetensors")
    state["lm_head.weight"] = state["shared.weight"].clone()
    save_weights(state, decoder, "safetensors")
    with pytest.raises(ModelFilesError, match=r"lm_head\.weight was overwritten"):
        build_codec(stand_in_pair(folders[0], decoder), "cpu", "float32")


def test_a_loader_that_ties_the_head_is_caught(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers.models.t5.modeling_t5 import T5ForConditionalGeneration

    from demos.bench.reference import load_t5

    load = T5ForConditionalGeneration.load_state_dict

    def load_and_tie(model: T5ForConditionalGeneration, *args: Any, **options: Any) -> Any:
        done = load(model, *args, **options)
        model.lm_head.weight = model.shared.weight
        return done

    monkeypatch.setattr(T5ForConditionalGeneration, "load_state_dict", load_and_tie)
    with pytest.raises(ModelFilesError, match=r"replaced lm_head\.weight"):
        load_t5(folders[1])


def test_widths_that_do_not_fit_are_an_error(tmp_path: Path, folders: tuple[Path, Path]) -> None:
    narrow = write_rut5(tmp_path, replace(SMALL, width=16))
    with pytest.raises(ModelFilesError, match="32 numbers, the decoder takes 16"):
        build_codec(stand_in_pair(folders[0], narrow), "cpu", "float32")


def test_a_tokenizer_with_more_words_than_the_model_is_an_error(tmp_path: Path) -> None:
    encoder = write_labse(tmp_path, SMALL, "pretraining")
    with (encoder / "vocab.txt").open("a", encoding="utf-8") as file:
        file.write("лишнее\n")
    with pytest.raises(ModelFilesError, match="401 tokens"):
        hub.load_labse_folder(encoder)


def test_a_checkpoint_that_is_cut_short_is_an_error(tmp_path: Path) -> None:
    encoder = write_labse(tmp_path, SMALL)
    path = encoder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ModelFilesError, match="is damaged"):
        load_bert(encoder)


# The local cache and the hub --------------------------------------------------------------------------


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty hub cache, and the hub out of reach."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    return tmp_path / "cache"


def test_what_is_in_the_cache_needs_no_network(
    cache: Path, folders: tuple[Path, Path], article: Article
) -> None:
    pair = PAIRS["labse-en-ru"]
    assert not any(hub.cached(repo) for repo in pair.repos)
    fill_cache(cache, hub.LABSE_EN_RU, folders[0])
    assert not all(hub.cached(repo) for repo in pair.repos)
    fill_cache(cache, hub.RUT5, folders[1])
    assert all(hub.cached(repo) for repo in pair.repos)
    codec = build_codec(pair, "cpu", "float32")
    np.testing.assert_allclose(codec.encode(TEXTS), article.encode(TEXTS), atol=2e-6)
    assert codec.decode(article.encode(TEXTS)) == article.decode(article.encode(TEXTS))


def test_a_cache_of_another_commit_does_not_count(cache: Path, folders: tuple[Path, Path]) -> None:
    other = replace(hub.RUT5, pinned="0" * 40)
    fill_cache(cache, other, folders[1])
    assert hub.cached(other)
    assert not hub.cached(hub.RUT5)


def test_the_environment_may_name_another_revision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(hub.REVISIONS, f"{hub.RUT5.name}=main,someone/else=abc")
    assert hub.RUT5.revision == "main"
    assert hub.LABSE.revision == hub.LABSE.pinned


def test_without_a_network_the_error_says_so(cache: Path) -> None:
    with pytest.raises(HubUnavailable, match="there is no connection"):
        hub.fetch(hub.LABSE)


def test_a_full_disk_is_said_before_anything_is_fetched(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 9, 10**9))
    with pytest.raises(DiskFull, match="needs 2100 MB of disk, and 1000 MB are free"):
        hub.fetch(hub.LABSE)


@pytest.fixture
def fake_hub(cache: Path, monkeypatch: pytest.MonkeyPatch, folders: tuple[Path, Path]) -> Iterator[FakeHub]:
    """A hub on this machine that has the two repositories of labse-en-ru."""
    with serve(dict(zip(PAIRS["labse-en-ru"].repos, folders, strict=True))) as server:
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "ENDPOINT", server.url)
        monkeypatch.setattr(
            constants, "HUGGINGFACE_CO_URL_TEMPLATE", server.url + "/{repo_id}/resolve/{revision}/{filename}"
        )
        yield server


def test_a_download_reports_how_far_it_is(fake_hub: FakeHub, folders: tuple[Path, Path]) -> None:
    size = sum((folders[1] / name).stat().st_size for name in (*hub.RUT5.files, "model.safetensors"))
    heard: list[tuple[int, int]] = []
    folder = hub.fetch(hub.RUT5, lambda here, total: heard.append((here, total)))
    assert (folder / "model.safetensors").read_bytes() == (folders[1] / "model.safetensors").read_bytes()
    assert [here for here, _ in heard] == sorted(here for here, _ in heard)
    assert heard[-1] == (size, hub.RUT5.size * 1_000_000)
    asked = len(fake_hub.asked)
    assert hub.fetch(hub.RUT5) == folder
    assert len(fake_hub.asked) == asked, "what is here is not asked for again"


def test_a_pair_is_one_download(fake_hub: FakeHub, article: Article) -> None:
    pair = PAIRS["labse-en-ru"]
    heard: list[tuple[int, int]] = []
    hub.fetch_all(pair.repos, lambda here, total: heard.append((here, total)))
    assert {total for _, total in heard} == {pair.size * 1_000_000}
    assert [here for here, _ in heard] == sorted(here for here, _ in heard)
    assert heard[-1][0] > pair.repos[0].size * 1_000_000
    codec = build_codec(pair, "cpu", "float32")
    assert codec.decode(article.encode(TEXTS[:2])) == article.decode(article.encode(TEXTS[:2]))


def test_room_for_half_a_pair_is_no_room(fake_hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 9, 10**9))
    repos = PAIRS["labse-en-ru"].repos
    with pytest.raises(DiskFull, match=r"LaBSE-en-ru .* needs 1700 MB of disk, and 1000 MB are free"):
        hub.fetch_all(repos)
    assert fake_hub.asked == []
    hub.fetch(repos[0])
    with pytest.raises(DiskFull, match=r"^cointegrated/rut5-base-labse-decoder needs 1180 MB"):
        hub.fetch_all(repos)


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        OSError(122, "Disk quota exceeded"),
        RuntimeError("(os error 28)"),
    ],
    ids=["space", "quota", "xet"],
)
def test_a_disk_that_fills_up_meanwhile_is_full(
    fake_hub: FakeHub, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    from huggingface_hub import file_download

    def full(*args: object, **options: object) -> None:
        raise error

    monkeypatch.setattr(file_download, "http_get", full)
    with pytest.raises(DiskFull, match="needs 1180 MB of disk"):
        hub.fetch(hub.RUT5)
    assert not hub.cached(hub.RUT5)


def broken_off(fake_hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A download of the decoder ends in the midst of its weights → the part that is here."""
    monkeypatch.setattr(time, "sleep", lambda seconds: None)  # the hub's library waits before it asks again
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", PIECE)
    fake_hub.breaks = 2 * PIECE

    def lose(here: int, total: int) -> None:
        if here > 2 * PIECE:
            fake_hub.breaks = 0

    with pytest.raises(HubUnavailable, match="cannot get cointegrated/rut5-base-labse-decoder"):
        hub.fetch(hub.RUT5, lose)
    assert not hub.cached(hub.RUT5)
    (part,) = Path(constants.HF_HUB_CACHE).rglob("*.incomplete")
    assert part.stat().st_size >= 2 * PIECE
    fake_hub.breaks = None
    fake_hub.begun.clear()
    return part


def the_decoder_is_here(folders: tuple[Path, Path]) -> None:
    """It is whole, and nothing else of it is on the disk."""
    folder = hub.fetch(hub.RUT5)
    weights = "model.safetensors"
    assert (folder / weights).read_bytes() == (folders[1] / weights).read_bytes()
    assert hub.cached(hub.RUT5)
    assert not list(Path(constants.HF_HUB_CACHE).rglob("*.incomplete"))


def test_a_download_that_was_broken_off_goes_on_where_it_stopped(
    fake_hub: FakeHub, folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    size = broken_off(fake_hub, monkeypatch).stat().st_size
    heard: list[int] = []
    hub.fetch(hub.RUT5, lambda here, total: heard.append(here))
    assert fake_hub.begun == [size]
    assert heard == sorted(heard)
    the_decoder_is_here(folders)


def test_one_that_was_broken_off_at_its_end_needs_no_more(
    fake_hub: FakeHub, folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    part = broken_off(fake_hub, monkeypatch)
    part.write_bytes((folders[1] / "model.safetensors").read_bytes())
    the_decoder_is_here(folders)
    assert fake_hub.begun == []


@pytest.mark.parametrize("why", ["refused", "damaged", "too long"])
def test_a_part_that_is_of_no_use_is_begun_anew(
    fake_hub: FakeHub, folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    part = broken_off(fake_hub, monkeypatch)
    if why == "refused":
        fake_hub.goes_on = False
    elif why == "damaged":
        part.write_bytes(bytes(part.stat().st_size))
    else:
        part.write_bytes(bytes(1 + (folders[1] / "model.safetensors").stat().st_size))
    the_decoder_is_here(folders)
    assert len(fake_hub.begun) == 1


def test_what_is_here_needs_no_room_again(
    fake_hub: FakeHub, folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    part = broken_off(fake_hub, monkeypatch)
    with part.open("ab") as file:
        file.truncate(700_000_000)  # a hole: it takes no room
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 9, 480 * 10**6))
    hub.check_room(hub.RUT5)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 9, 479 * 10**6))
    with pytest.raises(DiskFull, match="needs 480 MB of disk, and 479 MB are free"):
        hub.check_room(hub.RUT5)


def test_a_connection_that_breaks_goes_on_where_it_stopped(
    fake_hub: FakeHub, folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", PIECE)  # what is less is lost
    weights = (folders[1] / "model.safetensors").read_bytes()
    fake_hub.breaks = 2 * PIECE
    heard: list[int] = []
    folder = hub.fetch(hub.RUT5, lambda here, total: heard.append(here))
    assert (folder / "model.safetensors").read_bytes() == weights
    assert fake_hub.asked.count("GET model.safetensors") == -(-len(weights) // fake_hub.breaks) > 1
    assert heard == sorted(heard)


def test_weights_come_pickled_where_there_is_nothing_better(fake_hub: FakeHub, tmp_path: Path) -> None:
    fake_hub.repos[hub.RUT5] = write_rut5(tmp_path / "bin", SMALL, "bin")
    folder = hub.fetch(hub.RUT5)
    assert (folder / "pytorch_model.bin").exists()
    assert hub.cached(hub.RUT5)


def test_a_repository_that_has_changed_is_an_error(fake_hub: FakeHub, tmp_path: Path) -> None:
    fake_hub.repos[hub.RUT5] = tmp_path
    with pytest.raises(HubUnavailable, match="is not there as expected"):
        hub.fetch(hub.RUT5)


def test_a_pin_that_the_hub_no_longer_knows_gives_the_main_branch(
    fake_hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "_unpinned", set())
    fake_hub.forgotten.add(hub.RUT5)
    assert not PAIRS["labse-en-ru"].unpinned
    assert hub.fetch(hub.RUT5).name == NEWER
    assert hub.unpinned(hub.RUT5)
    assert PAIRS["labse-en-ru"].unpinned == (hub.RUT5.name,)
    monkeypatch.setenv(hub.REVISIONS, f"{hub.RUT5.name}={hub.RUT5.pinned[:-1]}0")
    with pytest.raises(HubUnavailable, match="is not there as expected"):
        hub.fetch(hub.RUT5)


# The script at true shape -----------------------------------------------------------------------------


@pytest.mark.slow
def test_the_true_shape_script_finds_no_difference() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "demos.bench.true_shape", "--small"],
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert "sentences: identical" in done.stdout


def test_the_default_shape_is_the_articles() -> None:
    """The encoder's 471 million parameters and the decoder's checkpoint of 977 MB."""
    shape = StandInShape()
    block = (
        4 * shape.width * (shape.width + 1) + 2 * shape.width * shape.inner + shape.inner + 5 * shape.width
    )
    encoder = (
        (shape.encoder_tokens + 514 + 2) * shape.width
        + shape.layers * block
        + shape.width * (shape.width + 1)
    )
    assert round(encoder / 1e6) == 471
    attention, gated = 4 * shape.width * shape.heads * shape.key, 3 * shape.width * shape.gated
    decoder = 2 * shape.decoder_tokens * shape.width + shape.layers * (
        3 * attention + 2 * gated + 5 * shape.width
    )
    assert round(decoder * 4 / 1e6) == 977
    assert json.dumps(shape.encoder_tokens) == "501153"
