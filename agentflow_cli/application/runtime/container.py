"""The composition root: the one place that joins ports to services. Everything is made when it is first asked for."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from agentflow_cli.application.runtime.paths import project_state, user_cache_directory
from agentflow_cli.foundation.clock import Clock, SystemClock

if TYPE_CHECKING:
    from agentflow_cli.domain.project import Project
    from agentflow_cli.engine.options import Services
    from agentflow_cli.ports.cache import Cache
    from agentflow_cli.ports.memory import Memory
    from agentflow_cli.services.journal.run_store import RunStore
    from agentflow_cli.services.llm.gateway import ModelGateway


class Container:
    """The services of the project at `root`."""

    def __init__(self, root: Path, environment: Mapping[str, str] | None = None, clock: Clock | None = None) -> None:
        self.root = root
        self.state = project_state(root)
        self.environment = dict(os.environ if environment is None else environment)
        self.clock = clock or SystemClock()
        self.script: str | None = None
        """What plays every model's part: the file of the answers, empty when they are made up; None: models do."""

    @functools.cached_property
    def runs(self) -> RunStore:
        from agentflow_cli.foundation.stamp import check_stamp
        from agentflow_cli.services.journal.run_store import RunStore

        directory = self.state / "runs"
        if os.path.lexists(directory):
            check_stamp(directory)  # runs that came with a stranger's repository are not read
        return RunStore(self.state, self.clock)

    def prepare_state(self) -> None:
        """Make the project's state directory, if it is not there: private, ours, and never committed."""
        from agentflow_cli.foundation.files import make_private_directory, write_private_file
        from agentflow_cli.foundation.stamp import stamp_directory

        make_private_directory(self.state)
        ignore = self.state / ".gitignore"
        if not ignore.exists():
            write_private_file(ignore, b"*\n")
        stamp_directory(self.state / "runs")

    @functools.cached_property
    def models(self) -> ModelGateway:
        from agentflow_cli.domain.models import expand
        from agentflow_cli.services.llm.gateway import ModelGateway

        return ModelGateway(
            environment=self.environment, root=self.root, clock=self.clock, routes=expand(self.project.models)
        )

    @functools.cached_property
    def memory(self) -> Memory:
        from agentflow_cli.services.memory.project_memory import ProjectMemory

        return ProjectMemory(self.root, self.state)

    def secret(self, name: str) -> str | None:
        """The value of a secret, from the variable or the file that the project names; None when it is not set."""
        kind, _, place = self.project.secret(name).partition(":")
        if kind != "file":
            return self.environment.get(place) or None
        try:
            return (self.root / Path(place).expanduser()).read_text(encoding="utf-8").rstrip("\n") or None
        except (OSError, UnicodeDecodeError):
            return None

    @functools.cached_property
    def cache(self) -> Cache:
        """Outcomes of the user's steps across runs and projects."""
        from agentflow_cli.services.cache.disk import DiskCache

        return DiskCache(user_cache_directory(self.environment) / "steps")

    @functools.cached_property
    def project(self) -> Project:
        """What `agentflow.yaml` says; its defaults where it is wrong, for the checks have said so."""
        from agentflow_cli.diagnostics.diagnostic import Diagnostics
        from agentflow_cli.language.loader.project import load_project

        return load_project(self.root, Diagnostics())

    @functools.cached_property
    def command_environment(self) -> dict[str, str]:
        """What every command and function of a workflow gets."""
        from agentflow_cli.services.tools.environment import base_environment

        return base_environment(self.environment, self.project.pass_env)

    def services(self) -> Services:
        """What an engine is given. Functions belong to one run: each call makes new ones."""
        from agentflow_cli.engine.options import Services
        from agentflow_cli.services.tools.http import HttpClient
        from agentflow_cli.services.tools.python_functions import WorkerFunctions
        from agentflow_cli.services.tools.registry import ToolRegistry
        from agentflow_cli.services.tools.shell import LocalCommands

        functions = WorkerFunctions(self.root, self.command_environment, clock=self.clock)
        http = HttpClient(self.environment, clock=self.clock)
        return Services(
            model=self.models,
            memory=self.memory,
            commands=LocalCommands(self.clock),
            functions=functions,
            clock=self.clock,
            http=http,
            tools=ToolRegistry(self.root, functions=functions, http=http, files=self.project.tools),
            cache=self.cache,
        )

    def close(self) -> None:
        """End what was made and goes on by itself."""
        if "models" in self.__dict__:
            self.models.close()
        if "cache" in self.__dict__:
            self.cache.close()
