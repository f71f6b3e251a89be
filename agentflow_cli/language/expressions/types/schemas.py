"""JSON Schemas (draft 7) as types. What is not understood makes a type wider, never narrower."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentflow_cli.domain.json_value import Json
from agentflow_cli.foundation.by_content import ByContent
from agentflow_cli.language.expressions.types.lattice import (
    ANY,
    ANY_ARRAY,
    ANY_OBJECT,
    NULL,
    NUMERIC,
    PLAIN,
    Array,
    Object,
    Scalar,
    Type,
    both,
    of_value,
    options,
    union,
)

_DEEPEST = 40
_MOST_REFERENCES = 1_000
_MOST_LOOKED_AT = 200_000
"""Parts of one schema, each as often as it is referred to from another place; beyond it they are open."""
_MOST_PARTS = 200
"""Of more parts of an `allOf` what they are together is left open: each is held against all before it."""
_OPENING = ("patternProperties", "if", "dependencies", "dependentSchemas", "unevaluatedProperties")
"""Words that can add fields which `properties` does not list."""
_OF_OBJECTS = ("properties", "additionalProperties", "required", "patternProperties")
_OF_ARRAYS = ("items", "contains", "additionalItems")


def type_of_schema(schema: Json) -> Type:
    """The type of the values that `schema` accepts. Objects are read strictly: see `Object`."""
    return _known_types(schema)


class _Schema:
    """One schema with its definitions; each is worked out once, and one that contains itself is open at that point."""

    def __init__(self, root: Json) -> None:
        self._root = root
        self._referred: dict[str, Type] = {}
        self._looked_at = 0

    def type_of(self, schema: Json, depth: int) -> Type:
        self._looked_at += 1
        if not isinstance(schema, Mapping) or depth > _DEEPEST or self._looked_at > _MOST_LOOKED_AT:
            return ANY
        if "$ref" in schema:  # in this draft nothing beside it counts
            return self._reference(schema["$ref"], depth)
        parts = _list(schema, "allOf")
        if len(parts) > _MOST_PARTS:
            return ANY
        found = self._own(schema, depth)
        for part in parts:
            found = both(found, self.type_of(part, depth + 1))
        for word in ("anyOf", "oneOf"):
            parts = _list(schema, word)
            if parts:
                found = both(found, union(*(self.type_of(part, depth + 1) for part in parts)))
        return union(found, NULL) if schema.get("nullable") is True else found

    def _reference(self, pointer: Json, depth: int) -> Type:
        if not isinstance(pointer, str) or not pointer.startswith("#") or len(self._referred) > _MOST_REFERENCES:
            return ANY
        if pointer not in self._referred:
            self._referred[pointer] = ANY
            self._referred[pointer] = self.type_of(_at(self._root, pointer), depth + 1)
        return self._referred[pointer]

    def _own(self, schema: Mapping[str, Any], depth: int) -> Type:
        """What the words beside `allOf` and its like say."""
        found = self._of_types(schema, depth)
        values = [schema["const"]] if "const" in schema else schema.get("enum")
        if not isinstance(values, list) or not values:
            return found
        listed = union(*map(_listed, values))
        if "type" not in schema:
            return listed
        allowed = {option.kind for option in options(found)}
        fitting = [option for option in options(listed) if _fits(option.kind, allowed)]
        return union(*fitting) if fitting else ANY

    def _of_types(self, schema: Mapping[str, Any], depth: int) -> Type:
        named = schema.get("type")
        names = [named] if isinstance(named, str) else named if isinstance(named, list) else None
        if names is None:
            if any(word in schema for word in _OF_OBJECTS):
                names = ["object"]
            elif any(word in schema for word in _OF_ARRAYS):
                names = ["array"]
            else:
                return ANY
        found = []
        for name in names:
            if name == "object":
                found.append(self._object(schema, depth))
            elif name == "array":
                found.append(self._array(schema, depth))
            else:
                found.append(PLAIN.get(name, ANY) if isinstance(name, str) else ANY)
        return union(*found)

    def _object(self, schema: Mapping[str, Any], depth: int) -> Type:
        properties = schema.get("properties")
        additional = schema.get("additionalProperties")
        fields = {}
        if isinstance(properties, Mapping):
            fields = {str(name): self.type_of(field, depth + 1) for name, field in properties.items()}
        if fields and additional is not False:  # what must be there is, although nothing is said about it
            fields = {**dict.fromkeys(filter(_is_text, _list(schema, "required")), ANY), **fields}
        rest: Type | None = None
        if additional is True or any(word in schema for word in _OPENING):
            rest = ANY
        elif isinstance(additional, Mapping):
            rest = self.type_of(additional, depth + 1)
        elif additional is not False and not fields:
            return ANY_OBJECT
        return Object(fields, rest, closed=additional is False and rest is None)

    def _array(self, schema: Mapping[str, Any], depth: int) -> Type:
        items = schema.get("items")
        if isinstance(items, Mapping):
            return Array(self.type_of(items, depth + 1))
        if isinstance(items, list) and items:
            more = schema.get("additionalItems", True)
            parts = [self.type_of(item, depth + 1) for item in items]
            if more is not False:
                parts.append(self.type_of(more, depth + 1))
            return Array(union(*parts))
        return ANY_ARRAY


_known_types = ByContent(lambda schema: _Schema(schema).type_of(schema, 0))


def _listed(value: Json) -> Type:
    """A value of an `enum`. A whole number is the same with and without a fraction of zero."""
    if isinstance(value, float) and value.is_integer():
        return Scalar("number", {value: None})
    found = of_value(value)
    return Object(found.fields, None) if isinstance(found, Object) else found


def _is_text(value: Json) -> bool:
    return isinstance(value, str)


def _fits(kind: str, allowed: set[str]) -> bool:
    return bool(allowed & {kind, "any"}) or (kind in NUMERIC and bool(allowed & NUMERIC))


def _list(schema: Mapping[str, Any], word: str) -> list[Json]:
    parts = schema.get(word)
    return parts if isinstance(parts, list) else []


def _at(root: Json, pointer: str) -> Json:
    """What a JSON pointer `#/definitions/x` leads to; None when nothing is there."""
    current = root
    for part in pointer[1:].split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(current, Mapping) or name not in current:
            return None
        current = current[name]
    return current
