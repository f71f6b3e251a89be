"""What is on disk at the places that checks looked at, each asked once, as a short text that can be compared."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from agentflow_cli.language.loader.source_text import LARGEST_FILE
from agentflow_cli.language.loader.uses import PATTERN, Use

_JUST_NOW = 50_000_000
"""Nanoseconds: a file that changed so shortly before it was read may change again within the same tick."""

_MOST_HELD = 20_000_000
"""Bytes of texts that are not read twice."""


class DiskState:
    """`now` in nanoseconds: what has changed since then, or just before, is not settled."""

    def __init__(self, now: int) -> None:
        self._settled_before = now - _JUST_NOW
        self._states: dict[Use, str | None] = {}
        self._texts: dict[Path, bytes] = {}
        self._held = 0
        self._directories: dict[Path, str] = {}

    def of(self, use: Use) -> str | None:
        """The state of a place; None for one that has no lasting state: it is changing, or it is a pipe."""
        if use not in self._states:
            what, path = use
            try:
                listing = what.startswith(PATTERN)
                self._states[use] = self._listing(path, what.removeprefix(PATTERN)) if listing else self._file(path)
            except (OSError, ValueError, RuntimeError, NotImplementedError):  # the last: a pattern that glob refuses
                self._states[use] = None
        return self._states[use]

    def text(self, path: Path) -> bytes:
        """The content of a file; OSError."""
        text = self._texts.get(path)
        if text is None:
            if not path.is_file():
                raise FileNotFoundError(path)  # a pipe would be waited for
            with path.open("rb") as stream:
                text = stream.read(LARGEST_FILE + 1)
            self._held += len(text)
            if self._held <= _MOST_HELD:
                self._texts[path] = text
        return text

    def _file(self, path: Path) -> str | None:
        leads = self._leads(path)
        try:
            status = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return f"absent {leads}" if self._is_settled(_nearest(path)) else None
        if stat.S_ISDIR(status.st_mode):
            return f"directory {leads}"
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_FILE or not self._is_settled(path):
            return None
        return f"{hashlib.sha256(self.text(path)).hexdigest()} {status.st_mode & 0o777:o} {leads}"

    def _leads(self, path: Path) -> str:
        """The place behind all links, those on the way to it too: it decides what is inside the project, and how the
        file is called."""
        if path.is_symlink():
            return os.path.realpath(path)
        parent = path.parent
        if parent not in self._directories:
            self._directories[parent] = os.path.realpath(parent)
        return f"{self._directories[parent]}{os.sep}{path.name}"

    def _is_settled(self, path: Path) -> bool:
        return path.stat().st_ctime_ns < self._settled_before

    def _listing(self, directory: Path, pattern: str) -> str:
        """What matches, which of it are files, and where links lead."""
        found = sorted(f"{path.is_file()} {path} {self._leads(path)}" for path in directory.glob(pattern))
        return hashlib.sha256("\0".join(found).encode("utf-8", "surrogatepass")).hexdigest()


def _nearest(path: Path) -> Path:
    """The nearest directory above that is there."""
    return next(parent for parent in path.parents if parent.is_dir())
