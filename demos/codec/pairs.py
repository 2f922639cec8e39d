"""The pairs of encoder and decoder that the demo knows, and how each is loaded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demos.codec import hub, languages
from demos.codec.errors import BadSetting, ModelFilesError, UnknownPair
from demos.codec.hub import Repo, Report
from demos.codec.linear import Precision
from demos.codec.manifest import check_manifest

if TYPE_CHECKING:
    from demos.codec.encoder import TextEncoder

MOST_BEAMS = 16
COMPACT = Path(__file__).resolve().parents[2] / "assets" / "models" / "compact"


@dataclass(frozen=True)
class Decoding:
    """How vectors are decoded; make another from a pair's with `dataclasses.replace`.

    Attributes:
        num_beams, repetition_penalty, max_length: as in transformers' generate: 1 to 16, 1 to 10, and 2 to
            512 tokens, the start token included.
        rerank: the weight of the round trip, 0 to 1000: the final beams are encoded again and ordered by
            their score plus `rerank` times their cosine with the vector. 0 leaves the decoder's own order.
        shortlist: how many beams of a vector are encoded again for that, 0 to 16, where the encoder can
            approximate texts' vectors: the first and those that promise most, which come first. 0 is all.
        rerank_words: the weight where a sum (a vector not of length one) decodes to a single word, if it is
            another: the nearest reading of a sum of words is often one of its terms. None is `rerank`.
        rerank_short: the weight for vectors shorter than 1 where the decoder reads lengths: their direction
            is uncertain, and what lies nearest to it need not make sense. None is the weight of the others.
        second_length: a sum (a vector not of length one) is decoded at this length too, 0.01 to 1, where the
            decoder reads lengths: what it says of an uncertain direction is plainer. The beams of both are
            ordered together. None is once, as it comes.
        unknown_word: what a word that the decoder's lexicon does not have takes off a beam, 0 to 1000.

    Raises:
        BadSetting: one is out of its range.
    """

    num_beams: int = 3
    repetition_penalty: float = 1.0
    max_length: int = 64
    rerank: float = 0.0
    shortlist: int = 0
    rerank_words: float | None = None
    rerank_short: float | None = None
    second_length: float | None = None
    unknown_word: float = 0.0

    def __post_init__(self) -> None:
        check_whole("num_beams", self.num_beams, 1, MOST_BEAMS)
        check_number("repetition_penalty", self.repetition_penalty, 1, 10)
        check_whole("max_length", self.max_length, 2, 512)
        check_number("rerank", self.rerank, 0, 1000)
        check_whole("shortlist", self.shortlist, 0, MOST_BEAMS)
        for name in ("rerank_words", "rerank_short"):
            if getattr(self, name) is not None:
                check_number(name, getattr(self, name), 0, 1000)
        if self.second_length is not None:
            check_number("second_length", self.second_length, 0.01, 1)
        check_number("unknown_word", self.unknown_word, 0, 1000)


def check_whole(name: str, value: object, least: int, most: int) -> int:
    """The value; BadSetting unless it is a whole number from `least` to `most`."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise BadSetting(name, value, f"a whole number from {least} to {most}")
    return value


def check_number(name: str, value: object, least: float, most: float) -> None:
    """BadSetting unless the value is a number from `least` to `most`."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise BadSetting(name, value, f"a number from {least} to {most}")


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
        precisions: what the decoder's matrices may be kept in on a CPU: those that keep the pair's quality.
            The fastest there is taken, the first of those that are about as fast.
        encoder_precisions: the same of the encoder's matrices.
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
    precisions: tuple[Precision, ...] = ("float32", "float16")
    encoder_precisions: tuple[Precision, ...] = ("float32",)

    @property
    def here(self) -> bool:
        """Whether all of its files are on this machine."""
        return all(map(hub.cached, self.repos))

    @property
    def unpinned(self) -> tuple[str, ...]:
        """Its repositories whose main branch was loaded: the hub no longer knows their pinned commit."""
        return tuple(repo.name for repo in self.repos if hub.unpinned(repo))

    def fetch(self, report: Report | None = None) -> None:
        """Download what this machine lacks of its files, or say at once that the disk has no room for them.

        Args:
            report: is called with the bytes that are here and the bytes in all while files come.

        Raises:
            HubUnavailable: no network, or the hub does not have what it should.
            DiskFull: the disk has no room.
        """
        hub.fetch_all(self.repos, report)


def load_compact_encoder(folder: Path = COMPACT) -> TextEncoder:
    """The bundled encoder: multilingual-e5-small in the compact pair's space.

    A folder whose manifest lists no space.safetensors gives e5's own unit vectors; upper.safetensors
    holds layers that this demo trained further.

    Raises:
        ModelFilesError: a file is missing, damaged or unreadable.
    """
    from safetensors.torch import load_file

    from demos.codec.encoder import AffineMap, BagOfWords, TextEncoder
    from demos.codec.gguf_bert import load_gguf
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
        model = load_gguf(folder / "model.gguf", parts.pop("upper", None))
        maps: dict[str, Any] = {
            option: make(**parts[kind])
            for kind, option, make in (("space", "space", AffineMap), ("bag", "bag_of_words", BagOfWords))
            if kind in parts
        }
    except (OSError, ValueError, KeyError, RuntimeError, TypeError, AttributeError) as error:
        raise ModelFilesError(f"{folder} holds no readable encoder: {error}", folder) from error

    return TextEncoder(
        model, tokenize, prefix="query: ", pooling="mean", pad_id=1, silent=tokenize.silent, **maps
    )


def compact_decoder_folder(folder: Path = COMPACT) -> Path:
    """The bundled decoder's checkpoint folder, its files checked against the manifest.

    Raises:
        ModelFilesError: a file is missing or damaged, or the manifest lacks one that is needed.
    """
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
        load_encoder=lambda: hub.load_labse(encoder),
        decoder_folder=lambda: hub.fetch(hub.RUT5),
        repos=(encoder, hub.RUT5),
    )


COMPACT_DECODING = Decoding(
    num_beams=16,
    repetition_penalty=1.2,
    max_length=64,
    rerank=6.0,
    rerank_words=3.0,
    rerank_short=2.0,
    second_length=0.8,
    unknown_word=0.5,
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
            languages=languages.XLM_R_LANGUAGES,
            size=0,
            licence="MIT",
            decoding=COMPACT_DECODING,
            quick=replace(COMPACT_DECODING, num_beams=3, shortlist=2, second_length=None),
            load_encoder=load_compact_encoder,
            decoder_folder=compact_decoder_folder,
            # Its file has 16 bits. bfloat16 changes tokens; 8 bits took 1.1 of chrF off an earlier decoder:
            # assets/recipes/history.md, "Eight bits".
            precisions=("float16", "float32"),
            encoder_precisions=("float32", "bfloat16"),
        ),
        _hub_pair("labse", "LaBSE (109 languages)", hub.LABSE, languages.LABSE_LANGUAGES),
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
