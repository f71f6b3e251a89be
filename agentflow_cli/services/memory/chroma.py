"""Vectors in Chroma, inside this process: the only file that knows the library.

Chroma reads settings from a `.env` file where it starts and from the environment (a server to talk to, among them), and
can compute embeddings by itself over the network. Neither happens here: the settings are ours alone, and every text
comes with its vector.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentflow_cli.foundation.errors import AgentflowError, DamagedDataError, StorageError
from agentflow_cli.foundation.importing import heavy_import

_COLLECTION = "passages"
_BATCH = 2_000
"""Passages at once; Chroma is quickest between 1,000 and 5,000."""

_opening = threading.Lock()


def load() -> None:
    """Import the library: about a second, once."""
    _settings_class()


@dataclass(frozen=True, slots=True)
class Found:
    id: str
    text: str
    metadata: Mapping[str, Any]
    score: float
    """Cosine similarity."""


class VectorStore:
    """The collection in one directory that we made. Close it before anybody copies or removes the directory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with _opening:
                self._client = _client(path)
                self._collection = self._client.get_or_create_collection(
                    _COLLECTION, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
                )
        except Exception as error:
            raise self._failure(error) from error

    def add(
        self, ids: Sequence[str], texts: Sequence[str], metadata: Sequence[Mapping[str, Any]], vectors: Any
    ) -> None:
        """Add passages; `vectors` is an array of shape (passages, dimensions)."""
        try:
            for start in range(0, len(ids), _BATCH):
                part = slice(start, start + _BATCH)
                self._collection.add(
                    ids=list(ids[part]),
                    embeddings=vectors[part],
                    documents=list(texts[part]),
                    metadatas=[dict(entry) for entry in metadata[part]],
                )
        except Exception as error:
            raise self._failure(error) from error

    def describe(self, ids: Sequence[str], metadata: Sequence[Mapping[str, Any]]) -> None:
        """Give passages other metadata; their vectors stay."""
        try:
            for start in range(0, len(ids), _BATCH):
                part = slice(start, start + _BATCH)
                self._collection.update(ids=list(ids[part]), metadatas=[dict(entry) for entry in metadata[part]])
        except Exception as error:
            raise self._failure(error) from error

    def delete(self, ids: Sequence[str]) -> None:
        try:
            for start in range(0, len(ids), _BATCH):
                self._collection.delete(ids=list(ids[start : start + _BATCH]))
        except Exception as error:
            raise self._failure(error) from error

    def nearest(self, vector: Any, top: int) -> list[Found]:
        """At most `top` passages, the nearest first."""
        try:
            count = self._collection.count()
            if count == 0:
                return []
            answer = self._collection.query(
                query_embeddings=[vector],
                n_results=min(top, count),
                include=["documents", "metadatas", "distances"],
            )
            columns = (answer[name][0] for name in ("ids", "documents", "metadatas", "distances"))
            return [Found(i, t or "", m or {}, 1.0 - float(d)) for i, t, m, d in zip(*columns, strict=True)]
        except Exception as error:
            raise self._failure(error) from error

    def close(self) -> None:
        with _opening:
            self._client.close()

    def _failure(self, error: Exception) -> AgentflowError:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        if "disk is full" in reason or "No space left" in reason:
            return StorageError(f"cannot write the memory at {self._path}: the disk is full", hint="free some space")
        return DamagedDataError(
            f"the memory at {self._path.parent} cannot be used: {reason}",
            hint="remove that directory and fill it again",
        )


@functools.cache
def _settings_class() -> Any:
    from chromadb.config import Settings
    from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

    class OwnSettings(Settings):  # type: ignore[misc,unused-ignore]
        """Nothing but what is given here: no environment, no `.env`."""

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return (init_settings,)

    return OwnSettings


def _client(path: Path) -> Any:
    with heavy_import():  # making the client imports more
        import chromadb

        settings = _settings_class()(
            chroma_api_impl="chromadb.api.rust.RustBindingsAPI",
            anonymized_telemetry=False,
            allow_reset=False,
        )
        return chromadb.PersistentClient(str(path), settings=settings)
