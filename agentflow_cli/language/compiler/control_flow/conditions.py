"""What must hold for a condition to be true: its alternatives, each a set of facts about single values.

`a == 'x' and not b` has one alternative of two facts. A part that is not understood is a fact about itself, so that
nothing is ever concluded from it but that it cannot be both true and false.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from agentflow_cli.domain.json_value import Json
from agentflow_cli.foundation.hashing import canonical_json
from agentflow_cli.language.expressions import syntax as s
from agentflow_cli.language.expressions.calls import walk
from agentflow_cli.language.expressions.evaluate import FAULTS, Compiler, Frame
from agentflow_cli.language.expressions.operators import COMPARISONS, SYMBOLS, is_number
from agentflow_cli.language.expressions.problem import EvaluationError, ExpressionErrors
from agentflow_cli.language.expressions.template import compile_bare

MOST = 48
"""Alternatives of one condition that are looked at."""

ValueKey: TypeAlias = "tuple[str, object]"
"""A JSON value as a key: `true` is not 1, and 1 is 1.0."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What one alternative says of the value of `subject`, the text of an expression.

    `relation` is `in` or `not in` a set of values, or `<`, `<=`, `>`, `>=` a number.
    """

    subject: str
    relation: str
    values: tuple[ValueKey, ...]
    node: s.Node = field(compare=False)
    """The expression that the subject is."""
    operator: str = field(compare=False, default="")
    """As it was written: `eq`, `lt`, …; empty for an expression that is true or false itself."""
    value: Json = field(compare=False, default=None)

    @property
    def written(self) -> str:
        """The fact as an author would write it."""
        if not self.operator:
            return self.subject if self.values == (key_of(True),) else f"not {self.subject}"
        value = f"'{self.value}'" if isinstance(self.value, str) else canonical_json(self.value)
        return f"{self.subject} {SYMBOLS[self.operator]} {value if self.value is not None else 'none'}"

    @property
    def roots(self) -> frozenset[str]:
        """The names with which its chains begin."""
        return frozenset(inner.name for inner in walk(self.node) if isinstance(inner, s.Name))


Alternative: TypeAlias = "frozenset[Fact]"
Alternatives: TypeAlias = "tuple[Alternative, ...]"
"""Empty: it is never true. One that is empty: it is always true."""

ALWAYS: Alternatives = (frozenset(),)
NEVER: Alternatives = ()


class TooManyError(Exception):
    """There are more alternatives than are worth looking at."""


@functools.lru_cache(maxsize=4096)
def alternatives_of(text: str, true: bool = True) -> Alternatives | None:
    """When the bare expression `text` is true (or false); None when that cannot be said."""
    try:
        node = compile_bare(text).expression
        return None if node is None else alternatives(node, true)
    except (ExpressionErrors, TooManyError):
        return None


def alternatives(node: s.Node, true: bool = True) -> Alternatives:
    """When `node` is true, or when it is false. TooManyError."""
    match node:
        case s.Not(value=value):
            return alternatives(value, not true)
        case s.Logic(operator=operator, left=left, right=right):
            parts = [alternatives(left, true), alternatives(right, true)]
            return both(*parts) if (operator == "and") is true else either(*parts)
        case s.Conditional(test=test, then=then, otherwise=otherwise):
            return either(
                both(alternatives(test), alternatives(then, true)),
                both(alternatives(test, False), alternatives(otherwise, true)),
            )
    constant = constant_of(node)
    if constant is not UNKNOWN:
        return (ALWAYS if constant is true else NEVER) if isinstance(constant, bool) else _opaque(node, true)
    match node:
        case s.Compare(first=first, rest=rest):
            pairs = []
            left = first
            for operator, right in rest:
                pairs.append(_pair(left, operator if true else _OPPOSITE[operator], right))
                left = right
            return functools.reduce(both if true else either, pairs)
        case s.Test(name="none", value=value):
            return _fact(value, "eq" if true else "ne", None)
        case s.Test(name="undefined", value=value):
            return _opaque(s.Test(node.start, node.end, "defined", 0, 0, (), (), value), not true)
    return _opaque(node, true)


def both(first: Alternatives, second: Alternatives) -> Alternatives:
    """When two conditions are true together. TooManyError."""
    return _bounded(a | b for a in first for b in second)


def either(first: Alternatives, second: Alternatives) -> Alternatives:
    return _bounded((*first, *second))


def _bounded(found: Iterable[Alternative]) -> Alternatives:
    distinct = tuple(dict.fromkeys(found))
    if len(distinct) > MOST:
        raise TooManyError
    return ALWAYS if frozenset() in distinct else distinct


UNKNOWN: Json = object()


def constant_of(node: s.Node) -> Json:
    """The value of an expression that reads nothing; UNKNOWN for others, and where evaluating fails."""
    if isinstance(node, s.Literal):
        return node.value
    if any(isinstance(inner, s.Name) for inner in walk(node)):
        return UNKNOWN
    try:
        return Compiler().compile(node)(Frame({}))
    except (EvaluationError, *FAULTS):
        return UNKNOWN


_OPPOSITE = {"eq": "ne", "ne": "eq", "lt": "gteq", "gteq": "lt", "gt": "lteq", "lteq": "gt", "in": "notin",
             "notin": "in"}  # fmt: skip
_TURNED = {"eq": "eq", "ne": "ne", "lt": "gt", "gt": "lt", "lteq": "gteq", "gteq": "lteq"}


def _pair(left: s.Node, operator: str, right: s.Node) -> Alternatives:
    """When `left operator right` is true."""
    if constant_of(left) is not UNKNOWN and constant_of(right) is UNKNOWN and operator in _TURNED:
        left, operator, right = right, _TURNED[operator], left
    value = constant_of(right)
    if value is UNKNOWN:
        return _related(left, operator, right)
    known = constant_of(left)
    if known is not UNKNOWN:
        try:
            return ALWAYS if COMPARISONS[operator](known, value) else NEVER
        except FAULTS:
            return _opaque(s.Compare(left.start, right.end, left, ((operator, right),)), True)
    if operator in ("eq", "ne") or (operator in ("in", "notin") and isinstance(value, list)):
        return _fact(left, operator, value)
    if operator in ("lt", "lteq", "gt", "gteq") and is_number(value):
        return _fact(left, operator, value)
    return _related(left, operator, right)


def _related(left: s.Node, operator: str, right: s.Node) -> Alternatives:
    """Two values of which neither is known; `x == x` is."""
    if text_of(left) == text_of(right) and operator in _TURNED:
        return ALWAYS if operator in ("eq", "lteq", "gteq") else NEVER
    if operator in ("gt", "lteq"):
        left, operator, right = right, _TURNED[operator], left
    true = operator not in ("ne", "gteq", "notin")
    operator = operator if true else _OPPOSITE[operator]
    if operator == "eq" and text_of(right) < text_of(left):
        left, right = right, left
    return _opaque(s.Compare(left.start, right.end, left, ((operator, right),)), true)


def _opaque(node: s.Node, true: bool) -> Alternatives:
    return (frozenset({Fact(text_of(node), "in", (key_of(true),), node)}),)


def _fact(node: s.Node, operator: str, value: Json) -> Alternatives:
    relation = "in" if operator in ("eq", "in") else "not in" if operator in ("ne", "notin") else SYMBOLS[operator]
    values = tuple(map(key_of, value)) if operator in ("in", "notin") else (key_of(value),)
    return (frozenset({Fact(text_of(node), relation, values, node, operator, value)}),)


def key_of(value: Json) -> ValueKey:
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return type(value).__name__, value
    return ("number", value) if is_number(value) else ("json", canonical_json(value))


def text_of(node: s.Node) -> str:
    """An expression as text, the same for all spellings of it."""
    match node:
        case s.Literal(value=value):
            return f"'{value}'" if isinstance(value, str) else canonical_json(value)
        case s.Name(name=name):
            return name
        case s.Slice(lower=lower, upper=upper):
            return f"{'' if lower is None else text_of(lower)}:{'' if upper is None else text_of(upper)}"
        case s.Access(target=target, keys=keys):
            return text_of(target) + "".join(map(_key_text, keys))
        case s.Filter(value=value):
            return f"{text_of(value)} | {_applied(node)}"
        case s.Test(value=value):
            return f"{text_of(value)} is {_applied(node)}"
        case s.Call():
            return _applied(node)
        case s.Not(value=value):
            return f"not ({text_of(value)})"
        case s.Negate(value=value):
            return f"-({text_of(value)})"
        case s.Logic(operator=operator, left=left, right=right) | s.Binary(operator=operator, left=left, right=right):
            return f"({text_of(left)} {operator} {text_of(right)})"
        case s.Compare(first=first, rest=rest):
            return text_of(first) + "".join(f" {SYMBOLS[operator]} {text_of(right)}" for operator, right in rest)
        case s.Conditional(test=test, then=then, otherwise=otherwise):
            return f"({text_of(then)} if {text_of(test)} else {text_of(otherwise)})"
        case s.Concat(parts=parts):
            return " ~ ".join(map(text_of, parts))
        case s.ListOf(items=items):
            return f"[{', '.join(map(text_of, items))}]"
        case s.DictOf(pairs=pairs):
            return f"{{{', '.join(f'{text_of(key)}: {text_of(value)}' for key, value in pairs)}}}"
    return f"?{id(node)}"  # never the same as another


def _key_text(key: s.Key) -> str:
    value = key.value
    if isinstance(value, str):
        return f".{value}" if value.isidentifier() else f"['{value}']"
    return f"[{value}]" if isinstance(value, int) else f"[{text_of(value)}]"


def _applied(node: s.Applied) -> str:
    arguments = [*map(text_of, node.arguments), *(f"{name}={text_of(value)}" for name, value in node.keywords)]
    return f"{node.name}({', '.join(arguments)})" if arguments else node.name
