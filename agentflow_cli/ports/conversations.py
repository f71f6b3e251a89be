"""What agents and those who ask them have said to each other before, over many runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

KEPT = 20
"""Turns of a conversation that are kept, the newest: an older one is forgotten when another comes."""
LONGEST = 8_000
"""Characters of a task or an answer that are kept."""


@dataclass(frozen=True, slots=True)
class Turn:
    task: str
    answer: str


@dataclass(frozen=True, slots=True)
class ConversationInfo:
    agent: str
    name: str
    """Empty for the conversation of an agent whose steps name none."""
    turns: int
    updated_at: float
    """Seconds since 1970."""


class Conversations(Protocol):
    """The conversations of a project, by agent and name. Raises AgentflowError when they cannot be read or kept."""

    async def turns(self, agent: str, name: str) -> list[Turn]:
        """The turns that are kept, the oldest first."""
        ...

    async def add(self, agent: str, name: str, turn: Turn, key: str) -> None:
        """Keep `turn`. With a `key` that was given before, nothing happens."""
        ...

    def list(self) -> list[ConversationInfo]:
        """All of them, the newest first."""
        ...

    def forget(self, agent: str, name: str | None) -> int:
        """Forget the conversation `name` of the agent, or all of its conversations; how many turns there were."""
        ...
