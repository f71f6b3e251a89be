"""The cache of a run that wants none."""

from __future__ import annotations

from agentflow_cli.domain.json_value import Json
from agentflow_cli.ports.cache import CacheStats


class NoCache:
    """A ports.cache.Cache that has nothing and keeps nothing."""

    def get(self, key: str) -> Json | None:
        return None

    def put(self, key: str, value: Json) -> None:
        return None

    def stats(self) -> CacheStats:
        return CacheStats(0, 0, "")

    def clear(self) -> int:
        return 0

    def close(self) -> None:
        return None
