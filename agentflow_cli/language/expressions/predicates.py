"""The tests that follow `is` and that `select` and `selectattr` name."""

from __future__ import annotations

from collections.abc import Mapping

from agentflow_cli.domain.json_value import Json
from agentflow_cli.language.expressions.filters_text import need_text
from agentflow_cli.language.expressions.missing import MISSING
from agentflow_cli.language.expressions.operators import COMPARISONS, a_type, contains, is_number
from agentflow_cli.language.expressions.problem import FunctionError


def defined(value: Json) -> bool:
    return value is not MISSING


def undefined(value: Json) -> bool:
    return value is MISSING


def none(value: Json) -> bool:
    return value is None


def string(value: Json) -> bool:
    return isinstance(value, str)


def number(value: Json) -> bool:
    return is_number(value)


def integer(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def boolean(value: Json) -> bool:
    return isinstance(value, bool)


def mapping(value: Json) -> bool:
    return isinstance(value, Mapping)


def sequence(value: Json) -> bool:
    return isinstance(value, (list, tuple))


def empty(value: Json) -> bool:
    if isinstance(value, (str, list, tuple, Mapping)):
        return len(value) == 0
    raise FunctionError(f"{a_type(value)} cannot be empty")


def _whole(value: Json) -> int:
    if not integer(value):
        raise FunctionError(f"it needs a whole number, not {a_type(value)}")
    return int(value)


def even(value: Json) -> bool:
    return _whole(value) % 2 == 0


def odd(value: Json) -> bool:
    return _whole(value) % 2 == 1


def divisibleby(value: Json, divisor: Json) -> bool:
    if _whole(divisor) == 0:
        raise FunctionError("division by zero")
    return _whole(value) % _whole(divisor) == 0


def eq(value: Json, other: Json) -> bool:
    return COMPARISONS["eq"](value, other)


def ne(value: Json, other: Json) -> bool:
    return COMPARISONS["ne"](value, other)


def lt(value: Json, other: Json) -> bool:
    return COMPARISONS["lt"](value, other)


def le(value: Json, other: Json) -> bool:
    return COMPARISONS["lteq"](value, other)


def gt(value: Json, other: Json) -> bool:
    return COMPARISONS["gt"](value, other)


def ge(value: Json, other: Json) -> bool:
    return COMPARISONS["gteq"](value, other)


def is_in(value: Json, container: Json) -> bool:
    return contains(container, value)


def has(value: Json, part: Json) -> bool:
    return contains(value, part)


def startswith(value: Json, beginning: Json) -> bool:
    return need_text(value).startswith(need_text(beginning))


def endswith(value: Json, ending: Json) -> bool:
    return need_text(value).endswith(need_text(ending))
