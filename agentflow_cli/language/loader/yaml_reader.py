"""YAML text to plain data with positions, by our own construction from the parser's events. The only importer of yaml.

One pass, without recursion: libyaml's own composer overflows the C stack on deep nesting, and its constructor follows
YAML 1.1. Everything that could explode (size, depth, aliases) is counted while the events come.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics, Secondary, Severity
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.domain.json_value import DocumentPath, Json
from agentflow_cli.language.loader.document import Document
from agentflow_cli.language.loader.nodes import AliasNode, MappingNode, Node, ScalarNode, SequenceNode
from agentflow_cli.language.loader.scalars import loses_zeros, resolve_plain
from agentflow_cli.language.loader.source_map import Lines
from agentflow_cli.language.loader.syntax_problem import SyntaxProblem
from agentflow_cli.language.loader.traps import Edits, cut_by_comment, fix_of, negation, unquoted_braces

DEEPEST = 100
MOST_NODES = 250_000
MOST_REPEATED = 100_000
"""Nodes that aliases may add to those that are written; a long text counts for several."""
_LONG = 50

_BLANK = frozenset(" \t")
_NOT_TEXT = frozenset({"true", "false", "null"})
"""Words that are no strings without quotes, whatever the case."""
_ANCHOR = re.compile(r"&\S+(?:\s+|\s#.*)*")
_NONE: Edits = ()
_DROPPED = ScalarNode(0, 0, "", "")
"""Stands for a key that was refused: its value is read and thrown away."""


def read_yaml(text: str, file: str, diagnostics: Diagnostics) -> Document | None:
    """The one document in `text` (checked by `source_text`). None, with a diagnostic, when it cannot be read at all.

    What can be read in part, with a duplicate key for example, is returned, and `broken` names the places.
    """
    builder = _Builder(text, file, diagnostics)
    try:
        builder.take_all(_events(text))
    except _Refused:
        return None
    except SyntaxProblem as problem:
        builder.explain(problem)
        return None
    if not builder.documents.items:
        diagnostics.add(
            Diagnostic("AF117", "the file is empty", file=file, help="a workflow needs `apiVersion` and `steps`")
        )
        return None
    return Document(file, text, builder.data[0], builder.documents.items[0], builder.broken, builder.lines)


def _events(text: str) -> Iterator[Any]:
    import yaml

    try:
        parser: Any = (yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader)(text)
        while True:
            event = parser.get_event()
            if event is None:
                return
            yield event
    except yaml.MarkedYAMLError as error:
        mark, context = error.problem_mark, error.context_mark
        raise SyntaxProblem(
            error.problem or "", error.context or "", mark.index if mark else None, context.index if context else None
        ) from error
    except yaml.YAMLError as error:
        raise SyntaxProblem("an unreadable character", "", getattr(error, "position", None), None) from error
    except (ValueError, LookupError, AttributeError, TypeError, OverflowError, RecursionError, MemoryError) as error:
        raise SyntaxProblem("the parser gave up", "", None, None) from error


def _readable(text: str) -> bool:
    try:
        return all(True for _ in _events(text))
    except SyntaxProblem:
        return False


class _Refused(Exception):
    """The file is not worth reading on; why has been said."""


class _Frame:
    """A collection that is being read. `key` is the mapping's key that waits for its value."""

    __slots__ = ("anchor", "data", "height", "is_key", "key", "node", "size")

    def __init__(self, node: MappingNode | SequenceNode, data: Any, anchor: str | None, is_key: bool) -> None:
        self.node, self.data, self.anchor, self.is_key = node, data, anchor, is_key
        self.key: ScalarNode | None = None
        self.size = self.height = 1


class _Builder:
    def __init__(self, text: str, file: str, diagnostics: Diagnostics) -> None:
        self.text, self.file, self.diagnostics, self.lines = text, file, diagnostics, Lines(text)
        self.documents, self.data = SequenceNode(0), list[Json]()
        self.broken: list[DocumentPath] = []
        self._stack = [_Frame(self.documents, self.data, None, False)]
        self._anchors: dict[str, tuple[Node, Json, int, int] | None] = {}
        """Of each anchor its node, data, size and height; None while it is still being read."""
        self._nodes = self._repeated = 0
        self._braces_line = 0

    def take_all(self, events: Iterable[Any]) -> None:
        takers: dict[str, Callable[[Any], None]] = {
            "ScalarEvent": self._scalar,
            "MappingStartEvent": lambda event: self._open(MappingNode(self._start(event)), {}, event),
            "MappingEndEvent": self._close,
            "SequenceStartEvent": lambda event: self._open(SequenceNode(self._start(event)), [], event),
            "SequenceEndEvent": self._close,
            "AliasEvent": self._alias,
            "DocumentStartEvent": self._document,
        }
        for event in events:
            take = takers.get(type(event).__name__)
            if take is not None:
                take(event)

    def _document(self, event: Any) -> None:
        if self.documents.items:
            start = event.start_mark.index
            help_ = "move what follows `---` into a file of its own"
            self._report("AF111", "a second document starts here", start, start + 3, "one file, one document", help_)
            raise _Refused

    def explain(self, problem: SyntaxProblem) -> None:
        """Report a syntax error, unless a message about braces on the same line has said what is wrong."""
        from agentflow_cli.language.loader.syntax_errors import explain_syntax_error

        diagnostic = explain_syntax_error(problem, self.text, self.file, self.lines, _readable)
        if not (self._braces_line and diagnostic.span and diagnostic.span.line == self._braces_line):
            self.diagnostics.add(diagnostic)

    def _scalar(self, event: Any) -> None:
        """Most of a file: what is rare is asked in as few words as possible."""
        self._nodes += 1
        if self._nodes > MOST_NODES:
            self._refuse_so_many()
        anchor = event.anchor
        start = event.start_mark.index if anchor is None else self._start(event)
        style, value = event.style or "", event.value
        node = ScalarNode(start, event.end_mark.index, style, value)
        frame = self._stack[-1]
        if frame.key is None and type(frame.node) is MappingNode:
            self._key(frame, node, event)
            return
        if event.tag is not None:
            self._tag(event)
        elif not style:
            value = self._plain(node, frame)
        elif "\0" in value:
            self._broken("AF102", "a string cannot hold NUL", start, node.end, "holds NUL", "remove the `\\0`")
        if anchor is not None:
            self._anchors[anchor] = (node, value, 1 + len(node.text) // _LONG, 1)
        self._put(node, value, 1 if len(node.text) < _LONG else 1 + len(node.text) // _LONG, 1)

    def _plain(self, node: ScalarNode, frame: _Frame) -> Json:
        try:
            value = resolve_plain(node.text)
        except ValueError as error:
            self._broken("AF115", str(error), node.start, node.end, "not representable", "quote it to make it a string")
            return None
        if type(value) is str:
            if self.text[node.end : node.end + 1] in _BLANK:
                key = frame.key.text if frame.key else ""
                if found := cut_by_comment(self.text, node, key):
                    self._broken("AF114", *found)
        elif type(value) is int and loses_zeros(node.text):
            message = f"`{node.text}` is the number {value}: YAML does not keep leading zeros"
            hint = f'write `"{node.text}"` for a string, or `{value}` for the number'
            self._report("AF116", message, node.start, node.end, None, hint, severity=Severity.WARNING)
        return value

    def _key(self, frame: _Frame, node: ScalarNode, event: Any) -> None:
        text, start, end = node.text, node.start, node.end
        frame.key = _DROPPED
        if event.tag is not None:
            self._tag(event)
            return
        if not node.style and not (text[:1].isalpha() and text.lower() not in _NOT_TEXT):
            if text[:1].isspace():
                blanks = len(text) - len(text.lstrip())
                spaces: Edits = ((start, start + blanks, " " * blanks),)
                self._report("AF104", "only ordinary spaces indent YAML, and this is another one", start,
                             start + blanks, "no ordinary space", "use two spaces for each level", spaces)  # fmt: skip
                raise _Refused
            if text == "<<":
                advice = "write the fields out, or repeat a whole value with an alias"
                self._report("AF108", "merge keys (`<<`) are not supported", start, end, None, advice)
                return
            try:
                is_text = type(resolve_plain(text)) is str
            except ValueError:
                is_text = False
            if not is_text:
                message = f"the key `{text}` is not a string" if text else "a key is missing before `:`"
                instead = f'"{text}"'
                edits = ((start, end, instead),) if text else ()
                hint = f"write `{instead}:`" if text else None
                self._report("AF107", message, start, max(end, start + 1), None, hint, edits)
        if "${{" in text:
            self._report(
                "AF118",
                "keys cannot hold templates",
                start,
                end,
                "a key is fixed",
                "put the value into the mapping's values",
            )
        entries: dict[str, tuple[ScalarNode, Node]] = frame.node.entries  # type: ignore[union-attr]
        if text in entries:
            first = entries[text][0]
            self._report(
                "AF106",
                f"the key `{text}` is written twice",
                start,
                end,
                "written again",
                "remove or rename one of them",
                secondary=(Secondary(self._span(first.start, first.end), "first written here"),),
            )
            return
        frame.key = node

    def _open(self, node: MappingNode | SequenceNode, data: Any, event: Any) -> None:
        self._count()
        parent = self._stack[-1]
        is_key = type(parent.node) is MappingNode and parent.key is None
        if len(self._stack) > DEEPEST:
            self._report("AF103", f"nested more than {DEEPEST} levels deep", node.start, node.start + 1, None, None)
            raise _Refused
        if event.tag is not None:
            self._tag(event)
        if is_key:
            self._collection_as_key(parent, node)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._stack.append(_Frame(node, data, event.anchor, is_key))

    def _collection_as_key(self, parent: _Frame, node: Node) -> None:
        found = unquoted_braces(
            self.text, parent.node.start, node.start, any(self._is_flow(f) for f in self._stack[1:-1])
        )
        if found is not None:
            self.broken.append(self._path()[:-1])
            self._report("AF112", *found)
            self._braces_line = self.lines.place(parent.node.start)[0]
        elif not self._braces_line:
            self._report(
                "AF107", "a list or mapping cannot be a key", node.start, node.start + 1, None, "keys are strings"
            )

    def _close(self, event: Any) -> None:
        frame = self._stack.pop()
        frame.node.end = event.end_mark.index
        if frame.anchor is not None:
            self._anchors[frame.anchor] = (frame.node, frame.data, frame.size, frame.height)
        if frame.is_key:
            self._stack[-1].key = _DROPPED
        else:
            self._put(frame.node, frame.data, frame.size, frame.height)

    def _alias(self, event: Any) -> None:
        self._count()
        start, end = event.start_mark.index, event.end_mark.index
        frame = self._stack[-1]
        if type(frame.node) is MappingNode and frame.key is None:
            self._report("AF107", "an alias cannot be a key", start, end, None, "write the key out")
            frame.key = _DROPPED
            return
        known = self._anchors.get(event.anchor)
        if known is None:
            if event.anchor in self._anchors:
                message, hint = f"`*{event.anchor}` repeats the value that it stands in", "write the value out"
            else:
                message = f"`*{event.anchor}` repeats nothing: no value above is marked `&{event.anchor}`"
                hint = "put a text that starts with `*` into quotes"
            self._broken("AF109", message, start, end, None, hint)
            self._put(ScalarNode(start, end, "*", ""), None, 1, 1)
            return
        target, data, size, height = known
        self._repeated += size
        if self._repeated > MOST_REPEATED or height + len(self._stack) > DEEPEST:
            self._report(
                "AF109",
                "the aliases blow the file up",
                start,
                end,
                "repeats too much",
                "write data into a file that a step reads",
            )
            raise _Refused
        self._put(AliasNode(start, end, target), data, size, height)

    def _put(self, node: Node, data: Json, size: int, height: int) -> None:
        """Add a finished value to the collection around it."""
        frame = self._stack[-1]
        frame.size += size
        if frame.height <= height:
            frame.height = height + 1
        around = frame.node
        if type(around) is SequenceNode:
            frame.data.append(data)
            around.items.append(node)
            return
        key, frame.key = frame.key, None
        if key is not None and key is not _DROPPED:
            frame.data[key.text] = data
            around.entries[key.text] = (key, node)  # type: ignore[union-attr]

    def _start(self, event: Any) -> int:
        """Where the value itself starts: the parser counts `&name` before it as a part of it."""
        start: int = event.start_mark.index
        if event.anchor is not None:
            found = _ANCHOR.match(self.text, start)
            start = found.end() if found else start
            if type(event).__name__ == "ScalarEvent":
                start = min(start, event.end_mark.index)  # an empty value ends before the next line
        return start

    def _count(self) -> None:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            self._refuse_so_many()

    def _refuse_so_many(self) -> NoReturn:
        message = f"the file holds more than {MOST_NODES:,} values"
        help_ = "move data out of the workflow into files that steps read"
        self.diagnostics.add(Diagnostic("AF103", message, file=self.file, help=help_))
        raise _Refused

    def _tag(self, event: Any) -> None:
        from agentflow_cli.language.schema.wording import shown  # only for files with mistakes

        start = self.text.find("!", event.start_mark.index)
        end = start
        while end < len(self.text) and not self.text[end].isspace():
            end += 1
        written = self.text[start:end]
        hint, edits = "quote the value to make it a string", _NONE
        if not written.startswith("!!"):
            key = self._stack[-1].key
            hint = "a text that starts with `!` needs quotes"
            if key is not None and key.text in ("when", "until"):
                hint = f"in a condition write {shown(f'not {written[1:]}')}; {hint}"
            edits = negation(key, self.text, start, end)
        self._broken(
            "AF110", f"{shown(written)} is a YAML tag, and tags are not supported", start, end, None, hint, edits
        )

    def _broken(
        self, code: str, message: str, start: int, end: int, label: str | None, hint: str | None, edits: Edits = ()
    ) -> None:
        """Report a value that could not be read, and remember its path."""
        self.broken.append(self._path())
        self._report(code, message, start, end, label, hint, edits)

    def _path(self) -> DocumentPath:
        """The path of the value that comes next."""
        parts: list[str | int] = []
        for frame in self._stack[1:]:
            parts.append(len(frame.data) if type(frame.node) is SequenceNode else frame.key.text if frame.key else "")
        return tuple(parts)

    def _is_flow(self, frame: _Frame) -> bool:
        return self.text[frame.node.start : frame.node.start + 1] in ("{", "[")

    def _span(self, start: int, end: int) -> Span:
        (line, column), (end_line, end_column) = self.lines.place(start), self.lines.place(end)
        return Span(self.file, line, column, end_line, end_column)

    def _report(
        self,
        code: str,
        message: str,
        start: int,
        end: int,
        label: str | None,
        hint: str | None,
        edits: Edits = (),
        secondary: tuple[Secondary, ...] = (),
        severity: Severity = Severity.ERROR,
    ) -> None:
        span, fix = self._span(start, end), fix_of(self.text, edits, self._span)
        self.diagnostics.add(
            Diagnostic(code, message, span, severity=severity, label=label, help=hint, secondary=secondary, fix=fix)
        )
        if self.diagnostics.is_full:
            raise _Refused
