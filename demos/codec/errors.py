"""What can go wrong in the codec, each with a code and details that a page can translate."""

from __future__ import annotations

from typing import Any, ClassVar


class CodecError(Exception):
    """Base of the codec's errors.

    Attributes:
        code: a stable name of what went wrong, such as "text_too_long".
        details: the values that the message mentions, by name.
    """

    code: ClassVar[str] = "codec_error"

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.details: dict[str, Any] = details


class EmptyInput(CodecError):
    """No texts at all, or one without a single letter or sign (`index` says which, else None)."""

    code = "empty_input"

    def __init__(self, index: int | None = None) -> None:
        what = "there is nothing to encode" if index is None else f"text {index + 1} is empty"
        super().__init__(what, index=index)


class SaysNothing(CodecError):
    """A text without a word that the encoder knows.

    `reason` is "signs" ("...") or "unknown" (runes); `text` is how the text begins.
    """

    code = "nothing"

    def __init__(self, index: int, reason: str, text: str) -> None:
        text = text if len(text) <= 40 else text[:39] + "…"
        why = "there are only signs in it" if reason == "signs" else "the encoder does not know its letters"
        super().__init__(
            f"text {index + 1}, {text!r}, says nothing: {why}", index=index, reason=reason, text=text
        )


class TextTooLong(CodecError):
    """A text has more tokens than the encoder has positions for.

    `tokens` counts those of the text's beginning where it is enormous.
    """

    code = "text_too_long"

    def __init__(self, index: int, tokens: int, limit: int) -> None:
        message = f"text {index + 1} has {tokens} tokens, the encoder takes at most {limit}"
        super().__init__(message, index=index, tokens=tokens, limit=limit)


class BadVector(CodecError):
    """A vector that cannot be decoded: `reason` is "shape", "width", "not_finite" or "zero"."""

    code = "bad_vector"

    def __init__(self, reason: str, message: str, **details: Any) -> None:
        super().__init__(message, reason=reason, **details)


class BadSetting(CodecError):
    """A decoding setting out of its range."""

    code = "bad_setting"

    def __init__(self, name: str, value: object, expected: str) -> None:
        super().__init__(
            f"{name} is {value!r}, expected {expected}", name=name, value=value, expected=expected
        )


class UnknownPair(CodecError):
    """No pair has this name."""

    code = "unknown_pair"

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(f"unknown pair {name!r}; known: {', '.join(known)}", name=name, known=known)


class ModelFilesError(CodecError):
    """A model file is missing, corrupted or not what it should be."""

    code = "model_files"

    def __init__(self, message: str, path: object = "") -> None:
        super().__init__(message, path=str(path))


class HubUnavailable(CodecError):
    """The pair's files are neither on this machine nor to be had from the hub."""

    code = "hub_unavailable"

    def __init__(self, repo: str, reason: str) -> None:
        super().__init__(f"cannot get {repo} from the Hugging Face hub: {reason}", repo=repo, reason=reason)


class DiskFull(CodecError):
    """The disk has no room for a pair's files; `needed` and `free` are megabytes."""

    code = "disk_full"

    def __init__(self, repo: str, needed: int, free: int) -> None:
        message = f"{repo} needs {needed} MB of disk, and {free} MB are free"
        super().__init__(message, repo=repo, needed=needed, free=free)


class Busy(CodecError):
    """Too many requests wait to be decoded; try again."""

    code = "busy"

    def __init__(self, waiting: int) -> None:
        super().__init__(f"{waiting} requests are waiting already; try again in a moment", waiting=waiting)
