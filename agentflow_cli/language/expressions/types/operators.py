"""The types that operators give, option by option; None where they can give nothing but an error.

`operators.py` says what they do with values; this says the same of types.
"""

from __future__ import annotations

from collections.abc import Callable

from agentflow_cli.language.expressions.types.lattice import (
    ANY,
    INTEGER,
    NUMBER,
    NUMERIC,
    STRING,
    Array,
    Scalar,
    Type,
    may_be,
    options,
    union,
)


def binary(operator: str, left: Type, right: Type) -> Type | None:
    """The type of `left operator right`, operators `+ - * / // % **`."""
    rule = {"+": _add, "*": _multiply}.get(operator, _count)
    found = _pairs(left, right, rule)
    if found is INTEGER and operator in ("/", "**"):
        return NUMBER
    return found


def _pairs(left: Type, right: Type, rule: Callable[[Type, Type], Type | None]) -> Type | None:
    found = []
    for one in options(left):
        for other in options(right):
            result = rule(one, other)
            if result is ANY:
                return ANY
            if result is not None:
                found.append(result)
    return union(*found) if found else None


def _count(one: Type, other: Type) -> Type | None:
    known = [side.kind for side in (one, other) if side is not ANY]
    if not all(kind in NUMERIC for kind in known):
        return None
    return INTEGER if known == ["integer", "integer"] else NUMBER


def _add(one: Type, other: Type) -> Type | None:
    if one is ANY or other is ANY:
        known = other if one is ANY else one
        return ANY if known is ANY or known.kind in NUMERIC | {"string", "array"} else None
    if one.kind == other.kind == "string":
        return STRING
    if isinstance(one, Array) and isinstance(other, Array):
        return union(one, other)
    return _count(one, other)


def _multiply(one: Type, other: Type) -> Type | None:
    if one is ANY or other is ANY:
        known = other if one is ANY else one
        return ANY if known is ANY or known.kind in NUMERIC | {"string", "array"} else None
    for repeated, times in ((one, other), (other, one)):
        if repeated.kind in ("string", "array"):
            if not may_be(times, ("integer",)):
                return None
            return STRING if repeated.kind == "string" else repeated
    return _count(one, other)


def negation(value: Type) -> Type | None:
    found: list[Type] = []
    for option in options(value):
        if option is ANY:
            return ANY
        if isinstance(option, Scalar) and option.kind in NUMERIC:
            values = None if option.values is None else {-number: None for number in option.values}
            found.append(Scalar(option.kind, values))
    return union(*found) if found else None


def ordered(left: Type, right: Type) -> bool:
    """Whether there can be an order between them: two numbers, or two strings."""
    return any(may_be(left, kinds) and may_be(right, kinds) for kinds in (("integer", "number"), ("string",)))


def never_equal(left: Type, right: Type) -> bool:
    """Whether no value of the one is equal to a value of the other."""
    return all(_disjoint(one, other) for one in options(left) for other in options(right))


def _disjoint(one: Type, other: Type) -> bool:
    if one is ANY or other is ANY:
        return False
    if one.kind != other.kind and not {one.kind, other.kind} <= NUMERIC:
        return True
    if isinstance(one, Scalar) and isinstance(other, Scalar) and one.values is not None and other.values is not None:
        return one.values.keys().isdisjoint(other.values)
    return False
