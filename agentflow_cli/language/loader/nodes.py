"""The YAML tree beside the data: where each value stands in the text. Offsets count characters from 0.

Plain classes: a thousand steps are twenty thousand nodes, and dataclasses cost more to define than all the rest here.
"""

from __future__ import annotations

from typing import TypeAlias


class ScalarNode:
    """`text` is the decoded string; `style` is "" (plain), one of the quotes, `|` or `>`."""

    __slots__ = ("end", "start", "style", "text")

    def __init__(self, start: int, end: int, style: str, text: str) -> None:
        self.start, self.end, self.style, self.text = start, end, style, text


class SequenceNode:
    __slots__ = ("end", "items", "start")

    def __init__(self, start: int) -> None:
        self.start = self.end = start
        self.items: list[Node] = []


class MappingNode:
    __slots__ = ("end", "entries", "start")

    def __init__(self, start: int) -> None:
        self.start = self.end = start
        self.entries: dict[str, tuple[ScalarNode, Node]] = {}


class AliasNode:
    """`*name`: its own place, and the node that it repeats."""

    __slots__ = ("end", "start", "target")

    def __init__(self, start: int, end: int, target: Node) -> None:
        self.start, self.end, self.target = start, end, target


Node: TypeAlias = "ScalarNode | SequenceNode | MappingNode | AliasNode"


def followed(node: Node) -> Node:
    """The node itself, or the one that an alias stands for."""
    while isinstance(node, AliasNode):
        node = node.target
    return node
