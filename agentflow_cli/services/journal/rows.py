"""Events as rows: JSON in the row, or in a file of its own when it is large."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agentflow_cli.domain.codec import from_json, to_json
from agentflow_cli.domain.events import EVENT_TYPES, Event, Record
from agentflow_cli.foundation.errors import DamagedDataError
from agentflow_cli.foundation.files import make_private_directory, write_private_file

BLOB_THRESHOLD = 256 * 1024
"""Characters of JSON above which an event's data goes to a file."""

SELECT = "SELECT seq, at, epoch, type, data, blob FROM event WHERE seq > ? ORDER BY seq"
INSERT = "INSERT INTO event (seq, at, epoch, type, data, blob) VALUES (?, ?, ?, ?, ?, ?)"

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def to_row(record: Record, blobs: Path) -> tuple[Any, ...]:
    """The row for a record. A large one is written to `blobs` and synced before its row exists."""
    text = _encode(to_json(record.event))
    if not text.isascii():
        text = _without_surrogates(text)
    if len(text) <= BLOB_THRESHOLD:
        return (record.seq, record.at, record.epoch, record.event.type, text, None)
    data = text.encode()
    name = hashlib.sha256(data).hexdigest()
    path = blobs / name
    if not path.exists():
        make_private_directory(blobs)
        write_private_file(path, data)
    return (record.seq, record.at, record.epoch, record.event.type, None, name)


def from_rows(rows: Iterator[tuple[Any, ...]], blobs: Path) -> Iterator[Record]:
    """Records of the known event types; a newer version's events are passed over."""
    for seq, at, epoch, kind, data, blob in rows:
        cls: type[Event] | None = EVENT_TYPES.get(kind)
        if cls is None:
            continue
        text = data if blob is None else _read_blob(blobs, blob)
        try:
            yield Record(seq, at, epoch, from_json(cls, json.loads(text)))
        except (ValueError, TypeError, KeyError) as error:
            raise DamagedDataError(f"event {seq} in {blobs.parent} cannot be read: {error}") from error


def _read_blob(blobs: Path, name: str) -> str:
    path = blobs / name
    if not name.isalnum():
        raise DamagedDataError(f"{blobs.parent} names a file that is not its own")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DamagedDataError(f"{path} cannot be read: {error.strerror}") from error
    if hashlib.sha256(data).hexdigest() != name:
        raise DamagedDataError(f"{path} is damaged")
    return data.decode()


def _without_surrogates(text: str) -> str:
    """Lone surrogates (of a file name, say) are no UTF-8: they are kept as JSON's own escapes."""
    try:
        text.encode()
        return text
    except UnicodeEncodeError:
        return "".join(f"\\u{ord(c):04x}" if "\ud800" <= c <= "\udfff" else c for c in text)
