"""Outcomes that are kept across runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from agentflow_cli.domain.json_value import Json


@dataclass(frozen=True, slots=True)
class CacheStats:
    entries: int
    size: int
    """Bytes on disk."""
    place: str
    """Where it is; empty when it is nowhere."""


class Cache(Protocol):
    """Quick, and never in the way: a cache that cannot be read or written has nothing and keeps nothing."""

    def get(self, key: str) -> Json | None:
        """What was put under `key`; None when there is nothing."""
        ...

    def put(self, key: str, value: Json) -> None:
        """Keep `value`, which is not None."""
        ...

    def stats(self) -> CacheStats: ...

    def clear(self) -> int:
        """Forget everything; how many entries there were."""
        ...

    def close(self) -> None: ...
