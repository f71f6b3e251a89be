"""What can be read of a value of a type, and what to say where something cannot."""

from __future__ import annotations

from collections.abc import Sequence

from agentflow_cli.foundation.closest import closest, told
from agentflow_cli.language.expressions.types.lattice import (
    ANY,
    NUMERIC,
    STRING,
    Array,
    Object,
    Scalar,
    Type,
    kinds,
    options,
    union,
)
from agentflow_cli.language.expressions.types.signatures import WRITABLE

_SHOWN = 12


def field_of(option: Type, link: str | int) -> Type | None:
    """What stands at a literal link of one option; None where nothing can."""
    match option:
        case Object() if isinstance(link, str):
            return option.fields.get(link, option.rest)
        case Array() if isinstance(link, int):
            return option.items
        case Scalar(kind="string") if isinstance(link, int):
            return STRING
    return ANY if option.kind == "any" else None


def every_field(found: Object) -> Type:
    """One of its fields, whichever."""
    if found.rest is None and not found.closed:
        return ANY
    return union(*found.fields.values(), *([found.rest] if found.rest is not None else []))


def items_of(found: Type) -> Type:
    """An element of it, as far as it is an array."""
    inner = [option.items if isinstance(option, Array) else ANY for option in options(found)
             if option.kind in ("array", "any")]  # fmt: skip
    return union(*inner)


def known_fields(found: Type) -> list[str]:
    """The fields of all its objects."""
    names = (name for option in options(found) if isinstance(option, Object) for name in option.fields)
    return list(dict.fromkeys(names))


def suggestion(name: str, known: Sequence[str], things: str) -> str | None:
    near = closest(name, known)
    listed = ", ".join(f"`{option}`" for option in known[:_SHOWN]) + (", …" if len(known) > _SHOWN else "")
    return told(f"did you mean `{near}`?" if near else "", f"{things}: {listed}" if listed else "")


def condition_help(found: Type) -> str | None:
    named = kinds(found)
    if "null" in named:
        return "compare it: `… is not none`"
    if named & {"array", "object"}:
        return "compare its length: `… | length > 0`"
    return "compare it: `… > 0`" if named <= NUMERIC else "compare it: `… == …`"


def list_help(found: Type) -> str | None:
    named = kinds(found)
    if named == {"object"}:
        return "write `… | items`; then `item.key` and `item.value`"
    if named == {"string"}:
        return "write `… | lines`, or `… | split(',')`"
    return None


def text_help(found: Type) -> str:
    if kinds(found) == {"null"}:
        return "give a fall-back with `coalesce(…, 'text')`"
    if kinds(found) == {"array"} and kinds(items_of(found)) <= set(WRITABLE):
        return "write `… | join(', ')`, or `… | tojson`"
    return "write `… | tojson`"
