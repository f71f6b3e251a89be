"""One file checked as if it were alone: what was found, and what that stands on."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.diagnostics.span import Span
from agentflow_cli.language.compiler.check_file import check_file
from agentflow_cli.language.loader.files import Files, display_name
from agentflow_cli.language.loader.uses import Use, recording


class Name(NamedTuple):
    """What a workflow is called, and where it says so: the start of a file that says nothing and is called like it."""

    text: str
    span: Span


class Verdict(NamedTuple):
    """`kind` is `workflow`, `agent` or `project`."""

    path: Path
    kind: str
    findings: tuple[Diagnostic, ...]
    uses: frozenset[Use]
    """Everything that was looked at for its sake, itself among it."""
    name: Name | None = None
    """Of a workflow that can be read."""


def check_alone(path: Path, root: Path, files: Files) -> Verdict:
    """The verdict on one file of the project at `root`. Texts are shared among `files`, findings are not."""
    diagnostics, own = Diagnostics(), files.apart()
    with recording() as uses:
        kind = check_file(path, root, diagnostics, own)
    loaded = own.workflows.get(own.identity(path)) if kind == "workflow" else None
    name = None
    if loaded is not None and isinstance(loaded.document.data, dict):
        document = loaded.document
        line, column = document.lines.place(document.root.start)
        begin = Span(display_name(path, root), line, column, line, column)
        span = document.span(("name",)) if "name" in loaded.document.data else begin
        name = Name(loaded.workflow.name, span)
    return Verdict(path, kind, tuple(diagnostics.sorted()), frozenset(uses), name)


def merged(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Each finding once, however many files it was found from: as the one that tells the most places."""
    best: dict[tuple[object, ...], Diagnostic] = {}
    for found in findings:
        key = (found.code, found.message, found.span, found.file)
        known = best.get(key)
        if known is None or len(found.secondary) > len(known.secondary):
            best[key] = found
    return sorted(best.values(), key=lambda d: (*d.place, d.code, d.message))
