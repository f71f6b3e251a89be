"""What an executor is given and what it gives back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import PlanAgent, PlanStep
from agentflow_cli.engine.operations import Operations
from agentflow_cli.engine.options import EngineOptions, Services
from agentflow_cli.ports.commands import OnProcess
from agentflow_cli.ports.people import Answer


@dataclass(frozen=True, slots=True)
class Outcome:
    output: Json
    beside: dict[str, Json] = field(default_factory=dict)
    usage: dict[str, Json] = field(default_factory=dict)
    reused: str | None = None
    """`cache` when it came from an earlier run."""


class Questions(Protocol):
    """Gets an answer from a person; see engine/questions.py."""

    async def answer(self, path: str, message: str, step: PlanStep) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt of one step, or of one child of its foreach."""

    step: PlanStep
    path: str
    templates: dict[str, Json]
    """The step's templates, rendered."""
    env: dict[str, Json]
    """The step's `env`, rendered."""
    key: str
    """The idempotency key: the same over all attempts."""
    run: str
    services: Services
    options: EngineOptions
    questions: Questions
    operations: Operations
    on_delta: Callable[[str], None]
    on_output: Callable[[str], None]
    on_process: OnProcess
    on_worker: OnProcess
    """As `on_process`, for a process that serves other steps too."""
    names: Mapping[str, Json] = field(default_factory=dict)
    """What the step's expressions could read."""
    agents: Mapping[str, PlanAgent] = field(default_factory=dict)
    """The agents that the run may call, by the name that `agent:NAME` uses."""

    def setting(self, name: str, default: Json = None) -> Json:
        return self.step.settings.get(name, default)


Executor = Callable[[Call], Awaitable[Outcome]]
