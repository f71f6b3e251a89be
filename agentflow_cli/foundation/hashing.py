"""One canonical JSON and one tagged hash, for plans, cache keys, operations and recordings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ALGORITHM = "sha256"


def canonical_json(value: Any) -> str:
    """The one text for a JSON value: sorted keys, no spaces, no NaN; ValueError for what JSON cannot say."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def hash_json(value: Any) -> str:
    """`sha256:<hex>` of the canonical JSON."""
    return hash_bytes(canonical_json(value).encode("utf-8", "surrogatepass"))


def hash_bytes(data: bytes) -> str:
    import hashlib  # loads a library that checking a file does without

    return f"{ALGORITHM}:{hashlib.sha256(data).hexdigest()}"


def hash_file(path: Path) -> str:
    """The hash of a file's bytes, read in pieces."""
    import hashlib

    with path.open("rb") as stream:
        return f"{ALGORITHM}:{hashlib.file_digest(stream, ALGORITHM).hexdigest()}"
