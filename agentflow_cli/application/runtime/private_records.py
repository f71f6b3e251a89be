"""Small private files of the user: whole or absent, readable by nobody else, changed by one process at a time."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

from agentflow_cli.domain.json_value import Json
from agentflow_cli.foundation.errors import DamagedDataError, NotTrustedError
from agentflow_cli.foundation.files import make_private_directory, storage_error, write_private_file
from agentflow_cli.foundation.lock import FileLock
from agentflow_cli.foundation.strict_json import read_json

VERSION = 1
_MOST_BYTES = 4 * 1024 * 1024


def read_records(path: Path) -> dict[str, Json]:
    """What is kept in `path`; nothing when there is no such file.

    NotTrustedError when others could have written it or can read it; DamagedDataError when it is not what was written.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise storage_error(error, f"cannot read {path}") from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o077:
            raise NotTrustedError(
                f"{path} is not a private file of yours",
                hint="nothing in it is used; look at it, then make it yours alone",
                next_command=f"chmod 600 {path}",
            )
        with open(descriptor, "rb", closefd=False) as stream:
            data = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise storage_error(error, f"cannot read {path}") from error
    finally:
        os.close(descriptor)
    try:
        value = read_json(data) if len(data) <= _MOST_BYTES else None
    except ValueError:
        value = None
    if not isinstance(value, dict) or value.pop("version", None) != VERSION:
        raise DamagedDataError(
            f"{path} is damaged, or was written by a newer version", hint="look at it, and move it away"
        )
    return value


def change_records(path: Path, change: Callable[[dict[str, Json]], dict[str, Json]]) -> None:
    """Replace what is kept in `path` by what `change` makes of it. Waits for others who do the same."""
    make_private_directory(path.parent)
    lock = FileLock(path.with_name(f".{path.name}.lock"))
    lock.acquire(str(path), wait=True)
    try:
        kept = {"version": VERSION, **change(read_records(path))}
        write_private_file(
            path, json.dumps(kept, indent=1, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
        )
    finally:
        lock.release()
