"""What can go wrong in the codec, each with a code and details that a page can translate."""

from __future__ import annotations

from typing import Any, ClassVar


class CodecError(Exception):
    """Base of the codec's errors.

    Attributes:
        code: a stable name of what went wrong, such as "text_too_long".
        subject: what the message begins with and is about, such as "text 1"; "" where that is nothing named.
        details: the values that the message mentions, by name.
    """

    code: ClassVar[str] = "codec_error"

    def __init__(self, message: str, subject: str = "", **details: Any) -> None:
        super().__init__(f"{subject} {message}" if subject else message)
        self.subject = subject
        self.details: dict[str, Any] = details

    def about(self, name: str) -> str:
        """The message, about what the caller knows by this name: "texts[0] is empty"."""
        message = str(self)
        return name + message.removeprefix(self.subject) if self.subject else f"{name}: {message}"


class Unavailable(CodecError):
    """Base of what no other input would mend."""

    code = "unavailable"


class EmptyInput(CodecError):
    """No texts at all, or one without a single letter or sign (`index` says which, else None)."""

    code = "empty_input"

    def __init__(self, index: int | None = None) -> None:
        if index is None:
            super().__init__("there is nothing to encode", index=None)
        else:
            super().__init__("is empty", f"text {index + 1}", index=index)


class SaysNothing(CodecError):
    """A text without a word that the encoder knows.

    `reason` is "signs" ("...") or "unknown" (runes); `text` is how the text begins.
    """

    code = "nothing"

    def __init__(self, index: int, reason: str, text: str) -> None:
        text = text if len(text) <= 40 else text[:39] + "…"
        signs, unknown = (
            f"{text!r} has only signs in it",
            f"the encoder does not know the letters of {text!r}",
        )
        message = f"says nothing: {signs if reason == 'signs' else unknown}"
        super().__init__(message, f"text {index + 1}", index=index, reason=reason, text=text)


class TextTooLong(CodecError):
    """A text has more tokens than the encoder has positions for.

    `tokens` counts those of the text's beginning where it is enormous.
    """

    code = "text_too_long"

    def __init__(self, index: int, tokens: int, limit: int) -> None:
        message = f"has {tokens} tokens, the encoder takes at most {limit}"
        super().__init__(message, f"text {index + 1}", index=index, tokens=tokens, limit=limit)


class BadVector(CodecError):
    """A vector that cannot be decoded: `reason` is "shape", "width", "not_finite" or "zero"."""

    code = "bad_vector"

    def __init__(self, reason: str, message: str, subject: str = "", **details: Any) -> None:
        super().__init__(message, subject, reason=reason, **details)


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


class ModelFilesError(Unavailable):
    """A model file is missing, corrupted or not what it should be."""

    code = "model_files"

    def __init__(self, message: str, path: object = "") -> None:
        super().__init__(message, path=str(path))


class HubUnavailable(Unavailable):
    """The pair's files are neither on this machine nor to be had from the hub."""

    code = "hub_unavailable"

    def __init__(self, repo: str, reason: str) -> None:
        super().__init__(f"cannot get {repo} from the Hugging Face hub: {reason}", repo=repo, reason=reason)


class DiskFull(Unavailable):
    """The disk has no room for a pair's files; `needed` and `free` are megabytes."""

    code = "disk_full"

    def __init__(self, repo: str, needed: int, free: int) -> None:
        message = f"{repo} needs {needed} MB of disk, and {free} MB are free"
        super().__init__(message, repo=repo, needed=needed, free=free)


class Busy(Unavailable):
    """Too many requests wait to be decoded; try again."""

    code = "busy"

    def __init__(self, waiting: int) -> None:
        super().__init__(f"{waiting} requests are waiting already; try again in a moment", waiting=waiting)
