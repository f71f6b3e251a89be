"""Findings as commands of GitHub Actions, which shows them as annotations beside the changed lines."""

from __future__ import annotations

from typing import Any

from agentflow_cli.diagnostics.checkout import path_in_checkout
from agentflow_cli.diagnostics.diagnostic import Diagnostic, Severity
from agentflow_cli.diagnostics.formats import closing_line, concise_lines
from agentflow_cli.diagnostics.report import Report
from agentflow_cli.foundation.terminal_text import clean

_ANNOTATIONS = 10
"""What GitHub shows of one severity and step."""


def format_github(report: Report) -> str:
    """At most ten annotations of a severity, the last one a count; the findings behind it are lines of the log."""
    lines: list[str] = []
    rest: list[Diagnostic] = []
    for severity in Severity:
        found = [d for d in report.diagnostics if d.severity is severity]
        shown = found if len(found) <= _ANNOTATIONS else found[: _ANNOTATIONS - 1]
        lines += [_annotation(d) for d in shown]
        if len(shown) < len(found):
            more = len(found) - len(shown)
            lines.append(f"::{severity.value} title=agentflow::and {more} more; see the log of this step")
            rest += found[len(shown) :]
    lines += [_plain(line) for d in rest for line in concise_lines(d)]
    return "\n".join([*lines, closing_line(report)]) + "\n"


def _annotation(diagnostic: Diagnostic) -> str:
    properties: dict[str, Any] = {}
    if diagnostic.place[0]:
        properties["file"] = clean(path_in_checkout(diagnostic.place[0]))
    if span := diagnostic.span:
        properties.update(line=span.line, endLine=span.end_line, col=span.column)
        if span.end_line == span.line:
            properties["endColumn"] = span.end_column
    properties["title"] = diagnostic.code
    written = ",".join(f"{key}={_escaped(str(value), in_property=True)}" for key, value in properties.items())
    message = diagnostic.message + (f"\n{diagnostic.help}" if diagnostic.help else "")
    return f"::{diagnostic.severity.value} {written}::{_escaped(clean(message))}"


def _escaped(text: str, *, in_property: bool = False) -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if in_property else text


def _plain(line: str) -> str:
    """A line that is no command, whatever a file is called: one begins with `::`, an older one holds `##[`."""
    line = line.replace("##[", "## [")
    return f"./{line}" if line.lstrip().startswith("::") else line
