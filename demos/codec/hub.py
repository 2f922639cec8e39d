"""The article's own models, loaded from the Hugging Face hub at pinned revisions.

LaBSE (Feng et al., 2022, arXiv:2007.01852) is a BERT whose pooler output, L2-normalised, is the
vector of a sentence; LaBSE-en-ru keeps its English and Russian tokens alone. The decoder is
ruT5-base, fine-tuned by David Dale to recover Russian sentences from these vectors. Files come
from the local hub cache where they are in it, else from the hub; nothing else is ever fetched.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demos.codec.errors import DiskFull, HubUnavailable, ModelFilesError
from demos.codec.parts import bring, megabytes_begun

if TYPE_CHECKING:
    from demos.codec.encoder import TextEncoder

REVISIONS = "SENTENCE_SPACE_REVISIONS"  # environment: "owner/name=revision,…" instead of the pins
SPARE = 200  # megabytes that a download has to leave free on the disk
SAFETENSORS, PICKLE = "model.safetensors", "pytorch_model.bin"

MAIN = "main"  # the branch that is loaded where the hub no longer knows a pinned commit

Report = Callable[[int, int], None]  # (bytes here, bytes in all)


@dataclass(frozen=True)
class Repo:
    """A model repository of the hub, at one commit.

    Attributes:
        name: "owner/name".
        pinned: the commit that is loaded unless the environment names another revision.
        files: what is loaded besides the weights.
        size: megabytes of all that is loaded, weights included.
        licence: of the weights, as the repository states it.
    """

    name: str
    pinned: str
    files: tuple[str, ...]
    size: int
    licence: str

    @property
    def revision(self) -> str:
        """The pinned commit, or the revision that the environment names for this repository."""
        wishes = dict(item.partition("=")[::2] for item in os.environ.get(REVISIONS, "").split(",") if item)
        return wishes.get(self.name, self.pinned).strip() or self.pinned


LABSE = Repo(
    "sentence-transformers/LaBSE",
    "836121a0533e5664b21c7aacc5d22951f2b8b25b",
    ("config.json", "tokenizer_config.json", "tokenizer.json", "vocab.txt"),
    size=1_900,
    licence="Apache-2.0",
)
LABSE_EN_RU = Repo(
    "cointegrated/LaBSE-en-ru",
    "cf0714e606d4af551e14ad69a7929cd6b0da7f7e",
    ("config.json", "tokenizer_config.json", "vocab.txt"),
    size=520,
    licence="not stated (cut from LaBSE, Apache-2.0)",
)
# The commit in which the hub's conversion bot added the safetensors to the repository's last state.
RUT5 = Repo(
    "cointegrated/rut5-base-labse-decoder",
    "0997bb2b5cbd4653f8b4b949a3e20514623a1592",
    ("config.json", "spiece.model"),
    size=980,
    licence="MIT",
)


_unpinned: set[str] = set()  # repositories that this process had to load from their main branch


def unpinned(repo: Repo) -> bool:
    """Whether the repository's files are those of its main branch, since the hub no longer knows the pin."""
    return repo.name in _unpinned


def cached(repo: Repo) -> bool:
    """Whether all that is loaded of the repository is in the local hub cache."""
    here = {name: _is_here(repo, name, repo.revision) for name in (*repo.files, SAFETENSORS, PICKLE)}
    return all(here[name] for name in repo.files) and (here[SAFETENSORS] or here[PICKLE])


def _is_here(repo: Repo, name: str, revision: str) -> bool:
    """Whether a file of the repository is in the local hub cache."""
    from huggingface_hub import try_to_load_from_cache

    return isinstance(try_to_load_from_cache(repo.name, name, revision=revision), str)


def fetch(repo: Repo, report: Report | None = None) -> Path:
    """The repository's folder in the local hub cache; what is not there yet is downloaded.

    Weights whose download was broken off go on where it stopped, see `demos.codec.parts`.

    Where the hub no longer knows the pinned commit, the main branch is loaded, and `unpinned` says so;
    a revision that the environment names is loaded or nothing.

    Args:
        report: is called with the bytes that are here and the bytes in all while files come.

    Raises:
        HubUnavailable: no network, no such repository, revision or file, or the hub is offline.
        DiskFull: the disk has no room for the files.
    """
    from huggingface_hub.errors import RevisionNotFoundError

    try:
        return _fetch(repo, repo.revision, report)
    except HubUnavailable as error:
        lost = isinstance(error.__cause__, RevisionNotFoundError)
        if not lost or repo.revision != repo.pinned:
            raise
    folder = _fetch(repo, MAIN, report)
    _unpinned.add(repo.name)
    return folder


def _fetch(repo: Repo, revision: str, report: Report | None) -> Path:
    """`fetch` of one revision, without another to fall back on."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, LocalEntryNotFoundError

    here = cached(repo)
    if not here:
        check_room(repo)
        _knock(repo)
    done = 0
    total = repo.size * 1_000_000

    def get(name: str) -> Path:
        nonlocal done

        def moved(here: int) -> None:
            if report is not None:
                report(min(done + here, total), total)

        bar = _bar(moved)
        if name in (SAFETENSORS, PICKLE) and not _is_here(repo, name, revision):
            bring(repo.name, name, revision, bar)
        path = Path(
            hf_hub_download(repo.name, name, revision=revision, tqdm_class=bar, local_files_only=here)
        )
        done += path.stat().st_size
        moved(0)
        return path

    try:
        paths = [get(name) for name in repo.files]
        try:
            get(SAFETENSORS)
        except EntryNotFoundError:
            get(PICKLE)
    except LocalEntryNotFoundError as error:
        raise HubUnavailable(repo.name, "the connection was lost") from error
    except (EntryNotFoundError, HfHubHTTPError) as error:
        raise HubUnavailable(repo.name, f"{revision} is not there as expected ({error})") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(repo.name, repo.size + SPARE, _free_megabytes()) from error
        raise HubUnavailable(repo.name, str(error)) from error
    except Exception as error:  # every network library has errors of its own
        if "os error 28" in str(error):  # hf_xet, which writes the files of most repositories
            raise DiskFull(repo.name, repo.size + SPARE, _free_megabytes()) from error
        raise HubUnavailable(repo.name, f"{type(error).__name__}: {error}") from error
    return paths[0].parent


def fetch_all(repos: Sequence[Repo], report: Report | None = None) -> None:
    """Bring all repositories of a pair into the local hub cache, or say at once that they have no room.

    Args:
        report: as for `fetch`, over all of them.

    Raises:
        HubUnavailable, DiskFull: as for `fetch`.
    """
    missing = [repo for repo in repos if not cached(repo)]
    check_room(*missing)
    total = sum(repo.size for repo in repos) * 1_000_000
    before = 0
    for repo in repos:

        def moved(here: int, _total: int, before: int = before) -> None:
            if report is not None:
                report(before + here, total)

        fetch(repo, moved)
        before += repo.size * 1_000_000


def check_room(*repos: Repo) -> None:
    """DiskFull unless the disk of the hub cache has room for what it lacks of the repositories' files."""
    lacking = sum(max(0, repo.size - megabytes_begun(repo.name)) for repo in repos)
    needed, free = lacking + SPARE, _free_megabytes()
    if repos and free < needed:
        raise DiskFull(" + ".join(repo.name for repo in repos), needed, free)


def _knock(repo: Repo) -> None:
    """HubUnavailable at once where the hub does not answer; a download would retry for half a minute."""
    from huggingface_hub import constants, get_session

    try:
        get_session().head(constants.ENDPOINT, timeout=8)
    except Exception as error:  # the session's library changes with the hub's version
        raise HubUnavailable(repo.name, "there is no connection, or the hub is switched off") from error


def _free_megabytes() -> int:
    """Free space where the hub cache is or will be."""
    from huggingface_hub import constants

    folder = Path(constants.HF_HUB_CACHE).absolute()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(there).free // 1_000_000


def _bar(moved: Callable[[int], None]) -> type[Any]:
    """A progress bar for the hub's download that draws nothing and calls `moved` with the bytes so far."""
    from tqdm.auto import tqdm

    furthest = 0

    class Silent(tqdm):  # type: ignore[misc]
        def __init__(self, *args: Any, **options: Any) -> None:
            self.bytes = int(options.get("initial") or 0)
            options.pop("name", None)
            super().__init__(*args, **(options | {"disable": True}))

        def update(self, n: float | None = 1) -> None:
            nonlocal furthest
            self.bytes += int(n or 0)
            furthest = max(furthest, self.bytes)
            moved(furthest)

    return Silent


def load_labse(repo: Repo) -> TextEncoder:
    """A LaBSE encoder: BERT's pooler output, no prefix, 512 tokens; float32, on the CPU.

    Raises:
        HubUnavailable, DiskFull: its files are not to be had.
        ModelFilesError: they are not what they should be.
    """
    return load_labse_folder(fetch(repo))


def load_labse_folder(folder: Path) -> TextEncoder:
    """`load_labse` from a checkpoint folder.

    Raises:
        ModelFilesError: its files are not what they should be.
    """
    from transformers import AutoTokenizer

    from demos.codec.bert import load_bert
    from demos.codec.encoder import TextEncoder

    model = load_bert(folder)
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError) as error:
        raise ModelFilesError(f"{folder} holds no readable tokenizer: {error}", folder) from error
    if len(tokenizer) > model.config.vocab_size:
        message = f"{folder}: the tokenizer has {len(tokenizer)} tokens, the model {model.config.vocab_size}"
        raise ModelFilesError(message, folder)

    def tokenize(texts: list[str]) -> list[list[int]]:
        rows: list[list[int]] = tokenizer(texts, padding=False, truncation=False, verbose=False)["input_ids"]
        return rows

    return TextEncoder(
        model,
        tokenize,
        pooling="pooler",
        max_tokens=min(512, model.config.max_position_embeddings),
        pad_id=int(tokenizer.pad_token_id or 0),
        silent=[] if tokenizer.unk_token_id is None else [int(tokenizer.unk_token_id)],
    )
