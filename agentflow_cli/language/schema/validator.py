"""Whether a value matches a JSON Schema (draft 7): a quick yes, and what is wrong after a no.

The only importer of jsonschema and jsonschema_rs. The quick yes is a hundred times faster than the explanation, and a
valid file needs no more.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.foundation.hashing import canonical_json


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule of a schema that a value breaks.

    `keyword` is "propertyNames" where the name of a field is wrong: `value` is the name, `path` leads to the mapping.
    """

    path: DocumentPath
    keyword: str
    expected: Json
    """What the schema says under `keyword`."""
    value: Json
    schema: Json
    """The part of the schema that holds `keyword`."""


def matches(schema: Json, value: Json) -> bool:
    """Whether `value` is as `schema` says. False too when that cannot be told quickly: ask `violations` why."""
    return matches_text(canonical_json(schema), value)


def matches_text(schema_text: str, value: Json) -> bool:
    """The same for a schema that is there as JSON text."""
    return _compiled(schema_text)(value)


def violations(schema: Json, value: Json) -> list[Violation]:
    """Everything in `value` that `schema` does not allow, in the order of the value."""
    import jsonschema

    found = []
    for error in jsonschema.Draft7Validator(schema).iter_errors(value):
        keyword = str(error.validator) if error.validator else "not"
        if len(error.schema_path) > 1 and error.schema_path[-2] == "propertyNames":
            keyword = "propertyNames"
        path: DocumentPath = tuple(error.absolute_path)
        found.append(Violation(path, keyword, error.validator_value, error.instance, error.schema))
    return found


def schema_fault(schema: Json) -> tuple[DocumentPath, str] | None:
    """Why `schema` is not a JSON Schema: the path inside it and a sentence; None when it is one."""
    if _compile(schema) is not None:
        return None
    import jsonschema

    for path in _bad_patterns(schema, ()):
        return path, "not a JSON Schema: this pattern is not a regular expression"
    for error in jsonschema.Draft7Validator(jsonschema.Draft7Validator.META_SCHEMA).iter_errors(schema):
        return tuple(
            error.absolute_path
        ), f"not a JSON Schema: the rule `{error.validator}` of JSON Schema is broken here"
    return (), "not a JSON Schema that can be used: a reference in it leads nowhere, for example"


def _bad_patterns(schema: Json, path: DocumentPath) -> Iterator[DocumentPath]:
    if isinstance(schema, dict):
        pattern = schema.get("pattern")
        if isinstance(pattern, str):
            try:
                re.compile(pattern)
            except (re.error, RecursionError, OverflowError):
                yield (*path, "pattern")
        for key, inner in schema.items():
            yield from _bad_patterns(inner, (*path, key))
    elif isinstance(schema, list):
        for index, inner in enumerate(schema):
            yield from _bad_patterns(inner, (*path, index))


@functools.lru_cache(maxsize=256)
def _compiled(schema_text: str) -> Callable[[Json], bool]:
    check = _compile(schema_text)
    return check if check is not None else lambda value: False


def _compile(schema: Json | str) -> Callable[[Json], bool] | None:
    """A check for a schema that is given as data or as JSON text; None when it is not a schema."""
    import jsonschema_rs

    try:
        validator: Any = jsonschema_rs.Draft7Validator(schema)
    except (ValueError, TypeError, RecursionError, jsonschema_rs.ValidationError):
        return None

    def check(value: Json) -> bool:
        try:
            return bool(validator.is_valid(value))
        except (ValueError, TypeError, OverflowError, RecursionError):
            return False

    return check
