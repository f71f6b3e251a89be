"""Looks into a Python file without running it: which functions it has, and what they take."""

from __future__ import annotations

import ast
import contextlib
import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from agentflow_cli.domain.json_value import Json
from agentflow_cli.language.compiler.annotations import (
    OwnNames,
    UnknownTypeError,
    argument_schema,
    hint_problem,
    result_schema,
    schema_of,
)
from agentflow_cli.language.loader.files import is_file
from agentflow_cli.language.loader.uses import looked_at

_LARGEST = 2_000_000
"""Bytes."""
_PLAIN = (ast.Constant, ast.JoinedStr, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
"""Expressions whose values cannot be called."""
_BINDS_UNSEEN = re.compile(rb"\b(?:globals|exec|setattr)\s*\(|\b(?:vars|locals)\s*\(\s*\)|\bsys\.modules\b")
_TYPING = frozenset({"typing", "typing_extensions", "collections", "builtins", "__future__"})
"""Modules from which a type hint has the meaning that it has everywhere."""
_MARKS = frozenset(
    {"Any", "Literal", "Optional", "Union", "Annotated", "Required", "NotRequired", "TypedDict", "Final"}
)
"""Names that mean the same from whatever module they come."""
HintSchema: TypeAlias = "Callable[[ast.expr, OwnNames], dict[str, Json]]"


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


HIDDEN = "*"
"""Among the names of a module that may have others, which only running it would tell: `from x import *`."""


def module_names(path: Path) -> dict[str, Parameters | None]:
    """The names of a module that could be called: with parameters for functions, None for what only running would tell.

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
def _module_names(path: Path, modified: int, size: int) -> dict[str, Parameters | None] | UnreadableSourceError:
    """Of a file with its time and size, by which a change is seen."""
    try:
        data = _data(path)
        body = _parsed(data).body
    except UnreadableSourceError as error:
        return error.with_traceback(None)
    names = _bound(body, own_names(body))
    if _BINDS_UNSEEN.search(data):
        names[HIDDEN] = None
    return names


def is_plain_value(path: Path, name: str) -> bool:
    """Whether `name` is bound once in the file, to a number, a text, a list or the like, which nobody can call."""
    module = _parsed(_data(path))
    bound = [
        node for node in ast.walk(module)
        if (isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load))
        or (isinstance(node, ast.Global) and name in node.names)
        or (isinstance(node, ast.alias) and name in (node.name, node.asname, "*"))
        or (isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name)
    ]  # fmt: skip
    for statement in module.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=found)], value=value):
                pass
            case ast.AnnAssign(target=ast.Name(id=found), value=ast.expr() as value):
                pass
            case _:
                continue
        if found == name and len(bound) == 1:
            return isinstance(value, _PLAIN)
    return False


def own_names(body: Iterable[ast.stmt]) -> dict[str, ast.ClassDef | None]:
    """What a file gives a meaning of its own: its classes, and None for its other names, but not for typing's."""
    found: dict[str, ast.ClassDef | None] = {}
    waiting = list(body)
    while waiting:
        statement = waiting.pop()
        match statement:
            case ast.ClassDef(name=name):
                found[name] = None if name in found else statement
            case ast.ImportFrom(module=str(module), level=0) if module.partition(".")[0] in _TYPING:
                pass
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                usual = isinstance(statement, ast.Import)
                for alias in aliases:
                    name = alias.asname or alias.name.partition(".")[0]
                    if name not in _MARKS and not (usual and alias.name.partition(".")[0] in _TYPING):
                        found[name] = None
            case _:
                found.update((name, None) for name in _stored(statement) if name not in _MARKS)
                waiting += (inner for branch in _branches(statement) for inner in branch)
    return found


def _data(path: Path) -> bytes:
    try:
        data = path.read_bytes()[: _LARGEST + 1]
    except (ValueError, OSError) as error:
        raise UnreadableSourceError(str(error) or type(error).__name__) from None
    if len(data) > _LARGEST:
        raise UnreadableSourceError("it is too large")
    return data


def _parsed(data: bytes) -> ast.Module:
    try:
        return ast.parse(data)
    except SyntaxError as error:
        raise UnreadableSourceError(f"{error.msg} (line {error.lineno})", error.lineno) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise UnreadableSourceError(str(error) or type(error).__name__) from None


def tool_functions(path: Path) -> dict[str, Parameters | str]:
    """The public functions of a file with their parameters, or why one is no tool. UnreadableSourceError."""
    found: dict[str, Parameters | str] = {}
    body = _parsed(_data(path)).body
    own = own_names(body)
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and not statement.name.startswith("_"):
            parameters = _parameters(statement, own, schema_of)
            if not (ast.get_docstring(statement) or "").strip():
                found[statement.name] = "it has no docstring, which would tell a model what it does"
            elif parameters is None or statement.args.vararg is not None:
                found[statement.name] = "it takes arguments by position; a tool is called by name"
            else:
                found[statement.name] = hint_problem(statement.args, own) or parameters
    return found


def _bound(body: Iterable[ast.stmt], own: OwnNames) -> dict[str, Parameters | None]:
    """The names that `body` binds."""
    names: dict[str, Parameters | None] = {}
    for statement in body:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names[name] = None if statement.decorator_list else _parameters(statement, own)
                if name == "__getattr__":
                    names[HIDDEN] = None
            case ast.ClassDef(name=name):
                names[name] = None
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                if any(alias.name == HIDDEN for alias in aliases):
                    names = dict.fromkeys(names)  # each may be another one now
                names.update((alias.asname or alias.name.split(".")[0], None) for alias in aliases)
            case _:
                names.update(dict.fromkeys(_stored(statement)))
                for branch in _branches(statement):
                    for name, what in _bound(branch, own).items():  # it cannot be said which branch is taken
                        names[name] = what if names.get(name, what) == what else None
    return names


def _branches(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """The blocks of a statement that is not a definition, of which each may be executed or not."""
    if isinstance(statement, ast.If | ast.Try | ast.With | ast.For | ast.While | ast.Match | ast.TryStar):
        for part in (statement, *getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            for field in ("body", "orelse", "finalbody"):
                if block := getattr(part, field, None):
                    yield block


def _stored(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement itself gives values to, not the blocks in it."""
    match statement:
        case ast.Assign(targets=parts):
            pass
        case ast.AnnAssign(target=part) | ast.For(target=part) | ast.Expr(value=part) | ast.If(test=part):
            parts = [part]
        case ast.With(items=items):
            parts = [item.optional_vars for item in items if item.optional_vars is not None]
        case _:
            return
    for part in parts:
        for node in ast.walk(part):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id


def _parameters(
    function: ast.FunctionDef | ast.AsyncFunctionDef, own: OwnNames, hint_schema: HintSchema = argument_schema
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
    returns = None if function.returns is None else result_schema(function.returns, own)
    schemas = _schemas(arguments, own, hint_schema)
    return Parameters(tuple(required), tuple(optional), arguments.kwarg is not None, returns, schemas)


def _schemas(arguments: ast.arguments, own: OwnNames, hint_schema: HintSchema) -> dict[str, Mapping[str, Json]]:
    """What the type hints say of the parameters; a default of another type counts too (`x: str = None`)."""
    found: dict[str, Mapping[str, Json]] = {}
    named = arguments.args
    defaults: list[ast.expr | None] = [None] * (len(named) - len(arguments.defaults)) + list(arguments.defaults)
    for argument, default in zip((*named, *arguments.kwonlyargs), (*defaults, *arguments.kw_defaults), strict=True):
        if argument.annotation is None:
            continue
        with contextlib.suppress(UnknownTypeError):
            schema: Mapping[str, Json] = hint_schema(argument.annotation, own)
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
