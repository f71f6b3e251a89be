"""Types of data: their JSON Schemas, random values of them, and how a value is written in an expression."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Kind:
    """`name` is a type of JSON Schema, or `map`; `of` is an element; `null`: it may be null."""

    name: str
    values: tuple[Any, ...] = ()
    of: Kind | None = None
    fields: Mapping[str, Kind] = field(default_factory=dict, hash=False)
    optional: tuple[str, ...] = ()
    null: bool = False

    def required(self) -> dict[str, Kind]:
        return {name: kind for name, kind in self.fields.items() if name not in self.optional}


TEXT, INT, NUMBER, FLAG = Kind("string"), Kind("integer"), Kind("number"), Kind("boolean")


def choice(*values: Any) -> Kind:
    return Kind("string" if isinstance(values[0], str) else "integer", values)


def array(of: Kind) -> Kind:
    return Kind("array", of=of)


def record(optional: tuple[str, ...] = (), **fields: Kind) -> Kind:
    return Kind("object", fields=fields, optional=optional)


def nullable(kind: Kind) -> Kind:
    return Kind(kind.name, kind.values, kind.of, kind.fields, kind.optional, True)


TEXTS, INTS = array(TEXT), array(INT)
COUNTS = Kind("map", of=INT)
ROW = record(("note",), id=INT, kind=choice("a", "b", "c"), note=TEXT)
ROWS = array(ROW)
KINDS = (
    TEXT, INT, NUMBER, FLAG, choice("a", "b", "c"), choice("low", "high"), choice(1, 2, 3), TEXTS, INTS, ROWS, COUNTS,
    record(ok=FLAG, n=INT), record(("why",), kind=choice("bug", "task"), score=NUMBER, why=TEXT), nullable(TEXT),
    nullable(INT), nullable(record(v=INT, w=TEXT)),
    record(items=TEXTS, best=nullable(TEXT), sub=record(x=INT, y=TEXTS)),
)  # fmt: skip


def schema(kind: Kind) -> dict[str, Any]:
    if kind.name == "map":
        assert kind.of is not None
        return {"type": "object", "additionalProperties": schema(kind.of)}
    found: dict[str, Any] = {"type": [kind.name, "null"] if kind.null else kind.name}
    if kind.values:
        found["enum"] = [*kind.values, None] if kind.null else list(kind.values)
    if kind.of is not None:
        found["items"] = schema(kind.of)
    if kind.name == "object":
        found["properties"] = {name: schema(inner) for name, inner in kind.fields.items()}
        found["required"] = list(kind.required())
    return found


_PLAIN: Mapping[str, tuple[Any, ...]] = {
    "string": ("", "x", "yes", "a b", "7", "Zoë", "a,b\nc"),
    "integer": (0, 1, 2, 3, 10, -1),
    "number": (0, 0.5, 1, 2.0, -3.25),
    "boolean": (True, False),
}


def value(kind: Kind, chance: random.Random, *, whole: bool = False) -> Any:
    """Any value of the kind; a `whole` one has every field, and nothing in it is null."""
    if kind.null and not whole and chance.random() < 0.4:
        return None
    if kind.name in _PLAIN:
        return chance.choice(kind.values or _PLAIN[kind.name])
    if kind.of is not None:
        size = chance.randint(1 if whole else 0, 3)
        elements = [value(kind.of, chance, whole=whole) for _ in range(size)]
        return elements if kind.name == "array" else dict(zip(("k", "m", "n"), elements, strict=False))
    there = [name for name in kind.fields if whole or name not in kind.optional or chance.random() < 0.6]
    return {name: value(kind.fields[name], chance, whole=whole) for name in there}


def written(data: Any) -> str:
    """A value as an expression."""
    match data:
        case None:
            return "none"
        case bool():
            return str(data).lower()
        case str():
            return "'" + data.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"
        case list():
            return f"[{', '.join(map(written, data))}]"
        case dict():
            return f"{{{', '.join(f'{written(key)}: {written(inner)}' for key, inner in data.items())}}}"
    return repr(data)
