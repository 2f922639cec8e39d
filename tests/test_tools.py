"""What an assistant reads of the tools: every endpoint has a description of itself and of its arguments."""

import inspect
import re
import typing

import pytest

from demos.api import NAMES, Endpoints


@pytest.mark.parametrize("name", NAMES)
def test_a_tool_says_what_it_takes_and_gives(name: str) -> None:
    function = getattr(Endpoints, name)
    text = inspect.getdoc(function) or ""
    arguments = [argument for argument in inspect.signature(function).parameters if argument != "self"]
    types = typing.get_type_hints(function)
    assert text.splitlines()[0].endswith(".") or ":" in text.splitlines()[0]
    assert {*arguments, "return"} <= types.keys()
    described = re.findall(
        r"^    (\w+): \S", text.partition("Args:")[2].partition("Returns:")[0], re.MULTILINE
    )
    assert described == arguments
    assert text.partition("Returns:")[2].strip()


def test_every_tool_takes_a_pair() -> None:
    for name in NAMES:
        assert inspect.signature(getattr(Endpoints, name)).parameters["pair"].default == ""
