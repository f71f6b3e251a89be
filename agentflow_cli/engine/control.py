"""How other processes reach a live run: a private socket that greets, takes one JSON line and gives one back.

    {"ready": true}
    {"command": "answer", "path": "publish", "values": {"choice": "publish"}, "by": "ada", "rejected": false}
    {"command": "cancel", "reason": "wrong branch"}
    {"error": null}

The socket lives outside the project (a path below it may be too long for a socket) in a directory that only its user
can enter. The greeting comes first, so that a stopped driver is never handed a request whose sender has given up.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from agentflow_cli.engine.questions import QuestionDesk
from agentflow_cli.ports.people import Answer

_LINE_LIMIT = 4 * 1024 * 1024
_PATIENCE = 10.0
"""Seconds that a client waits for the driver."""
_GREETING = b'{"ready": true}\n'


class NotListeningError(ConnectionError):
    """Nobody listens: the driver is only starting, is ending, or could make no socket."""


class ControlServer:
    """Listens while a run is driven. A run goes on without it where no socket can be made."""

    def __init__(self, run: str, questions: QuestionDesk, cancel: Callable[[str], str | None]) -> None:
        self._path = _socket_path(run)
        self._questions = questions
        self._cancel = cancel
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> ControlServer:
        with contextlib.suppress(OSError):
            _private(self._path.parent)
            self._path.unlink(missing_ok=True)  # of a driver that was killed: this one holds the run's lock
            self._server = await asyncio.start_unix_server(self._serve, self._path, limit=_LINE_LIMIT)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(_GREETING)
            await writer.drain()
            reply = await self._reply(await reader.readline())
            writer.write(json.dumps(reply).encode() + b"\n")
            await writer.drain()
        except (OSError, ValueError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def _reply(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
            if request["command"] == "cancel":
                return {"error": self._cancel(str(request["reason"]))}
            answer = Answer(
                dict(request["values"]),
                str(request["by"]),
                bool(request.get("rejected")),
                str(request.get("reason", "")),
            )
            path = str(request["path"])
        except (ValueError, TypeError, KeyError) as error:
            return {"error": f"the driver did not understand the request: {error}"}
        return {"error": await self._questions.offer(path, answer)}


def send_answer(run: str, path: str, answer: Answer) -> str | None:
    """Give `answer` to the live driver of `run` (a full id). None when it was committed, else why not.

    Raises ConnectionError when no driver can be reached.
    """
    request = {
        "command": "answer",
        "path": path,
        "values": answer.values,
        "by": answer.by,
        "rejected": answer.rejected,
        "reason": answer.reason,
    }
    return _send(run, request)


def send_cancel(run: str, reason: str) -> str | None:
    """Tell the live driver of `run` (a full id) to cancel it. None when it does, else why not. ConnectionError."""
    return _send(run, {"command": "cancel", "reason": reason})


def _send(run: str, request: dict[str, Any]) -> str | None:
    """What the driver says to `request`: None when it was carried out."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_PATIENCE)
        try:
            connection.connect(str(_socket_path(run)))
        except (FileNotFoundError, ConnectionRefusedError) as error:
            raise NotListeningError("no process listens for this run") from error
        except OSError as error:
            raise ConnectionError("the process that drives the run does not answer") from error
        try:
            with connection.makefile("rb") as stream:
                if stream.readline(_LINE_LIMIT) != _GREETING:
                    raise NotListeningError("the process that drives the run is ending")
                connection.sendall(json.dumps(request).encode() + b"\n")
                reply = json.loads(stream.readline(_LINE_LIMIT))
        except NotListeningError:
            raise
        except (OSError, ValueError) as error:
            raise ConnectionError("the process that drives the run does not answer") from error
    return None if reply.get("error") is None else str(reply["error"])


def _socket_path(run: str) -> Path:
    base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    return Path(base) / f"agentflow-{os.getuid()}" / f"{run}.sock"


def _private(directory: Path) -> None:
    """Make the directory, or make sure that nobody else made it for us."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(f"{directory} is not private")
