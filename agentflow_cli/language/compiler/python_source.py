"""Looks into a Python file without running it: which functions it has, and what they take."""

from __future__ import annotations

import ast
import contextlib
import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from agentflow_cli.domain.json_value import Json
from agentflow_cli.language.compiler.annotations import (
    UnknownTypeError,
    argument_schema,
    hint_problem,
    schema_of,
    with_default,
)
from agentflow_cli.language.compiler.definitions import Source, branches, source_of, stored
from agentflow_cli.language.compiler.hints import OwnNames
from agentflow_cli.language.compiler.parameter_uses import needs_an_object, nodes_of

_PLAIN = (ast.Constant, ast.JoinedStr, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
"""Expressions whose values cannot be called."""
_BINDS_UNSEEN = re.compile(rb"\b(?:globals|exec|setattr)\s*\(|\b(?:vars|locals)\s*\(\s*\)|\bsys\.modules\b")
HintSchema: TypeAlias = "Callable[[ast.expr, OwnNames], dict[str, Json]]"


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a function can be given by name."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    open: bool
    """It takes any other name too (`**rest`)."""
    schemas: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    """The JSON Schemas of the parameters whose type hint JSON can say."""
    source: Source | None = field(default=None, compare=False)
    """Where it is defined; None for what is built in."""
    returns: ast.expr | None = field(default=None, compare=False)
    """The type hint of what it gives; None also where a decorator may make something else of it."""
    yields: bool = field(default=False, compare=False)
    """It is a generator."""
    hints: Mapping[str, ast.expr] = field(default_factory=dict, compare=False)
    """The type hints that JSON cannot say, of the parameters that are used as something that JSON has not."""


HIDDEN = "*"
"""Among the names of a module that may have others, which only running it would tell: `from x import *`."""


def module_names(path: Path) -> dict[str, Parameters | None]:
    """The names of a module that could be called: with parameters for functions, None for what only running would tell.

    UnreadableSourceError.
    """
    return _names(source_of(path))


@functools.lru_cache(maxsize=64)
def _names(source: Source) -> dict[str, Parameters | None]:
    names = _bound(source.body, source)
    if _BINDS_UNSEEN.search(source.data):
        names[HIDDEN] = None
    return names


def is_plain_value(path: Path, name: str) -> bool:
    """Whether `name` is bound once in the file, to a number, a text, a list or the like, which nobody can call."""
    body = source_of(path).body
    bound = [
        node for statement in body for node in ast.walk(statement)
        if (isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load))
        or (isinstance(node, ast.Global) and name in node.names)
        or (isinstance(node, ast.alias) and name in (node.name, node.asname, "*"))
        or (isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name)
    ]  # fmt: skip
    for statement in body:
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


def tool_functions(path: Path) -> dict[str, Parameters | str]:
    """The public functions of a file with their parameters, or why one is no tool. UnreadableSourceError."""
    found: dict[str, Parameters | str] = {}
    source = source_of(path)
    for statement in source.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and not statement.name.startswith("_"):
            parameters = _parameters(statement, source, schema_of)
            if not (ast.get_docstring(statement) or "").strip():
                found[statement.name] = "it has no docstring, which would tell a model what it does"
            elif parameters is None or statement.args.vararg is not None:
                found[statement.name] = "it takes arguments by position; a tool is called by name"
            else:
                found[statement.name] = hint_problem(statement.args, source.own) or parameters
    return found


def _bound(body: Iterable[ast.stmt], source: Source) -> dict[str, Parameters | None]:
    """The names that `body` binds."""
    names: dict[str, Parameters | None] = {}
    for statement in body:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names[name] = None if statement.decorator_list else _parameters(statement, source)
                if name == "__getattr__":
                    names[HIDDEN] = None
            case ast.ClassDef(name=name):
                names[name] = None
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                if any(alias.name == HIDDEN for alias in aliases):
                    names = dict.fromkeys(names)  # each may be another one now
                names.update((alias.asname or alias.name.split(".")[0], None) for alias in aliases)
            case _:
                names.update(dict.fromkeys(stored(statement)))
                for branch in branches(statement):
                    for name, what in _bound(branch, source).items():  # it cannot be said which branch is taken
                        names[name] = what if names.get(name, what) == what else None
    return names


def _parameters(
    function: ast.FunctionDef | ast.AsyncFunctionDef, source: Source, hint_schema: HintSchema = argument_schema
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
    schemas = _schemas(arguments, source.own, hint_schema)
    own_result = not function.decorator_list
    hints = {
        argument.arg: argument.annotation
        for argument in (*arguments.args, *arguments.kwonlyargs)
        if argument.annotation is not None and argument.arg not in schemas and own_result
        and needs_an_object(function, argument.arg)
    }  # fmt: skip
    return Parameters(tuple(required), tuple(optional), arguments.kwarg is not None, schemas, source,
                      function.returns if own_result else None, own_result and _yields(function), hints)  # fmt: skip


def _yields(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether calling it gives a generator."""
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in nodes_of(function))


def _schemas(arguments: ast.arguments, own: OwnNames, hint_schema: HintSchema) -> dict[str, Mapping[str, Json]]:
    """What the type hints say of the parameters; a default of another type counts too (`x: str = None`)."""
    found: dict[str, Mapping[str, Json]] = {}
    named = arguments.args
    defaults: list[ast.expr | None] = [None] * (len(named) - len(arguments.defaults)) + list(arguments.defaults)
    for argument, default in zip((*named, *arguments.kwonlyargs), (*defaults, *arguments.kw_defaults), strict=True):
        if argument.annotation is None:
            continue
        with contextlib.suppress(UnknownTypeError):
            found[argument.arg] = with_default(hint_schema(argument.annotation, own), default)
    return found
