"""How a Python function uses a parameter: whether any value that JSON can give would do."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

_FIELDS = frozenset(name for kind in (str, int, float, bool, list, dict, type(None)) for name in dir(kind))
_ASKED = frozenset({"isinstance", "issubclass", "hasattr", "getattr", "type", "callable"})
_LEAVING = (ast.Return, ast.Break, ast.Continue)
_INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def needs_an_object(function: ast.FunctionDef | ast.AsyncFunctionDef, parameter: str) -> bool:
    """Whether it fails for every value that JSON can give: it reads `file.read_text`, or `place.x` of its elements,
    whatever its other arguments are. An empty list of elements, which would do, is not thought of.

    False where the function may make something of the value first, or asks what it is.
    """
    nodes = list(nodes_of(function))
    certain = list(_evaluated_in_any_case(function.body))
    elements = {
        loop.target.id
        for loop in certain
        if isinstance(loop, ast.For | ast.AsyncFor | ast.comprehension)
        and _is(loop.iter, parameter)
        and isinstance(loop.target, ast.Name)
    }
    used = {
        name
        for name in {parameter} | elements
        if sum(_binds(node, name) for node in nodes) == (name != parameter)
        and not any(_is_asked(node, name) for node in nodes)
    }
    return any(
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in used
        and node.attr not in _FIELDS
        for node in certain
    )


def _binds(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Name(ctx=ast.Store() | ast.Del()):
            return node.id == name
        case ast.ExceptHandler(name=bound) | ast.MatchAs(name=bound) | ast.MatchStar(name=bound):
            return bound == name
        case ast.alias(name=imported, asname=bound):
            return (bound or imported.split(".")[0]) == name
        case ast.FunctionDef(name=bound) | ast.AsyncFunctionDef(name=bound) | ast.ClassDef(name=bound):
            return bound == name
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            return name in names
    return False


def _is_asked(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Match(subject=subject):
            return any(_is(inner, name) for inner in ast.walk(subject))
        case ast.Call(func=ast.Name(id=called), args=[asked, *_]):
            return called in _ASKED and _is(asked, name)
    return False


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _evaluated_in_any_case(body: Iterable[ast.stmt]) -> Iterator[ast.AST]:
    """What is evaluated whenever `body` is run, as far as it is certain: not what stands behind a condition, nor what
    follows one that may leave, nor where a failure would be caught."""
    for statement in body:
        match statement:
            case ast.If(test=asked) | ast.While(test=asked) | ast.Match(subject=asked):
                yield from _evaluated(asked)
            case ast.For() | ast.AsyncFor():
                yield statement
                yield from _evaluated(statement.iter)
                yield from _evaluated_in_any_case(statement.body)
            case ast.Try(handlers=[]):
                yield from _evaluated_in_any_case([*statement.body, *statement.finalbody])
            case ast.With() | ast.AsyncWith():
                contexts = [item.context_expr for item in statement.items]
                for context in contexts:
                    yield from _evaluated(context)
                if any("suppress" in ast.unparse(context) for context in contexts):
                    return
                yield from _evaluated_in_any_case(statement.body)
            case ast.Try() | ast.TryStar() | ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                pass
            case _:
                yield from _evaluated(statement)
        if any(isinstance(node, _LEAVING) for node in _inside([statement])):
            return


def _evaluated(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a simple statement, or of an expression, that are evaluated whenever it is."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        match current:
            case ast.Lambda():
                pass
            case ast.IfExp(test=first) | ast.BoolOp(values=[first, *_]):
                waiting.append(first)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                loop = current.generators[0]
                waiting.append(loop.iter)
                yield loop
                if len(current.generators) == 1 and not loop.ifs:
                    made = [current.key, current.value] if isinstance(current, ast.DictComp) else [current.elt]
                    waiting += made
            case _:
                waiting += ast.iter_child_nodes(current)


def nodes_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    """What stands in the function itself, without the functions inside it."""
    return _inside(function.body)


def _inside(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _INNER):
            waiting += ast.iter_child_nodes(node)
