"""The scripted model, and values made up for schemas."""

from __future__ import annotations

import asyncio

import pytest

from agentflow_cli.domain.failure import Failure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.foundation.errors import UsageError
from agentflow_cli.language.schema.value_problems import value_problems
from agentflow_cli.ports.model import Message, ModelFailure, ModelReply, ModelRequest, ToolCall, ToolSpec
from agentflow_cli.services.llm.providers.scripted import Answer, ScriptedModel
from agentflow_cli.services.llm.schema_values import value_for_schema
from agentflow_cli.services.llm.script import read_script


def say(model: ScriptedModel, text: str, schema: Json = None) -> ModelReply:
    return asyncio.run(model.complete(ModelRequest((Message("user", text),), schema=schema)))


def test_a_list_is_used_in_order_and_then_refused() -> None:
    model = ScriptedModel(["one", "two"])
    assert [say(model, "x").text, say(model, "x").text] == ["one", "two"]
    with pytest.raises(ModelFailure, match="no answer"):
        say(model, "the third question")


def test_a_mapping_matches_the_last_message_by_part_or_regex_as_often_as_asked() -> None:
    model = ScriptedModel({"classify": "bug", r"/^translate .* french$/": "oui"})
    assert [say(model, "please classify this").text for _ in range(3)] == ["bug"] * 3
    assert say(model, "translate it to french").text == "oui"


def test_answers_that_match_come_before_those_that_do_not() -> None:
    model = ScriptedModel(["plain", Answer("special", match="special", times=1)])
    assert say(model, "special").text == "special"
    assert say(model, "special").text == "plain"


def test_a_function_sees_the_request() -> None:
    assert say(ScriptedModel(lambda request: request.messages[-1].content.upper()), "loud").text == "LOUD"


def test_a_failure_in_the_script_is_raised() -> None:
    with pytest.raises(ModelFailure) as caught:
        say(ScriptedModel([Failure("overloaded", "busy")]), "x")
    assert caught.value.failure.kind == "overloaded"


def test_the_requests_are_kept() -> None:
    model = ScriptedModel()
    say(model, "first")
    say(model, "second")
    assert [request.messages[-1].content for request in model.requests] == ["first", "second"]


def test_a_delay_is_slept_on_the_models_clock() -> None:
    class Clock:
        slept: list[float] = []  # noqa: RUF012

        def now(self) -> float:
            return 0.0

        def monotonic(self) -> float:
            return 0.0

        async def sleep(self, seconds: float) -> None:
            self.slept.append(seconds)

    say(ScriptedModel([Answer("x", delay=3.0)], clock=Clock()), "x")
    assert Clock.slept == [3.0]


def test_a_script_file_is_read() -> None:
    data = {
        "answers": [
            "plain",
            {"match": "classify", "value": {"kind": "bug"}, "delay": "0ms"},
            {"match": "fail", "fail": {"kind": "rate_limit", "message": "wait", "retry_after": 2}},
            {"match": "nothing", "value": None},
        ]
    }
    model = ScriptedModel(read_script(data))
    assert say(model, "classify").text == '{"kind": "bug"}'
    assert say(model, "nothing").text == "null"
    assert say(model, "x").text == "plain"
    with pytest.raises(ModelFailure) as caught:
        say(model, "fail")
    assert caught.value.failure == Failure("rate_limit", "wait", 2)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("text", "list of answers"),
        ([3], "answer 1 of the model script is integer"),
        (["a", {"txt": "b"}], "answer 2 of the model script has an unknown field `txt`"),
        ([{"text": "a", "value": 1}], "text and value"),
        ([{"match": "a"}], "has no answer"),
        ([{"text": "a", "delay": "soon"}], "soon"),
        ([{"text": "a", "match": "/(/"}], "answer 1"),
        ([{"fail": "zork"}], "no known `fail` kind"),
    ],
)
def test_a_wrong_script_is_refused_with_its_place(data: Json, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read_script(data)


SCHEMAS: list[Json] = [
    {},
    True,
    {"type": "string", "minLength": 10, "maxLength": 12},
    {"type": "string", "maxLength": 2},
    {"type": "string", "format": "date-time"},
    {"type": "integer", "minimum": 3, "maximum": 9, "multipleOf": 4},
    {"type": "integer", "maximum": -3},
    {"type": "integer", "exclusiveMinimum": 0},
    {"type": "number", "exclusiveMinimum": 0, "maximum": 0.5},
    {"type": ["string", "null"]},
    {"enum": ["b", "a"]},
    {"const": {"a": 1}},
    {"type": "array", "items": {"type": "boolean"}, "minItems": 2},
    {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "string"}},
        "required": ["a"],
        "additionalProperties": False,
    },
    {"anyOf": [{"type": "object", "required": ["x"]}, {"type": "null"}]},
    {"allOf": [{"required": ["a"]}, {"properties": {"a": {"const": 1}}, "required": ["b"]}], "type": "object"},
    {
        "definitions": {"kind": {"enum": ["bug"]}},
        "type": "array",
        "items": {"$ref": "#/definitions/kind"},
        "minItems": 1,
    },
    {"required": ["kind"], "properties": {"kind": {"enum": ["bug"]}, "list": {"type": "array"}}},
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_a_value_made_up_for_a_schema_is_valid(schema: Json) -> None:
    assert value_problems(schema, value_for_schema(schema)) == []


def test_a_request_with_a_schema_and_no_answer_gets_a_made_up_value() -> None:
    schema = {"type": "object", "properties": {"kind": {"enum": ["bug"]}}, "required": ["kind"]}
    assert say(ScriptedModel([]), "x", schema).text == '{"kind": "bug"}'


def test_a_schema_beyond_invention_asks_for_an_answer() -> None:
    with pytest.raises(ValueError, match="no value could be made up"):
        value_for_schema({"type": "string", "pattern": "^[A-Z]{3}[0-9]+$"})


SEARCH = ToolSpec("search", "Find a page.", {"type": "object", "properties": {"query": {"type": "string"}}})


def test_a_script_can_call_tools_and_their_results_come_back_as_messages() -> None:
    calls = [{"name": "search", "arguments": {"query": "a"}}, {"name": "search"}]
    model = ScriptedModel(read_script([{"tool_calls": calls}, {"text": "and", "tool_calls": calls[:1]}, "done"]))
    first = asyncio.run(model.complete(ModelRequest((Message("user", "go"),), tools=(SEARCH,))))
    assert first.tool_calls == (ToolCall("call_1", "search", {"query": "a"}), ToolCall("call_2", "search", {}))
    assert (first.text, first.finish) == ("", "tool_calls")
    messages = (
        Message("user", "go"),
        Message("assistant", first.text, tool_calls=first.tool_calls),
        *(Message("tool", "found", tool_call_id=call.id) for call in first.tool_calls),
    )
    second = asyncio.run(model.complete(ModelRequest(messages, tools=(SEARCH,))))
    assert (second.text, second.tool_calls[0].id) == ("and", "call_3")


@pytest.mark.parametrize(
    ("calls", "words"),
    [
        ({"name": "a"}, "no list of calls"),
        ([{"arguments": {}}], "no call"),
        ([{"name": "a", "arg": 1}], "no call"),
        ([{"name": "search", "arguments": [1]}], "calls `search` with array"),
    ],
)
def test_a_wrong_tool_call_in_a_script_is_refused(calls: Json, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read_script([{"tool_calls": calls}])
