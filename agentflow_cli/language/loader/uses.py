"""What a check looked at on disk. Its outcome can be kept until one of these things changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

FILE, PATTERN = "file", "pattern "
Use = tuple[str, Path]
"""FILE and a path whose content, or absence, mattered; or PATTERN with a glob, and the directory in which it was
listed. The directory is apart, for its own name may hold what a glob would take for a wildcard."""

_seen: ContextVar[set[Use] | None] = ContextVar("uses", default=None)


@contextmanager
def recording() -> Iterator[set[Use]]:
    """Everything that is looked at within."""
    found: set[Use] = set()
    token = _seen.set(found)
    try:
        yield found
    finally:
        _seen.reset(token)


def looked_at(path: Path) -> None:
    """Say that the file at `path` is going to be read, or asked whether it is there."""
    seen = _seen.get()
    if seen is not None:
        seen.add((FILE, path))


def listed(directory: Path, pattern: str) -> None:
    """Say that the files of `directory` that match `pattern` are going to be listed."""
    seen = _seen.get()
    if seen is not None:
        seen.add((PATTERN + pattern, directory))
