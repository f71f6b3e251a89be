"""What the operators do with JSON values: strictly typed, bounded in size, no surprises of Python."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping

from agentflow_cli.domain.json_value import Json, type_name
from agentflow_cli.language.expressions import limits
from agentflow_cli.language.expressions.problem import FunctionError


def is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def a_type(value: Json) -> str:
    """`an array`, `a string`, `null`: the type of a value, for a sentence."""
    name = "object" if isinstance(value, Mapping) else type_name(value)
    if name == "null":
        return name
    return f"an {name}" if name[0] in "aio" else f"a {name}"


def text_of(value: Json) -> str:
    """How a value stands in text: strings as they are, numbers and booleans as JSON; others are errors."""
    if isinstance(value, str):
        return value
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, (int, float)):
        return json.dumps(value)
    if value is None:
        raise FunctionError("null cannot stand in text; give a fall-back with `coalesce(…, 'text')`")
    raise FunctionError(f"{a_type(value)} cannot stand in text; write `| tojson`")


def equal(left: Json, right: Json) -> bool:
    """JSON equality: `1` is `1.0`, but `true` is not `1`."""
    if type(left) is type(right) and not isinstance(left, (list, dict)):
        return bool(left == right)
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(value, right[key]) for key, value in left.items())
    return bool(left == right)


def contains(container: Json, value: Json) -> bool:
    """Whether a list has an element, a text a part, an object a key."""
    if isinstance(container, str):
        if not isinstance(value, str):
            raise FunctionError(f"only a string can be in a string, not {a_type(value)}")
        return value in container
    if isinstance(container, (list, tuple)):
        if isinstance(value, str):
            return value in container
        return any(equal(element, value) for element in container)
    if isinstance(container, Mapping):
        return isinstance(value, str) and value in container
    raise FunctionError(f"nothing can be in {a_type(container)}")


def _comparable(left: Json, right: Json) -> None:
    if not (is_number(left) and is_number(right)) and not (isinstance(left, str) and isinstance(right, str)):
        raise FunctionError(f"{a_type(left)} and {a_type(right)} have no order; cast one, for example with `| int`")


def less(left: Json, right: Json) -> bool:
    _comparable(left, right)
    return bool(left < right)


def less_or_equal(left: Json, right: Json) -> bool:
    _comparable(left, right)
    return bool(left <= right)


COMPARISONS: Mapping[str, Callable[[Json, Json], bool]] = {
    "eq": equal,
    "ne": lambda left, right: not equal(left, right),
    "lt": less,
    "lteq": less_or_equal,
    "gt": lambda left, right: less(right, left),
    "gteq": lambda left, right: less_or_equal(right, left),
    "in": lambda left, right: contains(right, left),
    "notin": lambda left, right: not contains(right, left),
}
SYMBOLS = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">=", "in": "in", "notin": "not in"}
"""Comparisons as they are written."""


def checked_number(value: Json) -> Json:
    """The number, when JSON can say it and it is not beyond the cap."""
    if isinstance(value, float):
        if not math.isfinite(value):
            raise FunctionError("the result is not a finite number")
    elif isinstance(value, int):
        if value.bit_length() > limits.MAX_INTEGER_BITS:
            raise FunctionError("the result is too large a number")
    else:
        raise FunctionError("the result is not a real number")
    return value


def _numbers(symbol: str, left: Json, right: Json) -> None:
    if not (is_number(left) and is_number(right)):
        raise FunctionError(f"`{symbol}` needs two numbers, not {a_type(left)} and {a_type(right)}")


def add(left: Json, right: Json) -> Json:
    if isinstance(left, str) and isinstance(right, str):
        limits.check_text_size(len(left) + len(right))
        return left + right
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        joined = [*left, *right]
        limits.check_built(joined)
        return joined
    if not (is_number(left) and is_number(right)):
        hint = "; to join texts write `~`" if isinstance(left, str) or isinstance(right, str) else ""
        raise FunctionError(f"`+` cannot add {a_type(left)} and {a_type(right)}{hint}")
    return checked_number(left + right)


def multiply(left: Json, right: Json) -> Json:
    if isinstance(right, (str, list, tuple)):
        left, right = right, left
    if isinstance(left, (str, list, tuple)) and isinstance(right, int) and not isinstance(right, bool):
        times = max(right, 0)
        if isinstance(left, str):
            limits.check_text_size(len(left) * times)
            return left * times
        limits.check_built(left, max(times, 1))
        return list(left) * times
    _numbers("*", left, right)
    return checked_number(left * right)


def subtract(left: Json, right: Json) -> Json:
    _numbers("-", left, right)
    return checked_number(left - right)


def _division(symbol: str, operation: Callable[[Json, Json], Json]) -> Callable[[Json, Json], Json]:
    def divide(left: Json, right: Json) -> Json:
        _numbers(symbol, left, right)
        if right == 0:
            raise FunctionError("division by zero")
        return checked_number(operation(left, right))

    return divide


def power(left: Json, right: Json) -> Json:
    _numbers("**", left, right)
    if isinstance(left, int) and isinstance(right, int) and right > 0:
        if left.bit_length() * right > 2 * limits.MAX_INTEGER_BITS and abs(left) > 1:
            raise FunctionError("the result is too large a number")
    elif left == 0 and right < 0:
        raise FunctionError("division by zero")
    return checked_number(left**right)


BINARY: Mapping[str, Callable[[Json, Json], Json]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": _division("/", lambda left, right: left / right),
    "//": _division("//", lambda left, right: left // right),
    "%": _division("%", lambda left, right: left % right),
    "**": power,
}


def negate(value: Json) -> Json:
    if not is_number(value):
        raise FunctionError(f"`-` needs a number, not {a_type(value)}")
    return -value
