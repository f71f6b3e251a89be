"""Filters that make one type out of another. A cast that cannot be made is an error unless a fall-back is given."""

from __future__ import annotations

import json
import math
from typing import NoReturn

from agentflow_cli.domain.json_value import Json
from agentflow_cli.foundation.strict_json import read_json
from agentflow_cli.language.expressions import limits
from agentflow_cli.language.expressions.filters_text import need_count, need_text
from agentflow_cli.language.expressions.missing import MISSING
from agentflow_cli.language.expressions.operators import a_type, checked_number, is_number, text_of
from agentflow_cli.language.expressions.problem import FunctionError


def to_integer(value: Json, default: Json = MISSING) -> Json:
    try:
        if isinstance(value, str):
            limits.check_text_size(len(value))
            return checked_number(int(value.strip().replace("_", "x")) if len(value) < 400 else _too_long())
        if is_number(value):
            return checked_number(int(value))
    except (ValueError, OverflowError, FunctionError):
        pass
    return _fall_back(value, default, "a whole number")


def to_float(value: Json, default: Json = MISSING) -> Json:
    try:
        if is_number(value) or (isinstance(value, str) and len(value) < 400 and "_" not in value):
            return checked_number(float(value))
    except (ValueError, OverflowError, FunctionError):
        pass
    return _fall_back(value, default, "a number")


def to_boolean(value: Json, default: Json = MISSING) -> Json:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    return _fall_back(value, default, "`true` or `false`")


def to_text(value: Json) -> str:
    return text_of(value)


def _too_long() -> NoReturn:
    raise ValueError


def _fall_back(value: Json, default: Json, wanted: str) -> Json:
    if default is not MISSING:
        return default
    what = f"`{value}`" if isinstance(value, str) and len(value) <= 40 else a_type(value)
    raise FunctionError(f"{what} is not {wanted}; a fall-back can be given as its argument")


def round_number(value: Json, precision: Json = 0, method: Json = "common") -> Json:
    if not is_number(value):
        raise FunctionError(f"it needs a number, not {a_type(value)}")
    digits = need_count(precision)
    if digits > 15:
        return float(value)
    if method == "common":
        return checked_number(float(round(value, digits)))
    if method not in ("ceil", "floor"):
        raise FunctionError("the method is 'common', 'ceil' or 'floor'")
    turn = math.ceil if method == "ceil" else math.floor
    return checked_number(turn(value * 10**digits) / 10**digits)


def absolute(value: Json) -> Json:
    if not is_number(value):
        raise FunctionError(f"it needs a number, not {a_type(value)}")
    return abs(value)


def to_json_text(value: Json, indent: Json = None) -> str:
    limits.check_built(value)
    spaces = None if indent is None else need_count(indent)
    if spaces is not None and spaces > 16:
        raise FunctionError("an indent is at most 16")
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=spaces)
    limits.check_text_size(len(text))
    return text


def from_json_text(value: Json) -> Json:
    try:
        return read_json(need_text(value))
    except json.JSONDecodeError as error:
        raise FunctionError(f"it is not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except ValueError as error:
        raise FunctionError(f"it is not JSON: {error}") from None
