"""Checks the names and arguments of filters, tests and functions, before anything is evaluated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from agentflow_cli.foundation.closest import closest, only_close, told
from agentflow_cli.language.expressions import syntax as s
from agentflow_cli.language.expressions.functions import ALIASES, FILTERS, FUNCTIONS, TESTS, Function
from agentflow_cli.language.expressions.problem import Problem

NAMING = {"map": 0, "select": 0, "reject": 0, "selectattr": 1, "rejectattr": 1}
"""Filters that take the name of a filter or test → at which argument."""


def check_calls(node: s.Node) -> Iterable[Problem]:
    """What is wrong with the filters, tests and functions of a tree."""
    for inner in walk(node):
        match inner:
            case s.Filter():
                yield from _check_filter(inner)
            case s.Test():
                yield from _check(inner, TESTS, "AF408", "test")
            case s.Call():
                yield from _check(inner, FUNCTIONS, "AF409", "function")


def walk(node: s.Node) -> Iterable[s.Node]:
    """`node` and every node in it."""
    waiting: list[s.Node] = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(list(children(current))))


def children(node: s.Node) -> Iterable[s.Node]:
    match node:
        case s.Access(target=target, keys=keys):
            yield target
            for key in keys:
                if isinstance(key.value, s.Slice):
                    yield from (part for part in (key.value.lower, key.value.upper) if part is not None)
                elif isinstance(key.value, s.Node):
                    yield key.value
        case s.ListOf(items=items):
            yield from items
        case s.DictOf(pairs=pairs):
            for pair in pairs:
                yield from pair
        case s.Applied(arguments=arguments, keywords=keywords):
            if isinstance(node, (s.Filter, s.Test)):
                yield node.value
            yield from arguments
            yield from (value for _, value in keywords)
        case s.Not(value=value) | s.Negate(value=value):
            yield value
        case s.Logic(left=left, right=right) | s.Binary(left=left, right=right):
            yield left
            yield right
        case s.Concat(parts=parts):
            yield from parts
        case s.Compare(first=first, rest=rest):
            yield first
            yield from (operand for _, operand in rest)
        case s.Conditional(test=test, then=then, otherwise=otherwise):
            yield from (then, test, otherwise)


def _check(node: s.Applied, table: Mapping[str, Function], code: str, what: str) -> Iterable[Problem]:
    function = table.get(node.name)
    if function is None:
        yield _unknown(node.name, node.name_start, node.name_end, table, code, what)
    else:
        yield from _check_arguments(function, node)


_OF_OTHERS = {
    "success": "a step runs when those that it needs have succeeded",
    "failure": "write `steps.ID.status == 'failed'`, or put the step under `on_failure`",
    "always": "what runs in any case stands under `finally`",
    "cancelled": "what runs in any case stands under `finally`, and reads `run.status`",
    "range": "write a list, `[0, 1, 2]`; a `repeat` counts with `iteration`",
    "format": "text is joined with `~`: `'Hello ' ~ inputs.name`",
    "now": "the time is asked by a step: `run: date`",
    "hashfiles": "a file is read by a step: `run: sha256sum …`",
    "if": "write `A if CONDITION else B`",
}
"""Functions of other languages, and what does the same here."""


def _unknown(name: str, start: int, end: int, table: Mapping[str, Function], code: str, what: str) -> Problem:
    written, name = name, name if name in ALIASES else name.lower()
    alias = ALIASES.get(name)
    near = alias if alias in table else closest(name, table)
    if near is not None:
        help = f"did you mean `{near}`?"
    elif table is not TESTS and name in TESTS:
        help = f"`{name}` is a test: write `… is {name} …`"
    elif table is not FILTERS and name in FILTERS:
        help = f"`{name}` is a filter: write `… | {FILTERS[name].signature}`"
    elif table is FUNCTIONS and name in _OF_OTHERS:
        help = _OF_OTHERS[name]
    elif name in FUNCTIONS:
        help = f"`{name}` is a function: write `{FUNCTIONS[name].signature}`"
    elif alias is not None and alias in FILTERS:
        help = f"use the filter: write `… | {FILTERS[alias].signature}`"
    else:
        help = f"the {what}s are: {', '.join(sorted(table))}"
    quote = (end - start - len(name)) // 2  # the name of a filter stands in quotes inside `map('upper')`
    sure = only_close(name, table) if quote in (0, 1) else None
    edits = ((start + quote, end - quote, sure),) if sure else ()
    return Problem(code, f"there is no {what} `{written}`", start, end, f"not a {what}", help, edits)


def _check_arguments(function: Function, node: s.Applied) -> Iterable[Problem]:
    names = function.parameters
    given = len(node.arguments)
    wrong = None
    seen = set(names[:given])
    if "…" not in names:
        if given > len(names):
            wrong = f"takes {_count(len(names))}, and {given} are given" if names else "takes no arguments"
        for name, _ in node.keywords:
            if name not in names:
                near = closest(name, names)
                wrong = f"has no argument `{name}`" + (f"; did you mean `{near}`?" if near else "")
            elif name in seen:
                wrong = f"is given `{name}` twice"
            seen.add(name)
    elif node.keywords:
        wrong = f"has no argument `{node.keywords[0][0]}`"
    if wrong is None:
        lacking = [name for name in names[: len(names) - function.optional] if name not in seen]
        if lacking:
            wrong = f"needs its argument `{lacking[0]}`"
    if wrong is not None:
        yield Problem("AF410", f"`{function.name}` {wrong}", node.name_start, node.end, None,
                      f"write `{function.signature}`, for example `{function.example}`")  # fmt: skip


def _count(number: int) -> str:
    return f"{number} argument" if number == 1 else f"{number} arguments"


def _check_filter(node: s.Filter) -> Iterable[Problem]:
    if node.name not in NAMING:
        yield from _check(node, FILTERS, "AF407", "filter")
        return
    if node.name == "map" and not node.arguments and node.keywords:
        allowed = Function("map", "", FILTERS["map"].example, None, ("attribute", "default"), 1)
        yield from _check_arguments(allowed, node)
        return
    problems = list(_check_arguments(FILTERS[node.name], node))
    if problems or (node.name == "map" and not node.arguments):
        yield from problems or [Problem("AF410", "`map` needs the name of a filter, or an attribute", node.name_start,
                                        node.end, None, "write `map('upper')` or `map(attribute='name')`")]  # fmt: skip
        return
    position = NAMING[node.name]
    if len(node.arguments) <= position:
        return
    named = node.arguments[position]
    table, code, what = (FILTERS, "AF407", "filter") if node.name == "map" else (TESTS, "AF408", "test")
    if not isinstance(named, s.Literal) or not isinstance(named.value, str):
        yield Problem("AF410", f"`{node.name}` needs the name of a {what} in quotes", named.start, named.end, None,
                      f"for example `{FILTERS[node.name].example}`")  # fmt: skip
        return
    function = table.get(named.value)
    if function is None:
        unknown = _unknown(named.value, named.start, named.end, table, code, what)
        if node.name == "map" and not unknown.edits:
            near = unknown.help if unknown.help is not None and "did you mean" in unknown.help else None
            unknown = unknown._replace(help=told(near, f"a field of each is `map(attribute='{named.value}')`"))
        yield unknown
    elif function.implementation is None:
        yield Problem("AF410", f"`{node.name}` cannot apply `{named.value}`", named.start, named.end)
    else:
        inner = s.Call(named.start, node.end, named.value, named.start, named.end,
                       node.arguments[position + 1 :], ())  # fmt: skip
        yield from _check_arguments(function, inner)
