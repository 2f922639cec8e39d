"""The pairs as they are loaded, and the pool that keeps them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from demos.codec import (
    BadSetting,
    Codecs,
    UnknownPair,
    load_codec,
)


def test_the_bundled_pair_opens_without_what_is_slow_to_import() -> None:
    """Neither transformers nor torch's compiler, whose import takes longer than the pair itself."""
    script = """
import sys
from demos.codec import load_codec
codec = load_codec(device="cpu")
codec.decode(codec.encode(["Доброе утро!"]))
print([name for name in ("transformers", "torch._dynamo", "sklearn", "pandas") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_of_the_decoders_file_only_the_rows_that_are_used_stay_in_memory() -> None:
    script = """
from pathlib import Path
from demos.codec import load_codec
codec = load_codec(device="cpu")
vector = codec.encode(["Доброе утро!"])
codec.decode(vector), codec.decode(vector / 2)
within, resident = False, 0
for line in Path("/proc/self/smaps").read_text().splitlines():
    if "-" in line.split()[0]:
        within = line.endswith("decoder/model.safetensors")
    elif within and line.startswith("Rss:"):
        resident += int(line.split()[1])
print(resident)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    # The kernel maps what lies around a row with it: how much differs from machine to machine.
    assert 0 < int(done.stdout) < 25_000, "kB: all of it is 40,000"


def test_an_unknown_pair_names_the_known() -> None:
    for call in (load_codec, Codecs):
        with pytest.raises(UnknownPair, match="compact"):
            call("gigantic")


def test_an_unknown_precision_is_an_error() -> None:
    with pytest.raises(BadSetting, match="int4"):
        load_codec(precision="int4")  # type: ignore[arg-type]


def test_the_pool_loads_once(codecs: Codecs) -> None:
    assert codecs.get() is codecs.get("compact")
    assert codecs.names[0] == codecs.default == "compact"
    assert codecs.loaded("compact")
    assert not codecs.loaded("labse")
