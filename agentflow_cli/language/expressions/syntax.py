"""The tree of an expression. Every node knows its characters [start, end) in the source string it was written in."""

from __future__ import annotations

from typing import Any, ClassVar, TypeAlias, dataclass_transform

from agentflow_cli.domain.json_value import Json


@dataclass_transform(frozen_default=True)
class _Record:
    """Subclasses annotate their fields; values are given in that order, the base class's first.

    Written by hand, for twenty dataclasses cost 13 ms of every start.
    """

    _fields: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        cls._fields = (*cls._fields, *cls.__annotations__)

    def __init__(self, *values: Any) -> None:
        self.__dict__.update(zip(self._fields, values, strict=True))


class Node(_Record):
    start: int
    end: int


class Unread(Node):
    """What is no expression, where one should stand: nothing is known about it. It is in no template that is valid."""


class Literal(Node):
    value: Json


class Name(Node):
    name: str


class Slice(Node):
    lower: Node | None
    upper: Node | None


class Key(Node):
    """One step of an access: a literal field or index, or an expression in brackets."""

    value: str | int | Node


class Access(Node):
    """`target.a[0]['b']`; never an Access of an Access."""

    target: Node
    keys: tuple[Key, ...]


class ListOf(Node):
    items: tuple[Node, ...]


class DictOf(Node):
    pairs: tuple[tuple[Node, Node], ...]


class Applied(Node):
    """A name applied to arguments. `name_start` and `name_end` say where the name stands."""

    name: str
    name_start: int
    name_end: int
    arguments: tuple[Node, ...]
    keywords: tuple[tuple[str, Node], ...]


class Filter(Applied):
    value: Node


class Test(Applied):
    value: Node


class Call(Applied):
    pass


class Not(Node):
    value: Node


class Negate(Node):
    value: Node


class Logic(Node):
    operator: str
    """`and` or `or`."""
    left: Node
    right: Node


class Binary(Node):
    operator: str
    """One of `+ - * / // % **`."""
    left: Node
    right: Node


class Concat(Node):
    parts: tuple[Node, ...]


class Compare(Node):
    first: Node
    rest: tuple[tuple[str, Node], ...]
    """(operator, operand); operators `eq ne lt lteq gt gteq in notin`."""


class Conditional(Node):
    test: Node
    then: Node
    otherwise: Node


# The parts of a template.


class If(Node):
    branches: tuple[tuple[Node, Body], ...]
    otherwise: Body


class For(Node):
    name: str
    items: Node
    body: Body
    otherwise: Body


Part: TypeAlias = "str | Node"
Body: TypeAlias = tuple[Part, ...]
