"""A large file of the hub, whose download goes on where an earlier one stopped.

The hub's library deletes what it has of a file when it gives up, and has no way to go on with it
(huggingface_hub's issue 4196). So such a file is brought into the library's cache here, where it is found.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

UNSATISFIABLE = 416  # the HTTP status where a server cannot go on from a byte
_SHA256 = re.compile("[0-9a-f]{64}")  # the hub's etag of a large file


def bring(repo: str, name: str, revision: str, bar: type[Any]) -> None:
    """Put a file of a repository's revision among the blobs of the local hub cache, if it is not there.

    While it comes it is a file of the same name with ".incomplete"; where that is there, the download goes
    on with it. One that the server does not go on with, or that turns out to be damaged, is begun anew.

    Args:
        repo: "owner/name".
        bar: a class like tqdm, for the progress.

    Raises:
        HfHubHTTPError, OSError, and what the network's library raises: as `hf_hub_download`.
    """
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.errors import HfHubHTTPError
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils._fixes import WeakFileLock
    from huggingface_hub.utils._headers import build_hf_headers

    url = hf_hub_url(repo, name, revision=revision)
    file = get_hf_file_metadata(url)
    if file.etag is None:
        raise OSError(f"{url} has no etag")
    blob = _blobs(repo) / file.etag
    part = blob.with_name(f"{blob.name}.incomplete")

    def download() -> None:
        with part.open("ab") as there:
            http_get(
                url,
                there,
                resume_size=there.tell(),
                headers=build_hf_headers(),
                expected_size=file.size,
                tqdm_class=bar,
            )

    blob.parent.mkdir(parents=True, exist_ok=True)
    with WeakFileLock(blob.with_name(f"{blob.name}.lock")):
        if blob.exists():
            return
        if part.exists():
            try:
                download()
                useful = not _SHA256.fullmatch(file.etag) or _sha256(part) == file.etag
            except HfHubHTTPError as error:
                if error.response.status_code != UNSATISFIABLE:
                    raise
                useful = False
            if not useful:
                part.unlink()
        if not part.exists():
            download()
        part.replace(blob)


def megabytes_begun(repo: str) -> int:
    """What is here of files whose download was broken off."""
    return sum(part.stat().st_size for part in _blobs(repo).glob("*.incomplete")) // 1_000_000


def _blobs(repo: str) -> Path:
    """The folder of a repository's files in the local hub cache."""
    from huggingface_hub import constants
    from huggingface_hub.file_download import repo_folder_name

    return Path(constants.HF_HUB_CACHE) / repo_folder_name(repo_id=repo, repo_type="model") / "blobs"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
