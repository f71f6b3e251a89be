"""How a Python function uses a parameter: whether any value that JSON can give would do."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_FIELDS = frozenset(name for kind in (str, int, float, bool, list, dict, type(None)) for name in dir(kind))
_ASKED = frozenset({"isinstance", "issubclass", "hasattr", "getattr", "type", "callable"})


def needs_an_object(function: ast.FunctionDef | ast.AsyncFunctionDef, parameter: str) -> bool:
    """Whether it fails for every value that JSON can give: it reads `file.read_text`, or `place.x` of its elements.

    False where the function may make something of the value first, or asks what it is.
    """
    nodes = list(nodes_of(function))
    if any(_is_changed_or_asked(node, parameter) for node in nodes):
        return False
    elements = {
        loop.target.id
        for loop in nodes
        if isinstance(loop, ast.For | ast.AsyncFor | ast.comprehension)
        and _is(loop.iter, parameter)
        and isinstance(loop.target, ast.Name)
    }
    used = {parameter} | elements
    return any(
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in used
        and node.attr not in _FIELDS
        for node in nodes
    )


def _is_changed_or_asked(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Name(ctx=ast.Store() | ast.Del()):
            return node.id == name
        case ast.Match(subject=subject):
            return _is(subject, name)
        case ast.Call(func=ast.Name(id=called), args=[asked, *_]):
            return called in _ASKED and _is(asked, name)
    return False


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def nodes_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    """What stands in the function itself, without the functions inside it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)
