"""Tool calls as models write them: what is let through and what is refused."""

from __future__ import annotations

import asyncio

import pytest

from agentflow_cli.domain.json_value import Json
from agentflow_cli.ports.model import Message, ModelFailure, ModelReply, ModelRequest, ToolCall, ToolSpec
from agentflow_cli.services.llm.gateway import ModelGateway
from agentflow_cli.services.llm.providers.scripted import Answer, ScriptedModel
from agentflow_cli.services.llm.tool_calls import WrittenCall, read_tool_calls

TOOLS = (ToolSpec("search", "", {"type": "object"}), ToolSpec("fetch_page", "", {"type": "object"}))


def ask(*calls: ToolCall, schema: dict[str, Json] | None = None) -> ModelReply:
    gateway = ModelGateway(environment={}, scripted=ScriptedModel([Answer(tool_calls=calls)]))
    return asyncio.run(gateway.complete(ModelRequest((Message("user", "go"),), tools=TOOLS, schema=schema)))


def refusal(*calls: ToolCall) -> str:
    with pytest.raises(ModelFailure) as caught:
        ask(*calls)
    assert caught.value.failure.kind == "invalid_output"
    assert caught.value.failure.data["fault"] == "tool_call"
    return caught.value.failure.message


def test_a_reply_of_tool_calls_alone_is_a_reply_also_when_a_schema_is_declared() -> None:
    call = ToolCall("x", "search", {"a": 1})
    assert ask(call).tool_calls == (call,)
    assert ask(call, schema={"type": "object", "required": ["answer"]}).tool_calls == (call,)


def test_a_tool_that_was_not_offered_is_refused_with_a_suggestion() -> None:
    message = refusal(ToolCall("x", "fetch_pge", {}))
    assert "`fetch_pge`" in message
    assert "did it mean `fetch_page`?" in message


def test_an_id_used_twice_is_refused() -> None:
    assert "`x` for two" in refusal(ToolCall("x", "search", {}), ToolCall("x", "search", {}))


def test_hundreds_of_calls_at_once_are_refused() -> None:
    assert "129 tool calls" in refusal(*(ToolCall(str(number), "search", {}) for number in range(129)))


@pytest.mark.parametrize(
    ("arguments", "read"), [('{"a": 1}', {"a": 1}), ({"a": 1}, {"a": 1}), ("", {}), (None, {}), ("{}", {})]
)
def test_arguments_are_read(arguments: Json, read: Json) -> None:
    assert read_tool_calls([WrittenCall("c", "search", arguments)]) == (ToolCall("c", "search", read),)


def test_a_call_without_an_id_gets_one() -> None:
    calls = read_tool_calls([WrittenCall(None, "search", ""), WrittenCall("", "search", "")])
    assert [call.id for call in calls] == ["call_1", "call_2"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ('{"a": ', "is not JSON"),
        ("[1]", "with array in place of an object"),
        ('"text"', "with string"),
        ('{"a": NaN}', "NaN"),
        ('{"a": 1, "a": 2}', "twice"),
        (7, "with integer"),
    ],
)
def test_broken_arguments_are_refused(arguments: Json, words: str) -> None:
    with pytest.raises(ModelFailure, match=words):
        read_tool_calls([WrittenCall("c", "search", arguments)])


def test_a_call_without_a_name_is_refused() -> None:
    with pytest.raises(ModelFailure, match="without a name"):
        read_tool_calls([WrittenCall("c", None, "{}")])
