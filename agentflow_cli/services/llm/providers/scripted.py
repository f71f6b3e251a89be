"""A model that answers from a script: for tests, for trying a workflow out, and for CI. It calls nobody.

A script is a list of answers, used by two rules. One with `match` (a part of the last message, or `/a regex/`) answers
every request that it fits, `times` often if it says so, the first in the list first. One without answers the next
request that nothing else fits, once.
"""

from __future__ import annotations

import math
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TypeAlias

from agentflow_cli.domain.failure import Failure
from agentflow_cli.foundation.clock import Clock, SystemClock
from agentflow_cli.ports.model import ModelFailure, ModelReply, ModelRequest, ModelUsage, OnDelta
from agentflow_cli.services.llm.schema_values import value_for_schema
from agentflow_cli.services.llm.script import Answer

_PIECE = re.compile(r"\s*\S+|\s+$")

Script: TypeAlias = (
    Sequence[Answer | str | Failure] | Mapping[str, Answer | str | Failure] | Callable[[ModelRequest], Answer | str]
)


@dataclass(slots=True)
class _Entry:
    answer: Answer
    left: float = 0

    def __post_init__(self) -> None:
        once = 1 if self.answer.match is None else math.inf
        self.left = once if self.answer.times is None else self.answer.times


class ScriptedModel:
    """Answers by `script`; keeps the `requests` it got.

    A list is used in order, a mapping is from `match` to answer, a function is asked each time. Without a script
    every text request gets a fixed sentence; with one, a request that nothing fits is a failure. In both cases a
    request with a schema gets the smallest value that the schema allows, unless the script has an answer for it.
    """

    name = "scripted"
    real = False

    def __init__(self, script: Script | None = None, *, clock: Clock | None = None) -> None:
        self.requests: list[ModelRequest] = []
        self._clock = clock or SystemClock()
        self._function = script if callable(script) else None
        self._empty = script is None
        answers: list[Answer] = []
        if isinstance(script, Mapping):
            answers = [_answer(answer, match) for match, answer in script.items()]
        elif script is not None and not callable(script):
            answers = [_answer(answer) for answer in script]
        self._answers = [_Entry(answer) for answer in answers]

    def prepare(self) -> None:
        """Nothing to wait for."""

    @asynccontextmanager
    async def admission(self) -> AsyncIterator[None]:
        yield

    def close(self) -> None:
        """Nothing is held."""

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelReply:
        self.requests.append(request)
        answer = self._choose(request)
        if answer.delay:
            await self._clock.sleep(answer.delay)
        if answer.failure is not None:
            raise ModelFailure(answer.failure)
        text, finish = _cut(answer.words(), answer.finish, request)
        for piece in _PIECE.findall(text):
            if on_delta is not None:
                on_delta(piece)
            if answer.until is not None:
                await answer.until.wait()
        usage = answer.usage or ModelUsage(_count(request), len(_PIECE.findall(text)))
        calls = tuple(
            replace(call, id=call.id or _new_id(request, index)) for index, call in enumerate(answer.tool_calls)
        )
        return ModelReply(text, self.name, "tool_calls" if calls else finish, usage, tool_calls=calls, cost=0.0)

    def _choose(self, request: ModelRequest) -> Answer:
        if self._function is not None:
            return _answer(self._function(request))
        for entry in sorted(self._answers, key=lambda entry: entry.answer.match is None):
            if entry.left > 0 and entry.answer.fits(request):
                entry.left -= 1
                return entry.answer
        if request.schema is not None:
            try:
                return Answer(value=value_for_schema(request.schema), text="null")
            except ValueError as error:
                raise ModelFailure(Failure("model", f"the scripted model has no answer: {error}")) from error
        if self._empty:
            return Answer("This is a scripted answer; no model was asked.")
        last = request.messages[-1].content if request.messages else ""
        message = f"the script has no answer (left) for the request that ends in `{last[-60:]}`"
        raise ModelFailure(Failure("model", message))


def _answer(answer: Answer | str | Failure, match: str | None = None) -> Answer:
    if isinstance(answer, str):
        return Answer(answer, match=match)
    if isinstance(answer, Failure):
        return Answer(failure=answer, match=match)
    return answer if match is None else replace(answer, match=match)


def _new_id(request: ModelRequest, index: int) -> str:
    """An id that no earlier call of the conversation has, and the same whenever the same request is made."""
    return f"call_{sum(len(message.tool_calls) for message in request.messages) + index + 1}"


def _count(request: ModelRequest) -> int:
    return sum(len(message.content.split()) for message in request.messages)


def _cut(text: str, finish: str, request: ModelRequest) -> tuple[str, str]:
    """`text` as a real model would end it: at a stop sequence, or after `max_tokens` words."""
    for stop in request.stop:
        text = text.partition(stop)[0] if stop else text
    pieces = _PIECE.findall(text)
    if request.max_tokens is not None and len(pieces) > request.max_tokens:
        return "".join(pieces[: request.max_tokens]), "length"
    return text, finish
