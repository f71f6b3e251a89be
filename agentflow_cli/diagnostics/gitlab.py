"""Findings as GitLab's Code Quality report: an array of issues, shown in merge requests."""

from __future__ import annotations

import json
from typing import Any

from agentflow_cli.diagnostics.checkout import path_in_checkout
from agentflow_cli.diagnostics.diagnostic import Diagnostic, Severity
from agentflow_cli.diagnostics.fingerprint import fingerprints
from agentflow_cli.diagnostics.report import Report
from agentflow_cli.foundation.terminal_text import clean


def format_gitlab(report: Report) -> str:
    """Errors are `major`, warnings `minor`. GitLab tells new findings from old ones by fingerprint alone."""
    issues = [_issue(d, mark) for d, mark in zip(report.diagnostics, fingerprints(report), strict=True)]
    return json.dumps(issues, indent=2) + "\n"


def _issue(diagnostic: Diagnostic, fingerprint: str) -> dict[str, Any]:
    text = diagnostic.message + (f" ({diagnostic.help})" if diagnostic.help else "")
    span = diagnostic.span
    lines = {"begin": span.line if span else 1}
    if span and span.end_line > span.line:
        lines["end"] = span.end_line
    return {
        "type": "issue",
        "check_name": diagnostic.code,
        "description": clean(text, keep_newlines=False),
        "categories": ["Bug Risk"],
        "severity": "major" if diagnostic.severity is Severity.ERROR else "minor",
        "fingerprint": fingerprint,
        "location": {"path": clean(path_in_checkout(diagnostic.place[0]), keep_newlines=False) or ".", "lines": lines},
    }
