"""Whether a value matches a JSON Schema (draft 7): a quick yes, and what is wrong after a no.

The only importer of jsonschema_rs. A small value is checked without it, a large one by it, a hundred times faster than
by jsonschema; and jsonschema explains a no.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.foundation.by_content import ByContent
from agentflow_cli.foundation.hashing import canonical_json
from agentflow_cli.language.schema.files import is_ours, load_schema, schema_text
from agentflow_cli.language.schema.local_references import bad_references, fans_out
from agentflow_cli.language.schema.plain_check import Remembering, UnknownKeywordError, conforms, pattern

_FEW = 200
"""Up to so many steps, of some ten elements each, loading a library costs more than it saves."""

UNSURE = (UnknownKeywordError, KeyError, TypeError, re.error, RecursionError)
"""An unusual schema or value: the library decides."""


class _Seen:
    """How many steps this process has checked: many small files are worth a library as much as one large one."""

    steps = 0


_seen = _Seen()


class Violation(NamedTuple):
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
    """Whether `value` is as `schema` says."""
    if is_small(value):
        try:
            return conforms(schema, value, whole(schema))
        except UNSURE:
            pass
    return _compiled(canonical_json(schema))(value)


def whole(schema: Json) -> Json:
    """`schema` as the root of a check."""
    return Remembering(schema) if isinstance(schema, dict) and not is_ours(schema) else schema


def is_small(value: Json) -> bool:
    """Whether `value` has, at all depths, so few elements that loading a library would cost more."""
    left, todo = 10 * _FEW, [value]
    while todo:
        within = todo.pop()
        elements = within.values() if isinstance(within, dict) else within if isinstance(within, list) else ()
        left -= len(elements)
        if left < 0:
            return False
        todo += [element for element in elements if isinstance(element, dict | list)]
    return True


def is_workflow(data: Json) -> bool:
    """Whether `data` has the shape of a workflow."""
    steps = data.get("steps") if isinstance(data, dict) else None
    if isinstance(steps, dict):
        _seen.steps += len(steps)
        if _seen.steps > _FEW:
            return _compiled(schema_text())(data)
    return matches(load_schema(), data)


def violations(schema: Json, value: Json, most: int = 1_000) -> list[Violation]:
    """What in `value` `schema` does not allow, in the order of the value; `most` of it."""
    found = []
    from agentflow_cli.language.schema.explaining import explaining  # only for what is wrong

    for error in itertools.islice(explaining(schema, value).iter_errors(value), most):
        keyword = str(error.validator) if error.validator else "not"
        if len(error.schema_path) > 1 and error.schema_path[-2] == "propertyNames":
            keyword = "propertyNames"
        path: DocumentPath = tuple(error.absolute_path)
        found.append(Violation(path, keyword, error.validator_value, error.instance, error.schema))
    return found


def schema_fault(schema: Json) -> tuple[DocumentPath, str] | None:
    """Why `schema` is not a JSON Schema: the path inside it and a sentence; None when it is one."""
    return _known_faults(schema)


def _fault(schema: Json) -> tuple[DocumentPath, str] | None:
    for path, why in _bad_patterns(schema, ()):
        return path, f"not a JSON Schema: {why}"
    for path, why in bad_references(schema):
        return path, f"not a JSON Schema: {why}"
    if is_right("#/definitions/jsonSchema", schema, is_small(schema)):
        return None
    from agentflow_cli.language.schema.explaining import usual

    validator = usual()
    for error in validator(validator.META_SCHEMA).iter_errors(schema):
        return tuple(
            error.absolute_path
        ), f"not a JSON Schema: the rule `{error.validator}` of JSON Schema is broken here"
    return None


_known_faults = ByContent(_fault)


@functools.lru_cache(maxsize=256)
def _compiled(schema_text: str) -> Callable[[Json], bool]:
    """A check for the schema that `schema_text` is the JSON of."""
    import json

    import jsonschema_rs

    schema = json.loads(schema_text)

    def patient(value: Json) -> bool:
        try:
            return conforms(schema, value, whole(schema))
        except UNSURE:
            return True  # nobody can wait for an answer

    if fans_out(schema):
        return patient

    def slow(value: Json) -> bool:
        return not violations(schema, value)

    try:
        validator: Any = jsonschema_rs.Draft7Validator(schema_text)
    except (ValueError, TypeError, RecursionError, jsonschema_rs.ValidationError):
        return slow  # a pattern that only Python knows, for example

    def quick(value: Json) -> bool:
        try:
            return bool(validator.is_valid(value))
        except (ValueError, TypeError, OverflowError, RecursionError):
            return slow(value)

    return quick


@functools.cache
def _compiled_part(reference: str) -> Callable[[Json], bool]:
    return _compiled(canonical_json({"$ref": reference, "definitions": load_schema()["definitions"]}))


def is_right(reference: str, value: Json, small: bool) -> bool:
    """Whether `value` is as the part of the workflow schema at `reference` says."""
    if small and _seen.steps <= _FEW:
        try:
            return conforms({"$ref": reference}, value, load_schema())
        except UNSURE:
            pass
    return _compiled_part(reference)(value)


def finds(text: str, value: str) -> bool:
    """Whether the pattern `text` finds something in `value`; no when that would take for ever to say."""
    from agentflow_cli.language.schema.patterns import effort

    if effort(text).is_small(len(value)):
        return pattern(text).search(value) is not None
    other = _other_engine(text)
    return bool(other.is_valid(value)) if other is not None else False


@functools.lru_cache(maxsize=256)
def _other_engine(text: str) -> Any:
    """A check for the pattern `text` that reads each character once, or gives up soon; None where there is none."""
    import jsonschema_rs

    from agentflow_cli.language.schema.patterns import for_other_engines

    try:
        return jsonschema_rs.Draft7Validator({"pattern": for_other_engines(text)})
    except (ValueError, TypeError, RecursionError, jsonschema_rs.ValidationError):
        return None


def _bad_patterns(schema: Json, path: DocumentPath) -> Iterator[tuple[DocumentPath, str]]:
    if isinstance(schema, dict):
        text = schema.get("pattern")
        if isinstance(text, str):
            try:
                pattern(text)
            except (re.error, RecursionError, OverflowError):
                yield (*path, "pattern"), "this pattern is not a regular expression"
            else:
                from agentflow_cli.language.schema.patterns import effort  # few schemas have any

                if effort(text).is_endless and _other_engine(text) is None:
                    yield (*path, "pattern"), "a value that almost fits this pattern would be tried for ever"
        for key, inner in schema.items():
            yield from _bad_patterns(inner, (*path, key))
    elif isinstance(schema, list):
        for index, inner in enumerate(schema):
            yield from _bad_patterns(inner, (*path, index))
