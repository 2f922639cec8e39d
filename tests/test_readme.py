"""README's front matter and examples: what it says is so."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from demos.codec import PAIRS, hub

ROOT = Path(__file__).parent.parent
_, FRONT, TEXT = (ROOT / "README.md").read_text(encoding="utf-8").split("---\n", 2)
SPACE = yaml.safe_load(FRONT)
HERE = "http://127.0.0.1:7860/"


def blocks(kind: str) -> list[str]:
    """The README's code blocks of a language."""
    return re.findall(rf"```{kind}\n(.*?)```", TEXT, re.DOTALL)


def test_the_space_runs_what_is_pinned() -> None:
    pins = (ROOT / "requirements.txt").read_text()
    assert SPACE["sdk"] == "gradio"
    assert f"gradio=={SPACE['sdk_version']}\n" in pins
    assert (ROOT / SPACE["app_file"]).is_file()
    assert SPACE["python_version"] == "3.12"
    assert SPACE["suggested_hardware"] == "zero-a10g"
    assert len(SPACE["short_description"]) <= 60
    thumbnail = SPACE["thumbnail"].rpartition("/main/")[2]
    assert (ROOT / thumbnail).read_bytes().startswith(b"\x89PNG")
    assert {"title", "emoji", "colorFrom", "colorTo", "license", "tags"} <= SPACE.keys()


def test_the_space_preloads_the_articles_pair_at_its_pins() -> None:
    loaded = {repo.name: repo for repo in PAIRS["labse"].repos}
    wanted = dict.fromkeys(loaded, False)
    for line in SPACE["preload_from_hub"]:
        name, files, revision = line.split()
        repo = loaded[name]
        assert revision == repo.pinned
        assert set(files.split(",")) == {*repo.files, hub.SAFETENSORS}
        wanted[name] = True
    assert all(wanted.values())


def test_every_model_is_named() -> None:
    used = {repo.name for pair in PAIRS.values() for repo in pair.repos}
    assert used | {"intfloat/multilingual-e5-small"} == set(SPACE["models"])


def test_the_table_of_pairs_is_right() -> None:
    for pair in PAIRS.values():
        (row,) = re.findall(rf"^\| `{pair.name}` \|.*$", TEXT, re.MULTILINE)
        assert f"| {pair.dim} |" in row
        assert str(len(pair.languages)) in row or len(pair.languages) == 2
        assert "bundled" in row if not pair.repos else f"{pair.size / 1000:.1f} GB" in row


def test_the_python_example_runs(app_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = [block for block in blocks("python") if "gradio_client" in block]
    assert HERE in example
    exec(compile(example.replace(HERE, app_url), "README.md", "exec"), {})
    said = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("Loaded as API")]
    assert len(said) == 6
    assert all(re.search("[а-яё]", line, re.IGNORECASE) for line in said)


def test_the_curl_example_runs(app_url: str) -> None:
    (example,) = [block for block in blocks("bash") if "curl" in block]
    assert HERE in example
    done = subprocess.run(
        ["bash", "-ec", example.replace(HERE, app_url)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "event: complete" in done.stdout
    assert '"pair": "compact"' in done.stdout


def test_the_push_leaves_out_what_git_leaves_out() -> None:
    (command,) = [block for block in blocks("bash") if "hf upload" in block]
    for folder in (".venv/*", "runs/*", "**/__pycache__/*"):
        assert f'--exclude "{folder}"' in command
