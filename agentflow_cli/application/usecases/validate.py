"""Check files of the language: everything that is wrong with all of them, sorted by place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agentflow_cli.application.usecases.workflow_files import STDIN, STDIN_NAME, find_files, read_stdin
from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.diagnostics.formats import Report
from agentflow_cli.foundation.errors import UsageError
from agentflow_cli.language.compiler.check_file import check_file
from agentflow_cli.language.loader.files import Files, display_name
from agentflow_cli.language.loader.project import find_project_root


def validate(paths: Sequence[str]) -> Report:
    """The findings in the files that `paths` name (none: those of the project; `-`: standard input)."""
    diagnostics, files = Diagnostics(), Files()
    if list(paths) == [STDIN]:
        stdin = Path.cwd() / "stdin.yaml"
        check_file(stdin, find_project_root(stdin), diagnostics, files, STDIN_NAME, read_stdin())
        named = {STDIN_NAME}
    elif STDIN in paths:
        raise UsageError("`-` (standard input) cannot be mixed with other files")
    else:
        named = set()
        for path in find_files(paths):
            root = find_project_root(path)
            check_file(path, root, diagnostics, files)
            named.add(display_name(path, root))
    found = diagnostics.sorted()
    named.update(diagnostic.place[0] for diagnostic in found)
    return Report(found, len(named), files.sources)
