"""Speed and memory, side by side in one run: plain transformers, this decoder, and the machine's limit.

    python -m demos.bench [--quick] [--json bench.json]

Of the decoders and encoders the least time of several calls counts, all engines in turn; what users of a pair
get on this machine is marked. It takes some minutes, on an otherwise idle machine. Random weights of
ruT5's shape stand for the article's decoder; a step costs the same whatever the weights say.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import torch

from demos.codec.decoder import BeamSearch, Checkpoint, Decoder, load_checkpoint
from demos.codec.linear import kernels
from demos.codec.load import usual_precision
from demos.codec.pairs import PAIRS, Pair, compact_decoder_folder, load_encoder
from demos.codec.t5 import FastDecoder

ROOT = Path(__file__).resolve().parents[2]
CASES = ((1, 1), (1, 3), (1, 16), (16, 3))  # sentences and beams
TOKENS = 20  # the longest sentence, so that every decoder does the same steps
CALM = 10.0  # seconds of hardly any work after which the app has answered its own examples
PATIENCE = 300.0  # seconds that are waited for it at most

Measurement = dict[str, Any]

COLD = """
import time; start = time.perf_counter()
from demos.codec import load_codec
codec = load_codec(device="cpu"); codec.decode(codec.encode(["Доброе утро!"]))
import resource
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3)
"""


def median_seconds(call: Callable[[], object], times: int) -> float:
    """The median time of a call, after one that warms up where there are several."""
    if times > 1:
        call()
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        spent.append(time.perf_counter() - start)
    return statistics.median(spent)


def bandwidth() -> float:
    """Bytes a second that this machine reads from memory, at best: the sum of a large array."""
    array = torch.ones(1 << 26)  # 256 MB, beyond any cache
    return array.nbytes / median_seconds(lambda: array.sum(), 7)


def bytes_a_step(checkpoint: Checkpoint, precision: str) -> int:
    """Bytes of the matrices that one step reads: all but the table of embeddings and cross-attention."""
    size = {"int8": 1, "float32": 4}.get(precision, 2)
    head = checkpoint.weights["shared.weight"].numel()
    own = sum(
        tensor.numel()
        for name, tensor in checkpoint.weights.items()
        if tensor.ndim == 2 and name.startswith("decoder.") and "EncDec" not in name and "bias" not in name
    )
    return size * (head + own)


def least_seconds(calls: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The least time of each call; they take turns, so that what else the machine does disturbs all alike."""
    least = dict.fromkeys(calls, float("inf"))
    for turn in range(rounds + (rounds > 1)):  # the first warms up where there are several
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            if turn or rounds == 1:
                least[name] = min(least[name], time.perf_counter() - start)
    return least


def bench_decoder(name: str, pair: Pair, folder: Path, quick: bool) -> list[Measurement]:
    """The decoder of a checkpoint folder: by transformers in float32, and by ours in every precision; that
    which users of the pair get on this machine is marked."""
    from demos.bench.reference import TransformersDecoder, load_t5

    checkpoint = load_checkpoint(folder)
    usual = usual_precision(pair, checkpoint, torch.device("cpu"))
    torch.manual_seed(0)
    vectors = torch.nn.functional.normalize(torch.randn(256, checkpoint.dim))
    limit = bandwidth()
    engines: dict[str, Decoder] = {"transformers": TransformersDecoder(load_t5(folder))}
    engines |= {precision: FastDecoder(checkpoint, precision, rows=1024) for precision in kernels()}
    rows: list[Measurement] = []
    for count, beams in CASES if quick or pair.repos else (*CASES, (256, 3)):
        how = BeamSearch(beams, 3.0, TOKENS + 1)
        calls = {
            engine: partial(decoder.generate, vectors[:count], how) for engine, decoder in engines.items()
        }
        least = least_seconds(calls, 1 if quick or count == 256 else 3)
        for engine, seconds in least.items():
            row: Measurement = {"decoder": name, "engine": engine + (" (default)" if engine == usual else "")}
            row |= {"sentences": count, "beams": beams, "ms": 1e3 * seconds}
            row["times faster"] = least["transformers"] / seconds
            if engine in kernels() and count == 1:
                steps = max(len(beam.ids) for beam in engines[engine].generate(vectors[:1], how)[0])
                rate = steps * bytes_a_step(checkpoint, engine) / seconds
                row |= {"GB/s": rate / 1e9, "% of memory": 100 * rate / limit}
            rows.append(row)
    return rows


def bench_encoder(quick: bool) -> list[Measurement]:
    """The compact encoder on short sentences that it has not met: by transformers, by ours in float32, and
    as users get it."""
    from transformers.models.bert.configuration_bert import BertConfig
    from transformers.models.bert.modeling_bert import BertModel

    encoder = load_encoder("compact")
    model: Any = encoder.model
    state = dict(model.state_dict())
    words = model.get_input_embeddings()
    state["embeddings.word_embeddings.weight"] = words(torch.arange(words.num_embeddings))
    plain = BertModel(BertConfig(**vars(model.config)), add_pooling_layer=False).eval()
    plain.load_state_dict(state)
    del state
    encoder.model = plain
    engines = {"transformers": encoder}
    allowed = PAIRS["compact"].encoder_precisions
    usual = load_encoder("compact").fastest_precision(allowed)
    for precision in (one for one in allowed if one in kernels()):
        engines[precision] = load_encoder("compact")
        engines[precision].pack(precision)
    rows: list[Measurement] = []
    for count in (1, 16) if quick else (1, 16, 256):
        texts = [f"Сегодня в {n} часов мы встретимся у старого моста." for n in range(count)]
        least = least_seconds({name: partial(used.encode, texts) for name, used in engines.items()}, 3)
        for engine, seconds in least.items():
            name = f"{engine} (default)" if engine == usual else engine
            row: Measurement = {"encoder": "compact", "engine": name, "sentences": count}
            rows.append(row | {"ms": 1e3 * seconds, "times faster": least["transformers"] / seconds})
    return rows


def bench_start() -> list[Measurement]:
    """A fresh process: seconds to the first answer of the codec, and its peak memory."""
    out = subprocess.run([sys.executable, "-c", COLD], cwd=ROOT, check=True, capture_output=True, text=True)
    seconds, megabytes = map(float, out.stdout.split()[-2:])
    return [{"start": "codec, first answer", "seconds": seconds, "peak MB": megabytes}]


@contextmanager
def running_app(environment: Mapping[str, str] | None = None) -> Iterator[tuple[str, int, float]]:
    """The app in a process of its own, with `environment` beside this one's: its address, process id and
    seconds until it answered."""
    start = time.perf_counter()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "app.py", "--pair", "compact", "--port", str(port)]
    quiet: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    app = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **(environment or {})}, **quiet)
    url = f"http://127.0.0.1:{port}/"
    try:
        while True:
            try:
                urllib.request.urlopen(url, timeout=5).close()
                break
            except OSError:
                if app.poll() is not None or time.perf_counter() - start > 120:
                    raise RuntimeError("app.py did not open") from None
                time.sleep(0.05)
        yield url, app.pid, time.perf_counter() - start
    finally:
        app.terminate()
        try:
            app.wait(timeout=30)
        except subprocess.TimeoutExpired:  # it waits for visitors who are still being answered
            app.kill()
            app.wait()


def peak_megabytes(pid: int) -> float:
    """The most memory that a process has had so far; 0 where the system does not say."""
    status = Path(f"/proc/{pid}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    peak = next((line for line in lines if "VmHWM" in line), "0 0")
    return int(peak.split()[1]) / 1e3


def processor_seconds(pid: int) -> float:
    """The processor's time that a process has had so far; 0 where the system does not say."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    user, system = stat.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def wait_until_calm(pid: int) -> None:
    """Wait until the app, which answers its own examples behind its open page, has come to rest: it takes a
    twentieth of a processor or less for `CALM` seconds. RuntimeError if it does not within `PATIENCE`."""
    start = time.perf_counter()
    while time.perf_counter() - start < PATIENCE:
        before = processor_seconds(pid)
        time.sleep(CALM)
        if processor_seconds(pid) - before <= CALM / 20:
            return
    raise RuntimeError(f"app.py was still at work after {PATIENCE:.0f} s")


def bench_app(quick: bool) -> list[Measurement]:
    """Requests of 1, 5 and 20 users at once through the running app: new coefficients each time, answered
    quickly, as while a slider moves; and those of one user answered carefully, as when it rests.

    Over connections that stay open and in a session for each user, as a browser has them: gradio_client
    prepares TLS anew for each request, which takes about as long as the answer.
    """
    import httpx

    rows: list[Measurement] = []
    starts = []
    for _ in range(0 if quick else 2):
        with running_app() as (_, _, seconds):
            starts.append(seconds)
    with running_app() as (url, pid, seconds):
        starts.append(seconds)
        wait_until_calm(pid)
        users_there = [httpx.Client(base_url=f"{url}gradio_api/call/", timeout=60) for _ in range(20)]
        turn, lock = iter(range(1_000_000)), threading.Lock()

        def ask(number: int, kind: str) -> float:
            with lock:
                share = next(turn) * 61 % 997 / 997
            texts = ["Завтра мы поедем на дачу.", "зима", "лето"]
            question = [texts, [1, share, -share], "raw", 1, False, 0, "", kind == "quick"]
            told = {"data": question, "session_hash": f"user{number}"}
            user = users_there[number]
            start = time.perf_counter()
            event = user.post("algebra", json=told).json()["event_id"]
            answer = user.get(f"algebra/{event}").text
            if "event: complete" not in answer:
                raise RuntimeError(f"the app answered {answer!r}")
            return time.perf_counter() - start

        def sit(number: int, kind: str) -> list[float]:
            """One user, who asks again as soon as there is an answer."""
            return [ask(number, kind) for _ in range(3 if quick else 20)]

        ask(0, "careful")
        for users, kind in ((1, "quick"), (5, "quick"), (20, "quick"), (1, "careful")):
            with ThreadPoolExecutor(users) as pool:
                start = time.perf_counter()
                answered = pool.map(partial(sit, kind=kind), range(users))
                spent = sorted(seconds for those in answered for seconds in those)
                total = time.perf_counter() - start
            row: Measurement = {"users": users, "answers": kind, "requests/s": len(spent) / total}
            row |= {
                "p50 ms": 1e3 * spent[len(spent) // 2],
                "p95 ms": 1e3 * spent[int(0.95 * (len(spent) - 1))],
                "peak MB": peak_megabytes(pid),
            }
            rows.append(row)
        for user in users_there:
            user.close()
        rows.append({"app": "ready", "seconds": statistics.median(starts)})
    return rows


def show(title: str, rows: list[Measurement]) -> None:
    """Print rows as Markdown tables, a new one wherever the columns change."""
    print(f"\n## {title}")
    columns: list[str] = []
    for row in rows:
        if not set(row) <= set(columns):
            columns = list(dict.fromkeys(key for other in rows if set(other) & set(row) for key in other))
            print("\n| " + " | ".join(columns) + " |\n|" + "---|" * len(columns))
        cells = [row.get(column, "") for column in columns]
        print(
            "| " + " | ".join(f"{c:.1f}" if isinstance(c, float) else str(c) for c in cells) + " |",
            flush=True,
        )


def machine() -> Measurement:
    """What this runs on."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    cpu = next(
        (line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor()
    )
    limit = bandwidth() / 1e9
    return {"cpu": cpu, "cores": os.cpu_count(), "torch": torch.__version__, "memory GB/s": limit}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer sentences and repetitions")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    from demos.bench.standins import StandInShape, write_rut5

    results: dict[str, list[Measurement]] = {}

    def part(title: str, rows: list[Measurement]) -> None:
        results[title] = rows
        show(title, rows)

    part("Machine", [machine()])
    part("Cold start", bench_start())
    part("App", bench_app(options.quick))
    compact, article = PAIRS["compact"], PAIRS["labse"]
    part("Compact decoder", bench_decoder("compact", compact, compact_decoder_folder(), options.quick))
    with tempfile.TemporaryDirectory() as folder:
        shape = write_rut5(Path(folder), StandInShape(), vocabulary=False)
        rows = bench_decoder("ruT5", article, shape, options.quick)
        part("Decoder of ruT5's shape, random weights", rows)
    part("Encoder", bench_encoder(options.quick))
    if options.json:
        options.json.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
