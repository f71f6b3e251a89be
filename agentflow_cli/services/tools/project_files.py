"""Files of the project for tools: opened component by component, so that no link and no race leads out of it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from agentflow_cli.domain.failure import Failure, StepFailure

LARGEST = 4 * 1024 * 1024
"""Bytes."""

_REFUSED = frozenset({".git", ".agentflow", ".hg", ".svn"})
_SECRET = frozenset({".env", ".netrc", ".npmrc", ".pypirc"})


def read_project_file(root: Path, path: str) -> str:
    """The text of the file at `path`, relative to `root`. StepFailure `denied` for what lies outside or holds state or
    secrets, `tool` for what is not there or no text."""
    if "\0" in path or not path.strip() or not _is_text(path):
        raise _failure("tool", path, "is no path")
    root = root.resolve()
    # Links are followed here, by name; below, the real path is opened without following any.
    real = Path(os.path.realpath(root / path))
    if not real.is_relative_to(root):
        raise _failure("denied", path, "is outside the project")
    parts = real.relative_to(root).parts
    if _REFUSED & set(parts) or any(part in _SECRET or part.startswith(".env.") for part in parts):
        raise _failure("denied", path, "holds state or secrets; tools do not read it")
    try:
        data = _read(root, parts)
    except FileNotFoundError:
        raise _failure("tool", path, "is not there") from None
    except IsADirectoryError:
        raise _failure("tool", path, "is a directory") from None
    except OSError as error:
        raise _failure("tool", path, f"cannot be read: {(error.strerror or str(error)).lower()}") from error
    except ValueError as error:
        raise _failure("tool", path, str(error)) from None
    if b"\0" in data:
        raise _failure("tool", path, "is not text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _failure("tool", path, f"is not UTF-8 text (byte {error.start})") from None


def _read(root: Path, parts: tuple[str, ...]) -> bytes:
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for at, part in enumerate(parts):
            last = at == len(parts) - 1
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | (os.O_NONBLOCK if last else os.O_DIRECTORY)
            inner = os.open(part, flags, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("is not a regular file")
        if status.st_size > LARGEST:
            raise ValueError(f"has {status.st_size:,} bytes; {LARGEST:,} is the most")
        with os.fdopen(os.dup(descriptor), "rb") as stream:
            return stream.read(LARGEST + 1)[:LARGEST]
    finally:
        os.close(descriptor)


def _is_text(path: str) -> bool:
    """Whether no half of a surrogate pair is in it."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _failure(kind: str, path: str, why: str) -> StepFailure:
    shown = path[:200].encode("utf-8", "backslashreplace").decode()
    return StepFailure(Failure(kind, f"`{shown}` {why}"))
