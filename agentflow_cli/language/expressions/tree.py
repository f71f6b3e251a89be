"""Jinja2's nodes to ours: only what the language has; the rest is refused by name. Knows the classes by name alone."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from agentflow_cli.language.expressions import limits
from agentflow_cli.language.expressions import syntax as s
from agentflow_cli.language.expressions.problem import ExpressionErrors, Problem

RawToken = tuple[int, int, str, str]
"""(start, end, type, text), without white space."""

_BINARY = {"Add": "+", "Sub": "-", "Mul": "*", "Div": "/", "FloorDiv": "//", "Mod": "%", "Pow": "**"}


class TreeBuilder:
    """Builds one tree. `lineno` of the nodes given is the offset of their token; `offset` is added to all places."""

    def __init__(self, tokens: Sequence[RawToken], offset: int) -> None:
        self._tokens = tokens
        self._starts = [token[0] for token in tokens]
        self._offset = offset
        self._depth = 0

    def build(self, node: Any) -> s.Node:
        self._depth += 1
        if self._depth > limits.MAX_DEPTH:
            self._refuse("AF413", f"more than {limits.MAX_DEPTH} operations inside each other", node)
        name = type(node).__name__
        if name in _BINARY:
            left, right = self.build(node.left), self.build(node.right)
            built: s.Node = s.Binary(left.start, right.end, _BINARY[name], left, right)
        else:
            method: Callable[[Any], s.Node] | None = getattr(self, f"_build_{name.lower()}", None)
            if method is None:
                self._refuse("AF401", "this has no meaning here", node)
            built = method(node)
        self._depth -= 1
        return built

    # Places

    def _index(self, at: int) -> int:
        """The index of the token at `at`."""
        return bisect.bisect_left(self._starts, at)

    def _end(self, index: int) -> int:
        return self._tokens[min(index, len(self._tokens) - 1)][1] + self._offset

    def _start(self, index: int) -> int:
        return self._tokens[min(index, len(self._tokens) - 1)][0] + self._offset

    def _closing(self, index: int) -> int:
        """The index of the bracket that closes the one at `index`."""
        depth = 0
        for position in range(index, len(self._tokens)):
            text = self._tokens[position][3]
            if self._tokens[position][2] == "string":
                continue
            if text in "([{":
                depth += 1
            elif text in ")]}":
                depth -= 1
                if depth == 0:
                    return position
        return len(self._tokens) - 1

    def _refuse(self, code: str, message: str, node: Any, help: str | None = None) -> NoReturn:
        index = self._index(node.lineno)
        raise ExpressionErrors([Problem(code, message, self._start(index), self._end(index), None, help)])

    # Values

    def _build_const(self, node: Any) -> s.Node:
        index = self._index(node.lineno)
        last = index
        if isinstance(node.value, str):
            while last + 1 < len(self._tokens) and self._tokens[last + 1][2] == "string":
                last += 1
        elif not isinstance(node.value, bool) and node.value is not None and abs(node.value) > limits.MAX_NUMBER:
            self._refuse("AF413", "this number is too large", node)
        return s.Literal(self._start(index), self._end(last), node.value)

    def _build_name(self, node: Any) -> s.Node:
        index = self._index(node.lineno)
        return s.Name(self._start(index), self._end(index), node.name)

    def _build_list(self, node: Any) -> s.Node:
        index = self._index(node.lineno)
        items = tuple(self.build(item) for item in node.items)
        return s.ListOf(self._start(index), self._end(self._closing(index)), items)

    def _build_tuple(self, node: Any) -> s.Node:
        items = tuple(self.build(item) for item in node.items)
        at = self._offset + node.lineno
        return s.ListOf(items[0].start if items else at, items[-1].end if items else at + 1, items)

    def _build_dict(self, node: Any) -> s.Node:
        index = self._index(node.lineno)
        pairs = tuple((self.build(pair.key), self.build(pair.value)) for pair in node.items)
        return s.DictOf(self._start(index), self._end(self._closing(index)), pairs)

    # Access

    def _build_getattr(self, node: Any) -> s.Node:
        return self._access(node)

    def _build_getitem(self, node: Any) -> s.Node:
        return self._access(node)

    def _access(self, node: Any) -> s.Node:
        keys: list[s.Key] = []
        opening = self._index(node.lineno)
        end = self._end(self._closing(opening) if self._tokens[opening][3] == "[" else opening + 1)
        while type(node).__name__ in ("Getattr", "Getitem"):
            keys.append(self._key(node))
            node = node.node
        target = self.build(node)
        keys.reverse()
        return s.Access(target.start, end, target, tuple(keys))

    def _key(self, node: Any) -> s.Key:
        opening = self._index(node.lineno)
        if type(node).__name__ == "Getattr":
            return s.Key(self._start(opening + 1), self._end(opening + 1), node.attr)
        if self._tokens[opening][3] == ".":
            return s.Key(self._start(opening + 1), self._end(opening + 1), node.arg.value)
        closing = self._closing(opening)
        start, end = self._start(opening + 1), self._end(closing)
        argument = node.arg
        if type(argument).__name__ == "Slice":
            if argument.step is not None:
                self._refuse("AF401", "a slice has a start and an end, and no step", node)
            lower = None if argument.start is None else self.build(argument.start)
            upper = None if argument.stop is None else self.build(argument.stop)
            return s.Key(start, end, s.Slice(start, end, lower, upper))
        built = self.build(argument)
        value: str | int | s.Node = built
        if isinstance(built, s.Literal):
            if type(built.value) not in (str, int):
                self._refuse("AF401", "a field is named by a string, an element by its number", node)
            value = built.value
        elif isinstance(built, s.Negate) and isinstance(built.value, s.Literal) and type(built.value.value) is int:
            value = -built.value.value
        return s.Key(start, self._end(closing - 1), value)

    # Filters, tests, calls

    def _arguments(self, node: Any) -> tuple[tuple[s.Node, ...], tuple[tuple[str, s.Node], ...]]:
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            self._refuse("AF410", "`*` and `**` cannot stand before an argument", node)
        keywords = tuple((keyword.key, self.build(keyword.value)) for keyword in node.kwargs)
        return tuple(self.build(argument) for argument in node.args), keywords

    def _build_filter(self, node: Any) -> s.Node:
        value = self.build(node.node)
        index = self._index(node.lineno)
        arguments, keywords = self._arguments(node)
        last = index + 2 * node.name.count(".")
        end = last
        if last + 1 < len(self._tokens) and self._tokens[last + 1][3] == "(":
            end = self._closing(last + 1)
        return s.Filter(value.start, self._end(end), node.name, self._start(index), self._end(last),
                        arguments, keywords, value)  # fmt: skip

    def _build_test(self, node: Any) -> s.Node:
        value = self.build(node.node)
        index = self._index(node.lineno) + 1
        if self._tokens[index][3] == "not":
            index += 1
        arguments, keywords = self._arguments(node)
        end = self._end(index)
        for argument in (*arguments, *(value for _, value in keywords)):
            end = max(end, argument.end)
        return s.Test(value.start, end, node.name, self._start(index), self._end(index), arguments, keywords, value)

    def _build_call(self, node: Any) -> s.Node:
        target = node.node
        index = self._index(node.lineno)
        if type(target).__name__ == "Name":
            name = self._build_name(target)
            arguments, keywords = self._arguments(node)
            return s.Call(name.start, self._end(self._closing(index)), target.name, name.start, name.end,
                          arguments, keywords)  # fmt: skip
        if type(target).__name__ != "Getattr":
            self._refuse("AF409", "only functions can be called", node)
        key = self._key(target)
        message = f"`.{target.attr}()` is a method, and values have no methods"
        help = method_help(target.attr)
        raise ExpressionErrors([Problem("AF409", message, key.start, key.end, "cannot be called", help)])

    # Operators

    def _build_not(self, node: Any) -> s.Node:
        value = self.build(node.node)
        return s.Not(min(self._offset + node.lineno, value.start), value.end, value)

    def _build_neg(self, node: Any) -> s.Node:
        value = self.build(node.node)
        return s.Negate(self._offset + node.lineno, value.end, value)

    def _build_pos(self, node: Any) -> s.Node:
        return self.build(node.node)

    def _build_and(self, node: Any) -> s.Node:
        left, right = self.build(node.left), self.build(node.right)
        return s.Logic(left.start, right.end, "and", left, right)

    def _build_or(self, node: Any) -> s.Node:
        left, right = self.build(node.left), self.build(node.right)
        return s.Logic(left.start, right.end, "or", left, right)

    def _build_concat(self, node: Any) -> s.Node:
        parts = tuple(self.build(part) for part in node.nodes)
        return s.Concat(parts[0].start, parts[-1].end, parts)

    def _build_compare(self, node: Any) -> s.Node:
        first = self.build(node.expr)
        rest = tuple((operand.op, self.build(operand.expr)) for operand in node.ops)
        return s.Compare(first.start, rest[-1][1].end, first, rest)

    def _build_condexpr(self, node: Any) -> s.Node:
        then, test = self.build(node.expr1), self.build(node.test)
        if node.expr2 is None:
            raise ExpressionErrors(
                [Problem("AF401", "an `if` inside an expression needs an `else`", test.start, test.end, None,
                         "write `A if CONDITION else B`; a loop chooses with `{% if %}` inside, or `| selectattr(…)`")]
            )  # fmt: skip
        otherwise = self.build(node.expr2)
        return s.Conditional(then.start, otherwise.end, test, then, otherwise)


_METHODS = {
    "get": "default", "append": "+", "push": "+", "concat": "+", "format": "~", "size": "length", "find": "select",
    "includes": "contains", "touppercase": "upper", "tolowercase": "lower", "tostring": "string",
}  # fmt: skip


def method_help(name: str) -> str:
    from agentflow_cli.language.expressions.functions import ALIASES, FILTERS, TESTS

    small = name.lower()
    if small not in FILTERS and small not in TESTS:
        small = _METHODS.get(small) or ALIASES.get(small, small)
    if small in FILTERS:
        return f"use the filter: `… | {FILTERS[small].signature}`"
    if small in TESTS:
        return f"use the test: `… is {small} …`"
    if name == "slice":
        return "write `…[0:2]`"
    return f"use the operator `{small}`" if small in "+~" else "use a filter: `… | NAME`"
