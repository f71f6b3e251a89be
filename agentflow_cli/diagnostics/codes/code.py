"""What is known about one diagnostic code."""

from __future__ import annotations

from dataclasses import dataclass

from agentflow_cli.diagnostics.diagnostic import Severity


@dataclass(frozen=True, slots=True)
class Code:
    """`wrong` is a whole file that earns the code and `right` the same file mended; a test runs both.

    Both are empty where no YAML text can show it (a missing file, for example).
    """

    code: str
    title: str
    why: str
    """What goes wrong, why it is refused, and what to write instead; plain sentences."""
    wrong: str = ""
    right: str = ""
    severity: Severity = Severity.ERROR
