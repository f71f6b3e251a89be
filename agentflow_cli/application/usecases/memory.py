"""Fill and search the memories of a project."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.foundation.errors import AgentflowError
from agentflow_cli.ports.memory import Ingested, MemoryFailure, Passage


class UnusableMemoryError(AgentflowError):
    """A memory that is not there, no file that matches: nothing was begun, as with an unknown file."""


def ingest(container: Container, memory: str, patterns: Sequence[str]) -> Ingested:
    """Add the project's text files that match `patterns` (from its root)."""
    try:
        return asyncio.run(container.memory.add_files(memory, list(patterns)))
    except MemoryFailure as error:
        raise UnusableMemoryError(error.failure.message) from error


def search(
    container: Container, memory: str, query: str, top: int = 5, min_score: float | None = None
) -> list[Passage]:
    """The nearest passages, best first."""
    try:
        return asyncio.run(container.memory.search(memory, query, top, min_score))
    except MemoryFailure as error:
        raise UnusableMemoryError(error.failure.message) from error
