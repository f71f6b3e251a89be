"""The tree of an expression. Every node knows its characters [start, end) in the source string it was written in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from agentflow_cli.domain.json_value import Json


@dataclass(frozen=True, slots=True)
class Node:
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    value: Json


@dataclass(frozen=True, slots=True)
class Name(Node):
    name: str


@dataclass(frozen=True, slots=True)
class Slice(Node):
    lower: Node | None
    upper: Node | None


@dataclass(frozen=True, slots=True)
class Key(Node):
    """One step of an access: a literal field or index, or an expression in brackets."""

    value: str | int | Node


@dataclass(frozen=True, slots=True)
class Access(Node):
    """`target.a[0]['b']`; never an Access of an Access."""

    target: Node
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class DictOf(Node):
    pairs: tuple[tuple[Node, Node], ...]


@dataclass(frozen=True, slots=True)
class Applied(Node):
    """A name applied to arguments. `name_start` and `name_end` say where the name stands."""

    name: str
    name_start: int
    name_end: int
    arguments: tuple[Node, ...]
    keywords: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Filter(Applied):
    value: Node


@dataclass(frozen=True, slots=True)
class Test(Applied):
    value: Node


@dataclass(frozen=True, slots=True)
class Call(Applied):
    pass


@dataclass(frozen=True, slots=True)
class Not(Node):
    value: Node


@dataclass(frozen=True, slots=True)
class Negate(Node):
    value: Node


@dataclass(frozen=True, slots=True)
class Logic(Node):
    operator: str
    """`and` or `or`."""
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    operator: str
    """One of `+ - * / // % **`."""
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Concat(Node):
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Compare(Node):
    first: Node
    rest: tuple[tuple[str, Node], ...]
    """(operator, operand); operators `eq ne lt lteq gt gteq in notin`."""


@dataclass(frozen=True, slots=True)
class Conditional(Node):
    test: Node
    then: Node
    otherwise: Node


# The parts of a template.


@dataclass(frozen=True, slots=True)
class If(Node):
    branches: tuple[tuple[Node, Body], ...]
    otherwise: Body


@dataclass(frozen=True, slots=True)
class For(Node):
    name: str
    items: Node
    body: Body
    otherwise: Body


Part: TypeAlias = "str | Node"
Body: TypeAlias = tuple[Part, ...]
