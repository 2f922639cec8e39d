"""The codec's tests ask the bundled pair as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from demos.codec import Codec


@pytest.fixture(scope="session")
def codec(whole_codec: Codec) -> Codec:
    return whole_codec
