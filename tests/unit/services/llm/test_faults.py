"""Everything that a provider was ever seen to do wrong, done by a real server to both paths that lead to one.

The direct path and LiteLLM's must come to the same reply or the same failure, after exactly one request, and the
server must really have done what the test names.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from agentflow_cli.domain.failure import Failure
from agentflow_cli.ports.model import Message, ModelFailure, ModelReply, ModelRequest, ToolCall, ToolSpec
from agentflow_cli.services.llm.deadlines import Deadlines
from agentflow_cli.services.llm.gateway import ModelGateway
from tests.fakes.model_server import FAULTS, ModelServer, Said

pytestmark = [
    pytest.mark.filterwarnings("ignore:Accessing the 'model_"),
    pytest.mark.filterwarnings("ignore:Item 'summary'"),
]
KEY = "loop+back/key-123456789"
HELLO = ModelRequest((Message("user", "hello"),), idempotency_key="run/step/0")
TOOLS = (
    ToolSpec("search", "Find a page.", {"type": "object", "properties": {"query": {"type": "string"}}}),
    ToolSpec("fetch", "Get a page.", {"type": "object", "properties": {"query": {"type": "string"}}}),
)
PATHS = ("endpoint", "openai")


@dataclass
class Came:
    """What a call came to, on one path."""

    reply: ModelReply | None = None
    failure: Failure | None = None
    deltas: tuple[str, ...] = ()

    @property
    def shown(self) -> tuple[Any, ...]:
        """All of it that must not depend on the path."""
        if self.reply is not None:
            reply = self.reply
            return "reply", reply.text, reply.finish, reply.tool_calls, "".join(self.deltas) in ("", reply.text)
        assert self.failure is not None
        wait = self.failure.retry_after
        return self.failure.kind, self.failure.message, self.failure.data, wait if wait is None else round(wait, -1)


class Both:
    """The same request on both paths to the same server."""

    def __init__(self, server: ModelServer) -> None:
        self.server = server
        self.loop = asyncio.Runner()
        environment = {
            "AGENTFLOW_BASE_URL": server.url,
            "AGENTFLOW_API_KEY": KEY,
            "OPENAI_BASE_URL": server.url,
            "OPENAI_API_KEY": KEY,
        }
        self.gateway = ModelGateway(environment=environment)
        self.environment = environment

    def ask(self, model: str, request: ModelRequest = HELLO, *, stream: bool = True) -> list[Came]:
        return [self.loop.run(self._one(path, model, request, stream)) for path in PATHS]

    async def _one(self, path: str, model: str, request: ModelRequest, stream: bool) -> Came:
        deltas: list[str] = []
        name = f"{path}/{model}"
        try:
            reply = await self.gateway.complete(replace(request, model=name), deltas.append if stream else None)
        except ModelFailure as error:
            foreign = type(error.__cause__).__module__.startswith(("litellm", "aiohttp", "httpx"))
            assert not foreign  # its frames hold the key
            failure = error.failure
            assert KEY not in str(failure)
            variable = {"endpoint": "AGENTFLOW_API_KEY", "openai": "OPENAI_API_KEY"}[path]
            message = failure.message.replace(name, "WHO").replace(variable, "KEY")
            return Came(failure=replace(failure, message=message), deltas=tuple(deltas))
        assert reply.model == name
        return Came(reply, deltas=tuple(deltas))


@pytest.fixture(scope="module")
def both() -> Iterator[Both]:
    with ModelServer() as server:
        both = Both(server)
        yield both
        both.loop.close()


SAME = "reply"
EXPECTED: dict[str, tuple[str, str]] = {
    "429-seconds": ("rate_limit", "429 Too Many Requests"),
    "429-date": ("rate_limit", "429"),
    "429-plain": ("rate_limit", "429"),
    "429-quota": ("limit", "quota is used up"),
    "400": ("model", "unknown field"),
    "400-context": ("model", "too long for this model"),
    "401-echo": ("auth", "Incorrect API key provided: Bearer ***; check KEY"),
    "402": ("limit", "402 Payment Required"),
    "403": ("auth", "403"),
    "404": ("model", "404"),
    "408": ("timeout", "408"),
    "409": ("unavailable", "409"),
    "413": ("model", "too long for this model"),
    "422": ("model", "422"),
    "500": ("unavailable", "500"),
    "500-html": ("unavailable", "a web page, “Bad gateway”"),
    "503": ("unavailable", "503"),
    "504": ("timeout", "504"),
    "529": ("overloaded", "529 Overloaded"),
    "redirect": ("model", "redirects are not followed"),
    "reset": ("unavailable", "broke the connection"),
    "truncated": ("unavailable", "broke the connection"),
    "html": ("unavailable", "a web page, “Please log in”"),
    "empty": ("unavailable", "nothing at all"),
    "error-object": ("unavailable", "bad luck"),
    "json-for-stream": ("unavailable", "was asked to stream"),
    "no-finish": ("unavailable", "without saying that it was finished"),
    "cut-in-call": ("unavailable", "without saying that it was finished"),
    "reset-in-stream": ("unavailable", ""),
    "error-in-stream": ("overloaded", "the engine is overloaded"),
    "no-choices": ("", ""),
    "null-content": ("model", "answered with nothing"),
    "content-filter": ("model", "content filter"),
    "length": (SAME, "Half of it"),
    "length-in-call": ("invalid_output", "cut off in the middle of a tool call"),
    "call-truncated-json": ("invalid_output", "is not JSON"),
    "call-no-object": ("invalid_output", "in place of an object"),
    "call-unknown": ("invalid_output", "did it mean `search`?"),
    "call-same-id": ("invalid_output", "for two tool calls"),
    "call-nan": ("invalid_output", "NaN"),
    "usage-absurd": (SAME, "Hello from the server."),
    "usage-missing": (SAME, "Hello from the server."),
    "huge": ("model", "more than 32 MiB"),
    "gzip-unasked": (SAME, "Hello from the server."),
    "gzip-bomb": ("model", "more than 32 MiB"),
}
"""Fault → kind of failure (or a reply) and words that are in it. `no-choices` has two, one for each way of asking."""
HANGING = ("silent", "headers-only", "pings", "falls-silent")
STREAM_ONLY = {"no-finish", "cut-in-call", "reset-in-stream", "error-in-stream", "falls-silent"}
STREAMED = [(fault, True) for fault in EXPECTED]
PLAIN = [(fault, False) for fault in EXPECTED if fault not in STREAM_ONLY and fault != "json-for-stream"]


def test_every_fault_of_the_server_is_expected_here() -> None:
    assert set(EXPECTED) | set(HANGING) == set(FAULTS)


@pytest.mark.parametrize(("fault", "stream"), STREAMED + PLAIN)
def test_both_paths_come_to_the_same_after_one_request(both: Both, fault: str, stream: bool) -> None:
    fired, asked = both.server.fired[fault], len(both.server.asked)
    request = replace(HELLO, tools=TOOLS) if "call" in fault else HELLO
    direct, litellm = both.ask(fault, request, stream=stream)
    assert direct.shown == litellm.shown
    assert both.server.fired[fault] == fired + 2
    assert len(both.server.asked) == asked + 2
    kind, words = EXPECTED[fault]
    if fault == "no-choices":
        kind, words = ("unavailable", "without saying") if stream else ("model", "without any choice")
    assert direct.shown[0] == kind
    assert words in direct.shown[1]


def test_how_long_to_wait_is_read_from_seconds_and_from_dates(both: Both) -> None:
    for came in both.ask("429-seconds"):
        assert came.failure is not None
        assert came.failure.retry_after == 7.0
    for came in both.ask("429-date"):
        assert came.failure is not None
        assert came.failure.retry_after is not None
        assert came.failure.retry_after > 1_000_000_000
    for came in both.ask("429-quota"):  # waiting would not help
        assert came.failure is not None
        assert came.failure.retry_after is None


def test_a_reply_that_was_cut_at_its_length_says_so(both: Both) -> None:
    assert [came.reply.finish for came in both.ask("length") if came.reply] == ["length", "length"]


def test_usage_that_cannot_be_becomes_an_estimate(both: Both) -> None:
    for came in both.ask("usage-absurd") + both.ask("usage-missing"):
        assert came.reply is not None
        assert 0 < came.reply.usage.input_tokens < 20
        assert 0 < came.reply.usage.output_tokens < 20


@pytest.mark.parametrize("fault", HANGING)
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("stream", [True, False])
def test_a_server_that_hangs_is_given_up_in_time_and_hung_up_on(
    both: Both, path: str, fault: str, stream: bool
) -> None:
    if fault == "falls-silent" and not stream:
        return
    both.ask("hello")  # LiteLLM is loaded: its import is no part of the wait
    gateway = ModelGateway(
        environment=both.environment, deadlines=Deadlines(total=0.25 if not stream else 60, first_delta=0.25, idle=0.25)
    )
    before = both.server.fired[fault]
    request = replace(HELLO, model=f"{path}/{fault}")
    with pytest.raises(ModelFailure) as caught:
        both.loop.run(asyncio.wait_for(gateway.complete(request, (lambda text: None) if stream else None), 20))
    assert caught.value.failure.kind == "timeout"
    assert both.server.fired[fault] == before + 1
    assert both.server.hung_up.acquire(timeout=10)


@pytest.mark.parametrize("stream", [True, False])
def test_a_server_that_is_not_there_is_named(stream: bool) -> None:
    with ModelServer() as gone:
        pass
    both = Both(gone)
    direct, litellm = both.ask("hello", stream=stream)
    both.loop.close()
    assert direct.shown == litellm.shown
    assert direct.failure is not None
    assert direct.failure.kind == "unavailable"
    where = gone.url.removesuffix("/v1")
    assert direct.failure.message == f"WHO cannot be reached at {where}: Connection refused"


@pytest.mark.parametrize("stream", [True, False])
def test_a_sound_reply_is_the_same_on_both_paths_word_by_word(both: Both, stream: bool) -> None:
    direct, litellm = both.ask("hello", stream=stream)
    assert direct.reply is not None
    assert litellm.reply is not None
    assert direct.reply.text == litellm.reply.text == "Hello from the server."
    assert direct.reply.usage == litellm.reply.usage
    assert direct.deltas == litellm.deltas
    assert len(direct.deltas) == (4 if stream else 0)


@pytest.mark.parametrize("stream", [True, False])
def test_tool_calls_come_back_whole_and_their_results_are_sent(both: Both, stream: bool) -> None:
    calls = tuple(ToolCall(f"id_{at}", tool.name, {"query": "ünder 10 €"}) for at, tool in enumerate(TOOLS))
    for path, came in zip(PATHS, both.ask("hello", replace(HELLO, tools=TOOLS), stream=stream), strict=True):
        assert came.reply is not None
        assert (came.reply.tool_calls, came.reply.finish, came.reply.text) == (calls, "tool_calls", "")
        sent = both.server.asked[-1 if path == "openai" else -2].body["tools"]
        assert [tool["function"]["name"] for tool in sent] == ["search", "fetch"]
    results = (
        Message("user", "go"),
        Message("assistant", "", tool_calls=calls),
        *(Message("tool", f"page {call.id}", tool_call_id=call.id) for call in calls),
    )
    direct, litellm = both.ask("hello", ModelRequest(results, tools=TOOLS), stream=stream)
    assert direct.shown == litellm.shown
    assert direct.reply is not None
    assert direct.reply.text == "It found page id_1."
    sent = [
        [{key: value for key, value in message.items() if value is not None} for message in asked.body["messages"]]
        for asked in both.server.asked[-2:]
    ]
    assert sent[0] == sent[1]
    assert [message.get("tool_call_id") for message in sent[0]] == [None, None, "id_0", "id_1"]


def test_a_schema_is_sent_and_its_value_comes_back(both: Both) -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}}
    for came in both.ask("hello", replace(HELLO, schema=schema)):
        assert came.reply is not None
        assert came.reply.value == {"name": "Bob", "age": 42}
        assert both.server.asked[-1].body["response_format"]["json_schema"]["schema"] == schema


def test_the_key_of_the_step_is_sent_and_a_repair_has_one_of_its_own(both: Both) -> None:
    both.ask("hello")
    assert [asked.headers["idempotency-key"] for asked in both.server.asked[-2:]] == ["run/step/0"] * 2
    schema = {"type": "object", "required": ["missing"]}
    both.ask("hello", replace(HELLO, schema=schema))
    keys = [asked.headers["idempotency-key"] for asked in both.server.asked[-4:]]
    assert keys == ["run/step/0", "run/step/0-2"] * 2


def test_settings_reach_the_server_on_both_paths(both: Both) -> None:
    both.ask("hello", replace(HELLO, temperature=0.5, max_tokens=9, seed=3, stop=("X",)))
    for asked in both.server.asked[-2:]:
        assert {key: asked.body[key] for key in ("temperature", "max_tokens", "seed", "stop")} == {
            "temperature": 0.5,
            "max_tokens": 9,
            "seed": 3,
            "stop": ["X"],
        }


@pytest.mark.parametrize("stream", [True, False])
def test_another_providers_protocol_through_litellm(server: ModelServer, stream: bool) -> None:
    environment = {"ANTHROPIC_BASE_URL": server.url.removesuffix("/v1"), "ANTHROPIC_API_KEY": KEY}
    gateway = ModelGateway(environment=environment)

    async def ask(model: str, request: ModelRequest = HELLO) -> ModelReply:
        asked = replace(request, model=f"anthropic/{model}")
        return await gateway.complete(asked, (lambda text: None) if stream else None)

    async def all_of_them() -> None:
        reply = await ask("claude-haiku-4-5")
        assert (reply.text, reply.finish, reply.usage.input_tokens) == ("Hello from the server.", "stop", 7)
        calls = (await ask("claude-haiku-4-5", replace(HELLO, tools=TOOLS))).tool_calls
        assert [(call.name, call.arguments) for call in calls] == [
            (tool.name, {"query": "ünder 10 €"}) for tool in TOOLS
        ]
        for fault, kind in (("429-seconds", "rate_limit"), ("529", "overloaded"), ("401-echo", "auth")):
            with pytest.raises(ModelFailure) as caught:
                await ask(fault)
            assert caught.value.failure.kind == kind
            assert server.fired[fault] == 1
        if stream:
            server.answer = lambda body: Said("Half of", finish=None)
            with pytest.raises(ModelFailure, match="without saying that it was finished"):
                await ask("claude-haiku-4-5")

    asyncio.run(all_of_them())
    assert server.asked[0].path == "/v1/messages"
