"""Tools by name: what a `tool` step and an agent can call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from agentflow_cli.domain.json_value import Json
from agentflow_cli.ports.commands import OnOutput, OnProcess


@dataclass(frozen=True, slots=True)
class Tool:
    name: str
    """The shortest name that means it: `search`, or `docs.search` where several are called so."""
    description: str
    parameters: dict[str, Json]
    """The JSON Schema of its arguments, of type `object`."""
    origin: str
    """`tools/docs.py:search`, or `built in`."""
    effect: bool = True
    """Whether it may change the world outside."""


class Tools(Protocol):
    def list(self) -> list[Tool]:
        """All tools, by name."""
        ...

    def get(self, name: str) -> Tool:
        """The tool called `name`; NotFoundError with what would be right. Nothing of it is executed."""
        ...

    async def call(
        self,
        name: str,
        arguments: dict[str, Json],
        *,
        env: Mapping[str, str] | None = None,
        on_process: OnProcess,
        on_output: OnOutput | None = None,
    ) -> Json:
        """What the tool returns, its arguments checked first. Raises StepFailure with what went wrong.

        `env` is added to the environment of a Python tool for this call.
        """
        ...
