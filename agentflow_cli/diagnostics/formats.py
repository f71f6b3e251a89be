"""What `validate` prints: frames for people, a line each for editors, JSON for programs, and what CI services read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Severity
from agentflow_cli.diagnostics.render import WIDTH, render_diagnostics
from agentflow_cli.diagnostics.report import Report
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.foundation.terminal_text import clean

FORMAT_VERSION = 1
"""Of the JSON forms: raised when a field changes its meaning, not when one is added."""
_MOST_SHOWN = 100
"""Findings that are written for people; forms for programs carry all."""


def format_report(report: Report, name: str, *, color: bool = False, width: int = WIDTH) -> str:
    """The report in the format `name` (one of FORMATS), ending with a line break. KeyError for another name."""
    if name == "full":
        return format_full(report, color=color, width=width)
    return FORMATS[name](report)


def format_full(report: Report, *, color: bool = False, width: int = WIDTH) -> str:
    frames = render_diagnostics(report.diagnostics[:_MOST_SHOWN], report.sources, color=color, width=width)
    closing = "\n".join([*_left_out(report), closing_line(report)])
    return f"{frames}\n\n{closing}\n" if frames else f"{closing}\n"


def format_concise(report: Report) -> str:
    """`file:line:col: error[AF201] message` and, where there is one, a hint below it."""
    lines = [line for d in report.diagnostics[:_MOST_SHOWN] for line in concise_lines(d)]
    return "\n".join([*lines, *_left_out(report), closing_line(report)]) + "\n"


def concise_lines(found: Diagnostic) -> list[str]:
    place = str(found.span) if found.span else found.file or "-"
    lines = [_one_line(f"{place}: {found.severity.value}[{found.code}] {found.message}")]
    return [*lines, _one_line(f"      hint: {found.help}")] if found.help else lines


def format_json(report: Report) -> str:
    """One object: version, files, errors, warnings, diagnostics."""
    value = {"version": FORMAT_VERSION, **_counts(report), "diagnostics": [to_json(d) for d in report.diagnostics]}
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def format_jsonl(report: Report) -> str:
    """A version record, one record a diagnostic, a summary record."""
    records: list[Any] = [{"type": "version", "version": FORMAT_VERSION}]
    records += [{"type": "diagnostic", **to_json(d)} for d in report.diagnostics]
    records.append({"type": "summary", **_counts(report)})
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def format_github(report: Report) -> str:
    from agentflow_cli.diagnostics import github

    return github.format_github(report)


def format_gitlab(report: Report) -> str:
    from agentflow_cli.diagnostics import gitlab

    return gitlab.format_gitlab(report)


def format_junit(report: Report) -> str:
    from agentflow_cli.diagnostics import junit

    return junit.format_junit(report)


def format_sarif(report: Report) -> str:
    from agentflow_cli.diagnostics import sarif

    return sarif.format_sarif(report)


FORMATS: Mapping[str, Callable[[Report], str]] = {
    "full": format_full,
    "concise": format_concise,
    "json": format_json,
    "jsonl": format_jsonl,
    "github": format_github,
    "gitlab": format_gitlab,
    "junit": format_junit,
    "sarif": format_sarif,
}


def _left_out(report: Report) -> list[str]:
    """`… and 20 more findings in 2 files; --output json lists all.` where people are not shown everything."""
    rest = report.diagnostics[_MOST_SHOWN:]
    if not rest:
        return []
    files = _counted(len({d.place[0] for d in rest}), "file")
    return [f"… and {_counted(len(rest), 'more finding')} in {files}; `-o json` lists all."]


def closing_line(report: Report) -> str:
    """`Found 5 errors and 1 warning in 1 of 4 files.` or `All 4 files are valid.`"""
    errors, warnings = report.count(Severity.ERROR), report.count(Severity.WARNING)
    if not report.files:
        return "There are no files to check."
    if not errors and not warnings:
        return "The file is valid." if report.files == 1 else f"All {report.files} files are valid."
    found = " and ".join(_counted(n, word) for n, word in ((errors, "error"), (warnings, "warning")) if n)
    affected = len({d.place[0] for d in report.diagnostics})
    where = "1 file" if report.files == 1 else f"{affected} of {report.files} files"
    return f"Found {found} in {where}."


def to_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """A diagnostic as JSON; `line` and the other places are absent when no place is to blame."""
    value: dict[str, Any] = {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "file": diagnostic.place[0] or None,
    }
    if diagnostic.span:
        value.update(_place(diagnostic.span))
    value.update(label=diagnostic.label, help=diagnostic.help)
    value["secondary"] = [{"file": s.span.file, **_place(s.span), "label": s.label} for s in diagnostic.secondary]
    value["fixable"] = diagnostic.fix is not None and diagnostic.fix.safe
    return value


def _place(span: Span) -> dict[str, Any]:
    return {"line": span.line, "column": span.column, "end_line": span.end_line, "end_column": span.end_column}


def _counts(report: Report) -> dict[str, Any]:
    errors, warnings = report.count(Severity.ERROR), report.count(Severity.WARNING)
    return {"files": report.files, "errors": errors, "warnings": warnings}


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _one_line(text: str) -> str:
    return clean(text, keep_newlines=False)


__all__ = ["FORMATS", "FORMAT_VERSION", "Report", "closing_line", "format_full", "format_report", "to_json"]
