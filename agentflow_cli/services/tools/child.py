"""One child process under way: what it writes, kept within bounds, and how it and its group come to their end."""

from __future__ import annotations

import asyncio
import codecs
from collections.abc import Coroutine
from signal import SIGKILL, SIGTERM
from typing import Any, cast

from agentflow_cli.foundation.clock import Clock
from agentflow_cli.ports.commands import OnOutput
from agentflow_cli.services.tools.processes import GRACE, group_alive, signal_group

STDOUT_LIMIT = 16 * 1024 * 1024
"""Bytes of standard output that a step may give; more is an error, never a silent cut."""

STDERR_KEPT = 256 * 1024
"""Bytes from the end of standard error that are kept."""

_LONGEST_LINE = 8 * 1024
_POLL = 0.01


class Child(asyncio.SubprocessProtocol):
    """Collects the output of a process that leads its own group."""

    def __init__(self, on_output: OnOutput | None = None, stdout_limit: int = STDOUT_LIMIT) -> None:
        self.stdout = bytearray()
        self.overflow: str | None = None
        """Why the output cannot be used; the process has been ended because of it."""
        self.ended = asyncio.Event()
        """The process itself has ended."""
        self.drained = asyncio.Event()
        """Nobody holds its standard output and error any more."""
        self._stdout_limit = stdout_limit
        self._stderr = bytearray()
        self._stderr_dropped = 0
        self._lines = LineFeed(on_output) if on_output is not None else None
        self._open = {0, 1, 2}
        self._transport: asyncio.SubprocessTransport | None = None
        self.group = 0

    @property
    def exit_code(self) -> int:
        """Negative when a signal ended it."""
        code = self._transport.get_returncode() if self._transport is not None else None
        return -SIGKILL if code is None else code

    @property
    def stderr(self) -> bytes:
        kept = bytes(self._stderr[-STDERR_KEPT:])
        dropped = self._stderr_dropped + len(self._stderr) - len(kept)
        return b"[%d bytes before this are left out]\n" % dropped + kept if dropped else kept

    def write(self, data: bytes) -> None:
        """Give `data` to its standard input, and end that input."""
        if self._transport is None:
            return
        pipe = cast("asyncio.WriteTransport | None", self._transport.get_pipe_transport(0))
        if pipe is not None and not pipe.is_closing():
            pipe.write(data)
            pipe.close()

    def close(self) -> None:
        """Give back every descriptor."""
        if self._transport is not None:
            pipe = cast("asyncio.WriteTransport | None", self._transport.get_pipe_transport(0))
            if pipe is not None and 0 in self._open:
                pipe.abort()  # a plain close would wait for a reader
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.SubprocessTransport, transport)
        self.group = self._transport.get_pid()

    def pipe_data_received(self, fd: int, data: bytes | str) -> None:
        assert isinstance(data, bytes)
        if fd == 1:
            self._keep_stdout(data)
            return
        self._stderr += data
        if len(self._stderr) > 4 * STDERR_KEPT:
            self._stderr_dropped += len(self._stderr) - STDERR_KEPT
            del self._stderr[:-STDERR_KEPT]
        if self._lines is not None:
            self._lines.feed(data)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        if fd == 2 and self._lines is not None:
            self._lines.end()
        self._open.discard(fd)
        if not self._open - {0}:
            self.drained.set()

    def process_exited(self) -> None:
        self.ended.set()

    def _keep_stdout(self, data: bytes) -> None:
        if self.overflow is not None:
            return
        if len(self.stdout) + len(data) > self._stdout_limit:
            self.overflow = (
                f"the command printed more than {self._stdout_limit:,} bytes on standard output and was ended; "
                "let it write a file and print the file's name"
            )
            self.stdout.clear()
            signal_group(self.group, SIGKILL)
            return
        self.stdout += data


class LineFeed:
    """Cuts bytes into lines of text for people to watch; a line that never ends comes in pieces."""

    def __init__(self, on_output: OnOutput) -> None:
        self._on_output = on_output
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""

    def feed(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + self._decoder.decode(data)).split("\n")
        for line in lines:
            self._on_output(line.removesuffix("\r"))
        while len(self._rest) > _LONGEST_LINE:
            self._on_output(self._rest[:_LONGEST_LINE])
            self._rest = self._rest[_LONGEST_LINE:]

    def end(self) -> None:
        if self._rest:
            self._on_output(self._rest)
            self._rest = ""


async def end_group(group: int, ended: asyncio.Event, clock: Clock) -> None:
    """TERM to the group, KILL to what is left of it after the grace, and the leader reaped."""
    if signal_group(group, SIGTERM) and not await _gone(group, clock):
        signal_group(group, SIGKILL)
        await _gone(group, clock)
    if not ended.is_set():
        # What ignores KILL hangs in the kernel: it is not waited for.
        await asyncio.wait([asyncio.ensure_future(ended.wait())], timeout=GRACE)


async def _gone(group: int, clock: Clock) -> bool:
    """Whether the group has ended within the grace."""
    for _ in range(int(GRACE / _POLL)):
        if not group_alive(group):
            return True
        await clock.sleep(_POLL)
    return False


async def finish_despite_cancellation(work: Coroutine[Any, Any, None]) -> None:
    """Carry `work` to its end even when the waiting task is cancelled again meanwhile."""
    task = asyncio.ensure_future(work)
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled():
                return
