"""What can be read of a value of a type, and what to say where something cannot."""

from __future__ import annotations

from collections.abc import Sequence

from agentflow_cli.foundation.closest import closest, told
from agentflow_cli.language.expressions.functions import ALIASES, FILTERS
from agentflow_cli.language.expressions.types.lattice import (
    ANY,
    NUMERIC,
    STRING,
    Array,
    Object,
    Scalar,
    Type,
    kinds,
    may_be,
    options,
    union,
)
from agentflow_cli.language.expressions.types.signatures import FILTER_SIGNATURES, WRITABLE

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


def absence_help(link: str, chain: str, found: Type) -> str | None:
    """What may be meant by the field `link` of the value at `chain`, where nothing of its type has such a field."""
    if "array" in kinds(found) and any(field_of(option, link) for option in options(items_of(found))):
        return f"write `{chain}[0].{link}`, or `{chain} | map(attribute='{link}')`"
    known = suggestion(link, known_fields(found), "its fields")
    return known if known is not None and "did you mean" in known else told(_filter_help(link, chain, found), known)


def _filter_help(link: str, chain: str, found: Type) -> str | None:
    """`x.length`, `x.keys`: what other languages read of every value is a filter here."""
    name = link if link in FILTERS else ALIASES.get(link, "")
    if name not in FILTERS or len(FILTERS[name].parameters) > FILTERS[name].optional:
        return None
    wanted = FILTER_SIGNATURES[name].value
    return f"it is a filter: write `{chain} | {name}`" if not wanted or may_be(found, wanted) else None


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
