"""Tool calls as models write them, which may be anything, made into calls that can be carried out, or refused."""

from __future__ import annotations

from dataclasses import dataclass

from agentflow_cli.domain.failure import Failure
from agentflow_cli.domain.json_value import Json, type_name
from agentflow_cli.foundation.closest import closest
from agentflow_cli.ports.model import ModelFailure, ModelReply, ModelRequest, ToolCall
from agentflow_cli.services.llm.structured import parse_reply

_MOST_CALLS = 128
"""In one reply; what asks for more has lost its way."""


@dataclass(frozen=True, slots=True)
class WrittenCall:
    """A call as it came from a provider: nothing about it is known to hold."""

    id: Json
    name: Json
    arguments: Json
    """JSON text; some endpoints send the object itself, or null for none."""


def read_tool_calls(written: list[WrittenCall]) -> tuple[ToolCall, ...]:
    """The calls with their arguments parsed; ModelFailure `invalid_output` for a nameless one or broken arguments."""
    return tuple(_read(call, index) for index, call in enumerate(written, 1))


def check_tool_calls(reply: ModelReply, request: ModelRequest) -> None:
    """ModelFailure `invalid_output` when `reply` calls a tool that was not offered, or uses an id twice."""
    if not reply.tool_calls:
        return
    if len(reply.tool_calls) > _MOST_CALLS:
        raise _refused(f"asked for {len(reply.tool_calls):,} tool calls at once; {_MOST_CALLS} are the most")
    names = [tool.name for tool in request.tools]
    seen: set[str] = set()
    for call in reply.tool_calls:
        if call.name not in names:
            near = closest(call.name, names)
            offered = f"did it mean `{near}`? " if near else ""
            offered += "it was offered " + (", ".join(f"`{name}`" for name in names) or "none")
            raise _refused(f"called a tool `{call.name[:64]}` that does not exist; {offered}", call.name)
        if call.id in seen:
            raise _refused(f"used the id `{call.id[:64]}` for two tool calls", call.name)
        seen.add(call.id)


def _read(call: WrittenCall, index: int) -> ToolCall:
    if not isinstance(call.name, str) or not call.name:
        raise _refused("asked for a tool call without a name")
    arguments = call.arguments
    if arguments is None or arguments == "":
        arguments = {}
    elif isinstance(arguments, str):
        try:
            arguments = parse_reply(arguments)
        except ValueError as error:
            raise _refused(f"called `{call.name[:64]}` with arguments whose text {error}", call.name) from error
    if not isinstance(arguments, dict):
        raise _refused(f"called `{call.name[:64]}` with {type_name(arguments)} in place of an object", call.name)
    return ToolCall(str(call.id) if call.id not in (None, "") else f"call_{index}", call.name, arguments)


def _refused(what: str, tool: str | None = None) -> ModelFailure:
    data: dict[str, Json] = {"fault": "tool_call"}
    if tool is not None:
        data["tool"] = tool[:64]
    return ModelFailure(Failure("invalid_output", f"the model {what}", data=data))
