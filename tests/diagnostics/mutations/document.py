"""A valid file as parts with positions, composed by libyaml: another reader than the one that is tested."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from tests.diagnostics.mutations.corpus import Valid
from tests.diagnostics.mutations.rules import SCHEMA, Rules

SECTIONS = ("steps", "on_failure", "finally")


@dataclass(frozen=True)
class Part:
    """A value of the file and the key before it."""

    path: tuple[str | int, ...]
    key: yaml.ScalarNode | None
    """None for the root and for items of a list."""
    node: yaml.Node
    value: Any
    rules: Rules
    parent: Part | None

    @property
    def name(self) -> str | int:
        return self.path[-1] if self.path else ""

    @property
    def in_flow(self) -> bool:
        """Whether the part stands between brackets."""
        return self.parent is not None and bool(self.parent.node.flow_style)

    def child(self, name: str | int) -> Any:
        return self.value.get(name) if isinstance(self.value, dict) else None


class Document:
    def __init__(self, valid: Valid) -> None:
        self.valid = valid
        self.text = valid.text
        node = yaml.compose(valid.text, Loader=yaml.CSafeLoader)
        assert isinstance(node, yaml.MappingNode)
        self._seen: set[int] = set()
        value = _plain(node)
        self.root = Part((), None, node, value, Rules([SCHEMA], value), None)
        self.parts = [self.root, *self._below(self.root)]
        self.by_path = {part.path: part for part in self.parts}
        self.words = {word for part in self.parts if part.key is not None for word in [part.key.value]}

    def line(self, index: int) -> int:
        return self.text.count("\n", 0, index) + 1

    def raw(self, node: yaml.Node) -> tuple[int, int]:
        """Where a value stands, without the space and the line ends after it."""
        start, end = node.start_mark.index, node.end_mark.index
        return start, start + len(self.text[start:end].rstrip())

    def steps(self) -> Iterator[Part]:
        return (part for part in self.parts if is_step(part))

    def _below(self, part: Part) -> Iterator[Part]:
        node = part.node
        if id(node) in self._seen:  # an alias: its place is where its anchor stands
            return
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            for key, child in node.value:
                if isinstance(key, yaml.ScalarNode) and key.value != "<<":
                    value = _plain(child)
                    inner = Part((*part.path, key.value), key, child, value, part.rules.of_key(key.value, value), part)
                    if id(child) not in self._seen:
                        yield inner
                        yield from self._below(inner)
        elif isinstance(node, yaml.SequenceNode):
            for position, child in enumerate(node.value):
                value = _plain(child)
                inner = Part((*part.path, position), None, child, value, part.rules.of_item(value), part)
                if id(child) not in self._seen:
                    yield inner
                    yield from self._below(inner)


def is_step(part: Part) -> bool:
    """Whether a part is a step of a section or of a group, at any depth."""
    path = part.path
    if len(path) < 2 or path[0] not in SECTIONS or not isinstance(part.value, dict):
        return False
    return len(path) == 2 or (len(path) % 2 == 0 and all(name == "steps" for name in path[2::2]))


def _plain(node: yaml.Node) -> Any:
    """The value, with the strings, numbers and truths of YAML 1.2 that the classes need to tell apart."""
    if isinstance(node, yaml.MappingNode):
        own = [(key.value, _plain(value)) for key, value in node.value if key.value != "<<"]
        merged: dict[str, Any] = {}
        for key, value in node.value:
            if key.value == "<<":
                merged |= _plain(value) if isinstance(value, yaml.MappingNode) else {}
        return merged | dict(own)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    if node.style is None and node.value in ("true", "false"):
        return node.value == "true"
    if node.style is None:
        for number in (int, float):
            try:
                return number(node.value)
            except ValueError:
                continue
    return None if node.style is None and node.value in ("null", "~", "") else node.value
