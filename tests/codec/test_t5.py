"""The fast decoder gives transformers' own tokens and scores, alone and in a batch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import T5Config, T5ForConditionalGeneration

from demos.bench.reference import TransformersDecoder, load_t5
from demos.codec import PAIRS, Codec, ModelFilesError
from demos.codec.decoder import Beam, BeamSearch, load_checkpoint
from demos.codec.linear import Dense, Precision, has_int8, kernels
from demos.codec.load import usual_precision
from demos.codec.pairs import compact_decoder_folder
from demos.codec.search import ALWAYS, Search
from demos.codec.t5 import FastDecoder

# (beams, repetition penalty): plain, mild, the article's; greedy search penalises otherwise than beams.
SETTINGS = [(1, 3.0), (3, 1.2), (5, 1.0)]
MORE_SETTINGS = [(1, 1.0), (3, 1.0), (3, 3.0), (5, 1.2)]
VECTORS, MORE_VECTORS, LONGEST = 40, 200, 16
TIE = 1e-5  # two beams whose scores differ by less may change places: nobody adds in the same order


@dataclass(frozen=True)
class Both:
    """One checkpoint in transformers and here."""

    reference: TransformersDecoder
    fast: FastDecoder
    dim: int


def write_checkpoint(folder: Path, kind: str, tied: bool) -> Path:
    """A small random T5 whose heads together are narrower than its states."""
    torch.manual_seed(3)
    config = T5Config(
        vocab_size=320,
        d_model=48,
        d_kv=16,
        num_heads=2,
        d_ff=96,
        num_layers=3,
        num_decoder_layers=3,
        feed_forward_proj=kind,
    )
    config.decoder_start_token_id = 0
    config.scale_decoder_outputs = tied
    model = T5ForConditionalGeneration(config)
    model.shared.weight.data.mul_(0.5)
    model.lm_head.weight = model.shared.weight if tied else torch.nn.Parameter(torch.randn(320, 48) * 0.3)
    for weight in model.decoder.parameters():
        if weight.ndim == 1:
            weight.data.uniform_(0.5, 1.5)
    model.decoder.block[0].layer[0].SelfAttention.relative_attention_bias.weight.data.normal_()  # type: ignore[union-attr, index]
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module", params=["gated-gelu tied", "gated-gelu", "relu tied"])
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Both:
    kind, _, tied = request.param.partition(" ")
    folder = write_checkpoint(tmp_path_factory.mktemp("t5"), kind, bool(tied))
    return Both(TransformersDecoder(load_t5(folder)), FastDecoder(load_checkpoint(folder)), 48)


@pytest.fixture(scope="module")
def bundled() -> Both:
    folder = compact_decoder_folder()
    return Both(TransformersDecoder(load_t5(folder)), FastDecoder(load_checkpoint(folder)), 384)


def random_vectors(dim: int, count: int = VECTORS, longest: float = 8.0) -> Tensor:
    """Vectors of random directions and lengths: the first of the many that the slow tests look at."""
    torch.manual_seed(11)
    vectors = torch.nn.functional.normalize(torch.randn(MORE_VECTORS, dim))
    return (vectors * torch.rand(MORE_VECTORS, 1) * longest)[:count]


def tokens(found: list[list[Beam]]) -> list[list[list[int]]]:
    return [[list(beam.ids) for beam in row] for row in found]


def assert_same(ours: list[list[Beam]], theirs: list[list[Beam]]) -> None:
    """Equal tokens in equal order and equal scores; what differs is a tie, and there are few of those."""
    ties = 0
    for row, other in zip(ours, theirs, strict=True):
        assert [b.score for b in row] == pytest.approx([b.score for b in other], abs=TIE)
        ties += [b.ids for b in row] != [b.ids for b in other]
    assert ties <= max(1, len(ours) // 50)


def distances(ours: list[list[Beam]], theirs: list[list[Beam]]) -> Tensor:
    """How far apart the scores of the same tokens are."""
    pairs = [(b, o) for row, other in zip(ours, theirs, strict=True) for b, o in zip(row, other, strict=True)]
    return torch.tensor([abs(b.score - o.score) for b, o in pairs if b.ids == o.ids])


def agree(both: Both, count: int, beams: int, penalty: float) -> None:
    vectors, how = random_vectors(both.dim, count), BeamSearch(beams, penalty, LONGEST)
    ours, theirs = both.fast.generate(vectors, how), both.reference.generate(vectors, how)
    different = {tuple(row[0].ids) for row in theirs}
    assert len(different) > 10, "the random model says one thing whatever the vector"
    assert_same(ours, theirs)


@pytest.mark.parametrize(("beams", "penalty"), SETTINGS)
def test_tokens_and_scores_are_those_of_transformers(both: Both, beams: int, penalty: float) -> None:
    agree(both, VECTORS, beams, penalty)


@pytest.mark.slow
@pytest.mark.parametrize(("beams", "penalty"), [*SETTINGS, *MORE_SETTINGS])
def test_so_are_those_of_many_vectors(both: Both, beams: int, penalty: float) -> None:
    agree(both, MORE_VECTORS, beams, penalty)


def spoken_and_random(codec: Codec, count: int) -> Tensor:
    """The vectors of sentences, and of none: about two to one."""
    words = ["мир", "труд", "май", "дом", "лес", "море", "хлеб", "соль", "сон", "день", "ночь", "снег"]
    spoken = [f"{one} и {other}" for one in words for other in words][: 18 * count // 25]
    some = random_vectors(384, count - len(spoken), longest=2.0)
    return torch.cat((torch.from_numpy(codec.encode(spoken)), some))


@pytest.mark.parametrize(("beams", "penalty"), [(1, 1.2), (3, 1.2), (5, 3.0)])
def test_the_bundled_decoder_says_what_transformers_makes_of_it(
    bundled: Both, codec: Codec, beams: int, penalty: float
) -> None:
    vectors, how = spoken_and_random(codec, VECTORS), BeamSearch(beams, penalty, LONGEST)
    ours, theirs = bundled.fast.generate(vectors, how), bundled.reference.generate(vectors, how)
    assert sum(row != other for row, other in zip(tokens(ours), tokens(theirs), strict=True)) <= 1


@pytest.mark.slow
@pytest.mark.parametrize(("beams", "penalty"), [(1, 1.2), (3, 1.2), (5, 3.0)])
def test_the_bundled_decoder_is_nearer_to_exact_sums_than_transformers(
    bundled: Both, codec: Codec, beams: int, penalty: float
) -> None:
    vectors = spoken_and_random(codec, MORE_VECTORS)
    how = BeamSearch(beams, penalty, LONGEST)
    ours, theirs = bundled.fast.generate(vectors, how), bundled.reference.generate(vectors, how)
    # In float64, since some of transformers' own float32 scores are off by nearly a tie.
    exact = TransformersDecoder(load_t5(compact_decoder_folder()).double()).generate(vectors, how)
    assert_same(ours, exact)
    assert distances(ours, exact).mean() < 2 * distances(theirs, exact).mean()


@pytest.mark.parametrize(
    ("beams", "count"), [(1, VECTORS), (16, 6), pytest.param(16, VECTORS, marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("precision", [one for one in PAIRS["compact"].precisions if one in kernels()])
def test_what_the_pair_allows_leaves_every_token_of_the_bundled_decoder(
    bundled: Both, precision: Precision, beams: int, count: int
) -> None:
    small = FastDecoder(load_checkpoint(compact_decoder_folder()), precision)
    vectors, how = random_vectors(384, count, longest=2.0), BeamSearch(beams, 1.2, LONGEST)
    together, some = small.generate(vectors, how), max(3, count // 4)
    assert_same(together, bundled.fast.generate(vectors, how))
    assert_same(together[:some], [small.generate(vector[None], how)[0] for vector in vectors[:some]])


def test_the_usual_precision_is_one_that_the_pair_allows() -> None:
    checkpoint, pair = load_checkpoint(compact_decoder_folder()), PAIRS["compact"]
    chosen = usual_precision(pair, checkpoint, torch.device("cpu"))
    assert chosen in pair.precisions
    assert chosen in kernels()


@pytest.mark.parametrize(("beams", "penalty"), [(1, 1.0), (3, 1.2)])
def test_a_batch_gives_what_single_calls_give(both: Both, beams: int, penalty: float) -> None:
    vectors, how = random_vectors(both.dim, 20), BeamSearch(beams, penalty, LONGEST)
    together = both.fast.generate(vectors, how)
    alone = [both.fast.generate(vector[None], how)[0] for vector in vectors]
    assert_same(together, alone)


@pytest.mark.parametrize("rows", [384, 3])
def test_the_likelihood_of_a_beam_is_its_score(codec: Codec, rows: int) -> None:
    decoder = FastDecoder(load_checkpoint(compact_decoder_folder()), rows=rows)
    vectors = spoken_and_random(codec, 12)
    beams = [row[0] for row in decoder.generate(vectors, BeamSearch(3, 1.0, LONGEST))]
    kept = [len(beam.ids) < LONGEST - 2 for beam in beams]  # the others were cut, without an end
    whole = [beam for beam, ended in zip(beams, kept, strict=True) if ended]
    assert len({len(beam.ids) for beam in whole}) > 2
    found = decoder.log_likelihoods(vectors[kept], [beam.ids for beam in whole])
    assert found == pytest.approx([beam.score for beam in whole], abs=TIE)


def test_long_batches_are_done_in_parts(tmp_path: Path) -> None:
    checkpoint = load_checkpoint(write_checkpoint(tmp_path, "gated-gelu", tied=True))
    vectors, how = random_vectors(48, 20), BeamSearch(3, 1.2, LONGEST)
    assert_same(
        FastDecoder(checkpoint, rows=9).generate(vectors, how),
        FastDecoder(checkpoint).generate(vectors, how),
    )


def test_the_same_call_gives_the_same_answer(both: Both) -> None:
    vectors, how = random_vectors(both.dim, 10), BeamSearch(3, 1.2, LONGEST)
    assert both.fast.generate(vectors, how) == both.fast.generate(vectors, how)


@pytest.mark.parametrize("longest", [2, 3, 40])
def test_any_length_is_kept(both: Both, longest: int) -> None:
    vectors, how = random_vectors(both.dim, 20), BeamSearch(3, 1.0, longest)
    ours = both.fast.generate(vectors, how)
    assert_same(ours, both.reference.generate(vectors, how))
    assert all(len(beam.ids) < longest for row in ours for beam in row)


@pytest.mark.parametrize("precision", ["bfloat16", "int8"] if has_int8() else ["bfloat16"])
def test_fewer_bits_change_the_scores_little(tmp_path: Path, precision: Any) -> None:
    checkpoint = load_checkpoint(write_checkpoint(tmp_path, "gated-gelu", tied=True))
    vectors, how = random_vectors(48, 50), BeamSearch(1, 1.0, 2)
    exact = [row[0].score for row in FastDecoder(checkpoint).generate(vectors, how)]
    small = [row[0].score for row in FastDecoder(checkpoint, precision).generate(vectors, how)]
    assert small == pytest.approx(exact, abs=0.1)
    assert small != exact


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
def test_a_decoder_for_another_device_moves_there(tmp_path: Path, precision: Any) -> None:
    checkpoint = load_checkpoint(write_checkpoint(tmp_path, "gated-gelu", tied=True))
    decoder = FastDecoder(checkpoint, precision, on_cpu=False).to(torch.device("meta"))
    tensors = [
        *vars(decoder).values(),
        *(value for layer in decoder.layers for value in vars(layer).values()),
    ]
    devices = {value.device.type for value in tensors if isinstance(value, Tensor)}
    weights = {value.weight for value in tensors if isinstance(value, Dense)}
    assert devices | {weight.device.type for weight in weights} == {"meta"}
    assert len(weights) == 1 + 4 * len(decoder.layers)


def test_an_unknown_activation_is_an_error(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path, "relu", tied=True)
    config = folder / "config.json"
    config.write_text(config.read_text().replace('"relu"', '"tanhshrink"'))
    with pytest.raises(ModelFilesError, match="tanhshrink"):
        FastDecoder(load_checkpoint(folder))


@pytest.mark.parametrize(("beams", "penalty"), [(5, 1.0), (16, 1.2)])
def test_beams_that_do_not_go_on_are_not_computed_and_not_missed(
    both: Both, monkeypatch: pytest.MonkeyPatch, beams: int, penalty: float
) -> None:
    vectors, how, rows = random_vectors(both.dim, 8), BeamSearch(beams, penalty, LONGEST), list[int]()
    logits = both.fast.logits

    def count(*given: Any) -> Tensor:
        found = logits(*given)
        rows.append(len(found))
        return found

    monkeypatch.setattr(both.fast, "logits", count)
    found = both.fast.generate(vectors, how)
    some = sum(rows)
    assert rows[0] == ALWAYS * len(vectors)
    assert beams * len(vectors) in rows
    rows.clear()
    monkeypatch.setattr(Search, "live", lambda self: None)
    assert both.fast.generate(vectors, how) == found
    assert rows[0] == beams * len(vectors)
    assert some < sum(rows)
