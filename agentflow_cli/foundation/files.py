"""Private files: whole or absent, readable by their owner alone, whatever the umask."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path

from agentflow_cli.foundation.errors import AgentflowError, CannotCreateError, StorageError


def make_private_directory(path: Path) -> None:
    """Create `path` and its missing parents with mode 0700."""
    missing = []
    current = path
    while not current.exists():
        missing.append(current)
        current = current.parent
    try:
        for directory in reversed(missing):
            directory.mkdir(mode=0o700, exist_ok=True)
            directory.chmod(0o700)
    except OSError as error:
        raise storage_error(error, f"cannot create {path}") from error


def write_private_file(path: Path, data: bytes) -> None:
    """Write beside `path`, sync, rename over it, sync the directory: a reader sees the old file or the new one."""
    try:
        _write_whole(path, data, like=None)
    except OSError as error:
        raise storage_error(error, f"cannot write {path}") from error


def replace_file(path: Path, data: bytes) -> None:
    """Give the file `path`, which is there, other content, whole or not at all; it keeps its mode and, if it can,
    its owner."""
    try:
        _write_whole(path, data, like=path.stat())
    except OSError as error:
        raise storage_error(error, f"cannot write {path}") from error


def _write_whole(path: Path, data: bytes, like: os.stat_result | None) -> None:
    """`like` is the file whose mode and owner the new one gets; else its owner alone may read it. OSError."""
    import tempfile  # with all that it loads, only where something is written

    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            if like is not None:
                with contextlib.suppress(OSError):
                    os.fchown(stream.fileno(), like.st_uid, like.st_gid)
                os.fchmod(stream.fileno(), stat.S_IMODE(like.st_mode))
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def remove_unfinished(directory: Path) -> None:
    """Remove what a killed process had begun to write with `write_private_file`. Nobody else may be writing there."""
    for left in directory.glob(".*.*"):
        with contextlib.suppress(OSError):
            left.unlink()


def sync_directory(path: Path) -> None:
    """Make renames in `path` survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def storage_error(error: OSError, what: str) -> AgentflowError:
    """The failure to report for an OSError: exit 73 where nothing may be created, 74 where the device fails."""
    reason = error.strerror or str(error)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.ENOENT, errno.ENAMETOOLONG):
        return CannotCreateError(f"{what}: {reason}")
    hint = "free some space and try again" if error.errno in (errno.ENOSPC, errno.EDQUOT) else None
    return StorageError(f"{what}: {reason}", hint=hint)
