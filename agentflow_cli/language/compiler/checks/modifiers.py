"""Modifiers that do nothing on the step that has them."""

from __future__ import annotations

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics, Severity
from agentflow_cli.domain.kinds import TAKES_ENV
from agentflow_cli.language.compiler.blocks import steps_with_blocks
from agentflow_cli.language.loader.load import Loaded


def check_modifiers(loaded: Loaded, diagnostics: Diagnostics) -> None:
    """Report `env` of steps that start no program."""
    for step, _ in steps_with_blocks(loaded.workflow):
        if step.env and step.kind not in TAKES_ENV:
            instead = "give it to the steps inside" if step.kind == "steps" else "write the value where it is used"
            diagnostics.add(
                Diagnostic(
                    "AF391",
                    f"`env` does nothing here: a `{step.kind}` step starts no program that could read it",
                    loaded.document.key_span((*step.path, "env")),
                    label="nobody reads it",
                    help=instead,
                    severity=Severity.WARNING,
                )
            )
