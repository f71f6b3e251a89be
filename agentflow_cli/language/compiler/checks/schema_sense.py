"""Schemas that are schemas, but say what cannot be meant: values that cannot be, words that do nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from agentflow_cli.diagnostics.diagnostic import MOST, Diagnostic, Diagnostics, Secondary, Severity
from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.foundation.closest import closest
from agentflow_cli.language.compiler.schema_parts import schemas_in, types_of
from agentflow_cli.language.loader.document import Document
from agentflow_cli.language.schema.mending import replace_word
from agentflow_cli.language.schema.validator import matches
from agentflow_cli.language.schema.wording import shown, what_came

_BOUNDS = (
    ("minimum", "maximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
)
_OPENING = ("patternProperties", "propertyNames", "allOf", "anyOf", "oneOf", "if", "$ref", "not")
_NOT_HELD_AGAINST = ("enum", "const", "default", "examples", "pattern")
"""A pattern can take longer than anybody waits."""
_PLAIN = frozenset({"type", "description", "title", "$ref"})
"""Words with which nothing here can be wrong."""
_OF_TYPE: Mapping[str, tuple[str, ...]] = {
    "minLength": ("string",), "maxLength": ("string",), "pattern": ("string",),
    "minimum": ("number", "integer"), "maximum": ("number", "integer"), "exclusiveMinimum": ("number", "integer"),
    "exclusiveMaximum": ("number", "integer"), "multipleOf": ("number", "integer"),
    "items": ("array",), "minItems": ("array",), "maxItems": ("array",), "uniqueItems": ("array",),
    "contains": ("array",),
    "properties": ("object",), "required": ("object",), "additionalProperties": ("object",),
    "patternProperties": ("object",), "propertyNames": ("object",), "minProperties": ("object",),
    "maxProperties": ("object",),
}  # fmt: skip


def check_schema_sense(document: Document, schema: Json, path: DocumentPath, found: Diagnostics) -> None:
    """Report what is wrong with the parts of `schema`, a JSON Schema that stands at `path`."""
    for part, at in schemas_in(schema, path):
        if found.is_full:
            return
        if part.keys() <= _PLAIN:
            continue  # nearly all parts of a large schema
        _required(document, part, at, found)
        found.extend(_bounds(document, part, at))
        found.extend(_options(document, part, at))
        found.extend(_idle(document, part, at))
        if "examples" in part or "default" in part:
            found.extend(_examples(document, part, at, schema))


def _required(document: Document, schema: Mapping[str, Any], path: DocumentPath, found: Diagnostics) -> None:
    """A field that must be there and is not described: the language reads only described fields."""
    properties = schema.get("properties")
    if not isinstance(properties, Mapping) or schema.get("additionalProperties", False) is not False:
        return
    if any(key in schema for key in _OPENING):
        return
    required = schema.get("required", ())
    unknown = [(position, name) for position, name in enumerate(required) if name not in properties]
    given = frozenset(required)
    free = [str(other) for other in properties if other not in given] if unknown else []
    for position, name in unknown[: MOST + 1]:
        compared = free if len(free) <= found.most_compared else []
        near = closest(name, compared)
        listed = ", ".join(f"`{other}`" for other in itertools.islice(properties, 12))
        help = f"did you mean `{near}`?" if near else f"describe it under `properties`: there is {listed}"
        message = f"`{name}` is required, but it is not among the properties"
        span = document.span((*path, "required", position))
        fix = replace_word((*path, "required", position), name, compared, document)
        found.add(Diagnostic("AF532", message, span, label="not a property", help=help, fix=fix))


def _bounds(document: Document, schema: Mapping[str, Any], path: DocumentPath) -> Iterator[Diagnostic]:
    for least, most in _BOUNDS:
        low, high = schema.get(least), schema.get(most)
        if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
            yield Diagnostic("AF533", f"no value can match: `{least}` is {low}, and `{most}` only {high}",
                             document.span((*path, most)), label="less than the least",
                             secondary=(Secondary(document.span((*path, least)), "the least"),))  # fmt: skip


def _options(document: Document, schema: Mapping[str, Any], path: DocumentPath) -> Iterator[Diagnostic]:
    """Values of `enum` and `const` that the rest of the schema refuses."""
    rest = {key: value for key, value in schema.items() if key not in _NOT_HELD_AGAINST}
    if not types_of(schema) or any(key in schema for key in _OPENING):
        return
    listed = schema.get("enum")
    options = [
        ((*path, "enum", index), value) for index, value in enumerate(listed if isinstance(listed, list) else ())
    ]
    if "const" in schema:
        options.append(((*path, "const"), schema["const"]))
    for at, value in options:
        if not matches(rest, value):
            expected = " or ".join(f"`{name}`" for name in types_of(schema))
            wrong_type = not matches({"type": schema["type"]}, value)
            why = f"the type is {expected}, and this is {what_came(value)}" if wrong_type else "other rules refuse it"
            yield Diagnostic("AF533", f"{shown(value)} can never be the value: {why}", document.span(at),
                             label="never matches")  # fmt: skip


def _examples(document: Document, schema: Mapping[str, Any], path: DocumentPath, root: Json) -> Iterator[Diagnostic]:
    """Examples and defaults that show a model, or a person, what would be refused."""
    if schema is not root and "'$ref':" in str(schema):  # its definitions stand elsewhere
        return
    listed = schema.get("examples")
    shown_here = [((*path, "examples", n), value) for n, value in enumerate(listed if isinstance(listed, list) else ())]
    if "default" in schema:
        shown_here.append(((*path, "default"), schema["default"]))
    for at, value in shown_here:
        if not matches(schema, value):
            from agentflow_cli.language.schema.value_problems import value_problems

            inner, problem = value_problems(schema, value)[0]
            what = "default" if at[-1] == "default" else "example"
            yield Diagnostic("AF542", f"this {what} is no value that its schema accepts: {problem}",
                             document.span((*at, *inner)), Severity.WARNING, "would be refused")  # fmt: skip


def _idle(document: Document, schema: Mapping[str, Any], path: DocumentPath) -> Iterator[Diagnostic]:
    types = types_of(schema)
    for key in schema if types else ():
        meant = _OF_TYPE.get(key)
        if meant is not None and not set(meant) & set(types):
            expected = " or ".join(f"`{name}`" for name in types)
            yield Diagnostic("AF534", f"`{key}` says nothing about a value of the type {expected}",
                             document.key_span((*path, key)), Severity.WARNING, "has no effect",
                             f"it is for the type {' or '.join(f'`{name}`' for name in meant)}")  # fmt: skip
