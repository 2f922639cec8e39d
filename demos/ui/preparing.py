"""Getting a pair ready while people watch: download, loading, the first sentence."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import cache
from typing import Literal

from demos.codec import PAIRS, CodecError, Codecs, ModelFilesError

Stage = Literal["download", "load", "ready", "failed"]
FIRST_WORDS = "Здравствуйте!"  # the first sentence is the slowest: nobody should wait for it


class Preparation:
    """One pair on its way into memory; several pages may watch the same one.

    Attributes:
        stage: what is being done.
        here, total: bytes downloaded and bytes in all.
        error: what went wrong, where stage is "failed".
    """

    def __init__(self, codecs: Codecs, name: str) -> None:
        self.codecs, self.name = codecs, name
        self.pair = PAIRS[name]
        self.stage: Stage = "download" if self.pair.repos else "load"
        self.here = 0
        self.total = sum(repo.size for repo in self.pair.repos) * 1_000_000
        self.error: CodecError | None = None
        self._thread = threading.Thread(target=self._run, name=f"prepare-{name}", daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether it has ended, well or not."""
        return self.stage in ("ready", "failed")

    def wait(self, seconds: float | None = None) -> bool:
        """Waits for the end, at most so long; returns `done`."""
        self._thread.join(seconds)
        return self.done

    def _moved(self, here: int, _total: int) -> None:
        self.here = here

    def _run(self) -> None:
        try:
            self.pair.fetch(self._moved)
            self.stage = "load"
            load_and_warm(self.codecs, self.name)
            self.stage = "ready"
        except CodecError as error:
            self.error, self.stage = error, "failed"
        except Exception as error:  # a thread has nobody else to tell: memory, or a library's own error
            self.error = ModelFilesError(f"{self.pair.title}: {type(error).__name__}: {error}")
            self.stage = "failed"


class Preparations:
    """What is being prepared in one pool of codecs; at most one preparation of a pair at a time."""

    def __init__(self, codecs: Codecs) -> None:
        self._codecs = codecs
        self._running: dict[str, Preparation] = {}
        self._lock = threading.Lock()

    def start(self, name: str) -> Preparation:
        """The preparation of a pair that runs already, or else a new one."""
        with self._lock:
            running = self._running.get(name)
            if running is None or running.done:
                running = self._running[name] = Preparation(self._codecs, name)
            return running


@cache
def preparations_of(codecs: Codecs) -> Preparations:
    """The one list of preparations of a pool, so that everything on the page watches the same."""
    return Preparations(codecs)


def load_and_warm(codecs: Codecs, name: str) -> None:
    """Load a pair and have it say something; raises what `Codecs.get` raises."""
    codec = codecs.get(name)
    codec.decode(codec.encode([FIRST_WORDS]), replace(codec.decoding, max_length=8))
