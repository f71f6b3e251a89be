"""A lock that dies with its holder: `flock` on a file that is never deleted.

The kernel frees it on SIGKILL. A stopped holder keeps it: nobody can wrongly take over from a process that may go on.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from agentflow_cli.foundation.errors import LockedError
from agentflow_cli.foundation.files import storage_error

_LOOKS = 11
_BETWEEN_LOOKS = 0.02
"""Seconds. A reader that asks `is_locked` has the lock for a moment: only what stays taken for 200 ms is taken."""


class FileLock:
    """Held from `acquire` to `release`. The file says who holds it, for the message to others."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def acquire(self, what: str, *, wait: bool = False) -> None:
        """Take the lock; LockedError naming the holder's process when it is taken and `wait` is false."""
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise storage_error(error, f"cannot lock {what}") from error
        try:
            _lock(descriptor, wait)
        except BlockingIOError:
            holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
            os.close(descriptor)
            by = f"process {holder}" if holder.isdigit() else "another process"
            raise LockedError(f"{what} is in use by {by}", hint="wait for it, or end it") from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _lock(descriptor: int, wait: bool) -> None:
    """BlockingIOError when others keep it and `wait` is false."""
    if wait:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return
    for look in range(_LOOKS):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if look == _LOOKS - 1:
                raise
        time.sleep(_BETWEEN_LOOKS)


def is_locked(path: Path) -> bool:
    """Whether somebody holds the lock at `path` right now."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
