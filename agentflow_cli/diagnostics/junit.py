"""Findings as JUnit XML, for CI servers that read nothing else: a suite for each file, with a failed case for each
error, or with one passed case where nothing is wrong."""

from __future__ import annotations

import re

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Severity
from agentflow_cli.diagnostics.report import Report
from agentflow_cli.foundation.terminal_text import clean

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 forbids or discourages, lone surrogates among it."""
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}


def format_junit(report: Report) -> str:
    """Warnings are passed cases that say so in `system-out`: a warning fails no build. Times are zero: nothing ran.

    It is ASCII, so that what it says of its encoding holds wherever it is written.
    """
    suites: dict[str, list[Diagnostic]] = {name: [] for name in report.names}
    for diagnostic in report.diagnostics:
        suites.setdefault(diagnostic.place[0] or "-", []).append(diagnostic)
    if not suites:
        suites["agentflow"] = []
    errors = report.count(Severity.ERROR)
    tests = sum(max(1, len(found)) for found in suites.values())
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="agentflow validate" tests="{tests}" failures="{errors}" errors="0" time="0">',
    ]
    for file, found in suites.items():
        lines += _suite(file, found)
    text = "\n".join([*lines, "</testsuites>"]) + "\n"
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _suite(file: str, found: list[Diagnostic]) -> list[str]:
    name = _attribute(file)
    failures = sum(d.severity is Severity.ERROR for d in found)
    tests = max(1, len(found))
    lines = [f'  <testsuite name="{name}" tests="{tests}" failures="{failures}" errors="0" skipped="0" time="0">']
    if not found:
        lines.append(f'    <testcase classname="{name}" name="{name}" time="0"/>')
    for diagnostic in found:
        place = f":{diagnostic.span.line}:{diagnostic.span.column}" if diagnostic.span else ""
        lines.append(f'    <testcase classname="{name}" name="{diagnostic.code} {name}{place}" time="0">')
        text = f"{file}{place}: {diagnostic.message}" + (f"\nhelp: {diagnostic.help}" if diagnostic.help else "")
        if diagnostic.severity is Severity.ERROR:
            message = _attribute(clean(diagnostic.message, keep_newlines=False))
            lines.append(f'      <failure message="{message}" type="{diagnostic.code}">{_text(text)}</failure>')
        else:
            lines.append(f"      <system-out>{_text(f'warning[{diagnostic.code}] {text}')}</system-out>")
        lines.append("    </testcase>")
    return [*lines, "  </testsuite>"]


def _attribute(text: str) -> str:
    text = _NOT_IN_XML.sub("\ufffd", text)
    return "".join(_ENTITIES.get(character, character) for character in text)


def _text(text: str) -> str:
    text = _NOT_IN_XML.sub("\ufffd", clean(text))
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
