"""Settings, and who says each: flag, variable, `.env`, project file, user file, default, the first that does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agentflow_cli.domain.json_value import Json, type_name
from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.errors import UsageError

if TYPE_CHECKING:
    from agentflow_cli.application.runtime.container import Container

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Known:
    """A setting that there is. `kind` is `text`, `whole` (a number), `switch`, or the values that it takes."""

    name: str
    about: str
    kind: str | tuple[str, ...] = "text"
    otherwise: str = ""
    """What holds where nothing is said."""
    secret: bool = False

    @property
    def variable(self) -> str:
        return f"AGENTFLOW_{self.name.upper()}"

    def problem(self, value: str) -> str | None:
        """What is wrong with `value`; None when it can hold."""
        if self.kind == "whole" and not (value.isascii() and value.isdigit() and 0 < int(value[:9]) <= 10_000):
            return "is not a whole number from 1 to 10000"
        if isinstance(self.kind, tuple) and value not in self.kind:
            return f"is not one of {', '.join(self.kind)}"
        return None


KNOWN = (
    Known("model", "the model of steps that name none; else what there is: agentflow models list"),
    Known("max_parallel", "steps under way at once", "whole", "16"),
    Known("no_input", "ask nobody", "switch"),
    Known("progress", "how a run is shown: auto, live, plain, none", otherwise="auto"),
    Known("color", "auto, always, never", otherwise="auto"),
    Known("base_url", "the server that `endpoint/NAME` means"),
    Known("api_key", "the key for that server", secret=True),
    Known("model_file", "weights of the embedded model"),
    Known("no_models", "refuse to call any model", "switch"),
    Known("allow_private", "let `http` steps reach private addresses", "switch"),
    Known("debug", "show tracebacks", "switch"),
)
BY_NAME = {known.name: known for known in KNOWN}
_FOR_USERS = tuple(known.name for known in KNOWN if known.name != "debug")
OF_PROJECTS = ("model", "max_parallel")
"""Those that a project file says too, and before the user's."""


@dataclass(frozen=True, slots=True)
class Said:
    value: str
    origin: str
    """A variable, `.env`, a file, or `default`."""


def user_settings(path: Path) -> dict[str, str]:
    """What the user's settings file says, as a variable would say it; nothing when there is none.

    UsageError when it is no such file.
    """
    if not path.is_file():
        return {}
    from agentflow_cli.diagnostics.diagnostic import Diagnostics, InvalidWorkflowError
    from agentflow_cli.language.loader.files import Files
    from agentflow_cli.language.loader.read import read_document

    found, files = Diagnostics(), Files()
    document = read_document(path, str(path), found, files)
    if found.has_errors:
        raise InvalidWorkflowError(found, files.sources)
    data = None if document is None else document.data
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise UsageError(f"{path} is {type_name(data)}", hint="write a mapping, as in `model: openai/gpt-5-mini`")
    return {name: _as_text(name, value, path) for name, value in data.items()}


def _as_text(name: str, value: Json, path: Path) -> str:
    if name not in _FOR_USERS:
        near = closest(name, _FOR_USERS)
        hint = f"did you mean `{near}`?" if near else "it may hold " + ", ".join(f"`{each}`" for each in _FOR_USERS)
        raise UsageError(f"{path} has an unknown setting `{name}`", hint=hint)
    known = BY_NAME[name]
    if known.kind == "switch":
        if not isinstance(value, bool):
            raise UsageError(f"{path}: `{name}` is true or false, not {type_name(value)}")
        return "1" if value else ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise UsageError(f"{path}: `{name}` cannot be {type_name(value)}")
    text = str(value)
    if known.secret and not text.startswith(("store:", "env:")):
        raise UsageError(
            f"{path}: `{name}` is a secret, and does not stand in a file",
            hint=f"keep it with `agentflow secrets set NAME`, and write `{name}: store:NAME`",
        )
    if problem := known.problem(text):
        raise UsageError(f"{path}: `{name}` {problem}")
    return text


def with_user_settings(environment: Mapping[str, str], user: Mapping[str, str]) -> dict[str, str]:
    """`environment` with what the user's file says where it is silent; not what a project may say before that."""
    kept = {name: value for name, value in user.items() if name not in OF_PROJECTS and value}
    return {**{BY_NAME[name].variable: value for name, value in kept.items()}, **environment}


def said(container: Container, name: str) -> Said:
    """What holds for the setting `name` where no flag says otherwise. UsageError when its value cannot be."""
    known, found = BY_NAME[name], None
    if value := container.process_environment.get(known.variable):
        found = Said(value, known.variable)
    elif known.variable not in container.process_environment and (value := container.dotenv.values.get(known.variable)):
        found = Said(value, ".env")
    elif name in OF_PROJECTS and getattr(container.project, name) is not None:
        found = Said(str(getattr(container.project, name)), container.project.file)
    elif value := container.user_settings.get(name):
        found = Said(value, str(container.settings_file))
    if found is None:
        return Said(known.otherwise, DEFAULT)
    if problem := known.problem(found.value):
        where = known.variable if found.origin == ".env" else found.origin
        beside = " in `.env`" if found.origin == ".env" else ""
        raise UsageError(f"{where}{beside} is `{found.value[:80]}`, which {problem}")
    return found
