"""The embedded model: llama.cpp inside this process, through xllamacpp. The only importer of xllamacpp.

We call the server object directly (`Server.handle_chat_completions` with a callback) and not its HTTP face: no client
to import, no port to reach it by, errors come as errors, and ending a call needs no broken connection to be noticed.
Seen with 2026.10: a callback that returns True frees the slot at once; the GIL is released while it computes; it takes
no signal handler away; it is silent at verbosity -1. Three things to know: a process that ends while its threads still
compute may crash in its destructors, so calls are joined before, and `__main__` leaves without them; its listener
cannot be switched off, so it is bound to a loopback port that nobody is told, behind a random key; and loading holds
the GIL (0.25 s for the embedded weights, longer for large files), a thread or not.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import re
import secrets
import threading
import time
import weakref
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from agentflow_cli.domain.failure import Failure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.foundation.errors import AgentflowError, DamagedDataError, MissingExtraError
from agentflow_cli.foundation.importing import heavy_import
from agentflow_cli.ports.model import ModelFailure, ModelReply, ModelRequest, ModelUsage, OnDelta

DEFAULT_MAX_TOKENS = 512
_SEED = 7
_JOIN = 5.0
"""Seconds that closing waits for calls to end; each of them ends with its next token or piece of the prompt."""
_PROMPT_BATCH = 256
"""Tokens of a prompt that are read between two chances to stop: under a second on two slow cores."""
_PROMPT_CACHE_MB = 128
_CONTROL_TOKEN = re.compile(r"<(\|[^<>|\s]{1,40}\||/?(?:start|end)_of_turn|/?s|bos|eos)>")
"""Marks that end a turn in the templates of common models: in a message they are text, and must stay text."""


class EmbeddedModel:
    """A GGUF file, loaded once on first use, answering `slots` calls at a time in `context` tokens each.

    Temperature 0 and a fixed seed unless the request says otherwise. Alone, the same prompt gets the same answer;
    beside other calls the arithmetic is batched in another order, and an answer may part from it midway.
    A request whose last message is the assistant's is continued from there; the reply is what was added.
    It is offered no tools: a request that has some is answered in words.
    """

    real = True

    def __init__(self, name: str, locate: Callable[[], Path], *, slots: int = 4, context: int = 4096) -> None:
        """`locate` is called when the model is loaded; the AgentflowError that it raises becomes the call's failure."""
        self.name = name
        self.slots = slots
        self.context = context
        self._locate = locate
        self._lock = threading.Lock()
        self._loading: Future[Any] | None = None
        self._places: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore]
        self._places = weakref.WeakKeyDictionary()
        self._calls: set[_Call] = set()

    def prepare(self) -> None:
        self._load()

    @asynccontextmanager
    async def admission(self) -> AsyncIterator[None]:
        async with self._places.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(self.slots)):
            yield

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelReply:
        server = await self._loaded()
        call = _Call(server, _body(request))
        self._calls.add(call)
        _under_way.add(call)
        reply = _Reply(self.name)
        call.start()
        try:
            while (chunk := await call.chunks.get()) is not None:
                text = reply.take(chunk)
                if text and on_delta is not None:
                    on_delta(text)
        finally:
            # Cancelled or not, nothing of the call outlives it: the slot is free when this returns.
            call.stop()
            await call.ended()
            self._calls.discard(call)
        if call.error is not None:
            raise ModelFailure(_refused(str(call.error), request))
        return reply.finished(request, self.context)

    def close(self) -> None:
        """Stop every call and wait for its thread, 5 s at most in all."""
        _end(list(self._calls))
        with self._lock:
            self._loading = None  # the server frees itself when the last call has let go of it

    def _load(self) -> Future[Any]:
        with self._lock:
            if self._loading is None or (self._loading.done() and self._loading.exception() is not None):
                loading: Future[Any] = Future()
                loading.set_running_or_notify_cancel()
                threading.Thread(target=self._load_into, args=(loading,), name="agentflow-model-load").start()
                self._loading = loading
            return self._loading

    def _load_into(self, loading: Future[Any]) -> None:
        try:
            loading.set_result(_start_server(self._locate(), self.slots, self.context))
        except BaseException as error:  # it belongs to whoever waits
            loading.set_exception(error)

    async def _loaded(self) -> Any:
        try:
            return await asyncio.shield(asyncio.wrap_future(self._load()))
        except AgentflowError as error:
            advice = [error.hint or "", f"`{error.next_command}`" if error.next_command else ""]
            parts = [error.message, *filter(None, advice)]
            raise ModelFailure(Failure("model", ": ".join(parts))) from error


class _Call:
    """One request, carried by a thread of its own from the server's callback to the event loop."""

    def __init__(self, server: Any, body: dict[str, Json]) -> None:
        self.chunks: asyncio.Queue[dict[str, Json] | None] = asyncio.Queue()
        self.error: Exception | None = None
        self._loop = asyncio.get_running_loop()
        self._end: asyncio.Future[None] = self._loop.create_future()
        self._server = server
        self._body = json.dumps(body).encode()
        self._stopped = False
        # A daemon, so that the end of the process waits for it no longer than `_end` does.
        self._thread = threading.Thread(target=self._run, name="agentflow-model-call", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask for the end; it comes with the next token, or the next piece of the prompt."""
        self._stopped = True

    def join(self, seconds: float) -> None:
        if self._thread.ident is not None:
            self._thread.join(max(0.0, seconds))

    async def ended(self) -> None:
        await self._end
        self._thread.join()  # which has nothing left to do

    def _run(self) -> None:
        try:
            self._server.handle_chat_completions(self._body, self._take)
        except Exception as error:  # what the native side refuses, it raises
            self.error = error
        finally:
            self._server = None
            _under_way.discard(self)
            with suppress(RuntimeError):  # the loop is closed: nobody waits
                self._loop.call_soon_threadsafe(self._finish)

    def _take(self, data: bytes) -> bool:
        """Called for each piece; True ends the call."""
        if self._stopped:
            return True
        try:
            self._loop.call_soon_threadsafe(self.chunks.put_nowait, json.loads(data))
        except RuntimeError:
            return True
        return False

    def _finish(self) -> None:
        self.chunks.put_nowait(None)
        if not self._end.done():
            self._end.set_result(None)


_under_way: set[_Call] = set()


def _end(calls: list[_Call]) -> None:
    """Stop `calls` and wait until they have ended, or for 5 s."""
    for call in calls:
        call.stop()
    until = time.monotonic() + _JOIN
    for call in calls:
        call.join(until - time.monotonic())


@atexit.register
def _end_all() -> None:
    _end(list(_under_way))


class _Reply:
    """A reply, put together from the pieces of a stream."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._pieces: list[str] = []
        self._finish: str | None = None
        self._usage = ModelUsage()
        self._error: dict[str, Json] | None = None

    def take(self, chunk: dict[str, Json]) -> str:
        """The text that `chunk` adds."""
        error = chunk.get("error") or (chunk if "message" in chunk and "code" in chunk else None)
        if error:
            self._error = error
            return ""
        usage = chunk.get("usage")
        if usage:
            cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
            self._usage = ModelUsage(usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0), cached)
        for choice in chunk.get("choices") or []:
            self._finish = choice.get("finish_reason") or self._finish
            text: str = (choice.get("delta") or {}).get("content") or ""
            if text:
                self._pieces.append(text)
                return text
        return ""

    def finished(self, request: ModelRequest, context: int) -> ModelReply:
        if self._error is not None:
            raise ModelFailure(_failure(self._error, request, context))
        if self._finish is None:
            raise ModelFailure(Failure("unavailable", "the embedded model stopped in the middle of its answer"))
        finish = "length" if self._finish == "length" else "stop"
        return ModelReply("".join(self._pieces), self._name, finish, self._usage, cost=0.0)


def _body(request: ModelRequest) -> dict[str, Json]:
    # Its chat template knows no tools, and a model of this size does not call them reliably: it is offered none.
    messages = [
        {"role": "user" if message.role == "tool" else message.role, "content": _plain(message.content)}
        for message in request.messages
    ]
    body: dict[str, Json] = {
        "messages": messages,
        "stream": True,
        "stream_options": {"include_usage": True},
        "return_progress": True,  # while the prompt is read, too, a call can be ended
        "max_tokens": DEFAULT_MAX_TOKENS if request.max_tokens is None else request.max_tokens,
        "temperature": 0.0 if request.temperature is None else request.temperature,
        "seed": _SEED if request.seed is None else request.seed % 2**32,
        "cache_prompt": True,
    }
    if request.stop:
        body["stop"] = list(request.stop)
    if request.schema is not None:
        body["response_format"] = {"type": "json_schema", "json_schema": {"name": "reply", "schema": request.schema}}
    return body


def _plain(text: str) -> str:
    """`text` as text: no mark in it can end its turn, and nothing in it is not UTF-8."""
    return _CONTROL_TOKEN.sub(r"< \1 >", text).encode("utf-8", "replace").decode()


def _failure(error: dict[str, Json], request: ModelRequest, context: int) -> Failure:
    message = str(error.get("message", "it gave no reason"))
    if error.get("type") == "exceed_context_size_error":
        prompt = error.get("n_prompt_tokens", 0)
        limit = error.get("n_ctx", context)
        return Failure(
            "model",
            f"the prompt is {prompt:,} tokens long, and the embedded model takes at most {limit:,}, its answer "
            "included: give it less text, or name another model",
            data={"prompt_tokens": prompt, "context_tokens": limit},
        )
    if error.get("code") == 503:
        return Failure("unavailable", f"the embedded model is not ready: {message}")
    return _refused(message, request)


def _refused(message: str, request: ModelRequest) -> Failure:
    reason = message.strip().splitlines()[0][:300] if message.strip() else "it gave no reason"
    if request.schema is not None and "schema" in reason.lower():
        return Failure("model", f"the embedded model cannot be held to this output schema: {reason}")
    return Failure("model", f"the embedded model refused the request: {reason}")


def _start_server(path: Path, slots: int, context: int) -> Any:
    try:
        with heavy_import():
            import xllamacpp  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingExtraError("the embedded model", "embedded") from error
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.n_parallel = slots
    parameters.n_ctx = slots * context
    parameters.n_batch = parameters.n_ubatch = _PROMPT_BATCH
    parameters.fit_params = False  # measuring devices would triple the load time
    parameters.cache_ram_mib = _PROMPT_CACHE_MB
    parameters.verbosity = 3 if os.environ.get("AGENTFLOW_DEBUG") else -1
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.api_keys = [secrets.token_urlsafe(32)]
    parameters.ui = parameters.endpoint_slots = parameters.endpoint_props = parameters.endpoint_metrics = False
    parameters.offline = True
    try:
        return xllamacpp.Server(parameters)
    except RuntimeError as error:
        raise DamagedDataError(
            f"{path} could not be loaded as a model", hint="AGENTFLOW_DEBUG=1 shows what llama.cpp says"
        ) from error
