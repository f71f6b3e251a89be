"""The directory of one memory: generations that never change once they are current, and a pointer to one of them.

Chroma cannot be shared between processes while one of them writes. So a writer, under the memory's lock, works on a
generation that nobody knows yet, syncs it and moves the pointer; readers hold a shared lock on the generation that they
have open, and what nobody holds is removed by the next writer. Killed at any instant, the pointer names a whole one.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agentflow_cli.foundation.errors import DamagedDataError
from agentflow_cli.foundation.faultpoints import faultpoint
from agentflow_cli.foundation.files import storage_error, sync_directory, write_private_file
from agentflow_cli.foundation.lock import FileLock
from agentflow_cli.foundation.stamp import STAMP, check_stamp, stamp_directory

_POINTER = "current"
_NAME = re.compile(r"g-[0-9a-f]{16}")


@dataclass(slots=True)
class HeldGeneration:
    """A generation that is not removed while it is held."""

    path: Path
    _descriptor: int

    def release(self) -> None:
        os.close(self._descriptor)


class Generations:
    """The generations below `path`, the directory of one memory."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def current_name(self) -> str | None:
        """The name that the pointer holds; None for a memory that was never filled."""
        pointer = self.path / _POINTER
        try:
            value = json.loads(pointer.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise storage_error(error, f"cannot read {pointer}") from error
        except ValueError:
            value = None
        name = value.get("generation") if isinstance(value, dict) else None
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise DamagedDataError(f"{pointer} does not say which generation is current", hint="fill the memory again")
        return name

    def hold_current(self) -> HeldGeneration | None:
        """The current generation, held; None for a memory that was never filled.

        NotTrustedError when it is not this user's own.
        """
        while (name := self.current_name()) is not None:
            path = self.path / name
            try:
                descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            except OSError as error:
                if self.current_name() != name:
                    continue  # a writer was quicker
                raise DamagedDataError(
                    f"the memory at {self.path} points to {name}, which cannot be opened: {error.strerror}",
                    hint="fill the memory again",
                ) from error
            try:
                fcntl.flock(descriptor, fcntl.LOCK_SH)
                if self.current_name() == name:
                    check_stamp(path)
                    return HeldGeneration(path, descriptor)
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)
        return None

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the lock that admits one writer; LockedError when another process has it."""
        for directory in (self.path.parent, self.path):
            stamp_directory(directory)
        lock = FileLock(self.path / "lock")
        lock.acquire(f"the memory `{self.path.name}`")
        try:
            self._sweep()
            yield
            self._sweep()
        finally:
            lock.release()

    @contextlib.contextmanager
    def opening(self) -> Iterator[None]:
        """One at a time: Chroma writes a little when it opens a directory, so nobody may copy it meanwhile."""
        lock = FileLock(self.path / "opening")
        lock.acquire(f"the memory `{self.path.name}`", wait=True)
        try:
            yield
        finally:
            lock.release()

    @contextlib.contextmanager
    def next(self, base: HeldGeneration | None) -> Iterator[Path]:
        """A new generation, begun as a copy of `base`; at the end of the block it is current, on an error it is gone.

        Only inside `writing`.
        """
        path = self.path / f"g-{secrets.token_hex(8)}"
        try:
            stamp_directory(path)
            if base is not None:
                with self.opening():
                    shutil.copytree(base.path, path, ignore=shutil.ignore_patterns(STAMP), dirs_exist_ok=True)
            yield path
            _sync_tree(path)
            faultpoint("memory.written")
            write_private_file(self.path / _POINTER, json.dumps({"generation": path.name}).encode())
        except BaseException as error:
            shutil.rmtree(path, ignore_errors=True)
            if isinstance(error, OSError):
                raise storage_error(error, f"cannot write {path}") from error
            raise
        faultpoint("memory.published")

    def _sweep(self) -> None:
        """Remove what is not current and held by nobody. Only inside `writing`."""
        current = self.current_name()
        for path in self.path.iterdir():
            if _NAME.fullmatch(path.name) and path.name != current:
                _remove_unless_held(path)


def _remove_unless_held(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(path, ignore_errors=True)
    except BlockingIOError:
        pass
    finally:
        os.close(descriptor)


def _sync_tree(path: Path) -> None:
    for directory, _, names in os.walk(path):
        for name in names:
            descriptor = os.open(Path(directory) / name, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        sync_directory(Path(directory))
