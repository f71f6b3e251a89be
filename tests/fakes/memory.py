"""A memory in memory: words in common instead of embeddings, whole documents instead of passages."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from agentflow_cli.domain.failure import Failure
from agentflow_cli.ports.memory import Document, Ingested, MemoryFailure, Passage


class InMemoryMemory:
    """A ports.memory.Memory without files of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.memories: dict[str, dict[str, str]] = {}

    async def add(self, memory: str, documents: Iterable[Document]) -> Ingested:
        known = self.memories.get(memory, {})
        chosen = {document.source: document.text for document in documents}
        if not all(text.strip() for text in chosen.values()):
            raise MemoryFailure(Failure("memory", "the text is empty"))
        changed = [source for source, text in chosen.items() if known.get(source) != text]
        self.memories[memory] = {**known, **chosen}
        return Ingested(len(changed), len(changed), len(chosen) - len(changed), tuple(chosen))

    async def add_files(self, memory: str, patterns: Sequence[str]) -> Ingested:
        paths = sorted({path for pattern in patterns for path in self.root.glob(pattern) if path.is_file()})
        if not paths:
            raise MemoryFailure(Failure("memory", f"no text file matches {patterns}"))
        return await self.add(
            memory, [Document(path.read_text("utf-8"), path.relative_to(self.root).as_posix()) for path in paths]
        )

    async def search(self, memory: str, query: str, top: int = 5, min_score: float | None = None) -> list[Passage]:
        if memory not in self.memories:
            raise MemoryFailure(Failure("memory", f"nothing was ever added to the memory `{memory}`"))
        wanted = _words(query)
        scored = [
            Passage(source, text, f"{source}:1", _cosine(wanted, _words(text)))
            for source, text in self.memories[memory].items()
        ]
        kept = [passage for passage in scored if min_score is None or passage.score >= min_score]
        return sorted(kept, key=lambda passage: (-passage.score, passage.id))[:top]


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.lower()))


def _cosine(left: Counter[str], right: Counter[str]) -> float:
    product = sum(count * right[word] for word, count in left.items())
    length = math.sqrt(sum(c * c for c in left.values()) * sum(c * c for c in right.values()))
    return product / length if length else 0.0
