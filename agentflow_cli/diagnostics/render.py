"""Diagnostics as frames: the line of the file, a caret under the place, what is wrong there, what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Severity
from agentflow_cli.diagnostics.source_line import display_line
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.foundation.terminal_text import clean

WIDTH = 120
"""Cells that a line of the file may fill before it is clipped around the caret."""
_WRITTEN_SECRET = "AF219"
"""The code of a value that may be a secret, in a place where only its source belongs."""
_BREAK = re.compile(r"\r\n|\r|\n")
_RED, _YELLOW, _BLUE, _CYAN, _BOLD = "1;31", "1;33", "1;34", "1;36", "1"


class _Mark(NamedTuple):
    span: Span
    label: str | None
    primary: bool
    secret: bool = False
    """What stands there is not shown."""


def render_diagnostics(
    diagnostics: Iterable[Diagnostic], sources: Mapping[str, str], *, color: bool = False, width: int = WIDTH
) -> str:
    """Every diagnostic as a frame, separated by blank lines; `sources` holds each file's text by its name in spans."""
    frames = Frames(sources, color=color, width=width)
    return "\n\n".join(frames.frame(diagnostic) for diagnostic in diagnostics)


class Frames:
    """Draws frames; keeps the lines of the files that it has drawn from."""

    def __init__(self, sources: Mapping[str, str], *, color: bool = False, width: int = WIDTH) -> None:
        self._sources, self._color, self._width = sources, color, width
        self._lines: dict[str, list[str]] = {}

    def frame(self, diagnostic: Diagnostic) -> str:
        """One diagnostic, without a line break at its end."""
        tint = _RED if diagnostic.severity is Severity.ERROR else _YELLOW
        head = self._paint(f"{diagnostic.severity.value}[{diagnostic.code}]", tint)
        lines = [head + self._paint(f": {clean(diagnostic.message, keep_newlines=False)}", _BOLD)]
        numbers = [mark.span.line for mark in _marks(diagnostic)]
        pad = " " * len(str(max(numbers, default=1)))
        if diagnostic.span is not None:
            lines += self._places(diagnostic, pad, tint)
        elif diagnostic.file:
            lines.append(f"{pad}{self._paint('-->', _BLUE)} {clean(diagnostic.file, keep_newlines=False)}")
        if diagnostic.help:
            sign, word = self._paint("=", _BLUE), self._paint("help", _CYAN)
            lines.append(f"{pad} {sign} {word}: {clean(diagnostic.help, keep_newlines=False)}")
        return "\n".join(lines)

    def _places(self, diagnostic: Diagnostic, pad: str, tint: str) -> list[str]:
        """The arrow, the lines of each file concerned, and their marks; the file that is to blame comes first."""
        assert diagnostic.span is not None
        marks = _marks(diagnostic)
        files = dict.fromkeys(mark.span.file for mark in marks)
        drawn: list[str] = []
        for file in files:
            here = [mark for mark in marks if mark.span.file == file]
            arrow = "-->" if file == diagnostic.span.file else ":::"
            first = diagnostic.span if arrow == "-->" else here[0].span
            drawn.append(f"{pad}{self._paint(arrow, _BLUE)} {clean(str(first), keep_newlines=False)}")
            drawn += self._excerpt(file, here, pad, tint)
        return drawn

    def _excerpt(self, file: str, marks: list[_Mark], pad: str, tint: str) -> list[str]:
        bar = self._paint("|", _BLUE)
        source = self._source(file)
        if any(mark.span.line > len(source) for mark in marks):
            labels = [mark.label for mark in marks if mark.label]
            return [f"{pad} {self._paint('=', _BLUE)} note: {clean(label, keep_newlines=False)}" for label in labels]
        drawn = [f"{pad} {bar}"]
        previous = 0
        for mark in sorted(marks, key=lambda m: (m.span.line, m.primary, m.span.column)):
            span = mark.span
            line = source[span.line - 1]
            end = span.end_column - 1 if span.end_line == span.line else len(line)
            if mark.secret:
                line = line[: span.column - 1] + "*" * len(line[span.column - 1 : end]) + line[end:]
            text, offset, length = display_line(line, span.column - 1, max(end, span.column - 1), self._width)
            if span.line != previous:
                if previous and span.line > previous + 1:
                    drawn.append("...")
                number = self._paint(str(span.line).rjust(len(pad)), _BLUE)
                drawn.append(f"{number} {bar} {text}".rstrip())
            previous = span.line
            under = ("^" if mark.primary else "-") * length
            label = f" {clean(mark.label, keep_newlines=False)}" if mark.label else ""
            drawn.append(f"{pad} {bar} {' ' * offset}{self._paint(under + label, tint if mark.primary else _BLUE)}")
        return drawn

    def _source(self, file: str) -> list[str]:
        if file not in self._lines:
            self._lines[file] = _BREAK.split(self._sources[file]) if file in self._sources else []
        return self._lines[file]

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._color else text


def _marks(diagnostic: Diagnostic) -> list[_Mark]:
    marks = [_Mark(second.span, second.label, False) for second in diagnostic.secondary]
    if diagnostic.span is not None:
        marks.insert(0, _Mark(diagnostic.span, diagnostic.label, True, diagnostic.code == _WRITTEN_SECRET))
    return marks
