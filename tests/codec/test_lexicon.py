from pathlib import Path

import pytest

from demos.codec.errors import ModelFilesError
from demos.codec.lexicon import BITS_PER_WORD, FILE, Lexicon, cyrillic_words, load_lexicon
from demos.codec.manifest import PARTS, check_manifest, write_manifest
from demos.codec.pairs import compact_decoder_folder
from demos.training import lexicon
from demos.training.data import Example, write_examples
from tests.training.tiny import call

STEMS = ("мор", "лес", "пол", "вод", "дом", "рек", "гор", "сад", "час", "год")
ENDINGS = ("", "е", "ной", "ом")
WORDS = [start + stem + end for start in ("", "за", "под") for stem in STEMS for end in ENDINGS]


def test_words_are_russian_ones_in_small_letters() -> None:
    assert cyrillic_words("Ёж, ёлка и Нью-Йорк: 5 cats, it’s «да»!") == [
        "еж",
        "елка",
        "и",
        "нью",
        "йорк",
        "да",
    ]


def test_every_word_is_known_and_few_others_are() -> None:
    known = Lexicon.of(WORDS)
    assert all(word in known for word in WORDS)
    others = [f"не{word}{i}" for word in WORDS for i in range(99)]
    assert sum(word in known for word in others) < 0.02 * len(others)
    assert 8 * len(known.bits) <= BITS_PER_WORD * len(WORDS) + 8
    assert known.unknown("Море, лес, полом и Водой: 7!") == 2


def test_an_empty_lexicon_knows_nothing() -> None:
    assert Lexicon.of([]).unknown("да") == 1


def test_a_lexicon_comes_back_from_its_file(tmp_path: Path) -> None:
    assert load_lexicon(tmp_path) is None
    Lexicon.of(WORDS).save(tmp_path)
    stored = load_lexicon(tmp_path)
    assert stored is not None
    assert stored.bits == Lexicon.of(WORDS).bits
    (tmp_path / FILE).write_bytes(b"no")
    with pytest.raises(ModelFilesError, match=FILE):
        load_lexicon(tmp_path)


def test_the_bundled_lexicon_knows_words_and_no_made_up_ones() -> None:
    known = load_lexicon(compact_decoder_folder())
    assert known is not None
    assert known.unknown("Мы едем в Санкт-Петербург: ёлки, сугробы и тридцать градусов мороза.") == 0
    assert known.unknown("празднухой прочите постын") == 3


def test_a_lexicon_is_made_of_the_targets_of_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, target in (("one", "Кот спит."), ("two", "Пёс спит.")):
        (tmp_path / name).mkdir()
        write_examples([Example("eng", "Слон", target, 1.0, "x")], tmp_path / name / "examples.jsonl")
    for part in PARTS:
        (tmp_path / part).mkdir()
    write_manifest(tmp_path)
    call(lexicon.main, "--runs", tmp_path / "one", tmp_path / "two", "--out", tmp_path / "decoder")
    stored = load_lexicon(tmp_path / "decoder")
    assert stored is not None
    assert stored.bits == Lexicon.of(["кот", "спит", "пес"]).bits
    assert FILE in check_manifest(tmp_path, "decoder")
    assert "3 words" in capsys.readouterr().out


def test_a_lexicon_keeps_the_words_of_texts_that_it_knew(tmp_path: Path) -> None:
    for name in ("run", "texts", *PARTS):
        (tmp_path / name).mkdir()
    write_examples([Example("ru", "Кот", "Кот спит.", 1.0, "x")], tmp_path / "run" / "examples.jsonl")
    (tmp_path / "texts" / "ru.txt").write_text("Лес шумит.\nДом горит.\n", encoding="utf-8")
    write_manifest(tmp_path)
    Lexicon.of(["лес", "дом", "небо"]).save(tmp_path / "decoder")
    given = ("--runs", tmp_path / "run", "--texts", tmp_path / "texts", "--out", tmp_path / "decoder")
    call(lexicon.main, *given)
    stored = load_lexicon(tmp_path / "decoder")
    assert stored is not None
    assert stored.bits == Lexicon.of(["кот", "спит", "лес", "дом"]).bits
