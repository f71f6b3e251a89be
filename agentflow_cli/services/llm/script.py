"""The answers of a scripted model, and how a script file says them."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field

from agentflow_cli.domain.failure import KINDS, Failure
from agentflow_cli.domain.json_value import Json, type_name
from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.duration import parse_duration
from agentflow_cli.foundation.errors import UsageError
from agentflow_cli.ports.model import ModelRequest, ModelUsage, ToolCall

_FIELDS = ("match", "text", "value", "tool_calls", "fail", "delay", "finish", "times")

_CALL_FIELDS = {"id", "name", "arguments"}


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: `text`, or `value` as JSON, or `failure`; with `tool_calls`, `text` may be empty."""

    text: str = ""
    value: Json = None
    failure: Failure | None = None
    match: str | None = None
    times: int | None = None
    """How many requests it answers; None: one without `match`, all with it."""
    delay: float = 0.0
    """Seconds on the model's clock, before anything is said."""
    until: asyncio.Event | None = field(default=None, compare=False)
    """Waited for after the first piece of text, so that a test can look at a call that is under way."""
    finish: str = "stop"
    usage: ModelUsage | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    """An empty `id` becomes one that is new in the conversation."""

    def fits(self, request: ModelRequest) -> bool:
        if self.match is None:
            return True
        last = request.messages[-1].content if request.messages else ""
        if len(self.match) > 2 and self.match[0] == self.match[-1] == "/":
            return re.search(self.match[1:-1], last) is not None
        return self.match in last

    def words(self) -> str:
        return self.text if self.value is None else json.dumps(self.value, ensure_ascii=False)


def read_script(data: Json) -> list[Answer]:
    """The answers in what a YAML or JSON script file holds: a list, or `{answers: [...]}`. UsageError if it is wrong.

    An entry is a text, or a mapping with one of `text`, `value`, `tool_calls: [{name, arguments}]` (where a `text` may
    stand beside), `fail: {kind, message, retry_after}`, and perhaps `match`, `times`, `delay: 250ms`, `finish: length`.
    """
    if isinstance(data, dict) and set(data) == {"answers"}:
        data = data["answers"]
    if not isinstance(data, list):
        raise UsageError(
            f"a model script is a list of answers, and this is {type_name(data)}",
            hint="write `- text: Hello`, or `- {match: classify, value: {kind: bug}}`",
        )
    return [_from_entry(entry, index) for index, entry in enumerate(data, 1)]


def _from_entry(entry: Json, index: int) -> Answer:
    where = f"answer {index} of the model script"
    if isinstance(entry, str):
        return Answer(entry)
    if not isinstance(entry, dict):
        raise UsageError(f"{where} is {type_name(entry)}", hint="write a text, or a mapping with `text` or `value`")
    for key in entry:
        if key not in _FIELDS:
            near = closest(str(key), _FIELDS)
            hint = f"did you mean `{near}`?" if near else "an answer has " + ", ".join(f"`{name}`" for name in _FIELDS)
            raise UsageError(f"{where} has an unknown field `{key}`", hint=hint)
    said = [key for key in ("text", "value", "tool_calls", "fail") if key in entry]
    if len(said) != 1 and said != ["text", "tool_calls"]:
        hint = "give one of `text`, `value`, `tool_calls`, `fail`"
        raise UsageError(f"{where} has {' and '.join(said) or 'no answer'}", hint=hint)
    try:
        if isinstance(entry.get("match"), str):
            re.compile(entry["match"].strip("/"))
        return Answer(
            text=_text(entry),
            tool_calls=_tool_calls(entry["tool_calls"], where) if "tool_calls" in entry else (),
            failure=_failure(entry["fail"], where) if "fail" in entry else None,
            match=entry.get("match"),
            times=entry.get("times"),
            delay=parse_duration(entry["delay"]) if "delay" in entry else 0.0,
            finish=entry.get("finish", "stop"),
        )
    except (ValueError, TypeError, re.error) as error:
        raise UsageError(f"{where}: {error}") from error


def _text(entry: dict[str, Json]) -> str:
    if "value" in entry:
        return json.dumps(entry["value"], ensure_ascii=False)
    return str(entry.get("text", ""))


def _tool_calls(value: Json, where: str) -> tuple[ToolCall, ...]:
    """Each is `{name, arguments}`, with an `id` of one's own if need be."""
    hint = "write `tool_calls: [{name: search, arguments: {query: refunds}}]`"
    if not isinstance(value, list) or not value:
        raise UsageError(f"`tool_calls` of {where} is no list of calls", hint=hint)
    calls = []
    for call in value:
        if not isinstance(call, dict) or not isinstance(call.get("name"), str) or call.keys() - _CALL_FIELDS:
            raise UsageError(f"`tool_calls` of {where} holds something that is no call", hint=hint)
        arguments = call.get("arguments", {})
        if not isinstance(arguments, dict):
            raise UsageError(f"{where} calls `{call['name']}` with {type_name(arguments)}", hint=hint)
        calls.append(ToolCall(str(call.get("id", "")), call["name"], arguments))
    return tuple(calls)


def _failure(value: Json, where: str) -> Failure:
    if isinstance(value, str):
        value = {"kind": value}
    if not isinstance(value, dict) or value.get("kind") not in KINDS:
        raise UsageError(f"{where} has no known `fail` kind", hint="the kinds are " + ", ".join(KINDS))
    return Failure(value["kind"], str(value.get("message", "the script says so")), value.get("retry_after"))
