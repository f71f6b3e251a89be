"""Replies that must match a schema."""

from __future__ import annotations

import asyncio

import pytest

from agentflow_cli.domain.json_value import Json
from agentflow_cli.ports.model import Message, ModelFailure, ModelReply, ModelRequest
from agentflow_cli.services.llm.gateway import ModelGateway
from agentflow_cli.services.llm.providers.scripted import Answer, ScriptedModel
from agentflow_cli.services.llm.structured import parse_reply

KIND = {"type": "object", "properties": {"kind": {"enum": ["bug", "question"]}}, "required": ["kind"]}


def ask(*answers: Answer | str, deltas: list[str] | None = None) -> tuple[ModelReply, ScriptedModel]:
    model = ScriptedModel(list(answers))
    gateway = ModelGateway(environment={}, scripted=model)
    request = ModelRequest((Message("user", "Which kind?"),), schema=KIND)
    return asyncio.run(gateway.complete(request, None if deltas is None else deltas.append)), model


def test_a_good_reply_is_asked_for_once() -> None:
    reply, model = ask('{"kind": "bug"}')
    assert reply.value == {"kind": "bug"}
    assert len(model.requests) == 1


def test_a_wrong_value_is_asked_for_again_with_the_fault_shown() -> None:
    reply, model = ask('{"kind": "bag"}', '{"kind": "bug"}')
    assert reply.value == {"kind": "bug"}
    assert len(model.requests) == 2
    *before, said, complaint = model.requests[1].messages
    assert tuple(before) == model.requests[0].messages
    assert said == Message("assistant", '{"kind": "bag"}')
    assert complaint.role == "user"
    assert "kind" in complaint.content
    assert "bag" in complaint.content


def test_the_repair_turn_clears_what_was_streamed_and_counts_both_turns() -> None:
    deltas: list[str] = []
    reply, _ = ask('{"kind":"bag"}', '{"kind":"bug"}', deltas=deltas)
    assert "".join(deltas[deltas.index("") :]) == reply.text
    assert reply.usage.output_tokens == 2


def test_two_wrong_replies_are_a_failure_that_says_what_was_wrong() -> None:
    with pytest.raises(ModelFailure) as caught:
        ask("no idea", '{"kind": 3}')
    failure = caught.value.failure
    assert failure.kind == "invalid_output"
    assert "kind" in failure.message
    assert failure.data["reply"] == '{"kind": 3}'


def test_a_reply_that_was_cut_off_is_not_asked_for_again() -> None:
    model = ScriptedModel([Answer('{"kind": "b', finish="length"), '{"kind": "bug"}'])
    gateway = ModelGateway(environment={}, scripted=model)
    with pytest.raises(ModelFailure, match="max_tokens") as caught:
        asyncio.run(gateway.complete(ModelRequest((Message("user", "x"),), schema=KIND)))
    assert caught.value.failure.kind == "invalid_output"
    assert len(model.requests) == 1


def test_an_unusable_schema_is_blamed_on_the_schema() -> None:
    gateway = ModelGateway(environment={}, scripted=ScriptedModel(["{}"]))
    with pytest.raises(ModelFailure, match="declared output"):
        asyncio.run(gateway.complete(ModelRequest((Message("user", "x"),), schema={"type": "zork"})))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (' {"a": 1} ', {"a": 1}),
        ('```json\n{"a": 1}\n```', {"a": 1}),
        ("Here you are:\n```\n[1, 2]\n```\nAnything else?", [1, 2]),
        ("null", None),
        ('"with ``` inside"', "with ``` inside"),
    ],
)
def test_json_is_read_with_and_without_a_fence(text: str, value: Json) -> None:
    assert parse_reply(text) == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1, "a": 2}', "`a` twice"),
        ("NaN", "`NaN`"),
        ("[-Infinity]", "Infinity"),
        ("[1e999]", "too large"),
        ("9" * 5000, "too long"),
        ("[" * 100_000, "nested|not JSON"),
        ('{"a": 1} {"b": 2}', "not JSON"),
        ("```\n1\n```\nor\n```\n2\n```", "2 code blocks"),
        ("```json\n{'a': 1}\n```", "not JSON"),
        ("Sure! {1}", "not JSON"),
        ("", "empty"),
    ],
)
def test_what_is_not_one_json_value_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_reply(text)
