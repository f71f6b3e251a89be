"""A YAML file that was read: its data, and the place of everything in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from agentflow_cli.diagnostics.fix import Edit
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.language.loader.nodes import AliasNode, MappingNode, Node, ScalarNode, SequenceNode, followed
from agentflow_cli.language.loader.source_map import Lines


@dataclass(slots=True)
class Document:
    """`file` is the name that spans carry; `data` is plain JSON; places are computed when asked for."""

    file: str
    text: str
    data: Json
    root: Node
    broken: list[DocumentPath] = field(default_factory=list)
    """Paths whose value could not be read, and about which enough has been said."""
    _lines: Lines | None = None

    @property
    def lines(self) -> Lines:
        if self._lines is None:
            self._lines = Lines(self.text)
        return self._lines

    def span(self, path: DocumentPath) -> Span:
        """The place of the value at `path`; where nothing is there, the key of the nearest value around it."""
        node, key = self._find(path)
        if node is None:
            return self.key_span(key)
        return self.between(node.start, self._end(node))

    def key_span(self, path: DocumentPath) -> Span:
        """The place of the key of the value at `path`; of an item of a list, the item itself."""
        while path:
            node, _ = self._find(path[:-1])
            if node is not None:
                target = followed(node)
                if isinstance(target, MappingNode) and path[-1] in target.entries:
                    key = target.entries[str(path[-1])][0]
                    return self.between(key.start, key.end)
                if isinstance(target, SequenceNode) and isinstance(path[-1], int) and path[-1] < len(target.items):
                    item = target.items[path[-1]]
                    return self.between(item.start, self._end(item))
            path = path[:-1]
        return self.between(self.root.start, self._end(self.root))

    def within(self, path: DocumentPath, start: int, end: int) -> Span:
        """The place of the characters [start, end) of the decoded string at `path`; else the whole value."""
        node, _ = self._find(path)
        target = None if node is None else followed(node)
        if isinstance(target, ScalarNode):
            from agentflow_cli.language.loader.decoding import raw_range  # only for files with mistakes

            found = raw_range(self.text, target, start, end)
            if found is not None:
                return self.between(*found)
        return self.span(path)

    def edit_within(self, path: DocumentPath, start: int, end: int, new: str) -> Edit | None:
        """What writes `new` for the characters [start, end) of the decoded string at `path`; None where that is not
        certain."""
        node, _ = self._find(path)
        return self._rewrite(None if node is None else followed(node), path, start, end, new)

    def value_edit(self, path: DocumentPath, new: str) -> Edit | None:
        """What writes the string `new` for the scalar at `path`."""
        node, _ = self._find(path)
        return self._rewrite(node, path, 0, len(node.text), new) if isinstance(node, ScalarNode) else None

    def key_edit(self, path: DocumentPath, new: str) -> Edit | None:
        """What renames the key of the value at `path` to `new`."""
        node, _ = self._find(path[:-1])
        target = None if node is None else followed(node)
        if not isinstance(target, MappingNode) or path[-1] not in target.entries or new in target.entries:
            return None
        key = target.entries[str(path[-1])][0]
        return self._rewrite(key, path, 0, len(key.text), new)

    def raw_value_edit(self, path: DocumentPath, raw: str) -> Edit | None:
        """What writes the characters `raw` for the scalar at `path`."""
        node, _ = self._find(path)
        return self.raw_edit(node.start, self._end(node), raw) if isinstance(node, ScalarNode) else None

    def insertion_before(self, path: DocumentPath, entry: str) -> Edit | None:
        """What writes the entry of a mapping, or one on each line, before the one at `path`; None where that has no
        sure place."""
        node, _ = self._find(path[:-1])
        target = None if node is None else followed(node)
        if not isinstance(target, MappingNode) or path[-1] not in target.entries:
            return None
        start = target.entries[str(path[-1])][0].start
        if self.in_flow(path):
            return self.raw_edit(start, start, f"{entry}, ")
        column = self.lines.place(start)[1] - 1
        before = self.text[start - column : start]
        written = (self.line_break + before).join(entry.split("\n"))
        return None if before.strip(" ") else self.raw_edit(start, start, written + self.line_break + before)

    @property
    def line_break(self) -> str:
        """How this file ends its lines."""
        first = self.text.find("\n")
        if first < 0 and "\r" in self.text:
            return "\r"
        return "\r\n" if first > 0 and self.text[first - 1] == "\r" else "\n"

    def raw_edit(self, start: int, end: int, new: str) -> Edit:
        """What writes `new` for the raw characters [start, end)."""
        return Edit(self.between(start, end), self.text[start:end], new)

    def in_flow(self, path: DocumentPath) -> bool:
        """Whether what is at `path` stands inside `{…}` or `[…]`."""
        around = (self._find(path[:depth])[0] for depth in range(len(path)))
        return any(self.text[node.start : node.start + 1] in ("{", "[") for node in around if node is not None)

    def node(self, path: DocumentPath) -> Node | None:
        """The node at `path`, None when nothing is there; what an alias stands for."""
        node, _ = self._find(path)
        return None if node is None else followed(node)

    def written_node(self, path: DocumentPath) -> Node | None:
        """The node at `path` as it is written, an alias as such."""
        return self._find(path)[0]

    def _rewrite(self, node: Node | None, path: DocumentPath, start: int, end: int, new: str) -> Edit | None:
        if not isinstance(node, ScalarNode):
            return None
        from agentflow_cli.language.loader.rewriting import rewritten  # only for files with mistakes

        found = rewritten(self.text, node, start, end, new, self.in_flow(path))
        return None if found is None else self.raw_edit(*found)

    def between(self, start: int, end: int) -> Span:
        """The place of the raw characters [start, end)."""
        line, column = self.lines.place(start)
        end_line, end_column = self.lines.place(max(start, end))
        return Span(self.file, line, column, end_line, end_column)

    def _find(self, path: DocumentPath) -> tuple[Node | None, DocumentPath]:
        """The node at `path`, or None; and the longest part of `path` that is there."""
        node = self.root
        for depth, part in enumerate(path):
            target = followed(node)
            if isinstance(target, MappingNode) and part in target.entries:
                node = target.entries[str(part)][1]
            elif isinstance(target, SequenceNode) and isinstance(part, int) and part < len(target.items):
                node = target.items[part]
            else:
                return None, path[:depth]
        return node, path

    def _end(self, node: Node) -> int:
        """Where the value's own text ends; the parser's mark of a block stands after the blanks that follow."""
        if isinstance(node, MappingNode) and node.entries and self.text[node.start] != "{":
            return self._end(next(reversed(node.entries.values()))[1])
        if isinstance(node, SequenceNode) and node.items and self.text[node.start] != "[":
            return self._end(node.items[-1])
        if isinstance(node, ScalarNode | AliasNode) and node.end <= node.start:
            return node.start
        return node.start + len(self.text[node.start : node.end].rstrip())
