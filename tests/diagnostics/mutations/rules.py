"""What the published schema of workflows says of one part of a file, read without the code that is tested."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SCHEMA: dict[str, Any] = json.loads((Path(__file__).parents[3] / "schemas/workflow.schema.json").read_text("utf-8"))
_PYTHON = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict}


class Rules:
    """The schemas that hold for one part."""

    def __init__(self, schemas: list[dict[str, Any]], value: Any) -> None:
        self._all = [part for schema in schemas for part in _parts(schema, value)]

    @property
    def closed(self) -> bool:
        return any(schema.get("additionalProperties") is False for schema in self._all)

    @property
    def names(self) -> set[str]:
        """The keys that may stand here."""
        return {name for schema in self._all for name in schema.get("properties", ())}

    @property
    def required(self) -> set[str]:
        return {name for schema in self._all for name in schema.get("required", ())}

    @property
    def types(self) -> set[str] | None:
        """The types that a value may have; None when any will do."""
        declared = [schema["type"] for schema in self._all if "type" in schema]
        if not declared:
            return None
        each = [{kinds} if isinstance(kinds, str) else set(kinds) for kinds in declared]
        return set.intersection(*each)

    def of_key(self, key: str, value: Any) -> Rules:
        found: list[dict[str, Any]] = []
        for schema in self._all:
            own = schema.get("properties", {}).get(key)
            patterns = [rule for name, rule in schema.get("patternProperties", {}).items() if re.search(name, key)]
            others = schema.get("additionalProperties")
            found += [rule for rule in (own, *patterns) if isinstance(rule, dict)]
            if own is None and not patterns and isinstance(others, dict):
                found.append(others)
        return Rules(found, value)

    def of_item(self, value: Any) -> Rules:
        return Rules([schema["items"] for schema in self._all if isinstance(schema.get("items"), dict)], value)


def _parts(schema: dict[str, Any], value: Any) -> Iterator[dict[str, Any]]:
    if "$ref" in schema:
        yield from _parts(SCHEMA["definitions"][schema["$ref"].rpartition("/")[2]], value)
        return
    yield schema
    for part in schema.get("allOf", ()):
        yield from _parts(part, value)
    if "if" in schema:
        branch = schema.get("then" if _matches(schema["if"], value) else "else")
        if branch is not None:
            yield from _parts(branch, value)


def _matches(condition: dict[str, Any], value: Any) -> bool:
    """For the conditions that the schema has: a type, keys that are there, or one of several."""
    if "anyOf" in condition:
        return any(_matches(part, value) for part in condition["anyOf"])
    kind = condition.get("type")
    if kind is not None and not isinstance(value, _PYTHON[kind]):
        return False
    return not isinstance(value, dict) or all(key in value for key in condition.get("required", ()))
