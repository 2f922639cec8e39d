"""The layers of the code: who may import whom; and how long a file and a `build` may be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# From the top down: a layer imports its own modules and those of the layers below it.
LAYERS = ("app", "page", "tabs", "ui", "plots", "operations", "codec")
PAGE = {f"demos.{name}" for name in ("page", "api", "endpoints", "hosting", "warming")}
LONGEST_FILE, LONGEST_BUILD = 500, 100  # lines
BESIDE = {"training": {"training", "codec", "operations"}, "bench": {"bench", "codec", "app"}}


def modules() -> dict[str, Path]:
    """The modules of ours by their names."""
    paths = [ROOT / "app.py", *(ROOT / "demos").rglob("*.py")]
    named = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in paths}
    return {name.removesuffix(".__init__"): path for name, path in named.items()}


MODULES = modules()


def layer_of(module: str) -> str:
    """The layer of a module: the folder it is in; of those in demos/ itself "page" or "tabs"."""
    if module == "app":
        return "app"
    if module in PAGE:
        return "page"
    parts = module.split(".")
    return parts[1] if (ROOT / "demos" / "/".join(parts[1:2])).is_dir() and len(parts) > 1 else "tabs"


def modules_of(layer: str) -> list[str]:
    return [module for module in MODULES if layer_of(module) == layer]


@cache
def imported_by(module: str, types: bool = True) -> frozenset[str]:
    """The names that a module imports, wherever in it: modules of ours as such, of others as written.

    Without `types`, what is imported for type checkers alone is left out: that never runs.
    """
    found: set[str] = set()
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    if not types:
        tree.body = [node for node in tree.body if not is_for_types(node)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.module, f"{module} imports relatively"
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name for name in inner if name in MODULES}
            if not inner <= set(MODULES):
                found.add(node.module)
    return frozenset(found)


def is_for_types(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def ours(module: str, types: bool = True) -> Iterator[str]:
    yield from (name for name in imported_by(module, types) if name in MODULES)


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_run_downward(module: str) -> None:
    layer = layer_of(module)
    allowed = BESIDE[layer] if layer in BESIDE else set(LAYERS[LAYERS.index(layer) :])
    upward = [name for name in ours(module) if layer_of(name) not in allowed]
    assert not upward, f"{module} is in {layer} and imports {upward}"


def test_the_page_and_the_tabs_are_where_the_layers_have_them() -> None:
    assert set(MODULES) >= PAGE
    assert set(modules_of("tabs")) == {
        f"demos.{name}" for name in ("translate", "average", "algebra", "style")
    } | {"demos"}


@pytest.mark.parametrize("module", sorted(MODULES))
def test_no_file_and_no_build_is_too_long(module: str) -> None:
    text = MODULES[module].read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.name == "build":
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < LONGEST_BUILD


def test_no_import_runs_in_a_circle() -> None:
    try:
        TopologicalSorter({module: set(ours(module, types=False)) for module in MODULES}).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_only_workshops_see_inside_the_codec() -> None:
    """The app uses what `demos.codec` names; how it is made and how fast it is concerns all of it."""
    outside = [module for module in MODULES if layer_of(module) not in ("codec", *BESIDE)]
    inside = {
        module: names
        for module in outside
        if (names := [name for name in ours(module) if name.startswith("demos.codec.")])
    }
    assert not inside


@pytest.mark.parametrize(
    ("layer", "foreign"),
    [("operations", ("gradio", "plotly")), ("codec", ("gradio", "plotly")), ("plots", ("gradio",))],
)
def test_lower_layers_know_nothing_of_the_screen(layer: str, foreign: tuple[str, ...]) -> None:
    own = modules_of(layer)
    assert own
    for module in own:
        assert not [name for name in imported_by(module) if name.split(".")[0] in foreign], module


def test_the_codec_imports_nothing_of_ours() -> None:
    own = modules_of("codec")
    assert own
    for module in own:
        assert all(name.startswith("demos.codec") for name in ours(module)), module
