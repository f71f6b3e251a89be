"""JSON from outside, read strictly: what comes out can be written again, and means the same to every reader."""

from __future__ import annotations

import json
import math
from typing import Any


def read_json(text: str | bytes, *, distinct_keys: bool = True) -> Any:
    """The value in `text`. ValueError with a sentence when it is not JSON: NaN and infinities, numbers that become
    infinite or are too long, too deep nesting, and, unless `distinct_keys` is false, a key twice in one object.

    A mistake of syntax is a json.JSONDecodeError, which knows its place.
    """
    try:
        return json.loads(
            text,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_whole,
            object_pairs_hook=_distinct if distinct_keys else None,
        )
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"`{name}` is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"`{text[:40]}` is too large a number")
    return number


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:  # Python bounds the digits that it reads
        raise ValueError(f"a number of {len(text)} digits is too long") from None


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"it has the key `{twice}` twice in one object")
    return found
