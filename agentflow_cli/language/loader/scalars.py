"""What a plain YAML scalar means by the core schema of YAML 1.2: `on` and `12:30` are strings, `012` is twelve."""

from __future__ import annotations

import re

from agentflow_cli.domain.json_value import Json

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEAN = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_OTHER_BASE = re.compile(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z")
_FIRST = frozenset("-+.0123456789~nNtTfF")
_LARGEST = 2**63


def resolve_plain(text: str) -> Json:
    """The value of an unquoted scalar; ValueError, with a message for people, for a number that JSON cannot hold."""
    if text in _NULL:
        return None
    if text[0] not in _FIRST:
        return text
    if text.isdecimal() and text.isascii() and len(text) < 19:
        return int(text)
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    if _INTEGER.match(text):
        return _integer(text, 10)
    if _FLOAT.match(text):
        number = float(text)
        if number - number != 0.0:
            raise ValueError("this number is too large")
        return number
    if _OTHER_BASE.match(text):
        return _integer(text[2:], 8 if text[1] == "o" else 16)
    if _NOT_FINITE.match(text):
        raise ValueError(f"`{text}` is not a number that JSON can hold")
    return text


def loses_zeros(text: str) -> bool:
    """Whether `text` is an integer with leading zeros, which its value does not keep."""
    digits = text.lstrip("+-")
    return len(digits) > 1 and digits[0] == "0" and digits.isdigit()


def _integer(digits: str, base: int) -> int:
    # The length is checked first: Python refuses to read very long integers, and slowly.
    if len(digits.lstrip("+-0")) > 22 or not -_LARGEST <= (number := int(digits, base)) < _LARGEST:
        raise ValueError("this integer does not fit into 64 bits")
    return number
