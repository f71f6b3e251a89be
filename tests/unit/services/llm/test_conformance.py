"""What every provider does, real or scripted."""

from __future__ import annotations

import asyncio
import json
import threading

import pytest

from agentflow_cli.domain.json_value import Json
from agentflow_cli.foundation.clock import SystemClock
from agentflow_cli.ports.model import Message, ModelRequest
from agentflow_cli.services.llm.failures import FailureReader
from agentflow_cli.services.llm.gateway import ModelGateway
from agentflow_cli.services.llm.provider import Provider
from agentflow_cli.services.llm.providers.litellm_provider import LiteLLMProvider
from agentflow_cli.services.llm.providers.llamacpp import EmbeddedModel
from agentflow_cli.services.llm.providers.openai_compatible import Endpoint, OpenAICompatible
from agentflow_cli.services.llm.providers.scripted import Answer, ScriptedModel
from tests.fakes.model_server import ModelServer, Said

PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string", "maxLength": 20}, "age": {"type": "integer", "minimum": 0}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
BOB = (Message("user", "Bob is 42 years old. Write his name and age as JSON."),)


def served(body: Json) -> Said:
    """What the loopback server says: as `scripted`, and as a real server it stops where it is told to."""
    said = sum(len(message["content"].split()) for message in body["messages"])
    if body.get("response_format"):
        return Said('{"name": "Bob", "age": 42}')
    if "long" in body["messages"][-1]["content"]:
        return Said("once upon a time " * 200, stalls=True)
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    for stop in body.get("stop", ()):
        words = words[: words.index(stop)] if stop in words else words
    kept = words[: body.get("max_tokens", 99)]
    usage = {"prompt_tokens": said, "completion_tokens": len(kept)}
    text = " ".join(kept) + (" " if body.get("stop") else "")
    return Said(text, finish="stop" if len(kept) == len(words) else "length", usage=usage)


def scripted(request: ModelRequest) -> Answer:
    if request.schema is not None:
        return Answer(value={"name": "Bob", "age": 42})
    last = request.messages[-1].content
    if "long" in last:
        return Answer("once upon a time " * 200, until=asyncio.Event())
    return Answer("one two three four five six seven eight nine ten")


@pytest.fixture(params=["scripted", "embedded", "direct", "litellm"])
def provider(request: pytest.FixtureRequest, server: ModelServer) -> Provider:
    server.answer = served
    if request.param == "scripted":
        return ScriptedModel(scripted)
    if request.param == "direct":
        endpoint = Endpoint(server.url)
        return OpenAICompatible("endpoint/tiny", "tiny", endpoint, FailureReader("endpoint/tiny", SystemClock()))
    if request.param == "litellm":
        failures = FailureReader("openai/tiny", SystemClock())
        return LiteLLMProvider("openai/tiny", failures, api_key="none", base_url=server.url)
    model: EmbeddedModel = request.getfixturevalue("embedded")
    return model


def user(text: str, **settings: object) -> ModelRequest:
    return ModelRequest((Message("user", text),), **settings)  # type: ignore[arg-type]


async def test_the_deltas_joined_are_the_reply(provider: Provider) -> None:
    heard: list[str] = []
    reply = await provider.complete(user("Count from one to ten in words.", max_tokens=24), heard.append)
    assert len(heard) > 3
    assert "".join(heard) == reply.text
    assert reply.model == provider.name


async def test_usage_counts_both_directions(provider: Provider) -> None:
    short = await provider.complete(user("Say hello.", max_tokens=4))
    long = await provider.complete(user("Say hello. " * 20, max_tokens=4))
    assert 0 < short.usage.output_tokens <= 4
    assert long.usage.input_tokens > short.usage.input_tokens > 0


async def test_a_reply_that_reaches_max_tokens_says_so(provider: Provider) -> None:
    reply = await provider.complete(user("Count from one to ten in words.", max_tokens=3))
    assert reply.finish == "length"


async def test_a_stop_sequence_ends_the_reply_before_it(provider: Provider) -> None:
    free = await provider.complete(user("Count from one to ten in words.", max_tokens=24))
    word = free.text.split()[2]
    reply = await provider.complete(user("Count from one to ten in words.", max_tokens=24, stop=(word,)))
    assert reply.text == free.text.partition(word)[0]
    assert reply.finish == "stop"


async def test_the_same_request_gets_the_same_reply(provider: Provider) -> None:
    replies = [await provider.complete(user("Name a colour.", max_tokens=12)) for _ in range(2)]
    assert replies[0].text == replies[1].text


async def test_a_schema_gives_a_checked_value(provider: Provider) -> None:
    name = provider.name
    gateway = ModelGateway(environment={"AGENTFLOW_BASE_URL": "http://127.0.0.1:1"})
    gateway._providers[gateway.resolve(name)] = provider
    reply = await gateway.complete(ModelRequest(BOB, model=name, schema=PERSON, max_tokens=60))
    assert reply.value == {"name": "Bob", "age": 42}
    assert json.loads(reply.text) == reply.value


async def test_many_calls_at_once_all_come_back(provider: Provider) -> None:
    async def one(number: int) -> str:
        async with provider.admission():
            return (await provider.complete(user(f"Say the number {number}.", max_tokens=6))).text

    texts = await asyncio.gather(*(one(number) for number in range(6)))
    assert len(texts) == 6
    assert all(text.strip() for text in texts)


async def test_a_cancelled_call_leaves_nothing_behind_and_the_next_one_works(
    provider: Provider, server: ModelServer
) -> None:
    begun = asyncio.Event()
    call = asyncio.create_task(provider.complete(user("Tell a very long story."), lambda text: begun.set()))
    await asyncio.wait_for(begun.wait(), 60)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(call, 10)
    assert not [thread for thread in threading.enumerate() if thread.name == "agentflow-model-call"]
    if provider.name in ("endpoint/tiny", "openai/tiny"):
        assert server.hung_up.acquire(timeout=10)  # the connection ended with the call
    assert (await asyncio.wait_for(provider.complete(user("Say hello.", max_tokens=4)), 60)).text
