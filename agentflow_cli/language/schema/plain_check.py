"""Yes or no for a small value, by reading the schema as it stands: done before a library would be loaded.

Knows the keywords that our own schemas and most others use; UnknownKeywordError says that a library must decide.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any

from agentflow_cli.domain.json_value import Json
from agentflow_cli.language.schema.files import is_ours, load_schema
from agentflow_cli.language.schema.local_references import target

_MANY = 200
"""Items of which not each is compared with each here."""


class UnknownKeywordError(Exception):
    """The schema uses a keyword that is not known here, or the check may take too long here."""


def conforms(schema: Json, value: Json, root: Json) -> bool:
    """Whether `value` is as `schema` says; `root` is the whole schema, for references. UnknownKeywordError."""
    if schema is True or schema is False:
        return bool(schema)
    if "$ref" in schema:
        return _refers(schema["$ref"], value, root)
    for keyword, expected in schema.items():
        check = _CHECKS.get(keyword)
        if check is None:
            raise UnknownKeywordError(keyword)
        if not check(expected, value, schema, root):
            return False
    return True


class Remembering(dict[str, Any]):
    """A whole schema for one check of one value: what was found out about a part of each, once, is kept. Without that,
    references to what has two references again double the work each time."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        super().__init__(schema)
        self.known: dict[tuple[str, int], bool] = {}
        """By reference and identity of the value, which is there as long as this is."""


def _refers(reference: str, value: Json, root: Json) -> bool:
    if type(root) is not Remembering:
        return conforms(target(root, reference), value, root)
    key = (reference, id(value))
    if key not in root.known:
        root.known[key] = conforms(target(root, reference), value, root)
    return root.known[key]


@functools.cache
def pattern(text: str) -> re.Pattern[str]:
    """A schema's pattern with `$` meaning the very end, as in other languages. re.error when it is none."""
    return re.compile(text[:-1] + r"\Z" if text.endswith("$") and not text.endswith(r"\$") else text)


def _is_quick(text: str, value: str) -> bool:
    from agentflow_cli.language.schema.patterns import effort  # our own patterns do without

    return effort(text).is_small(len(value))


def _found(text: str, value: str, root: Json) -> bool:
    if root is not load_schema() and not _is_quick(text, value) and not is_ours(root):
        raise UnknownKeywordError("pattern")
    return pattern(text).search(value) is not None


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: dict[str, Callable[[Json], bool]] = {
    "object": lambda v: isinstance(v, dict),
    "string": lambda v: isinstance(v, str),
    "array": lambda v: isinstance(v, list),
    "boolean": lambda v: isinstance(v, bool),
    "null": lambda v: v is None,
    "number": _is_number,
    "integer": lambda v: _is_number(v) and v == v // 1,
}


def _same(a: Json, b: Json) -> bool:
    """Equality as in JSON: `true` is not 1, within lists and objects too."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    return bool(a == b)


def _type(expected: Json, value: Json, schema: Json, root: Json) -> bool:
    return any(_TYPES[name](value) for name in ([expected] if isinstance(expected, str) else expected))


def _properties(expected: Json, value: Json, schema: Json, root: Json) -> bool:
    if not isinstance(value, dict):
        return True
    return all(conforms(expected[name], inner, root) for name, inner in value.items() if name in expected)


def _additional(expected: Json, value: Json, schema: Json, root: Json) -> bool:
    if not isinstance(value, dict):
        return True
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    return all(
        conforms(expected, inner, root)
        for name, inner in value.items()
        if name not in known and not any(_found(text, name, root) for text in patterns)
    )


def _pattern_properties(expected: Json, value: Json, schema: Json, root: Json) -> bool:
    if not isinstance(value, dict):
        return True
    return all(
        conforms(inner, value[name], root)
        for text, inner in expected.items()
        for name in value
        if _found(text, name, root)
    )


def _condition(expected: Json, value: Json, schema: Json, root: Json) -> bool:
    branch = "then" if conforms(expected, value, root) else "else"
    return conforms(schema.get(branch, True), value, root)


def _unique(expected: Json, value: Json, schema: Json, root: Json) -> bool:
    if not expected or not isinstance(value, list):
        return True
    if all(isinstance(item, str) for item in value):
        return len(set(value)) == len(value)
    if len(value) > _MANY:
        raise UnknownKeywordError("uniqueItems")
    return not any(_same(item, other) for index, item in enumerate(value) for other in value[:index])


def _sized(
    kind: type[str] | type[list[Json]] | type[dict[str, Json]], fits: Callable[[int, Any], bool]
) -> Callable[[Json, Json, Json, Json], bool]:
    return lambda expected, value, schema, root: not isinstance(value, kind) or fits(len(value), expected)


def _bounded(fits: Callable[[Any, Any], bool]) -> Callable[[Json, Json, Json, Json], bool]:
    return lambda expected, value, schema, root: not _is_number(value) or fits(value, expected)


def _ignored(expected: Json, value: Json, schema: Json, root: Json) -> bool:
    return True


def _at_least(a: Any, b: Any) -> bool:
    return bool(a >= b)


def _at_most(a: Any, b: Any) -> bool:
    return bool(a <= b)


_CHECKS: dict[str, Callable[[Json, Json, Json, Json], bool]] = {
    **dict.fromkeys(("$schema", "$id", "title", "description", "markdownDescription", "examples", "default"), _ignored),
    **dict.fromkeys(("defaultSnippets", "definitions", "$defs", "then", "else"), _ignored),
    **dict.fromkeys(("$comment", "doNotSuggest", "errorMessage", "patternErrorMessage"), _ignored),
    "type": _type,
    "enum": lambda expected, value, schema, root: any(_same(option, value) for option in expected),
    "const": lambda expected, value, schema, root: _same(expected, value),
    "properties": _properties,
    "additionalProperties": _additional,
    "patternProperties": _pattern_properties,
    "propertyNames": lambda expected, value, schema, root: (
        not isinstance(value, dict) or all(conforms(expected, name, root) for name in value)
    ),
    "required": lambda expected, value, schema, root: (
        not isinstance(value, dict) or all(name in value for name in expected)
    ),
    "items": lambda expected, value, schema, root: (
        not isinstance(value, list) or all(conforms(expected, item, root) for item in value)
    ),
    "uniqueItems": _unique,
    "allOf": lambda expected, value, schema, root: all(conforms(part, value, root) for part in expected),
    "anyOf": lambda expected, value, schema, root: any(conforms(part, value, root) for part in expected),
    "oneOf": lambda expected, value, schema, root: sum(conforms(part, value, root) for part in expected) == 1,
    "not": lambda expected, value, schema, root: not conforms(expected, value, root),
    "if": _condition,
    "pattern": lambda expected, value, schema, root: not isinstance(value, str) or _found(expected, value, root),
    "minLength": _sized(str, _at_least),
    "maxLength": _sized(str, _at_most),
    "minItems": _sized(list, _at_least),
    "maxItems": _sized(list, _at_most),
    "minProperties": _sized(dict, _at_least),
    "maxProperties": _sized(dict, _at_most),
    "minimum": _bounded(_at_least),
    "maximum": _bounded(_at_most),
    "exclusiveMinimum": _bounded(lambda a, b: bool(a > b)),
    "exclusiveMaximum": _bounded(lambda a, b: bool(a < b)),
}

KNOWN_KEYWORDS = frozenset(_CHECKS)
