"""A new project: the smallest repository in which everything works."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from string import Template

from agentflow_cli.application.runtime.paths import STATE_DIRECTORY
from agentflow_cli.application.usecases.scaffold.templates import HELLO, PROJECT, SCHEMA_LINE
from agentflow_cli.application.usecases.scaffold.write import write_new
from agentflow_cli.foundation.errors import AgentflowError
from agentflow_cli.foundation.files import storage_error
from agentflow_cli.foundation.plain_letters import plain_letters
from agentflow_cli.language.loader.project import PROJECT_FILE
from agentflow_cli.language.schema.files import schema_text

SCHEMAS = "schemas"
HELLO_FILE = "workflows/hello.yaml"


@dataclass(frozen=True, slots=True)
class Scaffolded:
    """Paths relative to `root`."""

    root: Path
    written: tuple[str, ...]
    kept: tuple[str, ...]
    """There already, and left as they are."""


def init_project(root: Path) -> Scaffolded:
    """Make `root` a project: project file, a first workflow, the schemas, and a `.gitignore` that leaves the state out.

    CannotCreateError, StorageError.
    """
    files = {
        PROJECT_FILE: with_modeline(PROJECT, _name(root), "project", beside=True),
        HELLO_FILE: with_modeline(HELLO, "hello", "workflow"),
        **{f"{SCHEMAS}/{schema}.schema.json": schema_text(schema) for schema in ("workflow", "project")},
    }
    written: list[str] = []
    kept: list[str] = []
    for name, text in files.items():
        (written if write_new(root / name, text) else kept).append(name)
    (written if _ignore_state(root / ".gitignore") else kept).append(".gitignore")
    return Scaffolded(root, tuple(written), tuple(kept))


def with_modeline(template: Template, name: str, schema: str, *, beside: bool = False) -> str:
    """The template's text, for a file in a directory of the project, or `beside` the directory of the schemas.

    Where there is no such schema there is no modeline.
    """
    try:
        schema_text(schema)
    except FileNotFoundError:
        return template.substitute(name=name, modeline="").removeprefix("\n")
    line = f"{SCHEMA_LINE}{'.' if beside else '..'}/{SCHEMAS}/{schema}.schema.json"
    return template.substitute(name=name, modeline=line)


def _name(root: Path) -> str:
    """The directory's name, spelt as names are."""
    kept = "".join(
        c if c.isascii() and (c.isalnum() or c in "_-") else "-" for c in plain_letters(root.absolute().name).lower()
    )
    return kept.lstrip("-_0123456789").rstrip("-_") or "project"


def _ignore_state(path: Path) -> bool:
    """Leave the state out of git; False when it is left out already."""
    line = f"{STATE_DIRECTORY}/"
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if {line, STATE_DIRECTORY, f"/{line}", f"/{STATE_DIRECTORY}"} & set(text.splitlines()):
            return False
        with path.open("a", encoding="utf-8") as stream:
            stream.write(("\n" if text and not text.endswith("\n") else "") + line + "\n")
    except UnicodeDecodeError:
        raise AgentflowError(f"{path} is not UTF-8 text", hint=f"add the line `{line}` to it") from None
    except OSError as error:
        raise storage_error(error, f"cannot write {path}") from error
    return True
