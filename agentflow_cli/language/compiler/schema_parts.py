"""A JSON Schema and every schema in it, with the path to each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from agentflow_cli.domain.json_value import DocumentPath, Json

_ONE = ("items", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else")
_SEVERAL = ("allOf", "anyOf", "oneOf")
_NAMED = ("properties", "patternProperties", "definitions", "$defs")

_DEEPEST = 40


def schemas_in(schema: Json, path: DocumentPath, depth: int = 0) -> Iterator[tuple[Mapping[str, Any], DocumentPath]]:
    """`schema` and those below it that are mappings, the outer ones first."""
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return
    yield schema, path
    for key in _ONE:
        yield from schemas_in(schema.get(key), (*path, key), depth + 1)
    for key in _SEVERAL:
        options = schema.get(key)
        for position, option in enumerate(options if isinstance(options, list) else ()):
            yield from schemas_in(option, (*path, key, position), depth + 1)
    for key in _NAMED:
        named = schema.get(key)
        for name, option in named.items() if isinstance(named, Mapping) else ():
            yield from schemas_in(option, (*path, key, name), depth + 1)


def types_of(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The types that a schema names; empty when it names none."""
    found = schema.get("type")
    return (found,) if isinstance(found, str) else tuple(found) if isinstance(found, list) else ()
