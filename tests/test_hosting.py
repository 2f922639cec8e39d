"""The app as a Hugging Face Space runs it, and the pair that it opens with elsewhere."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from gradio_client import Client
from gradio_client.exceptions import AppError
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from demos import hosting as space
from demos.bench.standins import SMALL, stand_in_pair, write_labse, write_rut5
from demos.codec import PAIRS, Codecs, HubUnavailable, hub
from demos.codec.decoder import load_checkpoint
from demos.codec.load import build_codec, usual_precision
from demos.codec.pairs import compact_decoder_folder
from demos.hosting import NO_ROOM, BodyLimit
from demos.ui.preparing import load_and_warm
from tests.fake_hub import fill_cache, serve
from tests.serving import ROOT, serve_app

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
    encoder = write_labse(folder / "encoder", SMALL, "pretraining")
    return encoder, write_rut5(folder / "decoder", SMALL)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory, models: tuple[Path, Path]) -> Path:
    """A hub cache as preload_from_hub leaves it, with LaBSE-en-ru and its decoder."""
    cache = tmp_path_factory.mktemp("hub")
    for repo, folder in zip(PAIRS["labse-en-ru"].repos, models, strict=True):
        fill_cache(cache, repo, folder)
    return cache


def space_environment(cache: Path) -> dict[str, str]:
    """What every Space finds in its environment; the hub cannot be reached."""
    return {
        "SYSTEM": "spaces",
        "SPACE_ID": "someone/sentence-space",
        "SPACE_AUTHOR_NAME": "someone",
        "SPACE_REPO_NAME": "sentence-space",
        "GRADIO_SERVER_NAME": "0.0.0.0",
        "HF_HUB_CACHE": str(cache),
        "HF_HUB_OFFLINE": "1",
    }


@pytest.fixture(scope="module")
def zero_gpu(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Running]:
    """The app as ZeroGPU starts it: `python app.py` with a Space's environment and no options."""
    folder = tmp_path_factory.mktemp("space")
    (folder / "spaces.py").write_text(FAKE_SPACES)
    environment = space_environment(cache) | {
        "SPACES_ZERO_GPU": "true",
        "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]),
        "FAKE_SPACES_LOG": str(folder / "calls.jsonl"),
    }
    with serve_app(folder, environment) as served:
        yield Running(Client(served.url, verbose=False), served.pid, folder / "calls.jsonl")


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
    assert [call["task"] for call in calls] == ["_run_encoder", "_run_decoder", "_run_encoder"]
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


def test_a_space_without_a_gpu_opens_with_the_bundled_pair(tmp_path: Path, cache: Path) -> None:
    with serve_app(tmp_path, space_environment(cache)) as served:
        client = Client(served.url, verbose=False)
        (answer,) = client.predict("Good morning!", api_name="/translate")
        assert answer["pair"] == "compact"
        assert answer["russian"]
        (answer,) = client.predict("Good morning!", pair="labse-en-ru", api_name="/translate")
        assert answer["pair"] == "labse-en-ru"


@pytest.mark.parametrize(("capability", "precision"), [((9, 0), "bfloat16"), ((7, 5), "float32")])
def test_a_space_with_its_own_gpu_puts_the_articles_pair_on_it(
    monkeypatch: pytest.MonkeyPatch, cache: Path, capability: tuple[int, int], precision: str
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setenv("SPACE_ID", "someone/sentence-space")
    monkeypatch.delenv("SPACES_ZERO_GPU", raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: capability)
    assert space.opening_pair("auto") == "labse-en-ru"
    assert Codecs("labse-en-ru").device_of("labse-en-ru") == "cuda"
    checkpoint = load_checkpoint(compact_decoder_folder())  # a GPU's precision does not depend on it
    for pair, expected in (("labse-en-ru", precision), ("compact", "float32")):
        assert usual_precision(PAIRS[pair], checkpoint, torch.device("cuda")) == expected


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

    monkeypatch.setattr(space, "load_and_warm", broken)
    assert space.open_codecs("auto").default == "compact"
    assert "the bundled pair is used" in capsys.readouterr().err
    with pytest.raises(HubUnavailable):
        space.open_codecs("labse")


def test_warming_says_something(codecs: Codecs) -> None:
    load_and_warm(codecs, "compact")
    assert codecs.loaded("compact")


@pytest.mark.parametrize(
    "network",
    [
        pytest.param({"HF_HUB_OFFLINE": "1"}, marks=pytest.mark.slow),
        {"HF_ENDPOINT": "http://127.0.0.1:9"},
        pytest.param({"HF_ENDPOINT": "http://nowhere.invalid"}, marks=pytest.mark.slow),
    ],
    ids=["offline", "refused", "no name"],
)
def test_without_a_network_a_hub_pair_ends_in_a_sentence(tmp_path: Path, network: dict[str, str]) -> None:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "app.py", "--pair", "labse"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "HF_HUB_OFFLINE"}
        | {"HF_HUB_CACHE": str(tmp_path)}
        | network,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "Sentence Space cannot start: cannot get sentence-transformers/LaBSE from the Hugging Face hub: "
        "there is no connection, or the hub is switched off"
    ]
    assert done.stdout == ""
    assert time.monotonic() - began < 90


def test_the_terminal_hears_how_far_a_download_is(
    tmp_path: Path,
    models: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from huggingface_hub import constants

    pair = PAIRS["labse-en-ru"]
    with serve(dict(zip(pair.repos, models, strict=True))) as server:
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "ENDPOINT", server.url)
        template = server.url + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        space.fetch_in_terminal(pair)
        said = capsys.readouterr().err.splitlines()
        assert said[0] == "Downloading LaBSE, English and Russian: 0 of 1500 MB"
        assert said[-1] == "Downloading LaBSE, English and Russian: 520 of 1500 MB"
        space.fetch_in_terminal(pair)
        assert capsys.readouterr().err == ""


def test_memory_stays_where_it_was_however_long_the_texts_are() -> None:
    """Kernels that are made for each number of rows took 400 MB more in the end."""
    script = """
from pathlib import Path
from demos.hosting import spare_memory
spare_memory(0.2)
from demos.codec import load_codec

def anonymous():
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("RssAnon")).split()[1]) / 1000

codec = load_codec("compact", "cpu")
codec.encode([" ".join(["слово"] * 30)] * 8)
before = anonymous()
for count in range(1, 160):
    codec.encode([f"чай {count} {n}" for n in range(count % 17)] + ["кофе " * (1 + count % 13) + str(count)])
print(anonymous() - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 100


def test_large_arrays_leave_no_holes_among_small_things() -> None:
    """glibc would put the second one where the first was, and keep its room for good."""
    script = """
import ctypes
import numpy as np
from demos.hosting import spare_memory
spare_memory(1000)

def on_pages_of_its_own():
    class Info(ctypes.Structure):
        _fields_ = [(str(number), ctypes.c_size_t) for number in range(10)]
    libc = ctypes.CDLL("libc.so.6")
    libc.mallinfo2.restype = Info
    return getattr(libc.mallinfo2(), "4")  # hblkhd

large = np.ones(8 << 20, np.uint8)
del large
before = on_pages_of_its_own()
large = np.ones(8 << 20, np.uint8)
print(on_pages_of_its_own() - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) >= 8 << 20


def test_an_upload_waits_until_there_is_room_for_all_that_are_on_their_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    monkeypatch.setattr("demos.ui.disk.QUOTA", 1000)
    client = TestClient(BodyLimit(PlainTextResponse("kept"), most=5000))
    assert client.post("/gradio_api/upload", content=b"x" * 1000).text == "kept"
    refused = client.post("/gradio_api/upload", content=b"x" * 1001)
    assert (refused.status_code, refused.text) == (503, NO_ROOM)
    assert client.post("/gradio_api/upload", content=b"x" * 1000).text == "kept"
    assert client.post("/gradio_api/queue/join", content=b"x" * 1001).text == "kept"
    assert client.post("/gradio_api/queue/join", content=b"x" * 5001).status_code == 413
