"""Outcomes that steps keep across runs."""

from __future__ import annotations

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.runtime.paths import user_cache_directory
from agentflow_cli.application.usecases.project_check.kept_checks import forget_checks
from agentflow_cli.ports.cache import CacheStats


def cache_stats(container: Container) -> CacheStats:
    """How many there are, and how large they are together. NotTrustedError when the directory is not this user's."""
    try:
        return container.cache.stats()
    finally:
        container.close()


def clear_cache(container: Container) -> int:
    """Forget all of them, and what `validate` keeps of files that have not changed; how many outcomes there were.

    NotTrustedError when a directory is not this user's.
    """
    forget_checks(user_cache_directory(container.environment) / "checks")
    try:
        return container.cache.clear()
    finally:
        container.close()
