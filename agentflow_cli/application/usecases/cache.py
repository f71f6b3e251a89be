"""Outcomes that steps keep across runs."""

from __future__ import annotations

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.ports.cache import CacheStats


def cache_stats(container: Container) -> CacheStats:
    """How many there are, and how large they are together. NotTrustedError when the directory is not this user's."""
    try:
        return container.cache.stats()
    finally:
        container.close()


def clear_cache(container: Container) -> int:
    """Forget all of them; how many there were. NotTrustedError when the directory is not this user's."""
    try:
        return container.cache.clear()
    finally:
        container.close()
