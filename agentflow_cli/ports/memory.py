"""A memory: texts that are found again by meaning."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from agentflow_cli.domain.failure import Failure


@dataclass(frozen=True, slots=True)
class Document:
    """A text to remember. `source` says where it comes from and stands for it: adding a source again replaces it."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document. `score` is cosine similarity, from -1 to 1, 1 the nearest."""

    id: str
    text: str
    source: str
    """The document's source, with the line where the passage starts: `docs/design.md:12`."""
    score: float


@dataclass(frozen=True, slots=True)
class Ingested:
    """What an `add` did. `unchanged` documents were there already, with the same text."""

    documents: int
    passages: int
    unchanged: int
    ids: tuple[str, ...]


class MemoryFailure(Exception):
    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class Memory(Protocol):
    """All memories of a project, by name. A reader sees the state before an `add` or after it, never a half."""

    async def add(self, memory: str, documents: Iterable[Document]) -> Ingested: ...

    async def add_files(self, memory: str, patterns: Sequence[str]) -> Ingested:
        """Add the text files below the project that match the glob patterns (`docs/**/*.md`); their path from the
        project's root is their source. MemoryFailure when none matches."""
        ...

    async def search(self, memory: str, query: str, top: int = 5, min_score: float | None = None) -> list[Passage]:
        """The nearest passages, best first. A memory that was never filled is a MemoryFailure that says so."""
        ...
