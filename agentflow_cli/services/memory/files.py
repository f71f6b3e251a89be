"""Text files below the project by glob patterns; nothing outside it, no state, no history, nothing that is not text."""

from __future__ import annotations

import functools
import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agentflow_cli.domain.failure import Failure
from agentflow_cli.ports.memory import Document, MemoryFailure

LARGEST = 4 * 1024 * 1024
"""Bytes of one file."""

_PASSED_OVER = {"node_modules", "__pycache__"}
_WILD = re.compile(r"[*?\[]")


@dataclass(slots=True)
class FoundFiles:
    documents: list[Document] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    """Path → why it was not read."""


def find_text_files(root: Path, patterns: Sequence[str]) -> FoundFiles:
    """The text files that match any of `patterns`, sorted by path; the path from `root`, with `/`, is the source.

    A pattern that names a directory means every file below it. Directories that begin with a dot are passed over
    unless a pattern names them. MemoryFailure for a pattern that leaves the project.
    """
    root = root.resolve()
    found = FoundFiles()
    paths: set[str] = set()
    for pattern in (_normal(root, pattern) for pattern in patterns):
        paths.update(_matches(root, pattern))
    for path in sorted(paths):
        text, reason = _read(root, path)
        if reason:
            found.skipped[path] = reason
        else:
            found.documents.append(Document(text, path))
    return found


def pattern_matches(root: Path, patterns: Sequence[str], source: str) -> bool:
    """Whether `find_text_files` would look at `source` if it were there."""
    return any(_expression(_normal(root.resolve(), pattern)).fullmatch(source) for pattern in patterns)


def _normal(root: Path, pattern: str) -> str:
    """The pattern from the root, without `.` and `..`; a directory's name stands for all that is below it."""
    plain = os.path.normpath(pattern)
    if os.path.isabs(plain):  # noqa: PTH117 - a pattern, not a path
        plain = os.path.relpath(plain, root)
    if plain.split("/")[0] == ".." or "\0" in plain:
        raise MemoryFailure(Failure("memory", f"`{pattern}` leaves the project; only files below it are read"))
    if not _WILD.search(plain) and (root / plain).is_dir():
        return "**" if plain == "." else f"{plain}/**"
    return plain


@functools.lru_cache(256)
def _expression(pattern: str) -> re.Pattern[str]:
    """`**` spans directories, `*` and `?` do not, `[abc]` is one character of these."""
    out, index = "", 0
    while index < len(pattern):
        if pattern.startswith("**/", index):
            out, index = out + "(?:[^/]+/)*", index + 3
        elif pattern.startswith("**", index):
            out, index = out + ".*", index + 2
        elif pattern[index] == "[" and (end := pattern.find("]", index + 2)) > 0:
            inside = pattern[index + 1 : end].replace("\\", "\\\\").replace("[", "\\[")
            out += f"[^{inside[1:]}]" if inside[0] == "!" else f"[{inside}]"
            index = end + 1
        else:
            out += {"*": "[^/]*", "?": "[^/]"}.get(pattern[index]) or re.escape(pattern[index])
            index += 1
    return re.compile(out)


def _matches(root: Path, pattern: str) -> list[str]:
    wild = _WILD.search(pattern)
    start = pattern[: wild.start()].rpartition("/")[0] if wild else pattern.rpartition("/")[0]
    named = set(pattern.split("/"))
    expression = _expression(pattern)
    matches = []
    for directory, subdirectories, names in os.walk(root / start):  # symbolic links to directories are not followed
        subdirectories[:] = sorted(
            name for name in subdirectories if name in named or not (name.startswith(".") or name in _PASSED_OVER)
        )
        below = Path(directory).relative_to(root).as_posix()
        for name in names:
            path = name if below == "." else f"{below}/{name}"
            if expression.fullmatch(path) and (not name.startswith(".") or name in named):
                matches.append(path)
    return matches


def _read(root: Path, path: str) -> tuple[str, str]:
    """The text of a file, or why it has none."""
    real = (root / path).resolve()
    if not real.is_relative_to(root):
        return "", "a link out of the project"
    parts = real.relative_to(root).parts
    if {".git", ".agentflow"} & set(parts):
        return "", "state and history are not read"
    try:
        descriptor = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as stream:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return "", "not a regular file"
            if status.st_size > LARGEST:
                return "", f"{status.st_size:,} bytes; {LARGEST:,} is the most"
            data = stream.read(LARGEST + 1)
    except OSError as error:
        return "", (error.strerror or str(error)).lower()
    if b"\0" in data:
        return "", "not text"
    try:
        text = data.decode("utf-8-sig")
        return (text, "") if text.strip() else ("", "empty")
    except UnicodeDecodeError as error:
        return "", f"not UTF-8 (byte {error.start})"
