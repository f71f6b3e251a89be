"""The tools of a Python file: its public functions that say what they take and do. Read, never imported."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import dataclass
from pathlib import Path

from agentflow_cli.domain.json_value import Json
from agentflow_cli.foundation.terminal_text import clean
from agentflow_cli.language.compiler.annotations import hint_problem, schema_of, with_default
from agentflow_cli.language.compiler.definitions import own_names
from agentflow_cli.language.compiler.hints import OwnNames

_LARGEST = 2_000_000
"""Bytes of a file."""
_LONGEST = 4_000
"""Characters of a description."""

_SECTION = re.compile(r"^(Args|Arguments|Parameters|Returns|Yields|Raises|Examples?|Notes?):?\s*$", re.IGNORECASE)
_PARAMETER = re.compile(r"^(\s*)\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)$")
_FIELD = re.compile(r"^\s*:param\s+(?:\w+\s+)?(\w+)\s*:\s*(.*)$")


class _NoToolError(ValueError):
    """A function that is no tool; the message says why."""


@dataclass(frozen=True, slots=True)
class PythonTool:
    function: str
    description: str
    parameters: dict[str, Json]


@dataclass(frozen=True, slots=True)
class ToolFile:
    """What a file offers; `refused` says of its other public functions, or of the file itself, why they are none."""

    tools: tuple[PythonTool, ...]
    refused: dict[str, str]


def read_tools(path: Path) -> ToolFile:
    """The tools in the file at `path`. Nothing is executed, and nothing is raised for what the file holds."""
    try:
        data = path.read_bytes()[: _LARGEST + 1]
        if len(data) > _LARGEST:
            return ToolFile((), {"": f"it is larger than {_LARGEST:,} bytes"})
        body = ast.parse(data).body
    except SyntaxError as error:
        return ToolFile((), {"": f"it is not Python: {error.msg} (line {error.lineno})"})
    except (ValueError, RecursionError, MemoryError, OSError) as error:
        return ToolFile((), {"": f"it cannot be read: {getattr(error, 'strerror', None) or error}"})
    own = own_names(body)
    tools: dict[str, PythonTool] = {}
    refused: dict[str, str] = {}
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            tools.pop(node.name, None)  # the last definition counts
            refused.pop(node.name, None)
            try:
                tools[node.name] = _tool(node, own)
            except _NoToolError as error:
                refused[node.name] = str(error)
    return ToolFile(tuple(tools.values()), refused)


def _tool(node: ast.FunctionDef | ast.AsyncFunctionDef, own: OwnNames) -> PythonTool:
    """_NoToolError when the function cannot be one; its message is a sentence."""
    docstring = ast.get_docstring(node, clean=True) or ""
    if not docstring.strip():
        raise _NoToolError("it has no docstring, which would tell a model what it does")
    arguments = node.args
    if arguments.posonlyargs or arguments.vararg:
        raise _NoToolError("it takes arguments by position; a tool is called by name")
    if problem := hint_problem(arguments, own):
        raise _NoToolError(problem)
    description, about = _said(docstring)
    properties: dict[str, Json] = {}
    required = []
    positional = arguments.args
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    for argument, default in [
        *zip(positional, defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]:
        assert argument.annotation is not None
        schema = with_default(schema_of(argument.annotation, own), default)
        if argument.arg in about:
            schema["description"] = about[argument.arg]
        if default is None:
            required.append(argument.arg)
        else:
            schema |= _default(default)
        properties[argument.arg] = schema
    parameters: dict[str, Json] = {"type": "object", "properties": properties}
    if required:
        parameters["required"] = required
    if arguments.kwarg is None:
        parameters["additionalProperties"] = False
    return PythonTool(node.name, description, parameters)


def _default(node: ast.expr) -> dict[str, Json]:
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return {}
    return {"default": value} if isinstance(value, str | int | float | bool | list | dict) else {}


def _said(docstring: str) -> tuple[str, dict[str, str]]:
    """The description before the first section, and what is said of each parameter (Google's or Sphinx's style)."""
    description: list[str] = []
    about: dict[str, str] = {}
    section, indent, current = "", "", ""
    for line in inspect.cleandoc(docstring).splitlines():
        if field := _FIELD.match(line):
            section, current = ":", field[1]
            about[current] = field[2]
        elif heading := _SECTION.match(line):
            section, indent, current = heading[1].lower(), "", ""
        elif (
            section in ("args", "arguments", "parameters")
            and (found := _PARAMETER.match(line))
            and (not indent or found[1] == indent)
        ):
            indent, current = found[1], found[2]
            about[current] = found[3]
        elif section == "" and not line.startswith(":"):
            description.append(line)
        elif current and line.strip() and not line.startswith(":"):
            about[current] = f"{about[current]} {line.strip()}".strip()
    return _short("\n".join(description)), {name: _short(text) for name, text in about.items()}


def _short(text: str) -> str:
    text = clean(text).strip()
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
