"""Every provider that LiteLLM knows. The only importer of litellm.

LiteLLM translates between providers and does nothing else here: no retries, no cache, no callbacks, no reading of
`.env` files (a stranger's repository could name an address for the key in one), no look-ups on the network when it is
imported. What it makes of refusals is not asked; the transport under it saw them first.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import threading
import warnings
import weakref
from collections.abc import AsyncGenerator, AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from typing import Any

from agentflow_cli.domain.failure import Failure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.foundation.errors import AgentflowError
from agentflow_cli.ports.model import ModelFailure, ModelReply, ModelRequest, OnDelta
from agentflow_cli.services.llm.chat_format import chat_messages, chat_options, schema_in_words
from agentflow_cli.services.llm.chat_reply import ChatReply
from agentflow_cli.services.llm.failures import FailureReader

_PARALLEL = 128
_NO_DEADLINE = 24 * 3600.0
"""Seconds: LiteLLM's own time-outs neither hold nor help; the gateway's do."""
PROCESS = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
    "LITELLM_MODE": "PRODUCTION",  # any other reads `.env` files, also a stranger's
    "LITELLM_LOG": "CRITICAL",
    "EXPERIMENTAL_OPENAI_BASE_LLM_HTTP_HANDLER": "True",  # a third quicker, and the same transport for all
}
"""Variables that LiteLLM reads when it is imported, and what they must be."""

_BY_CLASS = (
    ("RateLimit", "rate_limit"),
    ("Timeout", "timeout"),
    ("Authentication", "auth"),
    ("PermissionDenied", "auth"),
    ("PaymentRequired", "limit"),
    ("ServiceUnavailable", "unavailable"),
    ("BadGateway", "unavailable"),
    ("APIConnection", "unavailable"),
    ("InternalServer", "unavailable"),
)
"""For providers that do not use the guarded transport (those with libraries of their own)."""


class LiteLLMProvider:
    """One model, `provider/name` as LiteLLM spells it."""

    real = True

    def __init__(
        self, name: str, failures: FailureReader, *, api_key: str | None = None, base_url: str | None = None
    ) -> None:
        """Without `api_key` and `base_url`, LiteLLM looks for them in the process's environment."""
        self.name = name
        self._failures = failures
        self._own = {"api_key": api_key, "api_base": base_url}
        self._places: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore]
        self._places = weakref.WeakKeyDictionary()

    def prepare(self) -> None:
        _library()

    @asynccontextmanager
    async def admission(self) -> AsyncIterator[None]:
        async with self._places.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(_PARALLEL)):
            yield

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelReply:
        """Streams when somebody listens."""
        try:
            litellm = await asyncio.shield(asyncio.wrap_future(_library()))
        except AgentflowError as error:
            raise ModelFailure(Failure("model", error.message)) from None
        from agentflow_cli.services.llm.providers.litellm_transport import CURRENT, Exchange

        await _close_with_loop(litellm)
        exchange = Exchange()
        token = CURRENT.set(exchange)
        streaming = on_delta is not None
        reply = ChatReply(self.name, self._failures)
        try:
            answer = await litellm.acompletion(**self._arguments(litellm, request, streaming))
            if on_delta is None:
                if (failure := exchange.failure(self._failures, False)) is not None:
                    raise ModelFailure(failure)
                reply.whole(answer.model_dump())
            else:
                await _follow(answer, reply, on_delta)
                # LiteLLM makes a reason to finish up where none was given.
                if answer.received_finish_reason is None or exchange.cut_off(reply.empty):
                    raise ModelFailure(exchange.failure(self._failures, True) or self._failures.cut_off())
            return reply.finished()
        except ModelFailure:
            raise
        except Exception as error:
            failure = exchange.failure(self._failures, streaming) or self._by_exception(error)
            raise ModelFailure(failure) from None  # its frames hold the key
        finally:
            CURRENT.reset(token)

    def close(self) -> None:
        """Connections close with their event loops."""

    def _arguments(self, litellm: Any, request: ModelRequest, streaming: bool) -> dict[str, Json]:
        options = chat_options(request)
        messages = chat_messages(request)
        if request.schema is not None and not _takes_schema(litellm, self.name):
            del options["response_format"]
            words = schema_in_words(request)
            messages = [{"role": words.role, "content": words.content}, *messages]
        arguments: dict[str, Json] = {
            "model": self.name,
            "messages": messages,
            **options,
            **{name: value for name, value in self._own.items() if value is not None},
            "stream": streaming,
            "timeout": _NO_DEADLINE,
            "num_retries": 0,
            "max_retries": 0,
            "drop_params": True,
            "no-log": True,
            "_skip_mcp_handler": True,  # which imports a library that need not be there, for tools that are no servers
        }
        if streaming:
            arguments["stream_options"] = {"include_usage": True}
        if request.idempotency_key is not None:
            arguments["extra_headers"] = {"Idempotency-Key": request.idempotency_key}
        return arguments

    def _by_exception(self, error: Exception) -> Failure:
        status = getattr(error, "status_code", None)
        name = type(error).__name__
        response = getattr(error, "response", None)
        headers = {k.lower(): v for k, v in dict(getattr(response, "headers", None) or {}).items()}
        kind = next((kind for part, kind in _BY_CLASS if part in name), None)
        said = str(getattr(error, "message", "") or error).encode()
        # The statuses that it invents for what is no answer at all would hide that another attempt may help.
        if isinstance(status, int) and 400 <= status < 600 and (kind is None or status != 500):
            return self._failures.by_status(status, headers, said)
        if kind == "unavailable":
            return self._failures.connection(f"could not be asked: {said.decode('utf-8', 'replace')}")
        failure = self._failures.by_error({"message": said.decode("utf-8", "replace"), "type": name})
        return failure if kind is None else Failure(kind, failure.message, failure.retry_after, failure.data)


async def _follow(answer: Any, reply: ChatReply, heard: OnDelta) -> None:
    async for chunk in answer:
        text = reply.take(chunk.model_dump(exclude_none=True))
        if text is not None:
            heard(text)


def _takes_schema(litellm: Any, name: str) -> bool:
    provider, _, model = name.partition("/")
    try:
        return "response_format" in (litellm.get_supported_openai_params(model, provider) or ())
    except Exception:  # it knows the provider, and not this model
        return False


_lock = threading.Lock()
_loading: Future[Any] | None = None


def _library() -> Future[Any]:
    """LiteLLM, being imported in a thread since the first call of this function."""
    global _loading
    with _lock:
        if _loading is None:
            _loading = Future()
            _loading.set_running_or_notify_cancel()
            threading.Thread(target=_load_into, args=(_loading,), name="agentflow-litellm-load", daemon=True).start()
        return _loading


def _load_into(loading: Future[Any]) -> None:
    collecting = gc.isenabled()
    gc.disable()  # a fifth of the import is spent looking for garbage that is not there
    try:
        loading.set_result(_import())
    except BaseException as error:  # it belongs to whoever waits
        loading.set_exception(error)
    finally:
        if collecting:
            gc.enable()


def _import() -> Any:
    os.environ.update(PROCESS)
    warnings.filterwarnings("ignore", module=r"(litellm|pydantic)(\.|$)")  # its author's business, not our user's
    import litellm
    from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler

    from agentflow_cli.services.llm.providers.litellm_transport import GuardedTransport, plain_transport

    litellm.telemetry = False
    litellm.suppress_debug_info = True
    litellm.drop_params = True
    litellm.turn_off_message_logging = True
    litellm.disable_streaming_logging = True
    litellm.disable_hf_tokenizer_download = True
    litellm.num_retries = 0
    litellm.cache = None
    for callbacks in ("callbacks", "success_callback", "failure_callback", "input_callback", "service_callback"):
        setattr(litellm, callbacks, [])
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    create: Any = AsyncHTTPHandler.create_async_transport

    def guarded(*arguments: Any, **named: Any) -> GuardedTransport:
        return GuardedTransport(create(*arguments, **named) or plain_transport())

    handler: Any = AsyncHTTPHandler
    handler.create_async_transport = handler._create_async_transport = staticmethod(guarded)
    _ = litellm.acompletion  # loads what it defers to the first call
    return litellm


_keepers: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncGenerator[None, None]] = weakref.WeakKeyDictionary()


async def _close_with_loop(litellm: Any) -> None:
    """Have LiteLLM's connections closed when this event loop ends: loops end the generators that are still open."""
    loop = asyncio.get_running_loop()
    if loop not in _keepers:
        _keepers[loop] = _keep(litellm)
        await anext(_keepers[loop])


async def _keep(litellm: Any) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        await litellm.close_litellm_async_clients()
        litellm.in_memory_llm_clients_cache.flush_cache()
