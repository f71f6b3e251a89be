"""The settings that hold here, and where each comes from."""

from __future__ import annotations

from dataclasses import dataclass

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.runtime.paths import user_cache_directory, user_state_directory
from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    value: str
    """Empty when nothing is set; `set` in place of what is secret."""
    origin: str
    """`AGENTFLOW_MODEL`, `agentflow.yaml`, or `default`."""
    about: str


_SECRET = frozenset({"api_key"})
_VARIABLES = (
    # name, variable, what holds without it, what it is about
    ("model", "AGENTFLOW_MODEL", "what there is", "the model of steps that name none"),
    ("max_parallel", "AGENTFLOW_MAX_PARALLEL", "16", "steps under way at once"),
    ("no_input", "AGENTFLOW_NO_INPUT", "", "ask nobody"),
    ("progress", "AGENTFLOW_PROGRESS", "auto", "how a run is shown: auto, live, plain, none"),
    ("color", "AGENTFLOW_COLOR", "auto", "auto, always, never"),
    ("base_url", "AGENTFLOW_BASE_URL", "", "the server that `endpoint/NAME` means"),
    ("api_key", "AGENTFLOW_API_KEY", "", "the key for that server"),
    ("model_file", "AGENTFLOW_MODEL_FILE", "", "weights of the embedded model"),
    ("no_models", "AGENTFLOW_NO_MODELS", "", "refuse to call any model"),
    ("allow_private", "AGENTFLOW_ALLOW_PRIVATE", "", "let `http` steps reach private addresses"),
    ("debug", "AGENTFLOW_DEBUG", "", "show tracebacks"),
)


def list_settings(container: Container) -> list[Setting]:
    """In a fixed order; a variable wins over the project file. What a command line says wins over both."""
    project = container.project
    said = {
        "model": project.model,
        "max_parallel": None if project.max_parallel is None else str(project.max_parallel),
    }
    found = []
    for name, variable, otherwise, about in _VARIABLES:
        value, origin = container.environment.get(variable, ""), variable
        if not value and said.get(name):
            value, origin = str(said[name]), project.file
        elif not value:
            value, origin = otherwise, "default"
        found.append(Setting(name, "set" if name in _SECRET and value else value, origin, about))
    listed = {
        "timeout": ("" if project.timeout is None else f"{project.timeout:g}s", "the most time that a run may take"),
        "pass_env": (", ".join(project.pass_env), "variables that commands get besides the usual ones"),
        "tools": (", ".join(project.tools), "where Python tools are looked for"),
    }
    usual = type(project)(project.name)
    for name, (value, about) in listed.items():
        origin = "default" if getattr(project, name) == getattr(usual, name) else project.file
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
        "user state": str(user_state_directory(container.environment)),
        "user cache": str(user_cache_directory(container.environment)),
    }
