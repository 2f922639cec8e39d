"""Memory, disk and the patience of a slider, while many visitors use all tabs and endpoints for long.

    python -m demos.bench.soak [--minutes 30] [--visitors 20]

First one visitor moves a slider of Algebra alone, then beside heavy work of others. Then the visitors press,
move, upload, download, call endpoints, break calls and uploads off and leave; each minute's memory and disk
are printed. It ends with a line for each bar of memory, disk, errors and patience, and with 1 if one is not
held. That the app says it is busy is no error; any other message is one, since visitors do nothing wrong.
"""

from __future__ import annotations

import argparse
import html
import json
import random
import re
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from demos.bench.__main__ import Measurement, running_app, show, wait_until_calm

MOVES = 21  # of the slider, each time: the median of fewer changes by half from run to run
ALREADY = 2  # moves before those that are timed
SETTLES = 3.0  # seconds after heavy work has begun, or was left
THINKS = 2.0  # seconds between two doings of a visitor, on average
TIMEOUT = 300.0  # seconds that a visitor waits for an answer
LEAVES = 60.0  # seconds that the soak waits for its visitors at its end
STAYS = 40.0  # seconds after which a visitor leaves and another comes
MOST_MEMORY, MOST_DISK = 1100.0, 200.0  # megabytes at the end of any minute
SETTLED = 5  # minutes after which memory and disk are flat
# How much of its bar each may grow from half of the time after that to the other half. Memory that grows more
# leaks; what visitors upload is kept for an hour, and grows slowly until then.
GROWTH = {"memory": 0.03, "disk": 0.1}
PATIENCE = {1: 2.0, 3: 3.0}  # times its own median that a slider may take beside so many at heavy work
BUSY = "Too many visitors at once|requests are waiting already"  # what the page, an endpoint then says
_WORDS = (
    "кофе чай суп пирог официант зал музыка цена доставка курьер телефон экран камера вкусный холодный "
    "быстрый дорогой тихий вежливый новый старый очень сегодня вчера снова всегда иногда понравился "
    "разочаровал"
)
WORDS = re.findall(r"\w+", _WORDS)


def sentences(count: int, chosen: random.Random) -> list[str]:
    """Sentences that hardly repeat themselves."""
    return [" ".join(chosen.sample(WORDS, 6)).capitalize() + "." for _ in range(count)]


class Refused(Exception):
    """The app says that it is busy instead of answering."""


def answered(shown: list[Any]) -> list[Any]:
    """What an event has shown, unless it is a message.

    Raises:
        Refused: the app is busy.
        RuntimeError: another message stands on the page.
    """
    for one in shown:
        value = one.get("value") if isinstance(one, dict) else one
        if isinstance(value, str) and 'role="alert"' in value:
            message = html.unescape(re.sub(r"<[^>]*>", " ", value)).strip()
            raise Refused(message) if re.search(BUSY, message) else RuntimeError(message)
    return shown


def called(said: str) -> str:
    """What an endpoint has said, unless it is a message.

    Raises:
        Refused: the app is busy.
        RuntimeError: another message.
    """
    if "event: error" in said:
        raise Refused(said) if re.search(BUSY, said) else RuntimeError(said)
    return said


class Visitor:
    """A page of the app without its browser: presses what it has, by the ids of elements."""

    def __init__(self, url: str, name: str) -> None:
        self.web = httpx.Client(base_url=f"{url}gradio_api/", timeout=TIMEOUT)
        self.name = name
        config = self.web.get(f"{url}config").json()
        self._ids = {part["props"].get("elem_id"): part["id"] for part in config["components"]}
        self._values = {part["id"]: part["props"].get("value") for part in config["components"]}
        self._events = {
            (target, event): one
            for one in config["dependencies"]
            for target, event in one["targets"]
            if one["backend_fn"]
        }
        self._after = {one["trigger_after"]: one for one in config["dependencies"] if one["backend_fn"]}

    def __setitem__(self, element: str, value: Any) -> None:
        self._values[self._ids[element]] = value

    @contextmanager
    def here(self) -> Iterator[Visitor]:
        """The page is open: at the end the server hears that it was left."""
        with closing(self.web), self.web.stream("GET", f"heartbeat/{self.name}"):
            yield self

    def press(self, element: str, event: str = "click", parts: int = 0) -> list[Any]:
        """What an event and what follows it show at last; the visitor is gone after so many parts, if any."""
        one: dict[str, Any] | None = self._events[self._ids[element], event]
        shown: list[Any] = []
        while one is not None:
            shown, one = answered(self._run(one, element, parts)), self._after.get(one["id"])
        return shown

    def _run(self, one: dict[str, Any], element: str, parts: int) -> list[Any]:
        """What one run shows at last."""
        data = [self._values.get(part) for part in one["inputs"]]
        trigger = self._ids[element]
        asked = {"fn_index": one["id"], "data": data, "session_hash": self.name, "trigger_id": trigger}
        self.web.post("queue/join", json=asked).raise_for_status()
        with self.web.stream("GET", "queue/data", params={"session_hash": self.name}) as told:
            heard = 0
            for line in told.iter_lines():
                message = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
                heard += message.get("msg") == "process_generating"
                if message.get("msg") == "process_completed":
                    if not message["success"]:
                        raise RuntimeError(f"{element}: {message['output']}")
                    return list(message["output"].get("data", []))
                if parts and heard >= parts:
                    break
        return []

    def call(self, endpoint: str, data: list[Any], parts: int = 0) -> str:
        """What an endpoint says; after so many lines of it, if any, the caller is gone."""
        event = self.web.post(f"call/{endpoint}", json={"data": data}).json()["event_id"]
        with self.web.stream("GET", f"call/{endpoint}/{event}") as told:
            said = []
            for line in told.iter_lines():
                said.append(line)
                if parts and len(said) >= parts:
                    break
        return called("\n".join(said))

    def upload(self, name: str, content: bytes) -> dict[str, Any]:
        """A file as an UploadButton holds it."""
        answer = self.web.post("upload", files={"files": (name, content)}).raise_for_status()
        return {"path": answer.json()[0], "orig_name": name, "meta": {"_type": "gradio.FileData"}}

    def upload_half(self, content: bytes) -> None:
        """An upload that is broken off."""

        def half() -> Iterator[bytes]:
            yield (
                b'--b\r\nContent-Disposition: form-data; name="files"; filename="half.csv"\r\n\r\n' + content
            )
            raise ConnectionError

        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        with suppress(ConnectionError, httpx.TransportError):
            self.web.post("upload", content=half(), headers=headers)

    def download(self, button: str) -> int:
        """The bytes of a file that a button makes."""
        made = self.press(button)[0]
        file = made["value"] if made.get("__type__") == "update" else made
        return len(self.web.get(f"file={file['path']}").raise_for_status().content)


# ---- what visitors do ----


def translate(visitor: Visitor, chosen: random.Random, lines: int = 0, parts: int = 0) -> None:
    """Some lines; with `parts` the visitor is gone after so many."""
    visitor["translate-text"] = "\n".join(sentences(lines or chosen.choice((1, 3, 10)), chosen))
    visitor.press("translate-go", parts=parts)


def average(visitor: Visitor, chosen: random.Random, lines: int = 0, parts: int = 0) -> None:
    """A file of reviews, summed up; then its slider and its downloads."""
    texts = sentences(lines or chosen.choice((30, 100, 300)), chosen)
    content = "text;stars\n" + "\n".join(f"{text};{len(text) % 5}" for text in texts)
    visitor["average-upload"] = visitor.upload("reviews.csv", content.encode())
    visitor.press("average-upload", "upload", parts)
    if parts:
        return
    visitor["average-trim"] = chosen.randrange(0, 50, 5)
    visitor.press("average-trim", "input")
    visitor.download(chosen.choice(("average-xlsx", "average-sentences", "average-html")))


def algebra(visitor: Visitor, chosen: random.Random) -> None:
    """A move of the first coefficient's slider."""
    visitor["algebra-coefficient-1"] = round(chosen.uniform(-2, 2), 6)
    visitor.press("algebra-coefficient-1", "input")


def style(visitor: Visitor, chosen: random.Random) -> None:
    """A sentence, and a move of a slider."""
    visitor["style-sentence"] = sentences(1, chosen)[0]
    visitor["style-slider-ty_vy"] = round(chosen.uniform(-2, 2), 3)
    visitor.press("style-slider-ty_vy", "input")


def endpoints(visitor: Visitor, chosen: random.Random, parts: int = 0) -> None:
    """One of the endpoints; with `parts` the caller is gone after so many lines."""
    text = sentences(3, chosen)
    asked: dict[str, list[Any]] = {
        "translate": ["\n".join(text)],
        "average": [text],
        "algebra": [text, [1, -0.5, 0.5]],
        "style": [text[0], {"ty_vy": 1.5}],
        "journey": text[:2],
        "encode": [text],
    }
    name = chosen.choice(list(asked))
    visitor.call(name, asked[name], parts)


Doing = Callable[[Visitor, random.Random], None]
DOINGS: dict[str, tuple[int, Doing]] = {  # how often, and what
    "translate": (4, translate),
    "average": (3, average),
    "algebra": (10, algebra),
    "style": (6, style),
    "endpoints": (6, endpoints),
    "ten thousand reviews": (1, lambda visitor, chosen: average(visitor, chosen, 10_000)),
    "two hundred lines, left": (1, lambda visitor, chosen: translate(visitor, chosen, 200, 3)),
    "reviews, left": (1, lambda visitor, chosen: average(visitor, chosen, 2000, 2)),
    "call broken off": (2, lambda visitor, chosen: endpoints(visitor, chosen, 1)),
    "upload broken off": (1, lambda visitor, chosen: visitor.upload_half(b"x" * 3_000_000)),
}


def slider_median(url: str, chosen: random.Random) -> float:
    """Milliseconds of a move of Algebra's slider, the median."""
    with Visitor(url, f"slider{chosen.random()}").here() as visitor:
        spent = []
        for move in range(ALREADY + MOVES):
            start = time.perf_counter()
            algebra(visitor, chosen)
            if move >= ALREADY:
                spent.append(time.perf_counter() - start)
            time.sleep(0.2)
    return 1e3 * statistics.median(spent)


def bench_slider(url: str, chosen: random.Random) -> list[Measurement]:
    """A slider alone and beside one visitor's heavy work, and beside three."""

    def heavy_average(visitor: Visitor, chosen: random.Random) -> None:
        average(visitor, chosen, 10_000, 1_000_000)

    def heavy_translate(visitor: Visitor, chosen: random.Random) -> None:
        translate(visitor, chosen, 200)

    beside: dict[str, list[Doing]] = {
        "10,000 reviews in Average": [heavy_average],
        "200 lines in Translate": [heavy_translate],
        "three at work": [heavy_average, heavy_translate, heavy_translate],
    }
    rows: list[Measurement] = []
    for name, works in beside.items():
        alone = slider_median(url, chosen)  # each time anew: the machine may have other work by now
        with ExitStack() as stack:
            at_work = []
            for place, work in enumerate(works):
                visitor = stack.enter_context(Visitor(url, f"{name} {place}").here())
                own = random.Random(chosen.random())

                def run(work: Doing = work, visitor: Visitor = visitor, own: random.Random = own) -> None:
                    with suppress(httpx.HTTPError):  # it is left when the slider has been measured
                        work(visitor, own)

                at_work.append(threading.Thread(target=run, daemon=True))
                at_work[-1].start()
            time.sleep(SETTLES)
            median = slider_median(url, chosen)
            still = sum(one.is_alive() for one in at_work)
        row: Measurement = {"slider": name, "alone ms": alone, "median ms": median, "times": median / alone}
        rows.append(row | {"at work": len(works), "still at work": still})
        time.sleep(SETTLES)
    return rows


# ---- the soak ----


def megabytes(pid: int) -> float:
    """The memory of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1e3


def kept(folder: Path) -> float:
    """Megabytes of the files in a folder."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            total += path.lstat().st_size if path.is_file() else 0
    return total / 1e6


class Soak:
    """Visitors who come, do things and leave, until it is over."""

    def __init__(self, url: str, visitors: int) -> None:
        self.over = threading.Event()
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.wrong: Counter[str] = Counter()
        self._url = url
        self._threads = [
            threading.Thread(target=self._sit, args=(place,), daemon=True) for place in range(visitors)
        ]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Let the visitors finish what they are doing and leave; who takes longer than `LEAVES` is left."""
        self.over.set()
        deadline = time.monotonic() + LEAVES
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def counts(self) -> Measurement:
        """How many doings were answered, refused with a message, and ended in an error."""
        return {
            "answers": self.done.total(),
            "refusals": self.refused.total(),
            "errors": self.wrong.total(),
        }

    def _sit(self, place: int) -> None:
        chosen = random.Random(place)
        names, weights = list(DOINGS), [often for often, _ in DOINGS.values()]
        visit = 0
        while not self.over.is_set():
            visit += 1
            left = time.monotonic() + STAYS
            with Visitor(self._url, f"visitor{place}-{visit}").here() as visitor:
                while time.monotonic() < left and not self.over.is_set():
                    (name,) = chosen.choices(names, weights)
                    try:
                        DOINGS[name][1](visitor, chosen)
                        self.done[name] += 1
                    except Refused as message:
                        self.refused[f"{name}: {str(message)[:200]}"] += 1
                    except Exception as error:
                        self.wrong[f"{name}: {type(error).__name__} {str(error)[:200]}"] += 1
                    self.over.wait(chosen.expovariate(1 / THINKS))


def bench_soak(minutes: int, visitors: int) -> dict[str, list[Measurement]]:
    """The slider's medians, and memory and disk at the end of each minute."""
    chosen = random.Random(0)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_app({"GRADIO_TEMP_DIR": folder}) as (url, pid, _),
    ):
        wait_until_calm(pid)
        sliders = bench_slider(url, chosen)
        show("A slider beside heavy work", sliders)
        soak, rows = Soak(url, visitors), []
        print("\n## Each minute\n")
        for minute in range(1, minutes + 1):
            time.sleep(60)
            row: Measurement = {"minute": minute, "memory MB": megabytes(pid), "disk MB": kept(Path(folder))}
            row |= soak.counts()
            rows.append(row)
            print({name: round(value, 1) for name, value in row.items()}, flush=True)
        soak.end()
        time.sleep(10)
        gone: Measurement = {
            "minute": "all gone",
            "memory MB": megabytes(pid),
            "disk MB": kept(Path(folder)),
        }
        rows.append(gone | soak.counts())
        what: list[Measurement] = [{"what": name, "count": n} for name, n in sorted(soak.done.items())]
        refused: list[Measurement] = [
            {"message": name, "count": n} for name, n in soak.refused.most_common(10)
        ]
        wrong: list[Measurement] = [{"error": name, "count": n} for name, n in soak.wrong.most_common(10)]
    return {"Sliders": sliders, "Minutes": rows, "Answers": what, "Refusals": refused, "Errors": wrong}


def verdict(sliders: list[Measurement], minutes: list[Measurement], errors: int) -> dict[str, bool]:
    """The bars in words, with what was measured, and whether each is held.

    Args:
        sliders: "slider", "times", "at work" and "still at work" of `bench_slider`.
        minutes: "memory MB" and "disk MB" of each minute; "flat" needs two of them after `SETTLED`.
        errors: of all that visitors did, the last things too.
    """
    bars = {}
    for name, most in (("memory", MOST_MEMORY), ("disk", MOST_DISK)):
        kept = [row[f"{name} MB"] for row in minutes]
        bars[f"{name} {max(kept):.0f} MB, at most {most:.0f}"] = max(kept) <= most
        settled = kept[SETTLED:]
        half = len(settled) // 2
        if half:
            growth = statistics.median(settled[-half:]) - statistics.median(settled[:half])
            allowed = GROWTH[name] * most
            said = f"{name} grows by {growth:.0f} MB after {SETTLED} minutes, at most {allowed:.0f}"
            bars[said] = growth <= allowed
        else:
            bars[f"{name} after {SETTLED} minutes: {SETTLED + 2} minutes or more would tell"] = False
    bars[f"{errors} errors, at most 0"] = not errors
    return bars | patience(sliders)


def patience(sliders: list[Measurement]) -> dict[str, bool]:
    """The bars of the slider alone."""
    bars = {}
    for row in sliders:
        most, busy = PATIENCE[row["at work"]], row["still at work"] == row["at work"]
        said = f"slider beside {row['slider']}: {row['times']:.1f} times its own, under {most:g}"
        bars[said if busy else f"{said}; but the work was over"] = busy and row["times"] < most
    return bars


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--minutes", type=int, default=30, help="how long the visitors stay (30)")
    parser.add_argument("--visitors", type=int, default=20, help="how many there are at once (20)")
    options = parser.parse_args()
    found = bench_soak(options.minutes, options.visitors)
    for title, rows in found.items():
        show(title, rows)
    *minutes, gone = found["Minutes"]
    bars = verdict(found["Sliders"], minutes, gone["errors"])
    print("\n## Verdict\n")
    for bar, held in bars.items():
        print(f"- {'held' if held else 'NOT HELD'}: {bar}")
    return 0 if all(bars.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
