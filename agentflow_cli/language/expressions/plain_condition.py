"""`steps.a.output.score > 5 and not inputs.dry`: conditions and sums of plain chains, read without Jinja's parser.

The tree is the one that the parser would make; a test compares them. It costs a fifth, and a file that holds nothing
else is checked without loading Jinja at all. Whatever is not known here is left to the parser: brackets, calls of
functions, `in`, `is`, and everything that is wrong.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from agentflow_cli.language.expressions import syntax as s
from agentflow_cli.language.expressions.plain_chain import WORDS

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_TOKEN = re.compile(
    rf"""[ \t\n]*(?:(?P<chain>{_NAME}(?:\.{_NAME}){{0,20}})(?![\w.])
    |(?P<number>(?:0|[1-9][0-9]{{0,8}})(?![\w.]))
    |(?P<text>'[^'\\\r\n]*'|"[^"\\\r\n]*")
    |(?P<sign>==|!=|<=|>=|<|>|\+|-|\||\(|\)|,))""",
    re.VERBOSE,
)
_COMPARE = {"==": "eq", "!=": "ne", "<": "lt", "<=": "lteq", ">": "gt", ">=": "gteq"}
_VALUES = {"true": True, "True": True, "false": False, "False": False, "none": None, "None": None}
_MOST = 40
"""Tokens: far below what the parser would find too deep."""

_Token: TypeAlias = "tuple[str, str, int, int]"
"""Kind, text, start and end in the source."""
_END: _Token = ("end", "", 0, 0)


class _NotPlainError(Exception):
    """The parser has to read it."""


def read_condition(source: str, offset: int) -> s.Node | None:
    """The tree of `source`, which begins at `offset` of its string; None when it is not plain."""
    tokens: list[_Token] = []
    at, end = 0, len(source.rstrip(" \t\n"))
    while at < end:
        found = _TOKEN.match(source, at)
        if found is None or len(tokens) == _MOST:
            return None
        kind = found.lastgroup or ""
        tokens.append((kind, found[kind], found.start(kind) + offset, found.end(kind) + offset))
        at = found.end()
    reader = _Reader(tokens)
    try:
        node = reader.either()
    except _NotPlainError:
        return None
    return node if reader.at == len(tokens) else None


class _Reader:
    """One method for each rank of operators, as in Jinja's grammar: `or`, `and`, `not`, comparisons, sums, filters."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.at = 0

    def _next(self, *wanted: str) -> str | None:
        """The text of the next token, taken, when it is one of `wanted`."""
        if self.at < len(self.tokens) and self.tokens[self.at][1] in wanted and self.tokens[self.at][0] != "text":
            self.at += 1
            return self.tokens[self.at - 1][1]
        return None

    def either(self) -> s.Node:
        left = self._both()
        while self._next("or"):
            right = self._both()
            left = s.Logic(left.start, right.end, "or", left, right)
        return left

    def _both(self) -> s.Node:
        left = self._not()
        while self._next("and"):
            right = self._not()
            left = s.Logic(left.start, right.end, "and", left, right)
        return left

    def _not(self) -> s.Node:
        if self._next("not") is None:
            return self._comparison()
        start = self.tokens[self.at - 1][2]
        value = self._not()
        return s.Not(start, value.end, value)

    def _comparison(self) -> s.Node:
        first = self._sum()
        rest = []
        while sign := self._next(*_COMPARE):
            rest.append((_COMPARE[sign], self._sum()))
        return s.Compare(first.start, rest[-1][1].end, first, tuple(rest)) if rest else first

    def _sum(self) -> s.Node:
        left = self._filtered()
        while sign := self._next("+", "-"):
            right = self._filtered()
            left = s.Binary(left.start, right.end, sign, left, right)
        return left

    def _filtered(self) -> s.Node:
        node = self._operand()
        while self._next("|"):
            kind, name, start, end = self._take()
            if kind != "chain" or "." in name or name in WORDS:
                raise _NotPlainError
            arguments = self._arguments() if self._next("(") else ()
            node = s.Filter(node.start, self._last_end(), name, start, end, arguments, (), node)
        return node

    def _arguments(self) -> tuple[s.Node, ...]:
        """Of a filter, up to the bracket that closes them."""
        found = [self.either()]
        while self._next(","):
            found.append(self.either())
        if self._next(")") is None:
            raise _NotPlainError
        return tuple(found)

    def _operand(self) -> s.Node:
        kind, text, start, end = self._take()
        if kind == "number":
            return s.Literal(start, end, int(text))
        if kind == "text":
            return s.Literal(start, end, text[1:-1])
        if kind != "chain":
            raise _NotPlainError
        if text in _VALUES:
            return s.Literal(start, end, _VALUES[text])
        root, *links = text.split(".")
        if root in WORDS or not WORDS.isdisjoint(links):
            raise _NotPlainError
        name = s.Name(start, start + len(root), root)
        if not links:
            return name
        keys, place = [], name.end
        for link in links:
            keys.append(s.Key(place + 1, place + 1 + len(link), link))
            place += 1 + len(link)
        return s.Access(start, end, name, tuple(keys))

    def _last_end(self) -> int:
        return self.tokens[self.at - 1][3]

    def _take(self) -> _Token:
        self.at += 1
        return self.tokens[self.at - 1] if self.at <= len(self.tokens) else _END
