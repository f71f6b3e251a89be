"""Documents into a memory: only what differs from what is there is cut, embedded and written."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agentflow_cli.domain.failure import Failure
from agentflow_cli.foundation.hashing import hash_bytes
from agentflow_cli.ports.memory import Document, Ingested, MemoryFailure
from agentflow_cli.services.memory.chroma import VectorStore
from agentflow_cli.services.memory.embeddings import Embeddings
from agentflow_cli.services.memory.generations import Generations
from agentflow_cli.services.memory.manifest import Manifest, Source, read_manifest, write_manifest
from agentflow_cli.services.memory.split import split


@dataclass(frozen=True, slots=True)
class Addition:
    """One call's documents. `covers` says of a source from a file whether it belongs to them: one that does and is not
    among them has been removed from the disk."""

    documents: tuple[Document, ...]
    covers: Callable[[str], bool] | None = None


@dataclass(slots=True)
class _Changes:
    added: dict[str, tuple[str, str, int]]
    """Passage id → text, source, line."""
    moved: dict[str, tuple[str, int]]
    """Passage id → source, line."""
    deleted: list[str]


def ingest(generations: Generations, embeddings: Embeddings, additions: Sequence[Addition]) -> list[Ingested]:
    """Carry out `additions` in one new generation, or in none when nothing differs; one result for each, in order.

    Blocks. LockedError when another process writes, MemoryFailure when the memory holds vectors of another kind.
    """
    with generations.writing():
        base = generations.hold_current()
        try:
            manifest = Manifest(embeddings.name) if base is None else read_manifest(base.path)
            if manifest.embeddings != embeddings.name:
                raise other_embeddings(generations.path.name, manifest, embeddings)
            before = {i: (name, line) for name, source in manifest.sources.items() for i, line in source.passages}
            texts: dict[str, str] = {}
            results = [_merge(manifest, addition, texts) for addition in additions]
            changes = _difference(before, manifest, texts)
            if base is None or any(result.documents for result in results) or changes.deleted:
                with generations.next(base) as path:
                    _write(VectorStore(path), embeddings, changes)
                    write_manifest(path, manifest)
            return results
        finally:
            if base is not None:
                base.release()


def other_embeddings(memory: str, manifest: Manifest, embeddings: Embeddings) -> MemoryFailure:
    return MemoryFailure(
        Failure(
            "memory",
            f"the memory `{memory}` was filled with the embeddings {manifest.embeddings}, and now "
            f"{embeddings.name} are in use; remove its directory and fill it again",
        )
    )


def _merge(manifest: Manifest, addition: Addition, texts: dict[str, str]) -> Ingested:
    """Put the documents into the manifest, and the texts of their passages into `texts`."""
    documents = passages = unchanged = 0
    ids: list[str] = []
    for document in addition.documents:
        digest = hash_bytes(document.text.encode())
        known = manifest.sources.get(document.source)
        if known is not None and known.hash == digest:
            unchanged += 1
        else:
            known = Source(digest, [])
            seen: Counter[str] = Counter()
            for piece in split(document.text, document.source):
                passage = _passage_id(document.source, piece.text, seen[piece.text])
                seen[piece.text] += 1
                texts[passage] = piece.text
                known.passages.append((passage, piece.line))
            manifest.sources[document.source] = known
            documents += 1
            passages += len(known.passages)
        known.from_file = addition.covers is not None
        ids.extend(passage for passage, _ in known.passages)
    if addition.covers is not None:
        present = {document.source for document in addition.documents}
        gone = [n for n, s in manifest.sources.items() if s.from_file and n not in present and addition.covers(n)]
        for name in gone:
            del manifest.sources[name]
    return Ingested(documents, passages, unchanged, tuple(ids))


def _passage_id(source: str, text: str, occurrence: int) -> str:
    """The same text of the same source keeps its id, and so its vector."""
    content = f"{source}\0{occurrence}\0{text}".encode()
    return hashlib.sha256(content).hexdigest()[:24]


def _difference(before: dict[str, tuple[str, int]], manifest: Manifest, texts: dict[str, str]) -> _Changes:
    after = {i: (name, line) for name, source in manifest.sources.items() for i, line in source.passages}
    return _Changes(
        {i: (texts[i], *place) for i, place in after.items() if i not in before},
        {i: place for i, place in after.items() if i in before and before[i] != place},
        [i for i in before if i not in after],
    )


def _write(store: VectorStore, embeddings: Embeddings, changes: _Changes) -> None:
    try:
        if changes.deleted:
            store.delete(changes.deleted)
        if changes.moved:
            places = [{"source": source, "line": line} for source, line in changes.moved.values()]
            store.describe(list(changes.moved), places)
        if changes.added:
            passages = list(changes.added.values())
            vectors = embeddings.embed([text for text, _, _ in passages])
            places = [{"source": source, "line": line} for _, source, line in passages]
            store.add(list(changes.added), [text for text, _, _ in passages], places, vectors)
    finally:
        store.close()
