"""The composition root: the one place that joins ports to services. Everything is made when it is first asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from agentflow_cli.application.runtime.paths import project_state
from agentflow_cli.foundation.clock import Clock, SystemClock
from agentflow_cli.services.journal.run_store import RunStore

if TYPE_CHECKING:
    from agentflow_cli.engine.options import Services
    from agentflow_cli.services.llm.gateway import ModelGateway
    from agentflow_cli.services.memory.project_memory import ProjectMemory


class Container:
    """The services of one project."""

    def __init__(self, root: Path, environment: Mapping[str, str] = os.environ, clock: Clock | None = None) -> None:
        self.root = root
        self.environment = environment
        self.clock = clock or SystemClock()

    @property
    def state_directory(self) -> Path:
        return project_state(self.root)

    @cached_property
    def runs(self) -> RunStore:
        return RunStore(self.state_directory, self.clock)

    @cached_property
    def memory(self) -> ProjectMemory:
        from agentflow_cli.services.memory.project_memory import ProjectMemory

        return ProjectMemory(self.root, self.state_directory)

    @cached_property
    def model(self) -> ModelGateway:
        from agentflow_cli.services.llm.gateway import ModelGateway

        return ModelGateway(environment=self.environment, root=self.root, clock=self.clock)

    @cached_property
    def command_environment(self) -> dict[str, str]:
        """What every command and function gets of the user's environment."""
        from agentflow_cli.services.tools.environment import base_environment

        return base_environment(self.environment)

    @cached_property
    def services(self) -> Services:
        """What an engine needs."""
        from agentflow_cli.engine.options import Services
        from agentflow_cli.services.tools.python_functions import WorkerFunctions
        from agentflow_cli.services.tools.shell import LocalCommands

        return Services(
            model=self.model,
            memory=self.memory,
            commands=LocalCommands(self.clock),
            functions=WorkerFunctions(self.root, self.command_environment, clock=self.clock),
            clock=self.clock,
        )
