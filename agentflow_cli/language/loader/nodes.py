"""The YAML tree beside the data: where each value stands in the text. Offsets count characters from 0."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(slots=True)
class ScalarNode:
    """`text` is the decoded string; `style` is "" (plain), one of the quotes, `|` or `>`."""

    start: int
    end: int
    style: str
    text: str


@dataclass(slots=True)
class SequenceNode:
    start: int
    end: int = 0
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class MappingNode:
    start: int
    end: int = 0
    entries: dict[str, tuple[ScalarNode, Node]] = field(default_factory=dict)


@dataclass(slots=True)
class AliasNode:
    """`*name`: its own place, and the node that it repeats."""

    start: int
    end: int
    target: Node


Node: TypeAlias = ScalarNode | SequenceNode | MappingNode | AliasNode


def followed(node: Node) -> Node:
    """The node itself, or the one that an alias stands for."""
    while isinstance(node, AliasNode):
        node = node.target
    return node
