"""Whether a value matches a JSON Schema (draft 7): a quick yes, and what is wrong after a no.

The only importer of jsonschema and jsonschema_rs. A small value is checked without either, a large one by
jsonschema_rs, a hundred times faster than jsonschema; and jsonschema explains a no.
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
from agentflow_cli.language.schema.plain_check import (
    KNOWN_KEYWORDS,
    Remembering,
    UnknownKeywordError,
    conforms,
    pattern,
)

_FEW = 200
"""Up to so many steps, of some ten elements each, loading a library costs more than it saves."""

_UNSURE = (UnknownKeywordError, KeyError, TypeError, re.error, RecursionError)
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
    if _is_small(value):
        try:
            return conforms(schema, value, _whole(schema))
        except _UNSURE:
            pass
    return _compiled(canonical_json(schema))(value)


def _whole(schema: Json) -> Json:
    """`schema` as the root of a check."""
    return Remembering(schema) if isinstance(schema, dict) and not is_ours(schema) else schema


def _is_small(value: Json) -> bool:
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
    if schema is load_schema():
        explaining = _explaining_ours(_is_small(value))
    elif fans_out(schema):
        explaining = _explaining_patiently(schema)
    else:
        explaining = _explaining()
    for error in itertools.islice(explaining(schema).iter_errors(value), most):
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
    if _is_right("#/definitions/jsonSchema", schema, _is_small(schema)):
        return None
    validator = _explaining()
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
            return conforms(schema, value, _whole(schema))
        except _UNSURE:
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


@functools.cache
def _explaining() -> Any:
    """jsonschema's validator, with patterns read as `plain_check` reads them."""
    import jsonschema

    def check_pattern(validator: Any, expected: str, value: Json, schema: Json) -> Iterator[Any]:
        if isinstance(value, str) and not _found(expected, value):
            yield jsonschema.ValidationError("the pattern does not match")

    def check_names(validator: Any, expected: Any, value: Json, schema: Json) -> Iterator[Any]:
        for text, inner in expected.items() if isinstance(value, dict) else ():
            for name in value:
                if _found(text, name):
                    yield from validator.descend(value[name], inner, path=name, schema_path=text)

    def check_others(validator: Any, expected: Any, value: Json, schema: Json) -> Iterator[Any]:
        if not isinstance(value, dict):
            return
        known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
        others = [name for name in value if name not in known and not any(_found(text, name) for text in patterns)]
        if expected is False and others:
            yield jsonschema.ValidationError("more fields than are allowed")
        elif isinstance(expected, dict):
            for name in others:
                yield from validator.descend(value[name], expected, path=name)

    validators: Any = jsonschema.validators
    keywords = {"pattern": check_pattern, "patternProperties": check_names, "additionalProperties": check_others}
    return validators.extend(jsonschema.Draft7Validator, keywords)


@functools.cache
def _explaining_ours(small: bool) -> Any:
    """The same for workflows: what is right is quickly seen to be so, and only the rest is explained. `small`: not
    much of it."""
    return _explaining_but(load_schema(), lambda reference, value: _is_right(reference, value, small), {})


def _explaining_patiently(schema: Json) -> Any:
    """The same for a schema that fans out: what only the library knows is passed over, and nothing is tried twice."""
    import jsonschema

    root = _whole(schema)
    known = jsonschema.Draft7Validator.VALIDATORS
    others = {word: _passed_over for word in known if word not in KNOWN_KEYWORDS and word != "$ref"}
    return _explaining_but(root, lambda reference, value: conforms({"$ref": reference}, value, root), others)


def _passed_over(validator: Any, expected: Any, value: Json, schema: Json) -> Iterator[Any]:
    return iter(())


def _explaining_but(root: Json, is_right: Callable[[str, Json], bool], others: dict[str, Any]) -> Any:
    """The same, with all that does not lead to a finding asked of `conforms`. `is_right`: whether a value is as the
    part of `root` at a reference says. What `conforms` does not know is passed over where `others` are given."""
    import jsonschema

    usual = _explaining().VALIDATORS

    def check_condition(validator: Any, condition: Json, value: Json, schema: Json) -> Iterator[Any]:
        try:
            branch = "then" if conforms(condition, value, root) else "else"
        except _UNSURE:
            if not others:
                yield from usual["if"](validator, condition, value, schema)
        else:
            if branch in schema:
                yield from validator.descend(value, schema[branch], schema_path=branch)

    def judged(word: str, fits: Callable[[Any, Json], bool], *, explain: bool = False) -> Callable[..., Iterator[Any]]:
        def check(validator: Any, expected: Any, value: Json, schema: Json) -> Iterator[Any]:
            try:
                right = fits(expected, value)
            except _UNSURE:
                right, in_doubt = False, True
            else:
                in_doubt = False
            if right or (in_doubt and others):
                return
            if in_doubt or explain:
                yield from usual[word](validator, expected, value, schema)
            else:
                yield jsonschema.ValidationError(f"`{word}` is broken")

        return check

    quick = {
        **others,
        "$ref": judged("$ref", is_right, explain=True),
        "if": check_condition,
        "anyOf": judged("anyOf", lambda parts, value: any(conforms(part, value, root) for part in parts)),
        "oneOf": judged("oneOf", lambda parts, value: sum(conforms(part, value, root) for part in parts) == 1),
        "not": judged("not", lambda part, value: not conforms(part, value, root)),
    }
    validators: Any = jsonschema.validators
    return validators.extend(_explaining(), quick)


def _is_right(reference: str, value: Json, small: bool) -> bool:
    """Whether `value` is as the part of the workflow schema at `reference` says."""
    if small and _seen.steps <= _FEW:
        try:
            return conforms({"$ref": reference}, value, load_schema())
        except _UNSURE:
            pass
    return _compiled_part(reference)(value)


def _found(text: str, value: str) -> bool:
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
