"""The nearest passages of a memory. What is open stays open until a newer generation is there."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from agentflow_cli.ports.memory import Passage
from agentflow_cli.services.memory.chroma import VectorStore
from agentflow_cli.services.memory.embeddings import Embeddings
from agentflow_cli.services.memory.generations import Generations, HeldGeneration
from agentflow_cli.services.memory.ingest import other_embeddings
from agentflow_cli.services.memory.manifest import read_manifest


@dataclass(slots=True)
class _Open:
    generation: HeldGeneration
    store: VectorStore

    def close(self) -> None:
        self.store.close()
        self.generation.release()


class Reader:
    """Searches one memory. Safe to use from many threads; one searches at a time."""

    def __init__(self, generations: Generations, embeddings: Embeddings) -> None:
        self._generations = generations
        self._embeddings = embeddings
        self._lock = threading.Lock()
        self._open: _Open | None = None

    def search(self, query: str, top: int, min_score: float | None) -> list[Passage] | None:
        """The nearest passages, best first; None for a memory that was never filled. Blocks."""
        with self._lock:
            store = self._current()
            if store is None:
                return None
            vector = self._embeddings.embed([query])[0]
            found = store.nearest(vector, top)
        passages = [
            Passage(
                id=hit.id,
                text=hit.text,
                source=f"{hit.metadata.get('source', '')}:{hit.metadata.get('line', 1)}",
                score=max(-1.0, min(1.0, hit.score)),
            )
            for hit in found
            if min_score is None or hit.score >= min_score
        ]
        # Equal scores come in the order of their ids, so that a search gives the same answer every time.
        return sorted(passages, key=lambda passage: (-passage.score, passage.id))

    def close(self) -> None:
        with self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None

    def _current(self) -> VectorStore | None:
        name = self._generations.current_name()
        if self._open is not None:
            if self._open.generation.path.name == name:
                return self._open.store
            self._open.close()
            self._open = None
        generation = self._generations.hold_current()
        if generation is None:
            return None
        try:
            manifest = read_manifest(generation.path)
            if manifest.embeddings != self._embeddings.name:
                raise other_embeddings(self._generations.path.name, manifest, self._embeddings)
            with self._generations.opening():
                self._open = _Open(generation, VectorStore(generation.path))
        except BaseException:
            generation.release()
            raise
        return self._open.store
