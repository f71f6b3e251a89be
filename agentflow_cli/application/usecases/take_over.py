"""Ending a driver that is stuck, so that somebody else can have its run."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from pathlib import Path

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.foundation.errors import LockedError
from agentflow_cli.foundation.lock import is_locked

_GRACE = 5.0
"""Seconds between TERM and KILL, and after KILL."""
_LOOK_EVERY = 0.05


def take_over(container: Container, run: str) -> int | None:
    """End the process that drives `run`; its number, or None when nobody does.

    What it had started is ended by the resume that follows. LockedError when it cannot be told who it is, or it stays.
    """
    reader = container.runs.reader(run)
    lock, short = reader.directory / "lock", reader.run[:6]
    reader.close()
    if not is_locked(lock):
        return None
    text = lock.read_text(errors="replace").strip()
    pid = int(text) if text.isdigit() else 0
    if pid <= 1 or pid == os.getpid() or not _holds(pid, lock):
        raise LockedError(
            f"run {short} is held by a process that cannot be seen from here", hint="end it where it runs"
        )
    try:
        os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGCONT)  # a stopped process hears nothing else
        if not _freed(lock):
            os.kill(pid, signal.SIGKILL)
            if not _freed(lock):
                raise LockedError(f"run {short} is still held, though process {pid} was ended", hint="try again")
    except ProcessLookupError:
        pass  # it ended by itself meanwhile
    except PermissionError:
        raise LockedError(f"process {pid}, which drives run {short}, belongs to somebody else") from None
    return pid


def _holds(pid: int, lock: Path) -> bool:
    """Whether it is that process: a number in a file may mean another one in a container, or nobody's."""
    descriptors = Path(f"/proc/{pid}/fd")
    if Path("/proc/self").is_dir():
        try:
            return any(descriptor.resolve() == lock.resolve() for descriptor in descriptors.iterdir())
        except OSError:
            return False
    found = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return "agentflow" in found.stdout


def _freed(lock: Path) -> bool:
    pause = threading.Event()
    for _ in range(int(_GRACE / _LOOK_EVERY)):
        if not is_locked(lock):
            return True
        pause.wait(_LOOK_EVERY)
    return False
