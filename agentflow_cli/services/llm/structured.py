"""Replies that must match a JSON Schema: read strictly, checked, and asked for once more with the faults shown."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

from agentflow_cli.domain.failure import Failure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.foundation.strict_json import read_json
from agentflow_cli.foundation.terminal_text import clean
from agentflow_cli.language.schema.validator import matches, schema_fault
from agentflow_cli.language.schema.value_problems import value_problems
from agentflow_cli.ports.model import Message, ModelFailure, ModelReply, ModelRequest, ModelUsage

_FENCE = re.compile(r"^[ \t]*```[ \t]*(?:json)?[ \t]*\n(.*?)\n?^[ \t]*```[ \t]*$", re.DOTALL | re.MULTILINE)
_MOST_QUOTED = 200
"""Characters of a bad reply that a failure quotes."""


class _NotJson(ValueError):
    """Why a text is not one JSON value; its message completes `the reply …`."""


async def structured(request: ModelRequest, ask: Callable[[ModelRequest], Awaitable[ModelReply]]) -> ModelReply:
    """A reply whose `value` matches the request's schema: at once, or after one repair turn.

    ModelFailure `invalid_output` says what was wrong with the last reply. Usage counts both turns.
    """
    fault = schema_fault(request.schema)
    if fault is not None:  # before a call is paid for
        raise ModelFailure(Failure("model", f"the declared output cannot be checked: it is {fault[1]}"))
    reply = await ask(request)
    if reply.tool_calls:
        return reply
    value, problems = _checked(request, reply)
    if problems and reply.finish != "length":  # what was cut off would be cut off again
        first = reply
        messages = (*request.messages, Message("assistant", first.text), Message("user", _complaint(problems)))
        reply = await ask(replace(request, messages=messages))
        cost = None if first.cost is None or reply.cost is None else first.cost + reply.cost
        reply = replace(reply, usage=_sum(first.usage, reply.usage), cost=cost)
        if reply.tool_calls:
            return reply
        value, problems = _checked(request, reply)
    if problems:
        raise ModelFailure(_failure(reply, problems))
    return replace(reply, value=value)


def parse_reply(text: str) -> Json:
    """The one JSON value in `text`, which may stand in one code fence; ValueError says why it is not one.

    Duplicate keys, NaN, infinities and numbers that become one are refused: they mean different things to different
    readers.
    """
    text = text.strip()
    try:
        return _strict(text)
    except _NotJson:
        fenced = _FENCE.findall(text)
        if not fenced:
            raise
        if len(fenced) > 1:
            raise _NotJson(f"holds {len(fenced)} code blocks, so that it is open which one is meant") from None
        return _strict(fenced[0].strip())


def _strict(text: str) -> Json:
    if not text:
        raise _NotJson("is empty")
    try:
        return read_json(text)
    except json.JSONDecodeError as error:
        raise _NotJson(f"is not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error
    except ValueError as error:
        raise _NotJson(f"cannot be read as JSON: {error}") from error


def _checked(request: ModelRequest, reply: ModelReply) -> tuple[Json, list[str]]:
    """The value and what is wrong with it."""
    try:
        value = parse_reply(reply.text)
    except ValueError as error:
        return None, [f"the reply {error}"]
    if matches(request.schema, value):
        return value, []
    return value, [sentence for _, sentence in value_problems(request.schema, value)]


def _complaint(problems: list[str]) -> str:
    listed = "\n".join(f"- {problem}" for problem in problems)
    return f"That reply does not match the JSON Schema:\n{listed}\nReply again with the corrected JSON only."


def _failure(reply: ModelReply, problems: list[str]) -> Failure:
    if reply.finish == "length":
        message = (
            f"the reply was cut off after {reply.usage.output_tokens:,} tokens, before its JSON was complete: raise "
            "`max_tokens`, or ask for less"
        )
        return Failure("invalid_output", message, data={"reply": _quoted(reply.text)})
    message = "the reply does not match the declared output, also when asked again: " + "; ".join(problems)
    return Failure("invalid_output", message, data={"problems": list(problems), "reply": _quoted(reply.text)})


def _quoted(text: str) -> str:
    shown = clean(text)
    return shown if len(shown) <= _MOST_QUOTED else shown[: _MOST_QUOTED - 1] + "…"


def _sum(first: ModelUsage, second: ModelUsage) -> ModelUsage:
    return ModelUsage(
        first.input_tokens + second.input_tokens,
        first.output_tokens + second.output_tokens,
        first.cached_tokens + second.cached_tokens,
    )
