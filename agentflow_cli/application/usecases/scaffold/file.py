"""A new file of a project: a workflow, an agent, a tool."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from pathlib import Path

from agentflow_cli.application.usecases.scaffold.project import SCHEMAS, with_modeline
from agentflow_cli.application.usecases.scaffold.templates import AGENT, TOOL, WORKFLOW
from agentflow_cli.application.usecases.scaffold.write import write_new
from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.errors import CannotCreateError, UsageError
from agentflow_cli.language.schema.files import schema_text

KINDS = ("workflow", "agent", "tool")
_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_FUNCTION = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class NewFile:
    """Paths relative to the project's root."""

    path: str
    also: tuple[str, ...]
    """What had to be written for it."""


def new_file(root: Path, kind: str, name: str) -> NewFile:
    """Write a first version. UsageError for a wrong kind or name, CannotCreateError when the file is there already."""
    path, text = _content(root, kind, name)
    if not write_new(root / path, text):
        raise CannotCreateError(f"{path} is there already", hint="it is left as it is; choose another name")
    also = []
    if f"{SCHEMAS}/{kind}.schema.json" in text:
        schema = f"{SCHEMAS}/{kind}.schema.json"
        if write_new(root / schema, schema_text(kind)):
            also.append(schema)
    return NewFile(path, tuple(also))


def _content(root: Path, kind: str, name: str) -> tuple[str, str]:
    if kind not in KINDS:
        near = closest(kind, KINDS)
        raise UsageError(
            f"`{kind}` is nothing that `new` can write; it writes {', '.join(KINDS)}",
            hint=f"did you mean `{near}`?" if near else None,
        )
    if kind == "tool":
        if not _FUNCTION.fullmatch(name) or keyword.iskeyword(name):
            hint = "small letters, digits and `_`, and no word of Python: it becomes a function"
            raise UsageError(f"`{name}` cannot be the name of a tool", hint=hint)
        return f"tools/{name}.py", TOOL.substitute(name=name)
    if not _NAME.fullmatch(name):
        said = name.removesuffix(".yaml").removesuffix(".yml").rpartition("/")[2].lower().replace(" ", "-")
        better = f"; `{said}` would be right" if _NAME.fullmatch(said) else ""
        raise UsageError(
            f"`{name}` cannot be the name of {'an agent' if kind == 'agent' else 'a workflow'}",
            hint=f"a letter, then small letters, digits, `_` and `-`{better}",
        )
    template = WORKFLOW if kind == "workflow" else AGENT
    return f"{kind}s/{name}.yaml", with_modeline(template, name, kind)
