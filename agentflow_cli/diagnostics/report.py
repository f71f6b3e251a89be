"""What one check has found, as every form of output gets it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Severity
from agentflow_cli.foundation.nothing import NOTHING


class Report(NamedTuple):
    """What was found in `files` files."""

    diagnostics: Sequence[Diagnostic]
    """Sorted by place."""
    files: int
    sources: Mapping[str, str] = NOTHING
    """The text of each file by its name in spans."""
    names: Sequence[str] = ()
    """Of the files that were looked for, as spans name them; those of others in which something was found too."""

    def count(self, severity: Severity) -> int:
        return sum(d.severity is severity for d in self.diagnostics)
