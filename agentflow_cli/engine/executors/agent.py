"""`agent`: a model that works on a task with tools, in turns, until it answers without calling any.

Each model call is the operation `turn:N/model` and each tool call `turn:N/ID`, recorded once: a resume, or another
attempt, goes on behind the last recorded one. A delegate's operations stand below the call that asked for it:
`turn:0/call_1/turn:0/model`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agentflow_cli.domain.codec import from_json, to_json
from agentflow_cli.domain.failure import TRANSIENT, Failure, StepFailure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import PlanAgent
from agentflow_cli.engine.executors.agent_conversation import earlier_turns, keep_turn
from agentflow_cli.engine.executors.agent_meter import LimitReached, Meter
from agentflow_cli.engine.executors.agent_tools import (
    NOTE,
    Offered,
    as_data,
    call_tool,
    check_arguments,
    offered,
    result_text,
)
from agentflow_cli.engine.executors.call import Call, Outcome
from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.errors import AgentflowError, StorageError
from agentflow_cli.language.expressions.problem import EvaluationError
from agentflow_cli.language.expressions.template import render_tree
from agentflow_cli.ports.model import Message, ModelFailure, ModelReply, ModelRequest, ModelUsage, ToolCall

DEEPEST = 4
"""How far agents may delegate."""
WIDTH = 8
"""Tool calls of one turn that are under way at once."""

_PLAIN_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_SMALL_REST = 4096
"""Tokens; a model is told how few are left only below this, for many take no larger number."""
_NOT_FOR_THE_MODEL = (*TRANSIENT, "auth", "denied", "internal", "cancelled")
"""Failures of a delegate's model that another attempt or a person must mend."""


async def execute(call: Call) -> Outcome:
    agent = call.step.agent
    assert agent is not None
    meter = Meter(agent.name, agent.limits)
    task = result_text(call.templates["task"])
    earlier = await earlier_turns(call, agent)
    answer = await _Conversation(call, agent, meter).answer(task, earlier)
    await keep_turn(call, agent, task, answer)
    return Outcome(answer, usage=meter.used())


class _Conversation:
    """One agent at work on one task. `prefix` begins the names of its operations."""

    def __init__(self, call: Call, agent: PlanAgent, meter: Meter, prefix: str = "", depth: int = 0) -> None:
        self._call, self._agent, self._meter, self._prefix, self._depth = call, agent, meter, prefix, depth
        self._tools = offered(call, agent.tools, call.agents)
        self._messages: list[Message] = []
        self._width = asyncio.Semaphore(WIDTH)

    async def answer(self, task: str, earlier: Sequence[Message] = ()) -> Json:
        """The agent's last word: text, or the value that its output declares. StepFailure."""
        self._messages = [Message("system", self._instructions()), *earlier, Message("user", task)]
        try:
            async with asyncio.timeout(self._meter.time) as deadline:
                return await self._take_turns()
        except TimeoutError as error:
            if deadline.expired():
                raise self._meter.out_of_time() from error
            raise

    def _instructions(self) -> str:
        """Rendered once, over what the author and the person who runs it gave: no word of a model or tool is in it."""
        names = {name: self._call.names[name] for name in ("inputs", "run", "project") if name in self._call.names}
        try:
            text = str(render_tree(self._agent.instructions, names))
        except EvaluationError as error:
            message = f"the instructions of `{self._agent.name}`: {error.message}"
            raise StepFailure(Failure("expression", message)) from error
        return f"{text.rstrip()}\n\n{NOTE}" if self._tools else text

    async def _take_turns(self) -> Json:
        for turn in range(self._meter.turns):
            self._meter.check()
            reply = await self._ask(turn)
            if reply is None:
                continue
            if not reply.tool_calls:
                return reply.text if self._agent.output is None else reply.value
            if turn + 1 == self._meter.turns:
                break
            self._messages.append(Message("assistant", reply.text, tool_calls=reply.tool_calls))
            names = _operation_names(reply.tool_calls)
            results = await asyncio.gather(
                *(
                    self._use(f"{self._prefix}turn:{turn}/{name}", tool_call)
                    for name, tool_call in zip(names, reply.tool_calls, strict=True)
                ),
                return_exceptions=True,  # what is under way is finished and recorded before one of them fails the step
            )
            for result in results:
                if isinstance(result, BaseException):
                    raise result
                self._messages.append(result)
        raise self._meter.out_of_turns()

    async def _ask(self, turn: int) -> ModelReply | None:
        """The model's reply; None when it could not be used and the model has been told so."""
        left = self._meter.tokens_left()
        cap = left if left is not None and left < _SMALL_REST else None
        request = ModelRequest(
            messages=tuple(self._messages),
            model=self._agent.model or self._call.options.default_model,
            schema=self._agent.output,
            max_tokens=cap,
            tools=tuple(tool.spec for tool in self._tools.values()),
        )

        async def effect(key: str) -> Json:
            on_delta = self._call.on_delta if self._depth == 0 else None
            if on_delta is not None:
                on_delta("")
            try:
                reply = await self._call.services.model.complete(
                    replace(request, idempotency_key=key), on_delta, self._call.operations.note_passed_over
                )
            except ModelFailure as error:
                if error.failure.data.get("fault") == "tool_call":
                    return {"refused": error.failure.message, "reply": to_json(_unusable(request, error.failure))}
                if cap is not None and error.failure.kind in ("invalid_output", "model"):
                    raise self._meter.out_of_tokens() from error
                raise StepFailure(error.failure) from error
            return {"reply": to_json(reply)}

        # How many tokens are left depends on what others do meanwhile: it is no part of what is asked.
        asked = to_json(replace(request, max_tokens=None))
        outcome = await self._call.operations.perform(f"{self._prefix}turn:{turn}/model", asked, effect)
        reply = from_json(ModelReply, outcome["reply"])
        self._meter.charge(reply)
        if "refused" in outcome:
            said = f"Your reply could not be used: {outcome['refused']}. Answer again."
            self._messages.append(Message("user", said))
            return None
        if cap is not None and reply.finish == "length" and not reply.tool_calls:
            raise self._meter.out_of_tokens()
        return reply

    async def _use(self, name: str, tool_call: ToolCall) -> Message:
        """The result of one tool call, for the model. A failure of the tool is a result, too."""
        live = False

        async def effect(_key: str) -> Json:
            nonlocal live
            live = True
            try:
                return await self._carry_out(name, tool_call)
            except StepFailure as error:
                if isinstance(error, LimitReached) or error.failure.data.get("of") == "delegate":
                    raise
                return {"error": result_text(error.failure.message)}
            except StorageError:
                raise
            except AgentflowError as error:
                return {"error": result_text(error.message)}

        async with self._width:
            request = {"tool": tool_call.name, "arguments": tool_call.arguments}
            outcome = await self._call.operations.perform(name, request, effect)
        self._meter.add({"tool_calls": 1, "cost": 0.0})
        if not live and "used" in outcome:
            self._meter.add(outcome["used"])
        failed = "error" in outcome
        content = as_data(outcome["error"] if failed else outcome["result"], failed=failed)
        return Message("tool", content, tool_call_id=tool_call.id)

    async def _carry_out(self, name: str, tool_call: ToolCall) -> dict[str, Json]:
        tool = self._tools.get(tool_call.name)
        if tool is None:
            return {"error": _unknown(tool_call.name, self._tools)}
        self._call.on_output(f"{self._agent.name} calls {tool.spec.name} {result_text(tool_call.arguments)[:200]}")
        if tool.kind == "agent":
            return await self._delegate(name, tool, tool_call.arguments)
        return {"result": result_text(await call_tool(self._call, tool, tool_call.arguments))}

    async def _delegate(self, name: str, tool: Offered, arguments: dict[str, Json]) -> dict[str, Json]:
        """Another agent's answer. Its own limits are its failure; what stops its model or its asker stops the step."""
        check_arguments(tool, arguments)
        if self._depth == DEEPEST:
            return {"error": f"agents delegate at most {DEEPEST} deep; do it yourself"}
        agent = self._call.agents[tool.name]
        meter = Meter(agent.name, agent.limits, self._meter)
        try:
            inner = _Conversation(self._call, agent, meter, f"{name}/", self._depth + 1)
            answer = await inner.answer(arguments["task"])
        except LimitReached as error:
            if error.meter is not meter:
                raise
            return {"error": error.failure.message, "used": meter.used()}
        except StepFailure as error:
            if error.failure.kind in _NOT_FOR_THE_MODEL:
                failure = replace(error.failure, data={**error.failure.data, "of": "delegate"})
                raise StepFailure(failure) from error
            return {"error": result_text(error.failure.message), "used": meter.used()}
        return {"result": result_text(answer), "used": meter.used()}


def _operation_names(calls: tuple[ToolCall, ...]) -> list[str]:
    """A name for each call of a turn: the provider's id where that is plain and new, else its number."""
    names: list[str] = []
    for index, call in enumerate(calls, 1):
        plain = _PLAIN_ID.fullmatch(call.id) and call.id != "model" and call.id not in names
        names.append(call.id if plain else f"call:{index}")
    return names


def _unknown(name: str, tools: Mapping[str, Offered]) -> str:
    near = closest(name, tools)
    hint = f"did you mean `{near}`? " if near else ""
    return f"there is no tool `{name[:64]}`; {hint}there are {', '.join(f'`{tool}`' for tool in tools) or 'none'}"


def _unusable(request: ModelRequest, failure: Failure) -> ModelReply:
    """Stands for a reply that was refused. What nobody says it used is estimated, at four characters a token."""
    used = failure.data.get("usage")
    if isinstance(used, dict):
        usage = ModelUsage(used.get("input_tokens", 0), used.get("output_tokens", 0))
        return ModelReply("", request.model or "", usage=usage, cost=used.get("cost"))
    tokens = sum(len(message.content) // 4 + 1 for message in request.messages)
    return ModelReply("", request.model or "", usage=ModelUsage(input_tokens=tokens))
