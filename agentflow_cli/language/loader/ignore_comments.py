"""`# agentflow: ignore[AF512]`: comments by which authors silence findings, and what is wrong with such comments."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from agentflow_cli.diagnostics.diagnostic import MOST, Diagnostic, Diagnostics, Severity
from agentflow_cli.diagnostics.fix import Edit, Fix
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.foundation.closest import closest, only_close
from agentflow_cli.language.loader.document import Document
from agentflow_cli.language.loader.nodes import MappingNode, Node, ScalarNode, SequenceNode
from agentflow_cli.language.loader.yaml_reader import read_yaml

MARK = "agentflow:"
_COMMENT = re.compile(
    r"(?:(?<=[ \t])|^)#[ \t]*agentflow:[ \t]*ignore\b[ \t]*(\[[^\]\n\r]*\]?)?([^\n\r]*)", re.MULTILINE
)
_CODE = re.compile(r"[^\s,\[\]]+")
_READABLE_ONLY = ("AF1", "AF2")
"""While one of these is found, other checks may not have looked: what a comment silences cannot be told."""
_ACROSS = "AF6"
"""Found only where the whole project is checked."""


@dataclass(slots=True)
class IgnoreComment:
    span: Span
    codes: dict[str, Span]
    """The codes as they are written, in capitals, with their places."""
    lines: range
    """The lines whose findings it silences."""
    used: set[str] = field(default_factory=set)


class FileComments:
    """The comments of one file."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._scalars = sorted((s for s in _scalars(document.root) if s.end > s.start), key=lambda s: s.start)
        self._starts = [scalar.start for scalar in self._scalars]
        self._walked = (0, 0)
        """The last run of lines without substance, and the line after it."""
        self.comments: list[IgnoreComment] = []
        self.wrong: list[Diagnostic] = []
        for found in _COMMENT.finditer(document.text):
            if self._is_text(found.start()):
                continue
            if len(self.comments) + len(self.wrong) >= MOST:
                place = document.between(*found.span())
                message = f"there are more than {MOST:,} comments like this; the others silence nothing"
                self.wrong.append(Diagnostic("AF103", message, place, help="mend what they are about"))
                break
            self._take(found)

    def silences(self, diagnostic: Diagnostic) -> bool:
        """Whether one of the comments is about `diagnostic`; it counts as used then."""
        span, silenced = diagnostic.span, False
        for comment in self.comments:
            if span is not None and span.line in comment.lines and diagnostic.code in comment.codes:
                comment.used.add(diagnostic.code)
                silenced = True
        return silenced

    def unused(self, whole_project: bool) -> Iterator[Diagnostic]:
        for comment in self.comments:
            idle = [code for code in comment.codes if code not in comment.used]
            idle = [code for code in idle if whole_project or not code.startswith(_ACROSS)]
            for code in idle:
                message, place = f"there is no {code} here to ignore", comment.codes[code]
                fix = self._removal(comment) if len(idle) == len(comment.codes) == 1 else None
                yield Diagnostic(
                    "AF901",
                    message,
                    place,
                    severity=Severity.WARNING,
                    label="silences nothing",
                    help="remove it",
                    fix=fix,
                )

    def _take(self, found: re.Match[str]) -> None:
        from agentflow_cli.diagnostics.codes import CODES

        document, written = self._document, found.group(1)
        end = found.start() + len(found.group().rstrip())
        if written is None or not written.endswith("]") or not _CODE.search(written):
            named = [code.upper() for code in re.findall(r"\bAF\d{3}\b", found.group(), re.IGNORECASE)]
            instead = f"# agentflow: ignore[{', '.join(named)}]"
            place = document.between(found.start(), end)
            edit = Edit(place, document.text[found.start() : end], instead)
            self.wrong.append(Diagnostic(
                "AF903", "this comment does not say what to ignore", place, label="which code?",
                help=f"write `{instead}`" if named else "name the code: `# agentflow: ignore[AF312]`",
                fix=Fix(f"write `{instead}`", (edit,)) if named and not written else None,
            ))  # fmt: skip
            return
        codes = {}
        for code in _CODE.finditer(document.text, found.start(1), found.end(1)):
            if len(self.wrong) >= MOST:
                break
            span, name = document.between(*code.span()), code.group().upper()
            if name in CODES and not name.startswith("AF90"):
                codes[name] = span
            else:
                self.wrong.append(_unknown(code.group(), span, [c for c in CODES if not c.startswith("AF90")]))
        self.comments.append(IgnoreComment(document.between(found.start(), end), codes, self._lines(found.start())))

    def _lines(self, start: int) -> range:
        """The line of the comment, or the next one of substance where it stands alone; with all of a text that begins
        there. At the head of a file it is about the file too, which is blamed at its first line."""
        lines = self._document.lines
        line, column = lines.place(start)
        first = 1 if start < self._document.root.start else line
        if not lines.line_text(line)[: column - 1].strip():
            line = self._next_of_substance(line + 1)
        last = line
        if line <= len(lines.starts):
            stop = lines.starts[line] if line < len(lines.starts) else len(lines.text) + 1
            here = slice(bisect_left(self._starts, lines.starts[line - 1]), bisect_left(self._starts, stop))
            last = max([line, *(lines.place(scalar.end - 1)[0] for scalar in self._scalars[here])])
        return range(first, last + 1)

    def _next_of_substance(self, line: int) -> int:
        """The first line from `line` on that holds more than a comment or the sign of a document's begin."""
        if not self._walked[0] <= line <= self._walked[1]:
            lines, begin = self._document.lines, line
            while line <= len(lines.starts) and not has_substance(lines.line_text(line)):
                line += 1
            self._walked = (begin, line)
        return self._walked[1]

    def _is_text(self, at: int) -> bool:
        """Whether the character at `at` belongs to a value; what follows the `|` of a block is a comment."""
        for scalar in self._scalars[max(0, (after := bisect_right(self._starts, at)) - 1) : after]:
            if at < scalar.end:
                head = re.compile(r"[\r\n]").search(self._document.text, scalar.start)
                return scalar.style not in ("|", ">") or (head is not None and at > head.start())
        return False

    def _removal(self, comment: IgnoreComment) -> Fix | None:
        """The whole comment goes, and the line that it has for itself."""
        text, lines = self._document.text, self._document.lines
        start = lines.starts[comment.span.line - 1] + comment.span.column - 1
        end = lines.starts[comment.span.end_line - 1] + comment.span.end_column - 1
        begin = lines.starts[comment.span.line - 1]
        if text[begin:start].strip():
            start = begin + len(text[begin:start].rstrip())
        else:
            start = begin
            end = lines.starts[comment.span.line] if comment.span.line < len(lines.starts) else len(text)
        return Fix("remove the comment", (Edit(self._document.between(start, end), text[start:end], ""),))


def has_substance(line: str) -> bool:
    """Whether a line holds more than blanks, a comment, or the sign with which a document begins."""
    text = line.strip("\ufeff \t\r\n").removeprefix("---").lstrip()
    return not (not text or text.startswith(("#", "%")))


def silenced(
    found: Sequence[Diagnostic], sources: dict[str, str], named: Iterable[str], *, whole_project: bool
) -> list[Diagnostic]:
    """`found` without what comments in the files silence, and with what is wrong with these comments, sorted by place.

    `sources` has the text of each file by its name in spans. Of the files in `named`, comments without use are
    reported too. A file that cannot be read has no comments.
    """
    kept, checked = list(found), set(named)
    for file, text in sources.items():
        if MARK not in text or not _COMMENT.search(text):
            continue
        document = read_yaml(text, file, Diagnostics())
        if document is None:
            continue
        comments = FileComments(document)
        before = [d for d in kept if d.place[0] == file]
        kept = [d for d in kept if d.span is None or d.span.file != file or not comments.silences(d)]
        if file in checked:
            kept += comments.wrong
            if not any(d.code.startswith(_READABLE_ONLY) and d.severity is Severity.ERROR for d in before):
                kept += comments.unused(whole_project)
    return sorted(kept, key=lambda d: (*d.place, d.code, d.message))


def _unknown(written: str, span: Span, known: list[str]) -> Diagnostic:
    near, sure = closest(written.upper(), known), only_close(written, known)
    fix = Fix(f"write `{sure}`", (Edit(span, written, sure),)) if sure else None
    help_ = f"did you mean `{near}`?" if near else "`agentflow explain` lists the codes"
    return Diagnostic("AF902", f"there is no code `{written}`", span, severity=Severity.WARNING, label="not a code",
                      help=help_, fix=fix)  # fmt: skip


def _scalars(root: Node) -> Iterator[ScalarNode]:
    """All scalars that are written, keys among them."""
    waiting: list[Node] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ScalarNode):
            yield node
        elif isinstance(node, SequenceNode):
            waiting.extend(node.items)
        elif isinstance(node, MappingNode):
            for key, value in node.entries.values():
                waiting += (key, value)
