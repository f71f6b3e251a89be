"""Patterns of files to remember stay inside the project."""

from __future__ import annotations

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.language.compiler.blocks import steps_with_blocks
from agentflow_cli.language.compiler.paths import PatternError, project_pattern
from agentflow_cli.language.loader.load import Loaded


def check_files(loaded: Loaded, diagnostics: Diagnostics) -> None:
    """Report patterns that lead out of the project."""
    for step, _ in steps_with_blocks(loaded.workflow):
        if step.kind != "remember" or "files" not in step.settings:
            continue
        located = step.settings["files"]
        for position, pattern in enumerate(located.value):
            try:
                project_pattern(loaded.workflow.file, pattern)
            except PatternError as error:
                span = loaded.document.span((*located.path, position))
                diagnostics.add(Diagnostic("AF342", str(error), span, label="outside",
                                           help="patterns are relative to the file in which they stand"))  # fmt: skip
