"""The JSON values that flow between steps, and a place in a YAML document."""

from __future__ import annotations

from typing import Any, TypeAlias

Json: TypeAlias = Any
"""None, bool, int, float, str, list of Json, or dict from str to Json. Typed as Any: Python cannot say it usefully."""

DocumentPath: TypeAlias = tuple[str | int, ...]
"""Keys and indexes from the document's root to a value: `('steps', 'publish', 'ask', 'choices', 0)`."""


def type_name(value: Json) -> str:
    """The JSON Schema name of a value's type; `integer` and `number` are told apart."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list() | tuple():
            return "array"
        case dict():
            return "object"
    return type(value).__name__
