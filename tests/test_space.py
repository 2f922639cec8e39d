"""The app as a Hugging Face Space runs it, and the pair that it opens with elsewhere."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from demos import space
from demos.codec import PAIRS, HubUnavailable, hub
from demos.codec.load import build_codec
from demos.codec.standins import SMALL, stand_in_pair, write_decoder, write_encoder
from demos.preparing import warm

ROOT = Path(__file__).parent.parent

# What ZeroGPU's `spaces` does to a function, on the CPU: a forked process, pickled arguments and results.
FAKE_SPACES = """
import json, multiprocessing, os, pickle
from gradio.context import LocalContext

def GPU(task=None, *, duration=60):
    if task is None:
        return lambda function: GPU(function, duration=duration)

    def borrowed(*args, **kwargs):
        payload = pickle.dumps((args, kwargs))
        seconds = duration(*args, **kwargs) if callable(duration) else duration
        context = multiprocessing.get_context("fork")
        receiver, sender = context.Pipe(duplex=False)

        def child():
            import torch
            torch.set_num_threads(1)
            try:
                args, kwargs = pickle.loads(payload)
                sender.send((True, task(*args, **kwargs)))
            except Exception as error:
                sender.send((False, repr(error)))

        process = context.Process(target=child)
        process.start()
        well, result = receiver.recv()
        process.join()
        with open(os.environ["FAKE_SPACES_LOG"], "a") as log:
            call = {"task": task.__name__, "pid": process.pid, "seconds": seconds}
            call["visitor"] = LocalContext.request.get(None) is not None
            log.write(json.dumps(call) + "\\n")
        if not well:
            raise RuntimeError(result)
        return result

    return borrowed

def gradio_auto_wrap(function):  # Gradio offers every handler to it
    return function
"""


@dataclass
class Running:
    """The app in a process of its own."""

    client: Client
    pid: int
    log: Path

    def calls(self) -> list[dict[str, object]]:
        """The GPU calls so far."""
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("models")
    encoder = write_encoder(folder / "encoder", SMALL, "pretraining")
    return encoder, write_decoder(folder / "decoder", SMALL)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory, models: tuple[Path, Path]) -> Path:
    """A hub cache as preload_from_hub leaves it, with LaBSE-en-ru and its decoder."""
    cache = tmp_path_factory.mktemp("hub")
    for repo, folder in zip(PAIRS["labse-en-ru"].repos, models, strict=True):
        place = cache / f"models--{repo.name.replace('/', '--')}"
        snapshot = place / "snapshots" / repo.pinned
        snapshot.mkdir(parents=True)
        (place / "refs").mkdir()
        (place / "refs" / "main").write_text(repo.pinned)
        for path in folder.iterdir():
            (snapshot / path.name).symlink_to(path)
    return cache


@pytest.fixture(scope="module")
def zero_gpu(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Running]:
    """The app as ZeroGPU starts it: `python app.py` with a Space's environment and no options."""
    folder = tmp_path_factory.mktemp("space")
    (folder / "spaces.py").write_text(FAKE_SPACES)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "SYSTEM": "spaces",
        "SPACE_ID": "someone/sentence-space",
        "SPACE_AUTHOR_NAME": "someone",
        "SPACE_REPO_NAME": "sentence-space",
        "SPACES_ZERO_GPU": "true",
        "GRADIO_SERVER_NAME": "0.0.0.0",
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_TEMP_DIR": str(folder / "files"),
        "HF_HUB_CACHE": str(cache),
        "HF_HUB_OFFLINE": "1",
        "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]),
        "FAKE_SPACES_LOG": str(folder / "calls.jsonl"),
    }
    output = folder / "output.txt"
    with output.open("w") as file:
        app = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=file, stderr=subprocess.STDOUT
        )
    try:
        url = f"http://127.0.0.1:{port}/"
        deadline = time.monotonic() + 180
        while True:
            try:
                urllib.request.urlopen(url, timeout=20).close()
                break
            except OSError:
                if app.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"the app did not start:\n{output.read_text()}")
                time.sleep(0.5)
        yield Running(Client(url, verbose=False), app.pid, folder / "calls.jsonl")
    finally:
        app.terminate()
        app.wait(timeout=30)


def test_models_work_in_the_fork_and_give_what_they_give_elsewhere(
    zero_gpu: Running, models: tuple[Path, Path]
) -> None:
    texts = ["Доброе утро!", "London is the capital of Great Britain."]
    codec = build_codec(stand_in_pair(*models), "cpu")
    before = len(zero_gpu.calls())
    vectors = zero_gpu.client.predict(texts, api_name="/encode")
    assert vectors == pytest.approx(codec.encode(texts), abs=1e-5)
    answers = zero_gpu.client.predict(vectors, api_name="/decode")
    assert [answer["russian"] for answer in answers] == codec.decode(codec.encode(texts))
    assert {answer["pair"] for answer in answers} == {"labse-en-ru"}
    calls = zero_gpu.calls()[before:]
    assert [call["task"] for call in calls] == ["_pool", "_generate", "_pool"]
    assert zero_gpu.pid not in {call["pid"] for call in calls}
    assert all(call["visitor"] for call in calls), "the GPU is borrowed in the visitor's own thread"
    assert all(0 < int(str(call["seconds"])) <= 15 for call in calls)


def test_vectors_are_remembered_outside_the_fork(zero_gpu: Running) -> None:
    first = zero_gpu.client.predict(["Помни меня."], api_name="/encode")
    before = len(zero_gpu.calls())
    assert zero_gpu.client.predict(["Помни меня."], api_name="/encode") == first
    assert len(zero_gpu.calls()) == before


def test_bad_input_borrows_no_gpu(zero_gpu: Running) -> None:
    before = len(zero_gpu.calls())
    with pytest.raises(AppError, match="empty"):
        zero_gpu.client.predict(["  "], api_name="/encode")
    with pytest.raises(AppError, match="tokens"):
        zero_gpu.client.predict(["слово " * 600], api_name="/encode")
    with pytest.raises(AppError, match="zero"):
        zero_gpu.client.predict([[0.0] * SMALL.width], api_name="/decode")
    assert len(zero_gpu.calls()) == before


def test_the_bundled_pair_borrows_no_gpu(zero_gpu: Running) -> None:
    before = len(zero_gpu.calls())
    (answer,) = zero_gpu.client.predict("Good morning!", pair="compact", api_name="/translate")
    assert answer["pair"] == "compact"
    assert answer["russian"]
    assert len(zero_gpu.calls()) == before


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "labse-en-ru"),
        ({"SPACE_ID": "someone/sentence-space"}, "compact"),
        ({"SPACE_ID": "someone/sentence-space", "SPACES_ZERO_GPU": "1"}, "labse-en-ru"),
    ],
)
def test_auto_opens_with_the_articles_pair_where_it_is_at_home(
    monkeypatch: pytest.MonkeyPatch, cache: Path, environment: dict[str, str], expected: str
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    for name in ("SPACE_ID", "SPACES_ZERO_GPU"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert space.opening_pair("auto") == expected
    assert space.opening_pair("compact") == "compact"


def test_auto_opens_with_the_bundled_pair_where_nothing_is_cached(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    assert space.opening_pair("auto") == "compact"


def test_a_pair_that_is_damaged_gives_way_to_the_bundled_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(hub, "cached", lambda repo: True)

    def broken(codecs: object, name: str) -> None:
        if name != "compact":
            raise HubUnavailable(name, "damaged")

    monkeypatch.setattr(space, "warm", broken)
    assert space.open_codecs("auto").default == "compact"
    assert "the bundled pair is used" in capsys.readouterr().err
    with pytest.raises(HubUnavailable):
        space.open_codecs("labse")


def test_warming_says_something(codecs: object) -> None:
    from demos.codec import Codecs

    assert isinstance(codecs, Codecs)
    warm(codecs, "compact")
    assert codecs.loaded("compact")


def test_without_a_network_a_hub_pair_ends_in_a_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "app.py", "--pair", "labse"],
        cwd=ROOT,
        env=os.environ | {"HF_HUB_OFFLINE": "1", "HF_HUB_CACHE": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.strip().splitlines()[-1].startswith("Sentence Space cannot start: cannot get")
