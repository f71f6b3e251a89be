"""A language model, as the engine sees one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from agentflow_cli.domain.failure import Failure
from agentflow_cli.domain.json_value import Json


@dataclass(frozen=True, slots=True)
class Message:
    role: str
    """`system`, `user` or `assistant`."""
    content: str


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


@dataclass(frozen=True, slots=True)
class ModelUsage:
    """Tokens of a call; clamped to what is possible, never negative."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True)
class ModelReply:
    text: str
    model: str
    """`provider/name` of what answered."""
    finish: str = "stop"
    """`stop` or `length`."""
    usage: ModelUsage = field(default_factory=ModelUsage)
    value: Json = None
    """The parsed and checked reply, when the request had a schema."""


class ModelFailure(Exception):
    """A call that gave no usable reply; `failure.kind` says whether another attempt may help."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


OnDelta = Callable[[str], None]
"""Told each piece of text as it comes. Provisional: a new attempt starts over, signalled by an empty string."""


class Model(Protocol):
    """Answers requests. Safe to call many times at once; cancelling the task ends the work."""

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelReply:
        """Raises ModelFailure; nothing else that its caller could mend."""
        ...
