"""The settings that hold here, and where each comes from."""

from __future__ import annotations

from dataclasses import dataclass

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.runtime.paths import (
    user_cache_directory,
    user_config_directory,
    user_state_directory,
)
from agentflow_cli.application.runtime.settings import DEFAULT, KNOWN, said
from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    value: str
    """Empty when nothing is set; `set` in place of what is secret."""
    origin: str
    """`AGENTFLOW_MODEL`, `.env`, `agentflow.yaml`, the user's file, or `default`."""
    about: str


def list_settings(container: Container) -> list[Setting]:
    """In a fixed order. What a command line says wins over all of it."""
    project = container.project
    found = []
    for known in KNOWN:
        holds = said(container, known.name)
        value = "set" if known.secret and holds.value else holds.value
        found.append(Setting(known.name, value, holds.origin, known.about))
    listed = {
        "timeout": ("" if project.timeout is None else f"{project.timeout:g}s", "the most time that a run may take"),
        "pass_env": (", ".join(project.pass_env), "variables that commands get besides the usual ones"),
        "tools": (", ".join(project.tools), "where Python tools are looked for"),
    }
    usual = type(project)(project.name)
    for name, (value, about) in listed.items():
        origin = DEFAULT if getattr(project, name) == getattr(usual, name) else project.file
        found.append(Setting(name, value, origin, about))
    return found


def setting(container: Container, name: str) -> Setting:
    """The one called `name`; NotFoundError with a suggestion."""
    settings = {each.name: each for each in list_settings(container)}
    if name in settings:
        return settings[name]
    near = closest(name, settings)
    raise NotFoundError(
        f"there is no setting `{name}`",
        hint=f"did you mean `{near}`?" if near else None,
        next_command="agentflow config list",
    )


def places(container: Container) -> dict[str, str]:
    """Where things are kept: what for → the path."""
    return {
        "project": str(container.root),
        "project file": str(container.root / "agentflow.yaml") if container.project.file else "",
        "state": str(container.state),
        "user settings": str(container.settings_file),
        "user configuration": str(user_config_directory(container.environment)),
        "user state": str(user_state_directory(container.environment)),
        "user cache": str(user_cache_directory(container.environment)),
    }
