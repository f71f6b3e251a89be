"""The composition root: the one place that joins ports to services. Everything is made when it is first asked for."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from agentflow_cli.application.runtime.dotenv import DotEnv, filled, read_dotenv
from agentflow_cli.application.runtime.paths import (
    SETTINGS_FILE,
    project_state,
    user_cache_directory,
    user_config_directory,
)
from agentflow_cli.application.runtime.settings import user_settings, with_user_settings
from agentflow_cli.foundation.clock import Clock, SystemClock

if TYPE_CHECKING:
    from agentflow_cli.application.runtime.secret_store import SecretStore
    from agentflow_cli.application.runtime.trust import Trust
    from agentflow_cli.domain.project import Project
    from agentflow_cli.engine.options import Services
    from agentflow_cli.ports.cache import Cache
    from agentflow_cli.ports.conversations import Conversations
    from agentflow_cli.ports.memory import Memory
    from agentflow_cli.services.journal.run_store import RunStore
    from agentflow_cli.services.llm.gateway import ModelGateway


class Container:
    """The services of the project at `root`."""

    def __init__(self, root: Path, environment: Mapping[str, str] | None = None, clock: Clock | None = None) -> None:
        self.root = root
        self.state = project_state(root)
        self.process_environment: Mapping[str, str] = dict(os.environ if environment is None else environment)
        self.dotenv = DotEnv()
        self.settings_file = user_config_directory(self.process_environment) / SETTINGS_FILE
        self.user_settings = user_settings(self.settings_file)
        self.environment = self._environment()
        self.clock = clock or SystemClock()
        self.script: str | None = None
        """What plays every model's part: the file of the answers, empty when they are made up; None: models do."""

    def read_dotenv(self) -> None:
        """From here on variables that are not set have what the project's `.env` says. To be called before services
        are made; by nothing that only looks. UsageError when it is no such file."""
        self.dotenv = read_dotenv(self.root)
        self.environment = self._environment()

    def _environment(self) -> dict[str, str]:
        """The variables that hold here: the process's, the project's `.env`, the user's settings."""
        before = filled(self.process_environment, self.dotenv)
        environment = with_user_settings(before, self.user_settings)
        if "AGENTFLOW_API_KEY" in environment and "AGENTFLOW_API_KEY" not in before:  # the user's file names it
            environment["AGENTFLOW_API_KEY"] = self._referred(environment["AGENTFLOW_API_KEY"], before) or ""
        return environment

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
        from agentflow_cli.services.llm.bindings import Bindings
        from agentflow_cli.services.llm.gateway import ModelGateway

        return ModelGateway(
            environment=self.environment,
            root=self.root,
            clock=self.clock,
            routes=expand(self.project.models),
            bindings=Bindings(lambda candidate: self.trust.granted(self.root, candidate), self.referred),
        )

    @functools.cached_property
    def memory(self) -> Memory:
        from agentflow_cli.services.memory.project_memory import ProjectMemory

        return ProjectMemory(self.root, self.state)

    @functools.cached_property
    def conversations(self) -> Conversations:
        """What agents were asked and answered before."""
        from agentflow_cli.services.memory.conversations import KeptConversations

        return KeptConversations(self.state / "conversations", self.clock)

    def secret(self, name: str) -> str | None:
        """The value of a secret, from where the project says that it is; None when it is not set."""
        return self.referred(self.project.secret(name))

    def referred(self, reference: str) -> str | None:
        """The value behind `env:NAME`, `store:NAME` or `file:PATH`; None when there is none."""
        return self._referred(reference, self.environment)

    def _referred(self, reference: str, environment: Mapping[str, str]) -> str | None:
        kind, _, place = reference.partition(":")
        if kind == "store":
            return self.secret_store.get(place)
        if kind != "file":
            return environment.get(place) or None
        try:
            return (self.root / Path(place).expanduser()).read_text(encoding="utf-8").rstrip("\n") or None
        except (OSError, UnicodeDecodeError):
            return None

    @functools.cached_property
    def trust(self) -> Trust:
        """What the user has granted to projects."""
        from agentflow_cli.application.runtime.trust import Trust

        return Trust(user_config_directory(self.process_environment) / "trust.json")

    @functools.cached_property
    def secret_store(self) -> SecretStore:
        """Secrets that the user keeps here."""
        from agentflow_cli.application.runtime.secret_store import SecretStore

        return SecretStore(user_config_directory(self.process_environment) / "secrets.json")

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
        from agentflow_cli.services.memory.conversations import PassingConversations
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
            conversations=self.conversations if self.script is None else PassingConversations(),
        )

    def close(self) -> None:
        """End what was made and goes on by itself."""
        if "models" in self.__dict__:
            self.models.close()
        if "cache" in self.__dict__:
            self.cache.close()
