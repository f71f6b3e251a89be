"""Whether what a call is given can be what it takes: fixed values now, templates by their types."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from agentflow_cli.diagnostics.span import Span
from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.domain.workflow import Step
from agentflow_cli.language.compiler.blocks import StepBlock
from agentflow_cli.language.compiler.sites import Site
from agentflow_cli.language.compiler.types.workflow_types import types_of
from agentflow_cli.language.expressions.lexer import has_markup
from agentflow_cli.language.expressions.scope import Place
from agentflow_cli.language.expressions.types.lattice import NUMERIC, Object, Scalar, Type, described, may_be, options
from agentflow_cli.language.expressions.types.schemas import type_of_schema
from agentflow_cli.language.loader.load import Loaded
from agentflow_cli.language.schema.validator import matches

TypeAt: TypeAlias = Callable[[DocumentPath, str], Type]
"""The type of the template that stands at a path."""


def types_in(loaded: Loaded, step: Step, block: StepBlock, field: str = "with", place: Place = Place.STEP) -> TypeAt:
    """The types of the templates in `field` of a step, which are evaluated in `block`."""

    def type_at(path: DocumentPath, text: str) -> Type:
        def span(start: int, end: int) -> Span:
            return loaded.document.within(path, start, end)

        site = Site(text, place, span, f"step `{step.id}`", step, field, block, path=path)
        return types_of(loaded).inferred(site)[0]

    return type_at


def misfits(value: Json, schema: Json, path: DocumentPath, type_at: TypeAt) -> Iterator[tuple[DocumentPath, str]]:
    """Why `value`, which stands at `path` and may hold templates, can never match `schema`: places and sentences."""
    if is_fixed(value):
        if not matches(schema, value):
            from agentflow_cli.language.schema.value_problems import value_problems

            yield from (((*path, *inner), problem) for inner, problem in value_problems(schema, value))
    elif isinstance(value, str):
        found, wanted = type_at(path, value), type_of_schema(schema)
        if not can_match(found, wanted):
            yield path, _sentence(found, wanted)
    elif isinstance(schema, Mapping):
        yield from _inside(value, schema, path, type_at)


def _inside(
    value: Json, schema: Mapping[str, Json], path: DocumentPath, type_at: TypeAt
) -> Iterator[tuple[DocumentPath, str]]:
    """Of a mapping or list with templates somewhere in it."""
    kind = "object" if isinstance(value, Mapping) else "array"
    wanted = type_of_schema(schema)
    if not may_be(wanted, (kind,)):
        yield path, f"it must be {described(wanted)}, not {described(Object({})) if kind == 'object' else 'an array'}"
        return
    if "anyOf" in schema or "oneOf" in schema:
        fitting = [option for option in schema.get("anyOf") or schema.get("oneOf") or () if _may_be(option, kind)]
        if len(fitting) == 1:  # else it cannot be said from here which of them counts
            yield from misfits(value, fitting[0], path, type_at)
        return
    if any(word in schema for word in ("allOf", "$ref", "not", "if")):
        return
    if isinstance(value, Mapping):
        properties = schema.get("properties")
        if not isinstance(properties, Mapping):
            return
        for name, element in value.items():
            if name in properties:
                yield from misfits(element, properties[name], (*path, name), type_at)
            elif schema.get("additionalProperties") is False:
                yield (*path, name), f"it has no field `{name}`"
        return
    items = schema.get("items")
    for index, element in enumerate(value) if isinstance(items, Mapping) else ():
        yield from misfits(element, items, (*path, index), type_at)


def _may_be(schema: Json, kind: str) -> bool:
    return may_be(type_of_schema(schema), (kind,))


def can_match(found: Type, wanted: Type) -> bool:
    """Whether a value of the type `found` can be one of the type `wanted`."""
    return any(_meet(one, other) for one in options(found) for other in options(wanted))


def _meet(one: Type, other: Type) -> bool:
    if "any" in (one.kind, other.kind):
        return True
    if one.kind != other.kind and not {one.kind, other.kind} <= NUMERIC:
        return False
    if isinstance(one, Scalar) and isinstance(other, Scalar):
        if one.values is not None and other.values is not None:
            return any(value in other.values for value in one.values)
        return may_be(one, (other.kind,)) or may_be(other, (one.kind,))
    return True


def why_not(found: Type, schema: Json) -> str | None:
    """Why a value of the type `found` never matches `schema`: `must be a string, and this is always null`."""
    wanted = type_of_schema(schema)
    return None if can_match(found, wanted) else _sentence(found, wanted).removeprefix("it ")


def is_fixed(value: Json) -> bool:
    """Whether no expression stands in it."""
    if isinstance(value, str):
        return not has_markup(value)
    if isinstance(value, Mapping):
        return all(map(is_fixed, value.values()))
    return not isinstance(value, list) or all(map(is_fixed, value))


def _sentence(found: Type, wanted: Type) -> str:
    if not may_be(found, [option.kind for option in options(wanted)]):
        return f"it must be {described(wanted)}, and this is always {described(found)}"
    listed = [value for option in options(wanted) if isinstance(option, Scalar) for value in option.values or ()]
    return f"it must be one of {', '.join(f'`{value}`' for value in listed[:12])}, and this never is"
