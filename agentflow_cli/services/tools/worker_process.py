"""One Python worker as its parent sees it: a socket for calls, a pipe for what it prints, a lifeline."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import struct
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.foundation.clock import Clock
from agentflow_cli.ports.commands import OnOutput
from agentflow_cli.services.tools.child import LineFeed, end_group
from agentflow_cli.services.tools.processes import GRACE, signal_group, start_time

_HEADER = struct.Struct("!I")
_WORKER = Path(__file__).with_name("python_worker.py")
_CHUNK = 256 * 1024
_PRINTED_KEPT = 4_000


class WorkerProcess(asyncio.SubprocessProtocol):
    """A worker that waits for calls. It does nothing of the user's before its first one."""

    def __init__(self, channel: socket.socket, printed: int, lifeline: int) -> None:
        self.announced = False
        """Whether its process group is recorded."""
        self.alive = True
        self.group = 0
        self.start_time = ""
        self._loop = asyncio.get_running_loop()
        self._channel, self._printed, self._lifeline = channel, printed, lifeline
        self._transport: asyncio.SubprocessTransport | None = None
        self._ended = asyncio.Event()
        self._buffer = bytearray()
        self._number = 0
        self._expected: asyncio.Future[list[Any]] | None = None
        self._lines: LineFeed | None = None
        self._tail = bytearray()
        self._closed = False
        self._loop.add_reader(channel, self._on_reply)
        self._loop.add_reader(printed, self._on_print)

    @classmethod
    async def start(cls, root: Path, env: Mapping[str, str]) -> WorkerProcess:
        """A fresh worker. OSError when the system cannot give one."""
        ours, theirs = socket.socketpair()
        printed, print_end = os.pipe()
        life_end, lifeline = os.pipe()
        ours.setblocking(False)
        os.set_blocking(printed, False)
        worker = cls(ours, printed, lifeline)
        try:
            await worker._loop.subprocess_exec(
                lambda: worker,
                sys.executable,
                # -P: this file's own directory must not be where its imports are looked for.
                "-P",
                str(_WORKER),
                str(theirs.fileno()),
                str(life_end),
                str(root),
                cwd=root,
                env=env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=print_end,
                stderr=print_end,
                pass_fds=(theirs.fileno(), life_end),
                start_new_session=True,
            )
        except BaseException:
            worker._close()
            raise
        finally:
            theirs.close()
            os.close(print_end)
            os.close(life_end)
        return worker

    async def ask(
        self, function: str, arguments: dict[str, Json], env: Mapping[str, str], on_output: OnOutput | None
    ) -> list[Any]:
        """The reply to one call, without its number. StepFailure (`crashed`) when the process ends instead."""
        self._number += 1
        self._expected = self._loop.create_future()
        self._lines = None if on_output is None else LineFeed(on_output)
        self._tail.clear()
        request = json.dumps([self._number, function, arguments, dict(env)], ensure_ascii=True).encode("ascii")
        try:
            await self._loop.sock_sendall(self._channel, _HEADER.pack(len(request)) + request)
        except OSError:
            self._on_lost()
        try:
            return await self._expected
        except EOFError:
            await asyncio.wait([asyncio.ensure_future(self._ended.wait())], timeout=GRACE)
            raise StepFailure(self._crash(function)) from None
        finally:
            self._on_print()
            if self._lines is not None:
                self._lines.end()
            self._expected = self._lines = None

    async def end(self, clock: Clock) -> None:
        """End the process and all that it started, whatever they are doing."""
        self._close()
        await end_group(self.group, self._ended, clock)
        if self._transport is not None:
            self._transport.close()

    async def retire(self, clock: Clock) -> None:
        """Let an idle worker end by itself, so that what its functions registered for the end is done."""
        if self._expected is None and self.alive:
            self._channel.shutdown(socket.SHUT_WR)
            await asyncio.wait([asyncio.ensure_future(self._ended.wait())], timeout=GRACE)
        await self.end(clock)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.SubprocessTransport, transport)
        self.group = self._transport.get_pid()
        self.start_time = start_time(self.group)

    def process_exited(self) -> None:
        self.alive = False
        self._ended.set()
        self._on_lost()

    def _on_reply(self) -> None:
        try:
            data = self._channel.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._on_lost()
            return
        self._buffer += data
        while self.alive and len(self._buffer) >= _HEADER.size:
            (length,) = _HEADER.unpack_from(self._buffer)
            if len(self._buffer) < _HEADER.size + length:
                return
            body = bytes(self._buffer[_HEADER.size : _HEADER.size + length])
            del self._buffer[: _HEADER.size + length]
            self._take_reply(body)

    def _take_reply(self, body: bytes) -> None:
        """Pass on the reply that is expected. A worker that answers unasked, or with no reply, cannot be used again."""
        try:
            number, *reply = json.loads(body)
        except (ValueError, TypeError):
            number, reply = None, []
        if not reply or self._expected is None or self._expected.done():
            self._on_lost()
            signal_group(self.group, signal.SIGKILL)
        elif number == self._number:
            self._expected.set_result(reply)

    def _on_lost(self) -> None:
        self.alive = False
        if not self._closed:
            self._loop.remove_reader(self._channel)
        if self._expected is not None and not self._expected.done():
            self._expected.set_exception(EOFError())

    def _on_print(self) -> None:
        """Take all that was printed so far; the pipe is read before a reply is passed on, so nothing is lost."""
        while not self._closed:
            try:
                data = os.read(self._printed, _CHUNK)
            except BlockingIOError:
                return
            if not data:
                self._loop.remove_reader(self._printed)
                return
            self._tail += data
            del self._tail[:-_PRINTED_KEPT]
            if self._lines is not None:
                self._lines.feed(data)
            if len(data) < _CHUNK:
                return

    def _crash(self, function: str) -> Failure:
        code = self._transport.get_returncode() if self._transport is not None else None
        if code is None:
            how = "the process closed its channel"
        elif code < 0:
            names = {number.value: number.name for number in signal.Signals}
            how = f"the process was ended by {names.get(-code, f'signal {-code}')}"
        else:
            how = f"the process ended with exit code {code}"
        data: dict[str, Json] = {} if code is None else {"exit_code": code}
        if said := self._tail.decode("utf-8", "replace").strip():
            data["stderr"] = said
        return Failure("crashed", f"`{function}` did not return: {how}", data=data)

    def _close(self) -> None:
        if self._closed:
            return
        self.alive, self._closed = False, True
        for descriptor in (self._channel.fileno(), self._printed):
            self._loop.remove_reader(descriptor)
        self._channel.close()
        os.close(self._printed)
        os.close(self._lifeline)
