"""A language model, as the engine sees one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from agentflow_cli.domain.failure import Failure
from agentflow_cli.domain.json_value import Json


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool that the model may call."""

    name: str
    """Letters, digits, `_` and `-`, at most 64: what every provider takes."""
    description: str
    parameters: dict[str, Json]
    """The JSON Schema of its arguments, of type `object`."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that the model asks for. Its name is one of the request's tools; its arguments are checked by the tool."""

    id: str
    """Unique in its reply; the tool's answer names it."""
    name: str
    arguments: dict[str, Json]


@dataclass(frozen=True, slots=True)
class Message:
    role: str
    """`system`, `user`, `assistant`, or `tool` for what a tool answered."""
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    """What an assistant's message asked for: as it stood in the reply."""
    tool_call_id: str | None = None
    """For a `tool` message: which call it answers."""


@dataclass(frozen=True, slots=True)
class ModelRequest:
    messages: tuple[Message, ...]
    model: str | None = None
    """An alias, `provider/name`, or None for what there is."""
    schema: dict[str, Json] | None = None
    """The JSON Schema that the reply must match."""
    temperature: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    idempotency_key: str | None = None
    tools: tuple[ToolSpec, ...] = ()
    """What the model may call instead of, or beside, answering."""


@dataclass(frozen=True, slots=True)
class ModelUsage:
    """Tokens of a call; clamped to what is possible, never negative."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A model that was asked first and could not be had."""

    model: str
    """`provider/name`."""
    failure: Failure
    next: str
    """What was asked instead."""


@dataclass(frozen=True, slots=True)
class ModelReply:
    text: str
    model: str
    """`provider/name` of what answered."""
    finish: str = "stop"
    """`stop`, `length` or `tool_calls`."""
    usage: ModelUsage = field(default_factory=ModelUsage)
    value: Json = None
    """The parsed and checked reply, when the request had a schema and the reply calls no tool."""
    tool_calls: tuple[ToolCall, ...] = ()
    """Tools that the model wants called before it goes on: append the reply as an assistant's message and one `tool`
    message for each, and ask again."""
    cost: float | None = None
    """Dollars; None when the price is not known, which is not the same as nothing."""
    passed: tuple[PassedOver, ...] = ()
    """Models that were preferred to this one, in the order in which they were asked."""


class ModelFailure(Exception):
    """A call that gave no usable reply; `failure.kind` says whether another attempt may help."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


OnDelta = Callable[[str], None]
"""Told each piece of text as it comes. Provisional: a new attempt starts over, signalled by an empty string."""


OnPassed = Callable[[PassedOver], None]
"""Told of each model that could not be had, before the next one is asked."""


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars for one token."""

    input: float = 0.0
    output: float = 0.0
    cached: float | None = None
    """For input that the provider had in its cache; None: as other input."""
    long_from: int | None = None
    """Tokens of input above which a call has the price `long`."""
    long: Price | None = None

    def of(self, input_tokens: int, output_tokens: int, cached_tokens: int = 0) -> float:
        """Dollars for a call. `cached_tokens` are part of `input_tokens`."""
        if self.long is not None and self.long_from is not None and input_tokens > self.long_from:
            return self.long.of(input_tokens, output_tokens, cached_tokens)
        cached = self.input if self.cached is None else self.cached
        return (input_tokens - cached_tokens) * self.input + cached_tokens * cached + output_tokens * self.output


class Model(Protocol):
    """Answers requests. Safe to call many times at once; cancelling the task ends the work."""

    def resolve(self, name: str | None) -> str:
        """`provider/name` of the model that `name` means here. NotFoundError when there is none."""
        ...

    def price(self, name: str | None) -> Price | None:
        """What the model that `name` means costs; None when nobody knows. May read a file, and never the network."""
        ...

    def identify(self, name: str | None) -> str:
        """As `resolve`, with whatever else makes its answers those of another model: the project's parameters."""
        ...

    async def complete(
        self, request: ModelRequest, on_delta: OnDelta | None = None, on_passed: OnPassed | None = None
    ) -> ModelReply:
        """Raises ModelFailure; nothing else that its caller could mend."""
        ...
