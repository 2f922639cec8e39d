"""A pair small enough to be trained inside a test: a random encoder of bytes, a dozen sentences."""

from __future__ import annotations

import json
import lzma
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file

from demos.codec import Codec, Pair
from demos.codec.encoder import AffineMap, TextEncoder
from demos.codec.gguf_bert import Bert, Config
from demos.training.sums import TrainingSum

RUSSIAN = """
Кошка спит на диване.
Собака лает во дворе.
Мама варит вкусный суп.
Папа читает свежую газету.
Дети играют в мяч.
Сегодня идёт дождь.
Завтра будет солнце.
Я люблю пить чай.
Мы едем на море.
Он купил новую машину.
Она поёт красивую песню.
Птицы улетают на юг.
""".strip().splitlines()
ENGLISH = """
The cat sleeps on the sofa.
The dog barks in the yard.
Mother cooks a tasty soup.
Father reads a fresh paper.
The children play ball.
It is raining today.
Tomorrow will be sunny.
I love drinking tea.
We go to the sea.
He bought a new car.
She sings a beautiful song.
The birds fly south.
""".strip().splitlines()
HELD_OUT = [("eng", "The horse drinks water.", "Лошадь пьёт воду."), ("deu", "Ich bin zu Hause.", "Я дома.")]
SUMS = [
    TrainingSum("replacement", ["Кошка спит на диване.", "Кошка", "Собака", "Собака спит на диване."]),
    *(TrainingSum("number", [one, one + "ы"]) for one in ("диван", "суп")),
    *(TrainingSum("gender", [one, one + "ка"]) for one in ("сосед", "студент")),
    *(TrainingSum("opposite", ["не" + one, one]) for one in ("новый", "вкусный")),
    *(TrainingSum("capital", list(pair)) for pair in (("Франция", "Париж"), ("Италия", "Рим"))),
    *(TrainingSum("ty_vy", [f"Ты {verb}шь.", f"Вы {verb}те."]) for verb in ("идё", "ждё", "поё", "берё")),
    *(TrainingSum("translation", [text, "Le chat."]) for text in ("The cat.", "Die Katze.")),
]
WIDTH = 64


def tokenize(texts: list[str]) -> list[list[int]]:
    """Bytes as tokens."""
    return [[1, *(byte + 3 for byte in text.encode()), 2] for text in texts]


def make_encoder(layers: int = 1) -> TextEncoder:
    """A random encoder over bytes, of the class that the bundled one has; the same one every time."""
    torch.manual_seed(7)
    sizes = {"num_hidden_layers": layers, "num_attention_heads": 2, "intermediate_size": 64}
    limits = {"max_position_embeddings": 512, "type_vocab_size": 1, "layer_norm_eps": 1e-12}
    model = Bert(Config(vocab_size=260, hidden_size=WIDTH, **sizes, **limits))  # type: ignore[arg-type]
    model.embeddings["word_embeddings"] = torch.nn.Embedding(260, WIDTH)
    for name in ("position_embeddings", "token_type_embeddings"):
        torch.nn.init.normal_(model.embeddings[name].weight)  # type: ignore[arg-type]
    model.eval().requires_grad_(False)
    return TextEncoder(model, tokenize, prefix="query: ", pooling="mean")


def placed_encoder(path: Path) -> TextEncoder:
    """The random encoder in the space that the pipeline fitted."""
    encoder = make_encoder()
    encoder.space = AffineMap(**load_file(path))
    return encoder


def call(main: Callable[[], None], *arguments: object) -> None:
    """Run a command of the pipeline with the arguments that a user would type."""
    before = sys.argv
    sys.argv = ["command", *map(str, arguments)]
    try:
        main()
    finally:
        sys.argv = before


def write_data(folder: Path) -> Path:
    """A data folder with a recipe beside it; returns the recipe's path."""
    (folder / "train").mkdir(parents=True)
    (folder / "eval").mkdir()
    text = "".join(f"{line}\n" for line in [*RUSSIAN, HELD_OUT[0][2]])
    (folder / "train" / "ru.txt.xz").write_bytes(lzma.compress(text.encode()))
    rows = [("eng", *pair) for pair in zip(ENGLISH, RUSSIAN, strict=True)]
    (folder / "train" / "pairs.tsv").write_text("".join("\t".join(row) + "\n" for row in rows))
    (folder / "eval" / "heldout.tsv").write_text("".join("\t".join(row) + "\n" for row in HELD_OUT))
    recipe = {
        "seed": 1,
        "vocabulary": 315,
        "max_words": 8,
        "words": 5,
        "held_out": ["eval/heldout.tsv"],
        "sources": [
            {"path": "train/ru.txt.xz", "kind": "text", "licence": "ours", "origin": "tests", "weight": 1.0},
            {"path": "train/pairs.tsv", "kind": "pairs", "licence": "ours", "origin": "tests", "weight": 1.0},
        ],
    }
    path = folder / "recipe.json"
    path.write_text(json.dumps(recipe, ensure_ascii=False), encoding="utf-8")
    return path


@dataclass(frozen=True)
class Trained:
    """The whole pipeline's result on the dozen sentences."""

    data: Path
    run: Path
    out: Path
    pair: Pair
    codec: Codec
    first_seconds: float
    first_step: int


def make_placed_encoder(layers: int = 3) -> TextEncoder:
    """The random encoder in a space that leaves its vectors as they are."""
    encoder = make_encoder(layers)
    encoder.space = AffineMap(torch.zeros(WIDTH), torch.eye(WIDTH))
    return encoder
