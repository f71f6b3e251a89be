"""What stands between LiteLLM and the network: sees each answer before LiteLLM does, and holds it to our rules.

LiteLLM follows redirects with the key and the prompt, reads bodies of any size, sends a request again by itself when a
connection breaks, and forgets most of what a refusal said. The transport under its HTTP clients is the one place that
every provider's call goes through; the exceptions raised here are of no class that LiteLLM would try again for.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextvars import ContextVar
from dataclasses import dataclass, field

import httpx

from agentflow_cli.domain.failure import Failure
from agentflow_cli.services.llm.body_limit import BodyRefusedError, limited
from agentflow_cli.services.llm.failures import FailureReader, unreachable

_KEPT = 64 * 1024
"""Bytes of a body that are kept, at its beginning and at its end."""
_FINISHED = re.compile(
    rb'"(finish_?reason|stop_?reason|done_reason)"\s*:\s*"[^"]'
    rb'|"(type|event_type)"\s*:\s*"(message_stop|message-end|response\.(completed|incomplete))"'
    rb'|"(done|is_finished)"\s*:\s*true',
    re.IGNORECASE,
)
"""How the protocols of all providers say that a reply is complete. Inside a text the quotes would be escaped."""


@dataclass(slots=True)
class Exchange:
    """What one call saw on the wire; the last answer counts."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    head: bytearray = field(default_factory=bytearray)
    tail: bytearray = field(default_factory=bytearray)
    broken: str | None = None
    """How the connection failed; completes `the provider …`."""
    refused: str | None = None
    """What was wrong with the body; completes the same."""

    def failure(self, failures: FailureReader, streaming: bool) -> Failure | None:
        """What the wire says went wrong; None when nothing did."""
        if self.refused is not None:
            return Failure("model", f"{failures.who} {self.refused}")
        if self.status is not None and self.status != 200:
            return failures.by_status(self.status, self.headers, bytes(self.head))
        if self.status is not None and (error := self._error()) is not None:
            return failures.by_error(error)
        if self.broken is not None:
            return failures.connection(self.broken)
        if self.status is None:
            return None
        if streaming and not self._is_stream():
            return failures.not_a_stream(bytes(self.head))
        if not streaming and not self._is_json():
            return failures.not_a_reply(bytes(self.head))
        return None

    def cut_off(self, empty: bool) -> bool:
        """Whether a stream that LiteLLM took for finished was not; `empty` when it said nothing."""
        if self.status is None:  # a provider with a library of its own
            return False
        if not self._is_stream():
            return empty  # some models do not stream, and LiteLLM plays their reply as if they did
        return "event-stream" in self.headers["content-type"] and _FINISHED.search(self.tail) is None

    def _is_stream(self) -> bool:
        kind = self.headers.get("content-type", "")
        return any(known in kind for known in ("event-stream", "ndjson", "jsonl", "json-seq", "amazon"))

    def _is_json(self) -> bool:
        return len(self.head) >= _KEPT or _json(bytes(self.head)) is not None

    def _error(self) -> object:
        """An error object: the whole body, or the last event of a stream."""
        texts = reversed(bytes(self.tail).split(b"data:")) if self._is_stream() else (bytes(self.head),)
        for text in texts:
            value = _json(text.strip())
            if isinstance(value, dict) and value.get("error"):
                return value
        return None


CURRENT: ContextVar[Exchange | None] = ContextVar("exchange", default=None)
"""The exchange of the call that is under way in this context."""


class WireError(Exception):
    """The call is over; the exchange says why."""


class GuardedTransport(httpx.AsyncBaseTransport):
    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self.inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        exchange = CURRENT.get() or Exchange()
        request.headers["accept-encoding"] = "identity"
        try:
            response = await self.inner.handle_async_request(request)
        except httpx.ConnectError as error:
            exchange.broken = _unreachable(error, f"{request.url.scheme}://{request.url.netloc.decode()}")
            raise WireError from None
        except httpx.TransportError:
            exchange.broken = _BROKE
            raise WireError from None
        exchange.status = response.status_code
        exchange.headers = {name.lower(): value for name, value in response.headers.items()}
        exchange.head.clear()
        exchange.tail.clear()
        if 300 <= response.status_code < 400:
            await response.aclose()
            raise WireError
        headers = [(k, v) for k, v in response.headers.multi_items() if k.lower() not in _BODY_HEADERS]
        assert isinstance(response.stream, httpx.AsyncByteStream)
        stream = _GuardedStream(response.stream, exchange)
        return httpx.Response(
            response.status_code, headers=headers, stream=stream, request=request, extensions=response.extensions
        )

    async def aclose(self) -> None:
        await self.inner.aclose()


def plain_transport() -> httpx.AsyncBaseTransport:
    """For when the user switched LiteLLM's aiohttp transport off by its variable."""
    return httpx.AsyncHTTPTransport()


_BROKE = "broke the connection in the middle of its answer"
_BODY_HEADERS = ("content-encoding", "content-length")


class _GuardedStream(httpx.AsyncByteStream):
    def __init__(self, inner: httpx.AsyncByteStream, exchange: Exchange) -> None:
        self._inner = inner
        self._exchange = exchange

    async def __aiter__(self) -> AsyncIterator[bytes]:
        exchange = self._exchange
        try:
            async for piece in limited(self._inner, exchange.headers.get("content-encoding", "")):
                if len(exchange.head) < _KEPT:
                    exchange.head += piece[: _KEPT - len(exchange.head)]
                exchange.tail += piece
                if len(exchange.tail) > 2 * _KEPT:
                    del exchange.tail[:-_KEPT]
                yield piece
        except BodyRefusedError as error:
            exchange.refused = str(error)
            raise WireError from None
        except (httpx.TransportError, httpx.StreamError):
            exchange.broken = _BROKE
            raise WireError from None

    async def aclose(self) -> None:
        await self._inner.aclose()


def _unreachable(error: httpx.ConnectError, origin: str) -> str:
    """The library underneath calls a connection that broke the same as one that never was."""
    cause = error.__cause__
    if cause is not None and not type(cause).__name__.startswith("ClientConnector"):
        return _BROKE
    reason = getattr(cause, "os_error", None)
    return unreachable(origin, reason if isinstance(reason, OSError) else None)


def _json(text: bytes) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
