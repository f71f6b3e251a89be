"""What a generation holds, source by source: enough to see what a new text changes without opening Chroma."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from agentflow_cli.foundation.errors import DamagedDataError
from agentflow_cli.foundation.files import write_private_file

_FILE = "sources.json"
_VERSION = 1


@dataclass(slots=True)
class Source:
    """One document as it was added. `passages` are ids and lines, in the order of the text."""

    hash: str
    passages: list[tuple[str, int]]
    from_file: bool = False


@dataclass(slots=True)
class Manifest:
    embeddings: str
    """The name of what made the vectors."""
    sources: dict[str, Source] = field(default_factory=dict)

    @property
    def passages(self) -> int:
        return sum(len(source.passages) for source in self.sources.values())


def read_manifest(generation: Path) -> Manifest:
    try:
        value = json.loads((generation / _FILE).read_bytes())
        if value["version"] > _VERSION:
            raise DamagedDataError(f"the memory at {generation.parent} was written by a newer agentflow")
        sources = {
            name: Source(entry["hash"], [(i, line) for i, line in entry["passages"]], entry.get("from_file", False))
            for name, entry in value["sources"].items()
        }
        return Manifest(value["embeddings"], sources)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedDataError(
            f"the memory at {generation.parent} cannot be read: {error}", hint="remove that directory and fill it again"
        ) from error


def write_manifest(generation: Path, manifest: Manifest) -> None:
    sources = {
        name: {"hash": source.hash, "passages": source.passages, "from_file": source.from_file}
        for name, source in manifest.sources.items()
    }
    value = {"version": _VERSION, "embeddings": manifest.embeddings, "sources": sources}
    write_private_file(generation / _FILE, json.dumps(value, separators=(",", ":")).encode())
