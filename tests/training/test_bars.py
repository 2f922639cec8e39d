"""The bars: each measure by itself, on a stand-in codec and a few lines of data."""

from __future__ import annotations

import json
import lzma
import math
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from demos.codec import Candidate, Codec, CodecError, Decoding
from demos.operations import reviews
from demos.operations.reviews import ReviewsExample
from demos.training import bars, probes, sense
from demos.training.bars import MEASURES, Answer, Measured, Metric, Setting
from demos.training.heldout import held_out_row
from demos.training.items import read_items
from demos.training.testsets import ENTRIES, NTREX, held_out_entries
from tests.training.tiny import Trained, call

LAST = "Земля круглая."
READ = read_items


class Echo:
    """A stand-in codec that says what it was given: text n is n, whatever its language."""

    name, decoding, quick, reads_length = "echo", Decoding(), Decoding(num_beams=2), False
    languages = ("en", "ru")

    def __init__(self, answers: dict[str, str]) -> None:
        self.answers = answers
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        rows = np.zeros((len(texts), 4096), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            if text not in self.texts:
                self.texts.append(text)
            row[self.texts.index(text)] = 1
        return rows

    def encode_each(self, texts: Sequence[str], first: int = 0) -> tuple[np.ndarray, dict[int, CodecError]]:
        return self.encode(texts), {}

    def fluency(self, texts: Sequence[str]) -> np.ndarray:
        return np.zeros(len(texts))

    def candidates(
        self, vectors: np.ndarray, n: int = 1, settings: Decoding | None = None
    ) -> list[list[Candidate]]:
        return [[Candidate(text, 0.0, 1.0, vectors[0])] for text in self.decode(vectors)]

    def decode(self, vectors: np.ndarray, settings: Decoding | None = None) -> list[str]:
        texts = [self.texts[row.argmax()] for row in vectors]
        return [self.answers.get(text, text) for text in texts]


def entry_lines() -> list[tuple[str, str, str, str]]:
    """Lexicon rows of which some are held out: English numbers, with a noisy second source."""
    rows = [("eng", f"number {n}", f"Число {n}", "num_words") for n in range(4000)]
    rows += [("eng", f"number {n}", f"Цифра {n}", "thousand_words") for n in range(4000)]
    return rows + [("epo", f"numero {n}", "Число", "num_words") for n in range(200)]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    (folder / "eval" / "ntrex").mkdir(parents=True)
    (folder / "train" / "lexicon").mkdir(parents=True)

    def pack(path: Path, lines: Sequence[str]) -> None:
        path.write_bytes(lzma.compress("".join(f"{line}\n" for line in lines).encode()))

    russian = [f"В лесу растёт {n} ёлок." for n in range(60)] + [LAST]
    (folder / "eval" / "ru_heldout.txt").write_text("\n".join(russian), encoding="utf-8")
    rows = [("eng", f"{n} firs grow.", russian[n]) for n in range(60)]
    rows += [("chm", f"{n} кож кушкеш.", russian[n]) for n in range(60)]
    rows += [("eng", "7 firs or so.", "Несколько ёлок.")]  # the reference does not keep the number
    text = "".join("\t".join(row) + "\n" for row in rows)
    (folder / "eval" / "tatoeba.x-ru.heldout.tsv").write_text(text, encoding="utf-8")
    for name in ("rus", *NTREX.values()):
        pack(folder / "eval" / "ntrex" / f"{name}.txt.xz", [f"Новость {n}." for n in range(3)])
    pack(folder / "train" / "lexicon" / "lexicon.x-ru.tsv.xz", ["\t".join(row) for row in entry_lines()])
    return folder


def measure(name: str, data: Path, answers: dict[str, str], limit: int | None = None) -> Measured:
    return MEASURES[name](Setting(cast(Codec, Echo(answers)), data, limit))


def test_recovery_and_translations_are_scored_set_by_set(data: Path) -> None:
    recovered = measure("recovery", data, {LAST: "Земля плоская."})
    assert 90 < recovered.figures[0].value < 100
    assert recovered.figures[0].count == 61
    answers = {f"{n} firs grow.": f"В лесу растёт {n} ёлок." for n in range(60)}
    answers["7 firs or so."] = "Несколько ёлок."
    found = measure("tatoeba", data, answers, 20)
    english, mari = (figure.value for figure in found.sets)
    assert (english, mari < 50) == (100, True)
    mean, lowest = found.figures
    assert mean.value == pytest.approx((english + mari) / 2)
    assert (lowest.value, lowest.held) == (english, True), "Mari does not count"
    for name in ("ntrex", "ntrex_pieces", "ntrex_russian"):
        assert measure(name, data, {}).figures[0].value == pytest.approx(100)


def test_entries_are_those_that_training_leaves_out(data: Path) -> None:
    entries = held_out_entries(data)
    numbers = entries["numbers"]
    assert len(numbers) == ENTRIES
    assert {one.language for one in numbers} == {"eng"}, "Esperanto is not among the languages"
    assert all(held_out_row(one.language, one.text) for one in numbers)
    assert entries["words"] == []
    first, second = numbers[:2]
    plural = {first.text: first.russian[0].upper() + "!", second.text: second.russian[1]}
    found = measure("numbers", data, plural)
    assert {one.answer for one in found.answers if one.right} == set(plural.values())
    assert found.figures[0].value == pytest.approx(2 / ENTRIES)
    assert len(measure("numbers", data, plural, 10).answers) == 10


def test_answers_with_other_numbers_are_counted(data: Path) -> None:
    answers = {f"{n} firs grow.": f"В лесу растёт {n} ёлок." for n in range(60)}
    answers |= {f"{n} кож кушкеш.": f"В лесу растёт {n + (n < 6)} ёлок." for n in range(60)}
    found = measure("digits", data, answers)
    assert len(found.answers) == 180
    assert [figure.value for figure in found.figures] == pytest.approx([6 / 180, 6 / 180])
    assert found.figures[0].held is False


def test_the_articles_line_is_scored_in_three_ways(data: Path) -> None:
    lines = [item["sentence"] for item in read_items("article")]
    found = measure("article", data, dict.fromkeys(lines, "Привет, я 6 раз поел."))
    assert [figure.value for figure in found.figures] == [0, 0, 0]
    answers = dict.fromkeys(lines, "Господа, я не ел шесть дней!")
    figures = measure("article", data, answers).figures
    assert [figure.value for figure in figures] == [12, 12, 8], "four of them address God"
    assert [figure.held for figure in figures] == [True, True, False]


def test_a_bar_may_be_the_most_or_the_least() -> None:
    assert Metric("a", 0.03, 10, 0.03, ".1%", at_most=True).held
    assert not Metric("a", 0.04, 10, 0.03, ".1%", at_most=True).held
    assert Metric("a", 50.0, 10, 50.0).held
    assert Metric("a", 50.0, 10).held is None
    assert Metric("a", 0.04, 10, 0.03, ".0%", at_most=True).row() == "| a | 4% | ≤ 3% | no | 10 |"


def judge_command(tmp_path: Path, code: str) -> str:
    path = tmp_path / "judge.py"
    path.write_text(f"import sys\nlines = sys.stdin.read().splitlines()\n{code}\n", encoding="utf-8")
    return f"{sys.executable} {path}"


def test_the_judge_answers_for_every_sentence_in_order(tmp_path: Path) -> None:
    command = judge_command(
        tmp_path, "for one in lines: print(f'{len(one):+.2f}\\t{one}')\nprint('mean 3 of 2 sentences')"
    )
    assert sense.judge(command, ["да", "нет  же", "", "да"]) == [2, 6, math.inf, 2]
    with pytest.raises(ValueError, match="1 lines that are not the 2 sentences"):
        sense.judge(judge_command(tmp_path, "print('1\\t' + lines[0])"), ["да", "нет"])
    with pytest.raises(subprocess.CalledProcessError):
        sense.judge(judge_command(tmp_path, "sys.exit(3)"), ["да"])


def test_sense_is_judged_by_kind(trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    review = ReviewsExample("bar", "demo", "", "Кошка спит на диване. Собака лает.\nМама варит суп.")
    monkeypatch.setattr(reviews, "examples", lambda: (review,))
    monkeypatch.setattr(probes, "read_items", few)
    monkeypatch.setattr(bars, "read_items", few)
    unseen = tmp_path / "unseen.tsv"
    unseen.write_text("# topic\tsentences\nчай\tВкусный чай. | Чай крепкий.\n", encoding="utf-8")
    command = judge_command(tmp_path, "for one in lines: print(f'{3 * (\"й\" in one):+.2f}\\t{one}')")
    found = bars.sense_of(Setting(trained.codec, tmp_path, 1, judge=command, unseen=unseen))
    kinds = {one.question.split(":")[0] for one in found.answers}
    assert kinds == {"averages", "unseen", "opinions", "sums", "styles", "real"}
    assert all(one.right == (bool(one.answer.strip()) and "й" not in one.answer) for one in found.answers)
    averages = [one for one in found.answers if one.question.split(":")[0] in ("averages", "unseen")]
    assert len(averages) == 2
    assert [f.count for f in found.figures if f.what.startswith("averages that")] == [2]


def few(name: str) -> list[dict[str, str]]:
    """The first items of a probe: one set of averages, one item of the others."""
    return READ(name)[: 3 if name == "averages" else 1]


def test_the_command_measures_what_is_asked_for(
    data: Path,
    trained: Trained,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(bars, "open_codec", lambda *names, **options: trained.codec)
    call(
        bars.main, "--data", data, "--only", "recovery", "numbers", "--limit", 2, "--quick", "--out", tmp_path
    )
    report = (tmp_path / "bars.md").read_text(encoding="utf-8")
    assert "quick answers, at most 2 sentences a set" in report
    assert "| numbers in words, held out | " in report
    saved = json.loads((tmp_path / "bars.json").read_text(encoding="utf-8"))
    assert list(saved) == ["recovery", "numbers"]
    assert Answer(**saved["numbers"]["answers"][0]).question.startswith("eng: number")
    with pytest.raises(SystemExit):
        call(bars.main, "--data", data, "--only", "sense")
    assert "`sense` needs --judge" in capsys.readouterr().err
