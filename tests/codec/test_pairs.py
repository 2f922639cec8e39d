"""The pairs that the demo knows, and the settings that they decode with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from demos.codec import (
    BadSetting,
    CodecError,
    Decoding,
    ModelFilesError,
)
from demos.codec.languages import LABSE_LANGUAGES, NAMES, XLM_R_LANGUAGES
from demos.codec.pairs import compact_decoder_folder, load_compact_encoder


@pytest.mark.parametrize(
    "setting",
    [
        {"num_beams": 0},
        {"num_beams": 1000},
        {"num_beams": 2.5},
        {"num_beams": True},
        {"num_beams": None},
        {"max_length": 1},
        {"repetition_penalty": 0.0},
        {"repetition_penalty": float("nan")},
        {"repetition_penalty": "1"},
        {"rerank": -1.0},
        {"shortlist": 17},
        {"rerank_words": float("inf")},
        {"rerank_short": -1.0},
        {"second_length": 0.0},
        {"second_length": 1.1},
        {"unknown_word": []},
    ],
)
def test_a_setting_out_of_range_is_an_error(setting: dict[str, Any]) -> None:
    with pytest.raises(BadSetting) as caught:
        Decoding(**setting)
    assert caught.value.details["name"] == next(iter(setting))


def test_languages_have_names() -> None:
    assert (len(LABSE_LANGUAGES), len(set(LABSE_LANGUAGES))) == (109, 109)
    assert {*XLM_R_LANGUAGES, *LABSE_LANGUAGES} == set(NAMES)
    assert all(name["en"] and name["ru"] for name in NAMES.values())


@pytest.mark.parametrize("load", [load_compact_encoder, compact_decoder_folder])
def test_a_folder_without_a_manifest_is_an_error(load: Any, tmp_path: Path) -> None:
    with pytest.raises(ModelFilesError, match=r"manifest\.json is missing") as caught:
        load(tmp_path)
    assert isinstance(caught.value, CodecError)
    assert caught.value.code == "model_files"
