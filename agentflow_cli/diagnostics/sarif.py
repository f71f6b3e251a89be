"""Findings as SARIF 2.1.0, the exchange format of static analysis: GitHub code scanning and editors read it."""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from agentflow_cli import __version__
from agentflow_cli.diagnostics.checkout import path_in_checkout
from agentflow_cli.diagnostics.codes import CODES, explain
from agentflow_cli.diagnostics.diagnostic import Diagnostic
from agentflow_cli.diagnostics.editing import EditableText
from agentflow_cli.diagnostics.fingerprint import fingerprints
from agentflow_cli.diagnostics.fix import Fix
from agentflow_cli.diagnostics.report import Report
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.foundation.terminal_text import clean

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SURROGATES = re.compile("[\ud800-\udfff]")


def format_sarif(report: Report) -> str:
    """One run. The rules are those that found something; columns count characters, as `columnKind` says."""
    codes = sorted({diagnostic.code for diagnostic in report.diagnostics})
    texts = {file: EditableText(text) for file, text in report.sources.items()}
    results = [
        _result(diagnostic, codes.index(diagnostic.code), mark, texts)
        for diagnostic, mark in zip(report.diagnostics, fingerprints(report), strict=True)
    ]
    run = {
        "tool": {"driver": {"name": "agentflow", "semanticVersion": __version__, "rules": [_rule(c) for c in codes]}},
        "invocations": [{"executionSuccessful": True}],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(code: str) -> dict[str, Any]:
    entry = CODES.get(code)
    if entry is None:
        return {"id": code}
    return {
        "id": code,
        "shortDescription": {"text": entry.title},
        "fullDescription": {"text": entry.why},
        "help": {"text": explain(code)},
        "defaultConfiguration": {"level": entry.severity.value},
    }


def _result(diagnostic: Diagnostic, rule: int, mark: str, texts: dict[str, EditableText]) -> dict[str, Any]:
    text = diagnostic.message + (f"\n{diagnostic.help}" if diagnostic.help else "")
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": diagnostic.severity.value,
        "message": {"text": clean(text) or diagnostic.code},
        "partialFingerprints": {"agentflow/v1": mark},
    }
    if diagnostic.place[0]:
        result["locations"] = [{"physicalLocation": _place(diagnostic.place[0], diagnostic.span)}]
    if diagnostic.secondary:
        result["relatedLocations"] = [
            {"id": number, "physicalLocation": _place(s.span.file, s.span), "message": {"text": clean(s.label)}}
            for number, s in enumerate(diagnostic.secondary)
        ]
    if diagnostic.fix is not None and _fits(diagnostic.fix, texts):
        result["fixes"] = [_fix(diagnostic.fix)]
    return result


def _place(file: str, span: Span | None) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(file)}}
    if span is not None:
        place["region"] = _region(span)
    return place


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    changes: dict[str, list[dict[str, Any]]] = {}
    for edit in fix.edits:
        replacement = {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.new}}
        changes.setdefault(edit.span.file, []).append(replacement)
    return {
        "description": {"text": clean(fix.title)},
        "artifactChanges": [
            {"artifactLocation": {"uri": _uri(file)}, "replacements": replacements}
            for file, replacements in changes.items()
        ],
    }


def _fits(fix: Fix, texts: dict[str, EditableText]) -> bool:
    """Whether the text that is shown holds what the fix replaces: where a token was masked, it would give it away."""
    return all(
        edit.span.file in texts
        and texts[edit.span.file].range(edit) is not None
        and not _SURROGATES.search(edit.new + edit.old)
        for edit in fix.edits
    )


def _uri(file: str) -> str:
    """A relative path stays relative; every character that is no plain part of a path is percent-encoded."""
    file = path_in_checkout(file)
    path = PurePosixPath(file)
    try:
        encoded = quote(file.encode("utf-8", "surrogateescape"), safe="/")
    except UnicodeEncodeError:
        encoded = quote(file.encode("utf-8", "replace"), safe="/")
    return f"file://{encoded}" if path.is_absolute() else encoded
