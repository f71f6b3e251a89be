"""A JSON Schema and every schema in it, with the path to each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentflow_cli.domain.json_value import DocumentPath, Json

_ONE = ("items", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else")
_SEVERAL = ("allOf", "anyOf", "oneOf")
_NAMED = ("properties", "patternProperties", "definitions", "$defs")
_HOLDING = frozenset((*_ONE, *_SEVERAL, *_NAMED))
_COMPOSED = frozenset({*_SEVERAL, "not", "if", "$ref"})

_DEEPEST = 40


def schemas_in(schema: Json, path: DocumentPath) -> list[tuple[dict[str, Any], DocumentPath]]:
    """`schema` and those below it that are mappings, the outer ones first."""
    found: list[tuple[dict[str, Any], DocumentPath]] = []
    _collect(schema, path, 0, found)
    return found


def _collect(schema: Json, path: DocumentPath, depth: int, found: list[tuple[dict[str, Any], DocumentPath]]) -> None:
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return
    found.append((schema, path))
    if schema.keys().isdisjoint(_HOLDING):
        return
    for key in _ONE:
        if key in schema:
            _collect(schema[key], (*path, key), depth + 1, found)
    for key in _SEVERAL:
        options = schema.get(key)
        for position, option in enumerate(options if isinstance(options, list) else ()):
            _collect(option, (*path, key, position), depth + 1, found)
    for key in _NAMED:
        named = schema.get(key)
        for name, option in named.items() if isinstance(named, dict) else ():
            _collect(option, (*path, key, name), depth + 1, found)


def is_plain(schema: Json) -> bool:
    """Whether a schema is a mapping that is composed of no others, so that its own words say all of a value."""
    return isinstance(schema, Mapping) and _COMPOSED.isdisjoint(schema)


def types_of(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The types that a schema names; empty when it names none."""
    found = schema.get("type")
    return (found,) if isinstance(found, str) else tuple(found) if isinstance(found, list) else ()
