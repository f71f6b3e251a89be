"""What is known about one diagnostic code."""

from __future__ import annotations

from dataclasses import dataclass

from agentflow_cli.diagnostics.diagnostic import Severity


@dataclass(frozen=True, slots=True)
class Code:
    """`wrong` is a whole file, or project, that earns the code and `right` the same mended; a test runs both.

    In a project each file follows a comment with its path. Both are empty where no text can show it.
    """

    code: str
    title: str
    why: str
    """What goes wrong, why it is refused, and what to write instead; plain sentences."""
    wrong: str = ""
    right: str = ""
    severity: Severity = Severity.ERROR
