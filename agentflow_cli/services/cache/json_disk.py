"""diskcache, held to JSON text: it unpickles what it reads, so it is never left to read by itself.

A row of another mode, a key of another type, or a file with a name that we did not give is refused.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from diskcache import Cache, Disk, Timeout  # type: ignore[import-untyped]
from diskcache.core import MODE_BINARY, MODE_RAW  # type: ignore[import-untyped]

__all__ = ["RefusedEntryError", "TextDisk", "Timeout", "open_disk"]

_FILE = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{28}\.val")
_KEY = re.compile(r"[a-z0-9]+:[0-9a-f]{16,128}")


class RefusedEntryError(Exception):
    """Something in the cache that this program did not write."""


class TextDisk(Disk):  # type: ignore[misc]
    """Keys are hashes, values are bytes; nothing else goes in or comes out."""

    def put(self, key: Any) -> tuple[str, bool]:
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            raise RefusedEntryError("a key that is no hash")
        return key, True

    def get(self, key: Any, raw: Any) -> str:
        if raw != 1 or not isinstance(key, str) or not _KEY.fullmatch(key):
            raise RefusedEntryError("a key that is no hash")
        return key

    def store(self, value: Any, read: bool, key: Any = None) -> Any:
        if read or not isinstance(value, bytes):
            raise RefusedEntryError("a value that is not bytes")
        return super().store(value, False)

    def fetch(self, mode: int, filename: str | None, value: Any, read: bool) -> bytes:
        if read:
            raise RefusedEntryError("an open file was asked for")
        if mode == MODE_RAW and filename is None and isinstance(value, bytes):
            return value
        if mode == MODE_BINARY and isinstance(filename, str) and _FILE.fullmatch(filename):
            descriptor = os.open(Path(self._directory, filename), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as stream:
                return stream.read()
        raise RefusedEntryError(f"an entry of mode {mode}")

    def remove(self, file_path: str) -> None:
        if not _FILE.fullmatch(str(file_path)):
            raise RefusedEntryError("a file that is not of the cache")
        super().remove(file_path)


def open_disk(directory: Path, size: int) -> Cache:
    """The cache in `directory`, kept below about `size` bytes: the least recently stored go first."""
    if os.path.expandvars(os.path.expanduser(directory)) != str(directory):  # noqa: PTH111 - what diskcache does
        raise RefusedEntryError("a directory whose name would be taken for another")
    return Cache(
        str(directory),
        timeout=1,
        disk=TextDisk,
        size_limit=size,
        eviction_policy="least-recently-stored",
        statistics=0,
        tag_index=0,
        disk_min_file_size=32 * 1024,
        disk_pickle_protocol=0,
    )
