"""The pairs of encoder and decoder that the demo knows, and how each is loaded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demos.codec import hub, languages
from demos.codec.errors import ModelFilesError, UnknownPair
from demos.codec.hub import Repo
from demos.codec.linear import Precision
from demos.codec.manifest import check_manifest

if TYPE_CHECKING:
    from demos.codec.encoder import TextEncoder

COMPACT = Path(__file__).resolve().parents[2] / "assets" / "models" / "compact"


@dataclass(frozen=True)
class Decoding:
    """How a pair decodes unless told otherwise; the first three names are those of transformers' generate.

    max_length counts tokens, the start token included. With a `rerank` above 0 the final beams are
    encoded again and ordered by their score plus `rerank` times their cosine with the vector; with
    a `shortlist` above 0 only so many of them, those that promise most by a guess at their vectors.
    `rerank_words` is the weight where a sum (a vector not of length one) decodes to a single word, if
    it is another: the nearest reading of a sum of words is often one of its terms. `unknown_word` is
    what a word that the decoder's lexicon does not have takes off a beam.
    """

    num_beams: int = 3
    repetition_penalty: float = 1.0
    max_length: int = 64
    rerank: float = 0.0
    shortlist: int = 0
    rerank_words: float | None = None
    unknown_word: float = 0.0


@dataclass(frozen=True)
class Pair:
    """An encoder and a decoder of its vectors.

    Attributes:
        name: what `load_codec` takes.
        title: what a person reads.
        encoder, decoder: where they come from: hub names, or words.
        dim: the width of a vector.
        languages: codes of the languages the encoder was trained on; keys of `languages.NAMES`.
        size: megabytes to download; 0 for what is bundled.
        licence: of the weights.
        load_encoder: () → the encoder alone, on the CPU.
        decoder_folder: () → the decoder's checkpoint folder, its files checked.
        quick: how it decodes where an answer is wanted at once, as under a moving slider; `decoding`
            if None.
        repos: what the hub has of the pair; empty for what is bundled.
        precision: of the decoder's matrices on a CPU that has it, else float32. What is not
            float32 has been checked to keep the pair's quality.
    """

    name: str
    title: str
    encoder: str
    decoder: str
    dim: int
    languages: tuple[str, ...]
    size: int
    licence: str
    decoding: Decoding
    load_encoder: Callable[[], TextEncoder]
    decoder_folder: Callable[[], Path]
    quick: Decoding | None = None
    repos: tuple[Repo, ...] = ()
    precision: Precision = "float32"


def load_compact_encoder(folder: Path = COMPACT) -> TextEncoder:
    """The bundled encoder: multilingual-e5-small in the compact pair's space.

    A folder whose manifest lists no space.safetensors gives e5's own unit vectors; upper.safetensors
    holds layers that this demo trained further.

    Raises:
        ModelFilesError: a file is missing, damaged or unreadable.
    """
    from safetensors.torch import load_file

    from demos.codec.encoder import Bag, Space, TextEncoder
    from demos.codec.gguf_bert import load_bert
    from demos.codec.unigram import UnigramTokenizer

    names = check_manifest(folder, "encoder")
    folder = folder / "encoder"
    try:
        tokenize = UnigramTokenizer(folder)
        parts: dict[str, dict[str, Any]] = {}
        for kind in ("upper", "space", "bag"):
            file = f"{kind}.safetensors"
            if file in names:
                parts[kind] = load_file(folder / file)
            elif (folder / file).exists():
                raise ModelFilesError(f"{folder / file} is not in the manifest", folder)
        model = load_bert(folder / "model.gguf", parts.pop("upper", None))
        maps: dict[str, Any] = {
            kind: make(**parts[kind]) for kind, make in (("space", Space), ("bag", Bag)) if kind in parts
        }
    except (OSError, ValueError, KeyError, RuntimeError, TypeError, AttributeError) as error:
        raise ModelFilesError(f"{folder} holds no readable encoder: {error}", folder) from error

    return TextEncoder(model, tokenize, prefix="query: ", pooling="mean", pad_id=1, **maps)


def compact_decoder_folder(folder: Path = COMPACT) -> Path:
    """The bundled decoder's checkpoint folder, its files checked against the manifest."""
    names = check_manifest(folder, "decoder")
    for needed in ("config.json", "model.safetensors", "spiece.model"):
        if needed not in names:
            raise ModelFilesError(f"the manifest of {folder} does not list decoder/{needed}", folder)
    return folder / "decoder"


def _hub_pair(name: str, title: str, encoder: Repo, codes: tuple[str, ...]) -> Pair:
    """A LaBSE and the article's decoder, with the article's way to decode."""
    return Pair(
        name=name,
        title=title,
        encoder=encoder.name,
        decoder=hub.RUT5.name,
        dim=768,
        languages=codes,
        size=encoder.size + hub.RUT5.size,
        licence=encoder.licence,
        decoding=Decoding(num_beams=3, repetition_penalty=3.0, max_length=256),
        load_encoder=lambda: hub.load_encoder(encoder),
        decoder_folder=lambda: hub.fetch(hub.RUT5),
        repos=(encoder, hub.RUT5),
    )


COMPACT_DECODING = Decoding(
    num_beams=16, repetition_penalty=1.2, max_length=64, rerank=10.0, rerank_words=3.0, unknown_word=0.5
)
PAIRS: dict[str, Pair] = {
    pair.name: pair
    for pair in (
        Pair(
            name="compact",
            title="Compact (multilingual-e5-small)",
            encoder="intfloat/multilingual-e5-small, 4-bit",
            decoder="trained for this demo",
            dim=384,
            languages=languages.XLM_R,
            size=0,
            licence="MIT",
            decoding=COMPACT_DECODING,
            quick=replace(COMPACT_DECODING, num_beams=3, shortlist=2),
            load_encoder=load_compact_encoder,
            decoder_folder=compact_decoder_folder,
            precision="float16",  # that of its file: not a token changes
        ),
        _hub_pair("labse", "LaBSE (109 languages)", hub.LABSE, languages.LABSE),
        _hub_pair("labse-en-ru", "LaBSE, English and Russian", hub.LABSE_EN_RU, ("en", "ru")),
    )
}


def find_pair(name: str) -> Pair:
    """The pair of this name; UnknownPair if there is none."""
    if name not in PAIRS:
        raise UnknownPair(name, list(PAIRS))
    return PAIRS[name]


def load_encoder(name: str) -> TextEncoder:
    """A pair's encoder alone, as training and evaluation need it; no decoder has to exist."""
    return find_pair(name).load_encoder()
