"""Texts to vectors, without a network: the weights lie in the wordllama package."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from agentflow_cli.foundation.errors import MissingExtraError
from agentflow_cli.foundation.importing import heavy_import

_BATCH = 256


class Embeddings(Protocol):
    """A way to turn texts into vectors. Vectors of different names cannot be compared."""

    name: str

    def load(self) -> None:
        """Make ready what is slow; MissingExtraError when the library is not there. Safe to call from any thread."""
        ...

    def embed(self, texts: Sequence[str]) -> Any:
        """An array of shape (texts, dimensions) of unit vectors, float32. Safe to call from any thread."""
        ...


class WordLlamaEmbeddings:
    """256 dimensions, about ten thousand short texts a second on one core."""

    name = "wordllama-l2-supercat-256"

    def __init__(self) -> None:
        self._model: Any = None
        self._lock = threading.Lock()

    def load(self) -> None:
        with self._lock:
            if self._model is not None:
                return
            found = importlib.util.find_spec("wordllama")
            if found is None or found.origin is None:
                raise MissingExtraError("the memory", "embedded")
            with heavy_import():
                from wordllama import WordLlama  # type: ignore[import-untyped]

                # Its own package directory holds the weights; without `disable_download` it asks the network.
                self._model = WordLlama.load(cache_dir=Path(found.origin).parent, disable_download=True)

    def embed(self, texts: Sequence[str]) -> Any:
        self.load()
        # The tokenizer refuses half a surrogate pair.
        clean = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        with self._lock:
            return self._model.embed(clean, norm=True, batch_size=_BATCH)
