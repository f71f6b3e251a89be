"""The cache on disk: in the user's own cache directory, private and stamped, opened when it is first asked."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from agentflow_cli.domain.json_value import Json
from agentflow_cli.foundation.errors import AgentflowError
from agentflow_cli.foundation.hashing import canonical_json
from agentflow_cli.foundation.importing import heavy_import
from agentflow_cli.foundation.stamp import stamp_directory
from agentflow_cli.ports.cache import CacheStats

SIZE_LIMIT = 1024 * 1024 * 1024
"""Bytes."""
LARGEST = 64 * 1024 * 1024
"""Bytes of one value."""


class DiskCache:
    """A ports.cache.Cache. Processes may share it."""

    def __init__(self, directory: Path, *, size: int = SIZE_LIMIT) -> None:
        self._directory = directory
        self._size = size
        self._cache: Any = None
        self._failed = False

    def get(self, key: str) -> Json | None:
        try:
            data = self._open().get(key)
            return None if data is None else json.loads(data)
        except self._trouble:
            return None

    def put(self, key: str, value: Json) -> None:
        try:
            data = canonical_json(value).encode("utf-8", "surrogatepass")
            if len(data) <= LARGEST:
                self._open().set(key, data)
        except self._trouble:
            return

    def stats(self) -> CacheStats:
        """Raises AgentflowError when the directory is not this user's."""
        if not self._directory.exists():
            return CacheStats(0, 0, str(self._directory))
        cache = self._open()
        return CacheStats(len(cache), int(cache.volume()), str(self._directory))

    def clear(self) -> int:
        """Raises AgentflowError when the directory is not this user's."""
        if not self._directory.exists():
            return 0
        return int(self._open().clear(retry=True))

    def close(self) -> None:
        if self._cache is not None:
            self._cache.close()
            self._cache = None

    def _open(self) -> Any:
        if self._cache is None:
            stamp_directory(self._directory)
            with heavy_import():
                from agentflow_cli.services.cache.json_disk import open_disk
            self._cache = open_disk(self._directory, self._size)
        return self._cache

    @property
    def _trouble(self) -> tuple[type[BaseException], ...]:
        """What makes an entry absent instead of making a run fail."""
        from agentflow_cli.services.cache.json_disk import RefusedEntryError, Timeout

        return (AgentflowError, RefusedEntryError, Timeout, sqlite3.Error, OSError, ValueError, RecursionError)
