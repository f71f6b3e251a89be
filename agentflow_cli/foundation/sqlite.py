"""SQLite, opened one way: private, strict, durable, checked.

Writers use WAL with `synchronous=FULL`: a committed transaction survives `kill -9` and a power cut. SQLite before
3.51.3 can reset a WAL wrongly when two connections write and checkpoint, so exactly one connection does both, under
the lock of whoever opens it; readers open read-only and never checkpoint.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from agentflow_cli.foundation.errors import AgentflowError, CannotCreateError, DamagedDataError, StorageError

APPLICATION_ID = 0x41464C57  # "AFLW"


def open_writer(path: Path, migrations: Sequence[str]) -> sqlite3.Connection:
    """The one writing connection. Creates the file with mode 0600 and brings it to the newest of `migrations`."""
    unclean = path.with_name(path.name + "-wal").exists()
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise CannotCreateError(f"cannot write {path}: {error.strerror}") from error
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA trusted_schema=OFF")
        if unclean and connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise DamagedDataError(f"{path} is damaged", hint="restore it from a backup, or start a new run")
        _migrate(connection, path, migrations)
    except sqlite3.Error as error:
        raise storage_failure(error, path) from error
    return connection


def open_reader(path: Path, migrations: Sequence[str]) -> sqlite3.Connection:
    """A connection that cannot write. In a read-only place `immutable` is used only when no WAL could be missed."""
    uri = f"file:{quote(str(path))}?mode=ro"
    if not os.access(path.parent, os.W_OK) and not path.with_name(path.name + "-wal").exists():
        uri += "&immutable=1"
    try:
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=10)
        connection.execute("PRAGMA trusted_schema=OFF")
        _check_version(connection, path, len(migrations))
    except sqlite3.Error as error:
        raise storage_failure(error, path) from error
    return connection


def storage_failure(error: sqlite3.Error, path: Path) -> AgentflowError:
    """Disk full and device errors are exit 74, everything else says that the data is damaged."""
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY")):
        return StorageError(f"cannot write {path}: {error}", hint="free some space and resume")
    if name.startswith("SQLITE_CANTOPEN"):
        return CannotCreateError(f"cannot open {path}: {error}")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StorageError(f"{path} is busy: {error}", hint="try again")
    return DamagedDataError(f"{path} cannot be read: {error}")


def _migrate(connection: sqlite3.Connection, path: Path, migrations: Sequence[str]) -> None:
    version = _check_version(connection, path, len(migrations))
    for number in range(version, len(migrations)):
        connection.executescript(
            f"BEGIN IMMEDIATE; {migrations[number]};"
            f"PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={number + 1}; COMMIT;"
        )


def _check_version(connection: sqlite3.Connection, path: Path, newest: int) -> int:
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version and application != APPLICATION_ID:
        raise DamagedDataError(f"{path} is not a database of agentflow")
    if version > newest:
        raise DamagedDataError(
            f"{path} was written by a newer agentflow (its format is {version}, this version reads {newest})",
            hint="update agentflow",
        )
    return version
