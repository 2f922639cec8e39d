"""Evaluation: its sets, its baseline, its figures, and the probes and bars on top of it."""

from __future__ import annotations

import json
import lzma
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import sacrebleu

from demos.codec import Candidate, Codec, Decoding
from demos.training import baseline, evaluate, probes, testsets
from demos.training.data import Example, load_examples
from demos.training.evaluate import (
    Result,
    Scores,
    cosines,
    measure_set,
    results_table,
    summary,
    words_back,
)
from demos.training.items import normal_form, read_items
from demos.training.probes import average_sets, share
from demos.training.sums import TrainingSum
from demos.training.testsets import (
    NTREX,
    WORDS,
    TestSet,
    limited,
    make_set,
    prepare_sets,
    seen_forms,
    without_seen,
)
from tests.training.tiny import ENGLISH, RUSSIAN, Trained, call


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of held-out text laid out as the real one is, a few lines each."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "eval" / "ntrex").mkdir(parents=True)
    russian = [f"В лесу растёт {n} ёлок." for n in range(70)]
    (folder / "eval" / "ru_heldout.txt").write_text("\n".join([*russian, RUSSIAN[0]]), encoding="utf-8")
    rows = [("eng", f"{n} firs grow.", russian[n]) for n in range(60)]
    rows += [("deu", f"{n} Tannen.", russian[n]) for n in range(49)]
    text = "".join("\t".join(row) + "\n" for row in rows)
    (folder / "eval" / "tatoeba.x-ru.heldout.tsv").write_text(text, encoding="utf-8")

    def pack(path: Path, lines: Sequence[str]) -> None:
        path.write_bytes(lzma.compress("".join(f"{line}\n" for line in lines).encode()))

    news = ["Короткая новость.", "слово " * 21, "Ещё одна новость дня."]
    pack(folder / "eval" / "ntrex" / "rus.txt.xz", news)
    for name in NTREX.values():
        pack(folder / "eval" / "ntrex" / f"{name}.txt.xz", [f"{name} {n}" for n in range(3)])
    for name in ("stsb_test", "mabsa_dev"):
        both = [{"ru": "Человек поёт.", "en": "A man sings."}, {"ru": "", "en": "x"}, {"ru": "Вот."}]
        both.append({"ru": "Список.", "en": "A list: " + "words " * 200})  # no review is as long as that
        pack(folder / "eval" / f"{name}.jsonl.xz", [json.dumps(row) for row in both])
    return folder


def test_sets_are_read_with_their_rules(data: Path) -> None:
    sets = {(test.group, test.name): test for test in testsets.all_sets(data)}
    assert len(sets["recovery", "Russian"]) == 71
    assert [name for group, name in sets if group == "tatoeba"] == ["eng"]  # 49 German pairs are too few
    assert sets["tatoeba", "eng"].sources[3] == "3 firs grow."
    assert sets["ntrex", "German"].sources == ("deu 0", "deu 2")  # the second is too long
    assert sum(group == "ntrex" for group, _ in sets) == 12
    assert sets["more", "reviews, English"].references == ("Человек поёт.",)
    assert sets["more", "STS-B, Russian"].sources == ("Человек поёт.", "Вот.", "Список.")
    assert len(set(WORDS)) == 40


def test_nothing_seen_in_training_is_evaluated(data: Path, trained: Trained) -> None:
    sets = prepare_sets(data, trained.run, None, ["recovery", "tatoeba"])
    forms = seen_forms(load_examples(trained.run / "examples.jsonl"))
    assert [test.dropped for test in sets] == [1, 0]
    texts = [text for test in sets for text in (*test.sources, *test.references)]
    assert texts
    assert not forms & {normal_form(text) for text in texts}


def test_a_pair_is_seen_by_either_side_and_by_its_normal_form() -> None:
    forms = seen_forms([Example("eng", "Yes!", "Да.", 1.0, "x"), Example("ru", "ёж", "ёж", 1.0, "words")])
    pairs = [("YES", "Ага."), ("Right.", "ДА"), ("Hedgehog.", "Еж!"), ("No.", "Нет.")]
    kept = without_seen(make_set("tatoeba", "eng", pairs), forms)
    assert (kept.sources, kept.references, kept.dropped) == (("No.",), ("Нет.",), 3)


def test_a_set_that_training_has_seen_whole_is_an_error(tmp_path: Path, data: Path, trained: Trained) -> None:
    (tmp_path / "eval").mkdir()
    (tmp_path / "eval" / "ru_heldout.txt").write_text("\n".join(RUSSIAN), encoding="utf-8")
    for name in ("tatoeba.x-ru.heldout.tsv", "ntrex", "stsb_test.jsonl.xz", "mabsa_dev.jsonl.xz"):
        (tmp_path / "eval" / name).symlink_to(data / "eval" / name)
    with pytest.raises(ValueError, match="seen every sentence of Russian"):
        prepare_sets(tmp_path, trained.run, None, ["recovery"])


def test_earlier_runs_and_sums_count_as_seen(tmp_path: Path, data: Path, trained: Trained) -> None:
    alone = prepare_sets(data, trained.run, None, ["tatoeba"])[0]
    (tmp_path / "examples.jsonl").write_text(
        json.dumps(Example("eng", alone.sources[0], "Ничто.", 1.0, "x"), ensure_ascii=False) + "\n"
    )
    summed = TrainingSum("translation", [alone.sources[2], "Rien."])
    (tmp_path / "sums.jsonl").write_text(json.dumps(summed, ensure_ascii=False) + "\n", encoding="utf-8")
    both = prepare_sets(data, trained.run, None, ["tatoeba"], [tmp_path])[0]
    gone = {alone.sources[0], alone.sources[2]}
    assert set(both.sources) == set(alone.sources) - gone
    assert both.dropped == alone.dropped + 2


def test_a_limited_set_is_always_the_same_and_in_order() -> None:
    test = make_set("tatoeba", "eng", [(f"s{n}", f"t{n}") for n in range(100)])
    few = limited(test, 10)
    assert len(few) == 10
    assert few == limited(test, 10)
    numbers = [int(source[1:]) for source in few.sources]
    assert numbers == sorted(numbers)
    assert [f"t{n}" for n in numbers] == list(few.references)
    assert limited(test, None) is test
    assert limited(test, 100) is test
    other = make_set("tatoeba", "deu", zip(test.sources, test.references, strict=True))
    assert limited(other, 10).sources != few.sources


def test_the_nearest_sentence_is_found_across_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baseline, "ROWS", 7)
    vectors = np.random.default_rng(0).normal(size=(50, 8))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    nearest = baseline.NearestSentence([str(n) for n in range(50)], vectors.astype(np.float16))
    queries = np.random.default_rng(1).normal(size=(20, 8))
    sentences, cosine = nearest.find(queries)
    products = queries @ vectors.T / np.linalg.norm(queries, axis=1, keepdims=True)
    assert [int(text) for text in sentences] == products.argmax(1).tolist()
    np.testing.assert_allclose(cosine, products.max(1), atol=2e-3)


def test_the_baseline_of_a_run_answers_russian_targets_only(trained: Trained) -> None:
    nearest = baseline.from_run(trained.run, trained.pair.load_encoder())
    targets = {example.target for example in load_examples(trained.run / "examples.jsonl")}
    assert set(nearest.sentences) == targets
    assert not set(nearest.sentences) & set(ENGLISH)
    sentences, cosine = nearest.find(trained.codec.encode(RUSSIAN))
    assert sentences == RUSSIAN
    np.testing.assert_allclose(cosine, 1, atol=2e-3)


def test_a_baseline_needs_a_vector_for_every_sentence() -> None:
    with pytest.raises(ValueError, match="1 sentences, 2 vectors"):
        baseline.NearestSentence(["a"], np.eye(2))
    with pytest.raises(ValueError, match="0 sentences"):
        baseline.NearestSentence([], np.empty((0, 2)))


def test_an_empty_decoding_has_cosine_nought(trained: Trained) -> None:
    vectors = 2 * trained.codec.encode(RUSSIAN[:2])
    found = cosines(trained.codec, vectors, [RUSSIAN[0], " "])
    np.testing.assert_allclose(found, [1, 0], atol=1e-5)


def test_figures_are_sacrebleus_and_of_the_decoded_text(trained: Trained) -> None:
    test = TestSet("recovery", "Russian", tuple(RUSSIAN), tuple(RUSSIAN))
    nearest = baseline.from_run(trained.run, trained.pair.load_encoder())
    result = measure_set(trained.codec, test, nearest)
    vectors = trained.codec.encode(RUSSIAN)
    decoded = trained.codec.decode(vectors)
    assert result.pair.chrf == pytest.approx(sacrebleu.corpus_chrf(decoded, [RUSSIAN]).score)
    assert result.pair.bleu == pytest.approx(sacrebleu.corpus_bleu(decoded, [RUSSIAN]).score)
    own = [
        float(vector @ trained.codec.encode([text])[0]) if text.strip() else 0.0
        for vector, text in zip(vectors, decoded, strict=True)
    ]
    assert result.pair.cosine == pytest.approx(np.mean(own), abs=1e-5)
    assert result.nearest is not None
    assert result.nearest.chrf == pytest.approx(100)
    assert [example["decoded"] for example in result.examples] == decoded[:3]


def test_the_summary_weighs_languages_alike() -> None:
    def row(name: str, count: int, chrf: float) -> Result:
        return Result("tatoeba", name, count, 1, Scores(chrf, 1.0, 0.5), Scores(chrf - 2, 1.0, 0.25), [])

    (line,) = summary([row("eng", 1000, 10.0), row("deu", 10, 30.0)])
    assert line.pair == Scores(20.0, 1.0, 0.5)
    assert line.nearest == Scores(18.0, 1.0, 0.25)
    assert (line.sentences, line.dropped) == (1010, 2)
    assert "| 20.0 | 1.0 | 0.500 | 18.0 | 1.0 | 0.250 |" in results_table([line])


def test_words_come_back_but_for_case_and_marks() -> None:
    assert words_back({"дом": "Дом.", "ёлка": "елка", "кот": "кошка"}) == 2


def test_the_command_writes_the_report(data: Path, trained: Trained, tmp_path: Path) -> None:
    command = ("--pair", "tiny", "--run", trained.run, "--data", data, "--limit", 2, "--out", tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluate, "find_pair", lambda name: trained.pair)
        call(evaluate.main, *command)
    report = json.loads((tmp_path / "evaluation.json").read_text(encoding="utf-8"))
    markdown = (tmp_path / "evaluation.md").read_text(encoding="utf-8")
    assert [line["group"] for line in report["summary"]] == ["recovery", "tatoeba", "ntrex", "more"]
    assert report["limit"] == 2
    assert all(row["sentences"] <= 2 for row in report["sets"])
    assert all(row["nearest"] is not None for row in report["sets"])
    assert report["baseline_sentences"] == len(
        baseline.from_run(trained.run, trained.pair.load_encoder()).sentences
    )
    assert set(report["words"]) == set(WORDS)
    for row in report["sets"]:
        assert f"| {row['name']} | {row['sentences']} | {row['pair']['chrf']:.1f} |" in markdown


def test_the_baseline_may_come_from_an_earlier_report(data: Path, trained: Trained, tmp_path: Path) -> None:
    groups, report = ["recovery", "tatoeba"], tmp_path / "report.md"
    first = evaluate.evaluate(trained.codec, data, trained.run, 2, groups, say=lambda line: None)
    report.write_text(first["markdown"], encoding="utf-8")
    again = evaluate.evaluate(
        trained.codec, data, trained.run, 2, groups, say=lambda line: None, recorded=report
    )
    assert again["baseline_sentences"] is None
    assert "recorded earlier" in again["markdown"]
    for before, after in zip(first["sets"], again["sets"], strict=True):
        for name, digits in (("chrf", 1), ("bleu", 1), ("cosine", 3)):
            assert after["nearest"][name] == pytest.approx(before["nearest"][name], abs=0.51 * 10**-digits)
    with pytest.raises(ValueError, match="no baseline on the same sentences of"):
        evaluate.evaluate(trained.codec, data, None, 1, groups, say=lambda line: None, recorded=report)


def test_without_a_run_there_is_no_baseline(data: Path, trained: Trained) -> None:
    report = evaluate.evaluate(trained.codec, data, None, 2, ["recovery"], say=lambda line: None)
    assert report["baseline_sentences"] is None
    assert report["sets"][0]["nearest"] is None
    assert "nearest of" not in report["markdown"]


class Exact:
    """A stand-in codec: one direction of 512 a word; a vector decodes to the nearest of its sentences."""

    dim, decoding, reads_length = 512, Decoding(), False

    def __init__(self, sentences: Sequence[str]) -> None:
        self.words: dict[str, int] = {}
        self.sentences = list(sentences)
        self.vectors = self.encode(self.sentences)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        rows = np.zeros((len(texts), 512), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in normal_form(text).split():
                row[self.words.setdefault(word, len(self.words))] += 1
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))

    def fluency(self, texts: Sequence[str]) -> np.ndarray:
        return np.zeros(len(texts))

    def candidates(
        self, vectors: np.ndarray, n: int = 1, settings: Decoding | None = None
    ) -> list[list[Candidate]]:
        cosines = vectors @ self.vectors.T
        return [
            [Candidate(self.sentences[i], 0.0, float(row[i]), self.vectors[i]) for i in np.argsort(-row)[:n]]
            for row in cosines
        ]

    def decode(self, vectors: np.ndarray, settings: Decoding | None = None) -> list[str]:
        return [row[0].text for row in self.candidates(vectors)]


def test_analogies_are_scored_with_and_without_their_inputs() -> None:
    codec = Exact(["Кот", "котята", "пёс", "щенки"])
    items = [
        {"kind": "number", "word": "котята", "minus": "кот", "plus": "щенки пёс", "expected": "Щенки|псы"},
        {"kind": "number", "word": "кот", "minus": "пёс", "plus": "кот", "expected": "котята"},
    ]
    outcomes = probes.analogies(codec, items)  # type: ignore[arg-type]
    assert share(outcomes, "analogies")[1] == 2
    second = [outcome for outcome in outcomes if outcome.question == "кот − пёс + кот"]
    assert [outcome.answer for outcome in second] == ["Кот", "котята"]
    assert [outcome.right for outcome in second] == [False, True]


def test_an_average_is_right_when_it_lies_nearer_than_the_medoid() -> None:
    def scored(*sentences: str) -> list[bool]:
        items = [{"set": "1", "sentence": text} for text in ("кот спит", "кот ест", "кот спит дома")]
        return [outcome.right for outcome in probes.averages(Exact(sentences), items)]  # type: ignore[arg-type]

    assert scored("кот спит", "кот кот спит ест") == [True, True]
    assert scored("собака лает") == [False, False]
    assert scored("кот спит") == [False, False], "the medoid itself is no nearer"


@pytest.mark.parametrize("sets", [6, pytest.param(30, marks=pytest.mark.slow)])
def test_the_average_tab_says_what_is_likelier_by_itself_than_the_mean_alone(
    whole_codec: Codec, sets: int
) -> None:
    items = read_items("averages")
    chosen = list(average_sets(items))[:: 30 // sets]
    outcomes = probes.averages(whole_codec, [item for item in items if item["set"] in chosen])
    fluency = {}
    for name in ("averages", "averages, from the mean alone"):
        said = [outcome.answer.rpartition(" (")[0] for outcome in outcomes if outcome.probe == name]
        assert len(said) == sets
        fluency[name] = float(whole_codec.fluency(said).mean())
    assert fluency["averages"] > fluency["averages, from the mean alone"]


def test_probes_run_on_a_trained_pair_and_are_saved(trained: Trained, tmp_path: Path) -> None:
    codec: Codec = trained.codec
    outcomes = [
        *probes.analogies(codec, read_items("analogies")[:3]),
        *probes.replacements(codec, read_items("replacements")[:3]),
        *probes.averages(codec, read_items("averages")[:12]),
    ]
    assert [share(outcomes, name)[1] for name in ("analogies", "replacements", "averages")] == [3, 3, 2]
    probes.save(outcomes, tmp_path)
    assert len(json.loads((tmp_path / "probes.json").read_text(encoding="utf-8"))) == len(outcomes)
    assert "| replacements | " in (tmp_path / "probes.md").read_text(encoding="utf-8")


def test_styles_are_scored_with_and_without_the_axis(trained: Trained) -> None:
    outcomes = probes.styles(trained.codec, read_items("styles")[:2])
    assert [outcome.probe for outcome in outcomes] == ["styles"] * 2 + ["styles, without the axis"] * 2
