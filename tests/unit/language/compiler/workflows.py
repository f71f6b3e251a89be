"""Loads, checks and compiles workflows written in a test."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.domain.plan import Plan
from agentflow_cli.language.compiler.checks import check_workflow
from agentflow_cli.language.compiler.compile import compile_plan
from agentflow_cli.language.loader.load import Loaded, load_workflow

HEAD = "apiVersion: agentflow/v1\n"


@dataclass
class Project:
    """A project in a directory; workflows lie in `workflows/`."""

    root: Path

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
        return path

    def load(self, text: str) -> Loaded:
        path = self.write("workflows/flow.yaml", HEAD + dedent(text))
        found = Diagnostics()
        loaded = load_workflow(path, self.root, found, display="flow.yaml")
        assert loaded is not None, [d.message for d in found]
        return loaded

    def check(self, text: str) -> list[Diagnostic]:
        found = Diagnostics()
        check_workflow(self.load(text), found)
        return found.sorted()

    def plan(self, text: str) -> Plan:
        loaded = self.load(text)
        found = Diagnostics()
        check_workflow(loaded, found)
        assert not found.has_errors, [d.message for d in found]
        return compile_plan(loaded, "tests")


def at(diagnostic: Diagnostic, text: str) -> str:
    """The characters that a one-line diagnostic points at."""
    span = diagnostic.span
    assert span is not None and span.line == span.end_line
    return (HEAD + dedent(text)).splitlines()[span.line - 1][span.column - 1 : span.end_column - 1]
