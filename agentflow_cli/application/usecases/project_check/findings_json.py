"""Findings as JSON and back. What comes back was on disk: every field is looked at before it is believed."""

from __future__ import annotations

from typing import Any

from agentflow_cli.diagnostics.codes import CODES
from agentflow_cli.diagnostics.diagnostic import Diagnostic, Secondary, Severity
from agentflow_cli.diagnostics.fix import Edit, Fix
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.domain.json_value import Json


class NotFindingsError(ValueError):
    """The JSON was not made here."""


def to_json(found: Diagnostic) -> Json:
    """One finding as a list."""
    fix = found.fix
    return [
        found.code,
        found.message,
        span_json(found.span),
        found.severity.value,
        found.label,
        found.help,
        [[span_json(second.span), second.label] for second in found.secondary],
        found.file,
        None if fix is None else [fix.title, [[span_json(e.span), e.old, e.new] for e in fix.edits], fix.safe],
    ]


def from_json(value: Json) -> Diagnostic:
    """The finding that `to_json` was given. NotFindingsError."""
    try:
        code, message, span, severity, label, help_, secondary, file, fix = value
        if code not in CODES:
            raise NotFindingsError(code)
        return Diagnostic(
            code,
            _text(message),
            None if span is None else read_span(span),
            Severity(severity),
            _maybe_text(label),
            _maybe_text(help_),
            tuple(Secondary(read_span(place), _text(what)) for place, what in secondary),
            _maybe_text(file),
            None if fix is None else _read_fix(fix),
        )
    except (ValueError, TypeError) as error:
        raise NotFindingsError(str(error)) from error


def span_json(span: Span | None) -> Json:
    """A place as a list, or null."""
    return None if span is None else [span.file, span.line, span.column, span.end_line, span.end_column]


def read_span(value: Any) -> Span:
    """The place that `span_json` was given. NotFindingsError, or the error of unpacking."""
    file, line, column, end_line, end_column = value
    if not all(type(number) is int and number > 0 for number in (line, column, end_line, end_column)):
        raise NotFindingsError("no place")
    return Span(_text(file), line, column, end_line, end_column)


def _read_fix(value: Any) -> Fix:
    title, edits, safe = value
    return Fix(
        _text(title), tuple(Edit(read_span(span), _text(old), _text(new)) for span, old, new in edits), safe is True
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise NotFindingsError("no text")
    return value


def _maybe_text(value: Any) -> str | None:
    return None if value is None else _text(value)
