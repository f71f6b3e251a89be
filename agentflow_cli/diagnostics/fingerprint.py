"""What tells a finding of today from the same one of yesterday, for services that show only what is new."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping

from agentflow_cli.diagnostics.diagnostic import Diagnostic
from agentflow_cli.diagnostics.report import Report


def fingerprints(report: Report) -> list[str]:
    """One for each finding, in order, 64 hexadecimal digits. It holds file, code, message and the text of the line, not
    the line's number, so that it stays when lines above come or go; equal findings are numbered."""
    seen: Counter[str] = Counter()
    lines = {file: text.splitlines() for file, text in report.sources.items()}
    found = []
    for diagnostic in report.diagnostics:
        identity = "\0".join((diagnostic.place[0], diagnostic.code, diagnostic.message, _line(diagnostic, lines)))
        seen[identity] += 1
        text = f"{identity}\0{seen[identity]}"
        found.append(hashlib.sha256(text.encode(errors="backslashreplace")).hexdigest())
    return found


def _line(diagnostic: Diagnostic, lines: Mapping[str, list[str]]) -> str:
    span = diagnostic.span
    text = lines.get(span.file, []) if span else []
    return text[span.line - 1].strip() if span and span.line <= len(text) else ""
