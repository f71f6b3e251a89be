"""Looks into a Python file without running it: which functions it has, and what they take."""

from __future__ import annotations

import ast
import contextlib
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from agentflow_cli.domain.json_value import Json
from agentflow_cli.language.compiler.annotations import UnknownTypeError, hint_problem, result_schema, schema_of
from agentflow_cli.language.loader.files import is_file
from agentflow_cli.language.loader.uses import looked_at

_LARGEST = 2_000_000
"""Bytes."""


class UnreadableSourceError(ValueError):
    """A file that is not Python; the message is a sentence about it. `line` is where Python stopped, from 1."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a function can be given by name."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    open: bool
    """It takes any other name too (`**rest`)."""
    returns: Mapping[str, Json] | None = None
    """The JSON Schema of what it gives, as far as its annotation says; None where there is none."""
    schemas: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    """The JSON Schemas of the parameters whose type hint JSON can say."""


def module_names(path: Path) -> dict[str, Parameters | None] | None:
    """The names of a module that could be called: with parameters for functions, None for what only running would tell.

    None instead of a mapping when the module imports names that cannot be seen (`from x import *`).
    UnreadableSourceError. However often it is asked, the file is parsed once.
    """
    try:
        status = path.stat()
    except (ValueError, OSError) as error:
        raise UnreadableSourceError(str(error)) from None
    found = _module_names(path, status.st_mtime_ns, status.st_size)
    if isinstance(found, UnreadableSourceError):
        raise found
    return found


@functools.lru_cache(maxsize=64)
def _module_names(path: Path, modified: int, size: int) -> dict[str, Parameters | None] | UnreadableSourceError | None:
    """Of a file with its time and size, by which a change is seen."""
    names: dict[str, Parameters | None] = {}
    try:
        body = _parsed(path).body
    except UnreadableSourceError as error:
        return error.with_traceback(None)
    return None if _collect(body, names, _classes(body)) else names


def _classes(body: Iterable[ast.stmt]) -> dict[str, ast.ClassDef]:
    return {statement.name: statement for statement in body if isinstance(statement, ast.ClassDef)}


def _parsed(path: Path) -> ast.Module:
    try:
        data = path.read_bytes()[: _LARGEST + 1]
        if len(data) > _LARGEST:
            raise UnreadableSourceError("it is too large")
        return ast.parse(data)
    except SyntaxError as error:
        raise UnreadableSourceError(f"{error.msg} (line {error.lineno})", error.lineno) from None
    except (ValueError, RecursionError, MemoryError, OSError) as error:
        raise UnreadableSourceError(str(error) or type(error).__name__) from None


def tool_functions(path: Path) -> dict[str, Parameters | str]:
    """The public functions of a file with their parameters, or why one is no tool. UnreadableSourceError."""
    found: dict[str, Parameters | str] = {}
    body = _parsed(path).body
    classes = _classes(body)
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and not statement.name.startswith("_"):
            parameters = _parameters(statement, classes)
            if not (ast.get_docstring(statement) or "").strip():
                found[statement.name] = "it has no docstring, which would tell a model what it does"
            elif parameters is None or statement.args.vararg is not None:
                found[statement.name] = "it takes arguments by position; a tool is called by name"
            else:
                found[statement.name] = hint_problem(statement.args, classes) or parameters
    return found


def _collect(
    body: Iterable[ast.stmt], names: dict[str, Parameters | None], classes: Mapping[str, ast.ClassDef]
) -> bool:
    """Add the names that `body` binds; whether there are names that cannot be seen."""
    hidden = False
    for statement in body:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names[name] = None if statement.decorator_list else _parameters(statement, classes)
            case ast.ClassDef(name=name):
                names[name] = None
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                for alias in aliases:
                    hidden = hidden or alias.name == "*"
                    names[alias.asname or alias.name.split(".")[0]] = None
            case ast.Assign(targets=targets):
                for node in targets:
                    names.update((inner.id, None) for inner in ast.walk(node) if isinstance(inner, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                names[name] = None
            case ast.If() | ast.Try() | ast.With() | ast.For() | ast.While():
                for _, inner in ast.iter_fields(statement):
                    if isinstance(inner, list):
                        parts = [part for part in inner if isinstance(part, ast.stmt)]
                        for handler in inner:
                            if isinstance(handler, ast.ExceptHandler):
                                parts.extend(handler.body)
                        hidden = _collect(parts, names, classes) or hidden
    return hidden


def _parameters(
    function: ast.FunctionDef | ast.AsyncFunctionDef, classes: Mapping[str, ast.ClassDef]
) -> Parameters | None:
    arguments = function.args
    if arguments.posonlyargs:
        return None
    named = [argument.arg for argument in arguments.args]
    without_default = len(named) - len(arguments.defaults)
    required = named[:without_default]
    optional = named[without_default:]
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        (required if default is None else optional).append(argument.arg)
    returns = None if function.returns is None else result_schema(function.returns, classes)
    schemas = _schemas(arguments, classes)
    return Parameters(tuple(required), tuple(optional), arguments.kwarg is not None, returns, schemas)


def _schemas(arguments: ast.arguments, classes: Mapping[str, ast.ClassDef]) -> dict[str, Mapping[str, Json]]:
    """What the type hints say of the parameters; a default of another type counts too (`x: str = None`)."""
    found: dict[str, Mapping[str, Json]] = {}
    named = arguments.args
    defaults: list[ast.expr | None] = [None] * (len(named) - len(arguments.defaults)) + list(arguments.defaults)
    for argument, default in zip((*named, *arguments.kwonlyargs), (*defaults, *arguments.kw_defaults), strict=True):
        if argument.annotation is None:
            continue
        with contextlib.suppress(UnknownTypeError):
            schema: Mapping[str, Json] = schema_of(argument.annotation, classes)
            if isinstance(default, ast.Constant) and default.value is None:
                schema = {"anyOf": [schema, {"type": "null"}]}
            found[argument.arg] = schema
    return found


def locate_module(root: Path, dotted: str) -> Path | None:
    """The file of module `dotted` when it lies in the project; None for one that is installed, or not there."""
    base = root.joinpath(*dotted.split("."))
    for candidate in (base.with_suffix(".py"), base / "__init__.py"):
        looked_at(candidate)
        if is_file(candidate):
            return candidate
    return None
