"""One request and one reply over one connection: HTTP/1.1 by h11, whose state machine refuses what is malformed."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import ssl
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import SplitResult

from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.foundation.duration import format_duration
from agentflow_cli.ports.http import HttpReply, HttpRequest
from agentflow_cli.services.tools.addresses import Target
from agentflow_cli.services.tools.unpack import ENCODINGS, BodyRefusedError, Unpacker

if TYPE_CHECKING:
    import h11

_READ = 64 * 1024
_MOST_HEADERS = 64 * 1024
_LAST_WORD = 2.0
"""Seconds in which a server that stopped reading may still say why."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, and bytes of a body without its encoding. A step's own `timeout` is beside these."""

    connect: float = 10.0
    first_byte: float = 120.0
    """From the request to the reply's headers."""
    idle: float = 60.0
    """Between two pieces of the body."""
    total: float = 600.0
    most: int = 16 * 1024 * 1024


async def exchange(request: HttpRequest, url: SplitResult, targets: list[Target], limits: Limits) -> HttpReply:
    """The server's reply, whatever its status. StepFailure `unavailable`, `timeout` or `http`."""
    reader, writer = await _connect(url, targets, limits)
    try:
        talk = _Talk(reader, writer, limits, url.hostname or "")
        with contextlib.suppress(ConnectionError):  # a server may answer before it has read everything
            await talk.send(request, url)
        return await talk.receive(request.method)
    except ConnectionError as error:
        raise talk.lost() from error
    finally:
        writer.transport.abort()


async def _connect(
    url: SplitResult, targets: list[Target], limits: Limits
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the first of the checked addresses that takes one."""
    host = url.hostname or ""
    secure = _trust() if url.scheme == "https" else None
    for last, target in [(target is targets[-1], target) for target in targets]:
        try:
            async with asyncio.timeout(limits.connect):
                return await asyncio.open_connection(
                    target.address,
                    target.port,
                    family=target.family,
                    ssl=secure,
                    server_hostname=host if secure else None,
                    limit=2 * _READ,
                )
        except ssl.SSLCertVerificationError as error:
            message = f"the certificate of `{host}` is not accepted: {error.verify_message}"
            raise StepFailure(Failure("http", message)) from error
        except TimeoutError as error:
            if last:
                message = f"`{url.netloc}` took no connection within {format_duration(limits.connect)}"
                raise StepFailure(Failure("timeout", message)) from error
        except (OSError, ssl.SSLError) as error:
            if last:
                reason = (error.strerror or str(error) or type(error).__name__).lower()
                message = f"cannot connect to `{url.netloc}`: {reason}"
                raise StepFailure(Failure("unavailable", message)) from error
    raise AssertionError("a host has an address")


@functools.cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


class _Talk:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: Limits, host: str) -> None:
        import h11

        self._reader, self._writer, self._limits, self._host = reader, writer, limits, host
        self._begin = b""
        self._connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MOST_HEADERS)

    async def send(self, request: HttpRequest, url: SplitResult) -> None:
        import h11

        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        headers = {name.lower(): (name, value) for name, value in request.headers.items()}
        defaults = {"Accept": "*/*", "Accept-Encoding": ENCODINGS, "User-Agent": "agentflow"}
        for name, value in {"Host": url.netloc, **defaults, "Connection": "close"}.items():
            headers.setdefault(name.lower(), (name, value))
        if request.body is not None or request.method in ("POST", "PUT", "PATCH"):
            headers["content-length"] = ("Content-Length", str(len(request.body or b"")))
        try:
            event = h11.Request(method=request.method, target=target, headers=list(headers.values()))
        except (h11.LocalProtocolError, UnicodeEncodeError) as error:
            raise StepFailure(Failure("http", f"the request cannot be sent: {error}")) from error
        data = self._connection.send(event) or b""
        if request.body:
            data += self._connection.send(h11.Data(data=request.body)) or b""
        data += self._connection.send(h11.EndOfMessage()) or b""
        self._writer.write(data)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._limits.first_byte):
                await self._writer.drain()

    async def receive(self, method: str) -> HttpReply:
        import h11

        response = await self._next(self._limits.first_byte, "did not begin to answer")
        while isinstance(response, h11.InformationalResponse):
            response = await self._next(self._limits.first_byte, "did not begin to answer")
        if not isinstance(response, h11.Response):
            raise self.lost()
        headers: dict[str, str] = {}
        for raw_name, raw_value in response.headers:
            name, value = raw_name.decode("ascii"), raw_value.decode("latin-1")
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        reply = HttpReply(response.status_code, headers, b"")
        try:
            unpacker = Unpacker(headers.get("content-encoding", ""), self._limits.most)
            while not isinstance(
                event := await self._next(self._limits.idle, "fell silent in its body"), h11.EndOfMessage
            ):
                if not isinstance(event, h11.Data):
                    raise self.lost()
                unpacker.feed(bytes(event.data))
            return replace(reply, body=unpacker.end())
        except BodyRefusedError as error:
            raise self._broken(str(error)) from error

    async def _next(self, patience: float, complaint: str) -> h11.Event | type[h11.PAUSED]:
        import h11

        while True:
            try:
                event = self._connection.next_event()
            except h11.RemoteProtocolError as error:
                if self._reader.at_eof() and self._begin == b"HTTP/"[: len(self._begin)]:
                    raise self.lost() from error
                raise self._broken(f"does not speak HTTP: {error}") from error
            if event is not h11.NEED_DATA:
                return event  # type: ignore[return-value]
            try:
                async with asyncio.timeout(patience):
                    data = await self._reader.read(_READ)
            except TimeoutError as error:
                message = f"`{self._host}` {complaint} for {format_duration(patience)}"
                raise StepFailure(Failure("timeout", message)) from error
            self._begin = (self._begin + data)[:5]
            self._connection.receive_data(data)

    def lost(self) -> StepFailure:
        """The connection ended before the reply did."""
        return StepFailure(
            Failure("unavailable", f"`{self._host}` closed the connection before its reply was complete")
        )

    def _broken(self, what: str) -> StepFailure:
        return StepFailure(Failure("http", f"`{self._host}` {what}"))
