"""What a project says about itself in `agentflow.yaml`; everything has a default, for the file may be missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from agentflow_cli.domain.models import ModelAlias
from agentflow_cli.foundation.nothing import NOTHING

TOOL_FILES = ("tools/*.py",)
"""Where the tools of every project are looked for."""

BUILT_IN_CHANNELS = ("terminal", "log")


class Channel(NamedTuple):
    """Where `notify` can send: a command that gets the message as its standard input, started in the project's root."""

    command: tuple[str, ...]


class Project(NamedTuple):
    name: str
    file: str = ""
    """The project file, relative to the root; empty when there is none."""
    description: str = ""
    models: Mapping[str, ModelAlias] = NOTHING
    """By the names that the project gives them."""
    model: str | None = None
    """Of steps and agents that name none."""
    max_parallel: int | None = None
    timeout: float | None = None
    """Seconds for a whole run."""
    pass_env: tuple[str, ...] = ()
    """Variables that commands and functions get besides the usual ones."""
    tools: tuple[str, ...] = TOOL_FILES
    """Patterns of Python files, relative to the root."""
    secrets: Mapping[str, str] = NOTHING
    """Name → `env:NAME`, `file:PATH` or `store:NAME`."""
    channels: Mapping[str, Channel] = NOTHING
    """By name, besides the built-in ones."""
    whole: bool = True
    """False when the file is wrong: then it may declare more than is known."""

    def secret(self, name: str) -> str:
        """Where the secret `name` comes from: what the file says, else the environment variable of that name."""
        return self.secrets.get(name, f"env:{name}")
