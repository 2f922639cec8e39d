"""Where the demo runs: which pair it opens with, on which device, and ZeroGPU's borrowed GPU.

A ZeroGPU Space has a GPU only inside functions under `spaces.GPU`, which run in a forked process:
arguments and results are pickled, and what the function remembers is lost with the process. So the
models are put on "cuda" while the program starts, in its main thread; only the two calls that need
them go through the fork; tokens, checks and caches stay on this side.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar

from starlette.responses import JSONResponse, PlainTextResponse

from demos.codec import PAIRS, CodecError, Codecs, Pair, load_codec
from demos.operations.files.tables import MOST_BYTES
from demos.ui.disk import make_room
from demos.ui.preparing import load_and_warm

ARTICLE = ("labse", "labse-en-ru")  # the article's pairs, the first choice first
MCP = "/gradio_api/mcp"
NO_CALL = "There is no such call, or its answer was given already."
_ANSWER = re.compile("/gradio_api/call/(?:v2/)?[^/]+/([^/]+)")
# Said to an upload; assets/connection.js knows it.
NO_ROOM = "Too many files are on their way. Try again in a minute."
_MMAP_THRESHOLD, _ARENA_MAX = -3, -8  # M_MMAP_THRESHOLD and M_ARENA_MAX of malloc.h
_LARGE = 4 << 20  # bytes of an array that gets pages of its own: larger than a step of the decoder makes
# oneDNN and PyTorch each keep what they have made for a matrix and a number of rows; left to themselves they
# keep 1,024 of them, 400 MB in all for texts of every length.
_KERNELS = {"ONEDNN_PRIMITIVE_CACHE_CAPACITY": "16", "LRU_CACHE_CAPACITY": "16"}
Function = TypeVar("Function", bound=Callable[..., Any])


def in_space() -> bool:
    """Whether this is a Hugging Face Space."""
    return bool(os.environ.get("SPACE_ID"))


def on_zero_gpu() -> bool:
    """Whether this is a Space that borrows its GPU call by call."""
    return os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")


def borrow_gpu(seconds: Callable[..., int]) -> Callable[[Function], Function]:
    """`spaces.GPU` on ZeroGPU, nothing elsewhere; `seconds` says from the arguments how long it may take."""
    if not on_zero_gpu():
        return lambda function: function
    import spaces

    decorator: Callable[[Function], Function] = spaces.GPU(duration=seconds)
    return decorator


def _borrow(kind: Literal["encode", "decode"], function: Callable[..., Any]) -> Callable[..., Any]:
    """A codec's function on the borrowed GPU; its first argument has a row for each text or vector."""
    spare, at_once = (5, 100) if kind == "encode" else (8, 8)
    return borrow_gpu(lambda rows, *_: min(spare + len(rows) // at_once, 60))(function)


def place_on_zero_gpu(codecs: Codecs) -> None:
    """Put every hub pair whose files are here on the GPU. Main thread only, before the page is served."""
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    for name in ARTICLE:
        if PAIRS[name].here:
            codecs.add(load_codec(name, device, borrow=_borrow))


def opening_pair(wanted: str = "auto") -> str:
    """The pair to open with: the one that is wanted, or for "auto" the article's where its files are in the
    hub cache, else the bundled one. A Space without a GPU opens with the bundled one."""
    if wanted != "auto":
        return wanted
    if in_space() and not on_zero_gpu():
        import torch

        if not torch.cuda.is_available():
            return "compact"
    here = (name for name in ARTICLE if PAIRS[name].here)
    return next(here, "compact")


def fetch_in_terminal(pair: Pair) -> None:
    """Download what this machine lacks of a pair, and tell the terminal how far it is."""
    told = -5

    def tell(here: int, total: int) -> None:
        nonlocal told
        percent = 100 * here // total
        if percent >= told + 5:
            told = percent
            megabytes = f"{here // 1_000_000} of {total // 1_000_000} MB"
            print(f"Downloading {pair.title}: {megabytes}", file=sys.stderr, flush=True)

    if not pair.here:
        pair.fetch(tell)


def open_codecs(wanted: str = "auto", device: str | None = None) -> Codecs:
    """The pool of codecs that the page runs on, its first pair loaded and warm.

    Raises:
        CodecError: the wanted pair cannot be had. "auto" falls back on the bundled pair instead.
    """
    name = opening_pair(wanted)
    try:
        codecs = Codecs(name, "cpu" if on_zero_gpu() else device)
        fetch_in_terminal(PAIRS[name])
        if on_zero_gpu():
            place_on_zero_gpu(codecs)
        else:
            load_and_warm(codecs, name)
    except CodecError as error:
        if wanted != "auto" or name == "compact":
            raise
        print(f"{PAIRS[name].title} cannot be loaded ({error}); the bundled pair is used.", file=sys.stderr)
        codecs = Codecs("compact", "cpu" if on_zero_gpu() else device)
        load_and_warm(codecs, "compact")
    return codecs


def spare_memory(every: float = 3.0) -> None:
    """Keep few kernels; have glibc, where it is the allocator, keep few arenas and give back what is free.

    Before any thread and any model. With an arena for each thread, what one of them freed is of no use to
    the others. A large array in an arena leaves a hole that small things then break up; left to itself, glibc
    puts ever larger ones there.
    """
    for name, most in _KERNELS.items():
        os.environ.setdefault(name, most)
    try:
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(_ARENA_MAX, 2)
        libc.mallopt(_MMAP_THRESHOLD, _LARGE)
        trim = libc.malloc_trim
    except (OSError, AttributeError):
        return

    def give_back() -> None:
        while True:
            time.sleep(every)
            trim(0)

    threading.Thread(target=give_back, name="memory", daemon=True).start()


def path_within(scope: Any) -> str:
    """The path that a request asks for, without the app's root path, which not every proxy takes off."""
    root, path = scope.get("root_path", "").rstrip("/"), str(scope["path"])
    return path[len(root) :] if root and path.startswith(f"{root}/") else path


class BehindProxy:
    """ASGI: what is https for the visitor stays so, and the MCP server's address may lack its last slash.

    Left to themselves, redirects lead to http and to an address without the root path.
    """

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            protocol = dict(scope["headers"]).get(b"x-forwarded-proto", b"").split(b",")[0].strip()
            if protocol == b"https":
                scope = {**scope, "scheme": "https"}
            if path_within(scope) == MCP:
                scope = {**scope, "path": scope["path"] + "/"}
        await self._app(scope, receive, send)


class Rewritten:
    """ASGI: what is answered under some paths is changed on its way to the visitor."""

    def __init__(self, app: Any, changes: Mapping[str, Callable[[bytes], bytes]]) -> None:
        self._app, self._changes = app, changes

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        change = self._changes.get(path_within(scope)) if scope["type"] == "http" else None
        if change is None or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        start: dict[str, Any] = {}
        body = b""

        async def sent(message: Any) -> None:
            """Hold all back until the body is whole."""
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            if start["status"] == 200:
                body = change(body)
                others = [one for one in start["headers"] if one[0] != b"content-length"]
                start["headers"] = [*others, (b"content-length", str(len(body)).encode())]
            await send(start)
            await send({**message, "body": body})

        await self._app(scope, receive, sent)


class KnownCalls:
    """ASGI: who asks for the answer to a call that is not there, or was given it already, is told so.

    Left to itself, Gradio breaks the first stream off and lets the second wait for ever.
    """

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["method"] == "GET":
            asked = _ANSWER.fullmatch(path_within(scope))
            if asked:
                call, queue = asked[1], scope["app"].get_blocks()._queue
                untold = queue.pending_event_ids_session.values()
                if call not in queue.event_ids_to_events and not any(call in calls for calls in untold):
                    await JSONResponse({"detail": NO_CALL}, 404)(scope, receive, send)
                    return
        await self._app(scope, receive, send)


class BodyLimit:
    """ASGI: no request is larger than a file may be, and uploads wait for room on the disk.

    A request that names its length is refused before any of it is read; of another no more is read.
    """

    def __init__(self, app: Any, most: int = MOST_BYTES + 100_000) -> None:
        self._app, self._most = app, most  # a form is a little larger than the file that it holds
        self._coming = 0  # bytes of the uploads that are on their way

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        length = dict(scope["headers"]).get(b"content-length", b"")
        size = int(length) if length.isdigit() else self._most
        if size > self._most:
            message = f"The request has {size} bytes, at most {self._most} are taken."
            await PlainTextResponse(message, 413)(scope, receive, send)
            return
        left = self._most

        async def limited() -> Any:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            return message if left >= 0 else {"type": "http.disconnect"}

        room = size if scope["path"].endswith("/upload") else 0
        self._coming += room
        try:
            if room and not await asyncio.to_thread(make_room, self._coming):
                await PlainTextResponse(NO_ROOM, 503)(scope, receive, send)
                return
            await self._app(scope, limited, send)
        finally:
            self._coming -= room
