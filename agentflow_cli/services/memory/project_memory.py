"""All memories of a project: each a directory below its state, filled and searched off the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

from agentflow_cli.domain.failure import Failure
from agentflow_cli.foundation.clock import Clock, SystemClock
from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.errors import AgentflowError, LockedError
from agentflow_cli.ports.memory import Document, Ingested, MemoryFailure, Passage
from agentflow_cli.services.memory import chroma
from agentflow_cli.services.memory.embeddings import Embeddings, WordLlamaEmbeddings
from agentflow_cli.services.memory.files import LARGEST, find_text_files, pattern_matches
from agentflow_cli.services.memory.generations import Generations
from agentflow_cli.services.memory.ingest import Addition, ingest
from agentflow_cli.services.memory.recall import Reader

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_PAUSE = 0.05
"""Seconds between two looks whether another process is done writing."""

_Waiting = tuple[Addition, "asyncio.Future[Ingested]"]


class ProjectMemory:
    """A ports.memory.Memory. Additions that come while one is being written share the next generation."""

    def __init__(
        self, root: Path, state: Path, *, embeddings: Embeddings | None = None, clock: Clock | None = None
    ) -> None:
        """`root` is the project's, for files; `state` its state directory. Nothing is touched or imported yet."""
        self._root = root
        self._directory = state / "memory"
        self._embeddings = embeddings or WordLlamaEmbeddings()
        self._clock = clock or SystemClock()
        self._readers: dict[str, Reader] = {}
        self._waiting: dict[str, list[_Waiting]] = {}
        self._writers: dict[str, asyncio.Task[None]] = {}
        self._preparation: threading.Thread | None = None

    def prepare(self) -> None:
        """Begin to load the libraries, in a thread: a second that the first step then need not wait for."""
        if self._preparation is None:
            self._preparation = threading.Thread(target=self._load, name="memory-preparation", daemon=True)
            self._preparation.start()

    def names(self) -> list[str]:
        """The memories that were filled."""
        try:
            found = [path.name for path in self._directory.iterdir() if _NAME.fullmatch(path.name)]
        except OSError:
            return []
        return sorted(name for name in found if (self._directory / name / "current").is_file())

    async def add(self, memory: str, documents: Iterable[Document]) -> Ingested:
        """See the port. MemoryFailure for a wrong name, or a text that is empty or too long."""
        chosen = {document.source: document for document in map(_checked, documents)}
        return await self._enqueue(memory, Addition(tuple(chosen.values())))

    async def add_files(self, memory: str, patterns: Sequence[str]) -> Ingested:
        """See the port. Files that the patterns cover and that are no longer there are forgotten."""
        found = await asyncio.to_thread(find_text_files, self._root, patterns)
        if not found.documents:
            asked = ", ".join(f"`{pattern}`" for pattern in patterns)
            skipped = "".join(f"\n{path}: {reason}" for path, reason in list(found.skipped.items())[:10])
            raise MemoryFailure(Failure("memory", f"no text file below {self._root} matches {asked}{skipped}"))
        root, asked_for = self._root, tuple(patterns)
        return await self._enqueue(
            memory, Addition(tuple(found.documents), covers=lambda source: pattern_matches(root, asked_for, source))
        )

    async def search(self, memory: str, query: str, top: int = 5, min_score: float | None = None) -> list[Passage]:
        """See the port."""
        generations = self._generations(memory)
        if not query.strip():
            raise MemoryFailure(Failure("memory", "the search is empty; give a text to search for"))
        reader = self._readers.setdefault(memory, Reader(generations, self._embeddings))
        found = await asyncio.to_thread(reader.search, query, max(1, top), min_score)
        if found is None:
            raise self._never_filled(memory)
        return found

    def close(self) -> None:
        """Give back what is open."""
        for reader in self._readers.values():
            reader.close()
        self._readers.clear()

    async def _enqueue(self, memory: str, addition: Addition) -> Ingested:
        generations = self._generations(memory)
        done: asyncio.Future[Ingested] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(memory, []).append((addition, done))
        if memory not in self._writers:
            self._writers[memory] = asyncio.ensure_future(self._write(memory, generations))
        return await done

    async def _write(self, memory: str, generations: Generations) -> None:
        """Write batch after batch until nobody waits. Who waits gets the error of their batch."""
        while batch := [entry for entry in self._waiting.pop(memory, []) if not entry[1].done()]:
            try:
                results = await self._write_batch(generations, [addition for addition, _ in batch])
            except BaseException as error:
                for _, done in batch:
                    if not done.done():
                        done.set_exception(_copy(error))
                if not isinstance(error, Exception):
                    self._writers.pop(memory, None)
                    raise
                continue
            for (_, done), result in zip(batch, results, strict=True):
                if not done.done():
                    done.set_result(result)
        # Nothing was awaited since the last look, so nobody can have come meanwhile.
        self._writers.pop(memory, None)

    async def _write_batch(self, generations: Generations, additions: Sequence[Addition]) -> list[Ingested]:
        while True:
            try:
                return await asyncio.to_thread(ingest, generations, self._embeddings, additions)
            except LockedError:
                await self._clock.sleep(_PAUSE)

    def _generations(self, memory: str) -> Generations:
        if not _NAME.fullmatch(memory):
            raise MemoryFailure(
                Failure("memory", f"`{memory}` is not a memory's name: a letter, then letters, digits, `_` and `-`")
            )
        return Generations(self._directory / memory)

    def _never_filled(self, memory: str) -> MemoryFailure:
        close = closest(memory, self.names())
        meant = f" (did you mean `{close}`?)" if close else ""
        return MemoryFailure(
            Failure(
                "memory",
                f"nothing was ever added to the memory `{memory}`{meant}; fill it with "
                f"`agentflow memory ingest {memory} 'docs/**/*.md'` or a `remember` step",
            )
        )

    def _load(self) -> None:
        # What goes wrong here goes wrong again, and is reported, where the library is used.
        with contextlib.suppress(Exception):
            self._embeddings.load()
            chroma.load()


def _checked(document: Document) -> Document:
    if not document.text.strip():
        raise MemoryFailure(
            Failure("memory", f"the text of `{document.source}` is empty; there is nothing to remember")
        )
    if len(document.text) > LARGEST:
        raise MemoryFailure(
            Failure("memory", f"`{document.source}` has {len(document.text):,} characters; {LARGEST:,} is the most")
        )
    return Document(*(text.encode("utf-8", "replace").decode("utf-8") for text in (document.text, document.source)))


def _copy(error: BaseException) -> BaseException:
    """Several who wait must not share one exception: each raise adds to its traceback."""
    if isinstance(error, MemoryFailure):
        return MemoryFailure(error.failure)
    if isinstance(error, AgentflowError):
        return type(error)(error.message, hint=error.hint, next_command=error.next_command)
    return error
