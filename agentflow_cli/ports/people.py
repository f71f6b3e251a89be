"""A person who can be asked while a run goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from agentflow_cli.domain.events import AskOpened
from agentflow_cli.domain.json_value import Json


@dataclass(frozen=True, slots=True)
class Answer:
    """`values` is `{choice: …}`, or the form's fields. `rejected` says no, with `reason`."""

    values: dict[str, Json]
    by: str
    rejected: bool = False
    reason: str = ""
    at: float | None = None
    """When it was committed, in seconds since 1970; None before."""


class Person(Protocol):
    async def ask(self, question: AskOpened) -> Answer | None:
        """The answer, or None when nobody answers here (end of input): the run then waits durably."""
        ...
