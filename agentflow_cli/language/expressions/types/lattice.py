"""What is known about a value before there is one: a small lattice of types.

A type says at least as much as may come: whatever the value will be, it is one of the type's options. So what is wrong
for every option is wrong always, and only that is ever reported. `ANY` is what nothing is known about.

    ANY                                    anything
    Scalar("string", {"a": None})          null, boolean, integer, number, string; its values, if they are listed
    Array(items)                           an array, its elements of one type
    Object(fields, rest, closed)           an object
    Union((Scalar("string"), NULL))        one of several; made by `union` alone
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from agentflow_cli.domain.json_value import Json, type_name

NUMERIC = frozenset({"integer", "number"})
_MOST_VALUES = 500
_MOST_OBJECTS = 8
"""Different objects in one union; more become one open object."""
_DEEPEST = 16
_LARGEST = 500
"""Types inside types, and types that one is made of; what is deeper or larger is `ANY`."""


class Type:
    """Immutable. `kind` is a JSON type's name, `any` or `union`; `depth` counts the types inside each other and `size`
    all that it is made of; `single` says that somewhere in it is a value that is the only one."""

    __slots__ = ("depth", "kind", "single", "size")

    def __init__(self, kind: str, parts: Collection[Type] = (), single: bool = False) -> None:
        self.kind = kind
        self.depth: int = 1 + max([part.depth for part in parts], default=-1)
        self.size: int = 1 + sum([part.size for part in parts])
        self.single: bool = single or any(part.single for part in parts)

    def __repr__(self) -> str:
        return shown(self)


class Scalar(Type):
    """`values` are all that it can be, in the order of their declaration; None when that is not known."""

    __slots__ = ("values",)

    def __init__(self, kind: str, values: Mapping[Json, None] | None = None) -> None:
        self.values = values if values is not None and len(values) <= _MOST_VALUES else None
        super().__init__(kind, (), self.values is not None and len(self.values) == 1)


class Array(Type):
    __slots__ = ("items",)

    def __init__(self, items: Type) -> None:
        self.items = _bounded(items)
        super().__init__("array", (self.items,))


class Object(Type):
    """`fields` can be read. `rest` is the type of any other field, None where reading another one is a mistake.

    `closed`: there are no other fields at all. A declared object without `additionalProperties` has no `rest` and is
    not closed: what it does not declare is not to be read, and may be there.
    """

    __slots__ = ("closed", "fields", "rest")

    def __init__(self, fields: Mapping[str, Type], rest: Type | None = None, closed: bool = False) -> None:
        room = _LARGEST
        self.fields = {}
        for name, field in fields.items():
            self.fields[name] = _bounded(field, room)
            room -= self.fields[name].size
        self.rest = None if rest is None else _bounded(rest, room)
        super().__init__("object", [*self.fields.values(), *([self.rest] if self.rest is not None else [])])
        self.closed = closed


class Union(Type):
    __slots__ = ("options",)

    def __init__(self, options: tuple[Type, ...]) -> None:
        super().__init__("union", options)
        self.options = options


def _bounded(part: Type, room: int = _LARGEST) -> Type:
    """`part` inside another type, where it is neither too deep nor too large."""
    return part if part.depth < _DEEPEST and part.size <= room else ANY


ANY = Type("any")
NULL = Scalar("null")
BOOLEAN = Scalar("boolean")
INTEGER = Scalar("integer")
NUMBER = Scalar("number")
STRING = Scalar("string")
TEXTS = Array(STRING)
ANY_ARRAY = Array(ANY)
ANY_OBJECT = Object({}, ANY)
"""`{type: object}`, about whose fields nothing is said."""

PLAIN: Mapping[str, Type] = {
    "any": ANY, "null": NULL, "boolean": BOOLEAN, "integer": INTEGER, "number": NUMBER, "string": STRING,
    "array": ANY_ARRAY, "object": ANY_OBJECT,
}  # fmt: skip


def options(found: Type) -> tuple[Type, ...]:
    """The types that it can be, one at least; `ANY` is one of them."""
    return found.options if isinstance(found, Union) else (found,)


def kinds(found: Type) -> set[str]:
    return {option.kind for option in options(found)}


def may_be(found: Type, wanted: Collection[str]) -> bool:
    """Whether it can be of one of the kinds `wanted`. A number may be a whole one."""
    return any(
        option.kind in wanted
        or option.kind == "any"
        or (option.kind == "number" and "integer" in wanted and _may_be_whole(option))
        for option in options(found)
    )


def _may_be_whole(number: Type) -> bool:
    values = number.values if isinstance(number, Scalar) else None
    return values is None or any(float(value).is_integer() for value in values)


def union(*types: Type) -> Type:
    """What is one of `types`. Without any, `ANY`: nothing is known about the elements of an empty array."""
    first = types[0] if types else ANY
    if all(other is first for other in types):
        return first
    scalars: dict[str, Scalar] = {}
    array: Array | None = None
    objects: list[Object] = []
    for option in (option for found in types for option in options(found)):
        if isinstance(option, Scalar):
            other = scalars.get(option.kind)
            scalars[option.kind] = option if other is None else _either(other, option)
        elif isinstance(option, Array):
            array = option if array is None or array is option else Array(union(array.items, option.items))
        elif isinstance(option, Object):
            if len(objects) <= _MOST_OBJECTS:  # one too many is enough to know; each is compared with all before it
                _add(option, objects)
        else:
            return ANY
    found = [*scalars.values(), *([array] if array is not None else ())]
    found += objects if len(objects) <= _MOST_OBJECTS else [ANY_OBJECT]
    return found[0] if len(found) == 1 else Union(tuple(found))


def _add(option: Object, objects: list[Object]) -> None:
    """Rows of one table, written one by one, become one type of row; what is declared stays apart."""
    for position, other in enumerate(objects):
        if option is other:
            return
        if option.closed and other.closed and option.fields.keys() == other.fields.keys():
            fields = {name: union(field, option.fields[name]) for name, field in other.fields.items()}
            objects[position] = Object(fields, closed=True)
            return
    objects.append(option)


def _either(left: Scalar, right: Scalar) -> Scalar:
    if left is right or left.values is None:
        return left
    return right if right.values is None else Scalar(left.kind, {**left.values, **right.values})


def optional(found: Type) -> Type:
    """It, or null."""
    return union(found, NULL)


def of_value(value: Json) -> Type:
    """The type that has this one value."""
    if isinstance(value, dict):
        return Object({str(name): of_value(element) for name, element in value.items()}, closed=True)
    if isinstance(value, (list, tuple)):
        return Array(union(*map(of_value, value)))
    return NULL if value is None else Scalar(type_name(value), {value: None})


def or_default(found: Type, default: Json) -> Type:
    """What is of type `found`, or else is `default`, which may be outside of it (that is another's finding). An array
    or object where there may be one is taken to be as it is declared."""
    value = of_value(default)
    if isinstance(value, Scalar):
        return union(found, value)
    return found if may_be(found, (value.kind,)) else union(found, widened(value))


def widened(found: Type) -> Type:
    """Without single values: that `mode` is set to `fast` says that it is text, and no more.

    Several values are kept: they are what it can be.
    """
    if not found.single:
        return found
    match found:
        case Scalar():
            return PLAIN[found.kind]
        case Array():
            return Array(widened(found.items))
        case Object():
            fields = {name: widened(field) for name, field in found.fields.items()}
            return Object(fields, found.rest, found.closed)
        case Union():
            return union(*map(widened, found.options))
    return found


def both(left: Type, right: Type) -> Type:
    """What is of both types, as far as that can be seen; never less."""
    if left is ANY or left is right:
        return right
    if right is ANY:
        return left
    found = list(_meetings(left, right))
    return union(*found) if found else ANY


def _meetings(left: Type, right: Type) -> Iterator[Type]:
    for one in options(left):
        for other in options(right):
            match one, other:
                case Scalar(), Scalar():
                    met = _meeting(one, other)
                    if met is not None:
                        yield met
                case Array(), Array():
                    yield Array(both(one.items, other.items))
                case Object(), Object():
                    yield _merged(one, other)


def _meeting(one: Scalar, other: Scalar) -> Scalar | None:
    if one.kind != other.kind and {one.kind, other.kind} != NUMERIC:
        return None
    kind = one.kind if one.kind == other.kind else "integer"
    if one.values is None or other.values is None:
        values = one.values if other.values is None else other.values
        return Scalar(kind, values)
    shared = {value: None for value in one.values if value in other.values}
    return Scalar(kind, shared) if shared else None


def _merged(one: Object, other: Object) -> Object:
    fields = dict(one.fields)
    for name, field in other.fields.items():
        fields[name] = both(fields[name], field) if name in fields else field
    # `{type: object}` beside declared fields says nothing; a declared openness does.
    rests = [side.rest for side in (one, other) if side is not ANY_OBJECT]
    rest = next((rest for rest in rests if rest is not None), None) if rests else ANY
    return Object(fields, rest, (one.closed or other.closed) and rest is None)


def described(found: Type) -> str:
    """For a sentence: `a string`, `an array`, `a string or null`."""
    names = [_article(option.kind) for option in sorted(options(found), key=lambda option: option.kind == "null")]
    names = list(dict.fromkeys(names))
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _article(kind: str) -> str:
    if kind in ("null", "any"):
        return "null" if kind == "null" else "anything"
    return f"an {kind}" if kind[0] in "aio" else f"a {kind}"


def shown(found: Type, depth: int = 3) -> str:
    """`array of {kind: 'bug' | 'question', urgent: boolean}`, for people who look."""
    match found:
        case Scalar(values=values) if values is not None:
            written = [repr(value) if isinstance(value, str) else str(value) for value in values]
            return " | ".join(written[:8]) + (" | …" if len(written) > 8 else "")
        case Array() if depth and found.items is not ANY:
            inner = shown(found.items, depth - 1)
            return f"array of ({inner})" if " | " in inner and inner[0] != "{" else f"array of {inner}"
        case Object() if depth and found.fields:
            names = [f"{name}: {shown(field, depth - 1)}" for name, field in found.fields.items()]
            return "{" + ", ".join([*names[:8], *(["…"] if len(names) > 8 or found.rest is not None else [])]) + "}"
        case Union():
            return " | ".join(shown(option, depth) for option in found.options)
    return found.kind
