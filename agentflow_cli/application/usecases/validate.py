"""Check workflow files: everything that is wrong with all of them, sorted by place."""

from __future__ import annotations

from collections.abc import Sequence

from agentflow_cli.application.usecases.workflow_files import STDIN, find_workflow_files, load_checked
from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.diagnostics.formats import Report
from agentflow_cli.foundation.errors import UsageError


def validate(paths: Sequence[str]) -> Report:
    """The findings in the files that `paths` name (none: the project's workflows; `-`: standard input)."""
    diagnostics, sources = Diagnostics(), dict[str, str]()
    if STDIN in paths and len(paths) > 1:
        raise UsageError("`-` (standard input) cannot be mixed with other files")
    names = [STDIN] if list(paths) == [STDIN] else [str(path) for path in find_workflow_files(paths)]
    for name in names:
        load_checked(name, diagnostics, sources)
    return Report(diagnostics.sorted(), len(names), sources)
