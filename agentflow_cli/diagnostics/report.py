"""What one check has found, as every form of output gets it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Severity


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in `files` files."""

    diagnostics: Sequence[Diagnostic]
    """Sorted by place."""
    files: int
    sources: Mapping[str, str] = field(default_factory=dict)
    """The text of each file by its name in spans."""

    def count(self, severity: Severity) -> int:
        return sum(d.severity is severity for d in self.diagnostics)
