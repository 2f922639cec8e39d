"""README's front matter and examples: what it says is so."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from huggingface_hub.utils._paths import filter_repo_objects

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
    assert len(said) == 2
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


def test_the_space_is_pushed_without_what_git_ignores(tmp_path: Path) -> None:
    """README's commands, run with an `hf` that writes down what it is asked for."""
    (command,) = [block for block in blocks("bash") if "hf upload" in block]
    hf = tmp_path / "hf"
    hf.write_text('#!/bin/sh\nfor word; do printf "%s\\n" "$word"; done >> calls.txt\necho >> calls.txt\n')
    hf.chmod(0o755)
    before = (ROOT / "README.md").read_text(encoding="utf-8")
    (tmp_path / "README.md").write_text(before, encoding="utf-8")
    environment = os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(["bash", "-ec", command], cwd=tmp_path, env=environment, check=True)

    after = (tmp_path / "README.md").read_text(encoding="utf-8").splitlines()
    changed = [line for line, old in zip(after, before.splitlines(), strict=True) if line != old]
    assert changed == [f"thumbnail: {SPACE['thumbnail'].replace('OWNER', 'your-name')}"]
    create, upload = (call.split("\n") for call in (tmp_path / "calls.txt").read_text().strip().split("\n\n"))
    assert create[:4] == ["repos", "create", "your-name/sentence-space", "--type"]
    assert upload[:4] == ["upload", "your-name/sentence-space", ".", "."]
    excluded = [upload[place + 1] for place, word in enumerate(upload) if word == "--exclude"]
    ignored = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text().split()]
    inside = [f"{name.replace('*', 'name')}/file" for name in ignored] + ["demos/__pycache__/file"]
    assert list(filter_repo_objects(inside, ignore_patterns=excluded)) == []
    needed = ["app.py", "requirements.txt", "README.md", "demos/codec/hub.py", "assets/thumbnail.png"]
    needed += [path.relative_to(ROOT).as_posix() for path in (ROOT / "assets/models").rglob("*.*")]
    assert list(filter_repo_objects(needed, ignore_patterns=excluded)) == needed
