"""Whether what a call is given can be what it takes: fixed values now, templates by their types."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from agentflow_cli.diagnostics.span import Span
from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.domain.workflow import Step
from agentflow_cli.foundation.closest import closest
from agentflow_cli.language.compiler.blocks import StepBlock
from agentflow_cli.language.compiler.schema_parts import is_plain
from agentflow_cli.language.compiler.sites import Site
from agentflow_cli.language.compiler.types.workflow_types import types_of
from agentflow_cli.language.expressions.lexer import has_markup
from agentflow_cli.language.expressions.scope import Place
from agentflow_cli.language.expressions.types.lattice import (
    NUMERIC,
    Array,
    Object,
    Scalar,
    Type,
    described,
    kinds,
    may_be,
    options,
)
from agentflow_cli.language.expressions.types.schemas import type_of_schema
from agentflow_cli.language.loader.load import Loaded
from agentflow_cli.language.schema.validator import matches

_DEEPEST = 6

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
        why = _never(type_at(path, value), schema, "it", 0)
        if why is not None:
            yield path, why
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
    if not is_plain(schema):
        return
    if isinstance(value, Mapping):
        properties = schema.get("properties")
        if not isinstance(properties, Mapping):
            return
        closed = schema.get("additionalProperties") is False
        near = {name: closest(str(name), properties) for name in value if closed and name not in properties}
        lacking = [name for name in schema.get("required", ()) if name not in value and name not in near.values()]
        if lacking:
            yield path, f"it lacks {', '.join(f'`{name}`' for name in lacking)}"
        for name, element in value.items():
            if name in properties:
                yield from misfits(element, properties[name], (*path, name), type_at)
            elif closed:
                meant = f" (did you mean `{near[name]}`?)" if near[name] else ""
                yield (*path, name), f"it has no field `{name}`{meant}"
        return
    least, most, items = schema.get("minItems", 0), schema.get("maxItems", len(value)), schema.get("items")
    if not least <= len(value) <= most:
        bound = f"at least {least}" if len(value) < least else f"at most {most}"
        yield path, f"it has {len(value)} elements, and must have {bound}"
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
    return None if can_match(found, wanted) else _sentence(found, wanted, "it").removeprefix("it ")


def _never(found: Type, schema: Json, what: str, depth: int) -> str | None:
    """Why what is of the type `found`, which a sentence calls `what`, never matches `schema`, also far inside. What no
    element can be is wrong, although there may be no element."""
    wanted = type_of_schema(schema)
    if not can_match(found, wanted):
        return _sentence(found, wanted, what)
    if not is_plain(schema) or depth > _DEEPEST or kinds(found) != kinds(wanted):
        return None
    if isinstance(found, Array):
        each = "each element" if what == "it" else f"each element of {what}"
        return _never(found.items, schema["items"], each, depth + 1) if "items" in schema else None
    if isinstance(found, Object):
        properties = schema.get("properties", {})
        for name in schema.get("required", ()):
            field = found.fields.get(name, found.rest)
            if field is not None:
                of = f"its `{name}`" if what == "it" else f"`{name}` of {what}"
                why = _never(field, properties.get(name, {}), of, depth + 1)
            else:
                why = f"{what} lacks `{name}`" if found.closed else None
            if why is not None:
                return why
    return None


def is_fixed(value: Json) -> bool:
    """Whether no expression stands in it."""
    if isinstance(value, str):
        return not has_markup(value)
    if isinstance(value, Mapping):
        return all(map(is_fixed, value.values()))
    return not isinstance(value, list) or all(map(is_fixed, value))


def _sentence(found: Type, wanted: Type, what: str) -> str:
    if not may_be(found, [option.kind for option in options(wanted)]):
        return f"{what} must be {described(wanted)}, and this is always {described(found)}"
    listed = [value for option in options(wanted) if isinstance(option, Scalar) for value in option.values or ()]
    return f"{what} must be one of {', '.join(f'`{value}`' for value in listed[:12])}, and this never is"
