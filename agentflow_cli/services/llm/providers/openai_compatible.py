"""Endpoints that speak OpenAI's chat completions, over aiohttp and nothing else. The only importer of aiohttp.

For servers of one's own (Ollama, llama.cpp, vLLM, LM Studio) and compatible services; it needs a tenth of the work that
LiteLLM does for a call. Redirects are not followed, bodies are limited, and deadlines are the gateway's.
"""

from __future__ import annotations

import asyncio
import json
import math
import threading
import urllib.request
import weakref
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from agentflow_cli.domain.failure import Failure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.ports.model import ModelFailure, ModelReply, ModelRequest, OnDelta
from agentflow_cli.services.llm.body_limit import BodyRefusedError, limited
from agentflow_cli.services.llm.chat_format import chat_messages, chat_options
from agentflow_cli.services.llm.chat_reply import ChatReply
from agentflow_cli.services.llm.failures import FailureReader, unreachable
from agentflow_cli.services.llm.sse import events

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

T = TypeVar("T")

_CONNECT_SECONDS = 15.0
_ERROR_BYTES = 64 * 1024
"""Of a refusal's body that are read: its reason stands at the beginning."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    url: str
    """Up to and without `/chat/completions`: `http://127.0.0.1:8080/v1`."""
    key: str | None = None
    key_variable: str | None = None
    """Where the user keeps the key; named when it is refused."""
    parallel: int = 128
    """Calls under way at once; more wait for their turn."""


class OpenAICompatible:
    """The model `model` of an endpoint. Connections are kept for the next call and closed with the event loop."""

    real = True

    def __init__(self, name: str, model: str, endpoint: Endpoint, failures: FailureReader) -> None:
        self.name = name
        self._model = model
        self._endpoint = endpoint
        self._failures = failures
        self._places: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore]
        self._places = weakref.WeakKeyDictionary()

    def prepare(self) -> None:
        threading.Thread(target=_load, name="agentflow-http-load", daemon=True).start()

    @asynccontextmanager
    async def admission(self) -> AsyncIterator[None]:
        async with self._places.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(self._endpoint.parallel)):
            yield

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelReply:
        """Streams when somebody listens."""
        body = {"model": self._model, "messages": chat_messages(request), **chat_options(request)}
        reply = ChatReply(self.name, self._failures)
        if on_delta is None:
            whole = await self._post("/chat/completions", body, request.idempotency_key, self._whole)
            reply.whole(whole)
            return reply.finished()
        heard = on_delta

        async def follow(response: ClientResponse) -> None:
            await self._follow(response, reply, heard)

        body |= {"stream": True, "stream_options": {"include_usage": True}}
        await self._post("/chat/completions", body, request.idempotency_key, follow)
        return reply.finished()

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """A vector for each text, in order, all of one length. ModelFailure."""
        if not texts:
            return []
        body = {"model": self._model, "input": list(texts), "encoding_format": "float"}
        return _vectors(await self._post("/embeddings", body, None, self._whole), len(texts), self._failures)

    def close(self) -> None:
        """Sessions close with their loops: asyncio ends the generators that hold them."""

    async def _post(self, path: str, body: Json, key: str | None, read: Callable[[ClientResponse], Awaitable[T]]) -> T:
        """What `read` makes of the answer; every way in which there is none is a ModelFailure."""
        import aiohttp

        headers = {"content-type": "application/json", "accept-encoding": "identity"}
        if self._endpoint.key:
            headers["authorization"] = f"Bearer {self._endpoint.key}"
        if key is not None:
            headers["idempotency-key"] = key
        data = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        url = self._endpoint.url + path
        failures = self._failures
        session = await _SESSIONS.setdefault(asyncio.get_running_loop(), _Session()).opened()
        try:
            async with session.post(
                url, data=data, headers=headers, allow_redirects=False, proxy=_proxy_for(url)
            ) as response:
                if response.status != 200:
                    raise ModelFailure(await self._refusal(response))
                return await read(response)
        except BodyRefusedError as error:
            raise ModelFailure(Failure("model", f"{failures.who} {error}")) from None
        except aiohttp.ClientConnectorCertificateError:
            message = f"the certificate of {failures.who} is not one that this machine trusts"
            raise ModelFailure(Failure("model", message)) from None
        except aiohttp.ClientConnectorError as error:
            raise ModelFailure(failures.connection(unreachable(_origin(url), error.os_error))) from None
        except aiohttp.ConnectionTimeoutError:
            raise ModelFailure(
                failures.connection(f"cannot be reached at {_origin(url)}: it does not answer")
            ) from None
        except (aiohttp.ClientError, OSError):
            raise ModelFailure(failures.connection("broke the connection in the middle of its answer")) from None

    async def _refusal(self, response: ClientResponse) -> Failure:
        headers = {name.lower(): value for name, value in response.headers.items()}
        body = b""
        try:
            async for piece in self._pieces(response):
                body += piece
                if len(body) >= _ERROR_BYTES:
                    break
        except (BodyRefusedError, OSError):
            pass
        except Exception as error:
            if type(error).__module__.partition(".")[0] != "aiohttp":
                raise
        return self._failures.by_status(response.status, headers, body)

    async def _whole(self, response: ClientResponse) -> Json:
        body = bytearray()
        async for piece in self._pieces(response):
            body += piece
        try:
            return json.loads(bytes(body))
        except (ValueError, RecursionError):
            raise ModelFailure(self._failures.not_a_reply(bytes(body))) from None

    async def _follow(self, response: ClientResponse, reply: ChatReply, heard: OnDelta) -> None:
        if response.content_type != "text/event-stream":
            raise ModelFailure(self._failures.not_a_stream(await self._begin_of(response)))
        async for data in events(self._pieces(response)):
            if data.strip() == "[DONE]":
                return
            try:
                chunk = json.loads(data)
            except (ValueError, RecursionError):
                raise ModelFailure(self._failures.nonsense("sent a piece that is not JSON")) from None
            text = reply.take(chunk)
            if text is not None:
                heard(text)

    async def _begin_of(self, response: ClientResponse) -> bytes:
        body = b""
        async for piece in self._pieces(response):
            body += piece
            if len(body) >= _ERROR_BYTES:
                break
        return body

    def _pieces(self, response: ClientResponse) -> AsyncIterator[bytes]:
        return limited(response.content.iter_any(), response.headers.get("content-encoding", ""))


class _Session:
    """The connections of one event loop, for all endpoints."""

    def __init__(self) -> None:
        self._open: ClientSession | None = None
        self._keeper: AsyncGenerator[ClientSession, None] | None = None

    async def opened(self) -> ClientSession:
        if self._open is None:
            self._keeper = self._keep()
            self._open = await anext(self._keeper)
        return self._open

    async def _keep(self) -> AsyncGenerator[ClientSession, None]:
        """A generator, because an event loop ends those that are still open before it closes."""
        import aiohttp

        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=15)
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS)
        session = aiohttp.ClientSession(
            connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
        )
        try:
            yield session
        finally:
            self._open = None
            await session.close()


_SESSIONS: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Session] = weakref.WeakKeyDictionary()


def _load() -> None:
    import aiohttp  # noqa: F401


def _proxy_for(url: str) -> str | None:
    """The proxy that the user's machine has for `url`; aiohttp's own look-up would read passwords from ~/.netrc too."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in ("localhost", "127.0.0.1", "::1") or urllib.request.proxy_bypass(host):
        return None
    return urllib.request.getproxies().get(parts.scheme)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _vectors(value: Json, count: int, failures: FailureReader) -> list[list[float]]:
    if isinstance(value, dict) and value.get("error"):
        raise ModelFailure(failures.by_error(value))
    data = value.get("data") if isinstance(value, dict) else None
    rows = [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []
    if all(isinstance(row.get("index"), int) for row in rows):
        rows.sort(key=lambda row: row["index"])
    vectors = [row.get("embedding") for row in rows]
    sound = len(vectors) == count and all(_is_vector(vector) for vector in vectors)
    if not sound or len({len(vector) for vector in vectors if vector is not None}) != 1:
        message = f"{failures.who} did not answer with one vector of numbers for each of {count:,} texts"
        raise ModelFailure(Failure("model", message))
    return [[float(number) for number in vector or ()] for vector in vectors]


def _is_vector(value: Json) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(n, (int, float)) and not isinstance(n, bool) and math.isfinite(n) for n in value)
    )
