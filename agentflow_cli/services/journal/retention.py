"""Removing runs: whole, and only while nobody drives them."""

from __future__ import annotations

import shutil
from pathlib import Path

from agentflow_cli.foundation.errors import LockedError
from agentflow_cli.foundation.files import storage_error
from agentflow_cli.foundation.lock import FileLock

_TRASH = "removed-"


def remove_run(state_directory: Path, short: str) -> bool:
    """Remove the run; False when a driver has it. It is gone from the list before its files are."""
    directory = state_directory / "runs" / short
    lock = FileLock(directory / "lock")
    try:
        lock.acquire(f"run {short}")
    except LockedError:
        return False
    trash = state_directory / f"{_TRASH}{short}"
    try:
        directory.rename(trash)
        shutil.rmtree(trash)
    except OSError as error:
        raise storage_error(error, f"cannot remove {directory}") from error
    finally:
        lock.release()
    return True


def empty_trash(state_directory: Path) -> None:
    """Finish what a killed process began."""
    for left in state_directory.glob(f"{_TRASH}*"):
        shutil.rmtree(left, ignore_errors=True)
