"""Check files of the language: everything that is wrong with all of them, sorted by place."""

from __future__ import annotations

from collections.abc import Sequence

from agentflow_cli.application.usecases.workflow_files import (
    STDIN,
    STDIN_NAME,
    find_files,
    read_stdin,
    stdin_path,
)
from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.diagnostics.report import Report
from agentflow_cli.foundation.errors import UsageError
from agentflow_cli.language.compiler.check_file import check_file
from agentflow_cli.language.loader.files import Files, display_name, identity
from agentflow_cli.language.loader.project import find_project_root


def validate(paths: Sequence[str], files: Files | None = None) -> Report:
    """The findings in the files that `paths` name (none: those of the project; `-`: standard input).

    `files` may hold texts that stand for what is on disk.
    """
    diagnostics, files = Diagnostics(), files if files is not None else Files()
    if list(paths) == [STDIN]:
        stdin = stdin_path()
        text = None if identity(stdin) in files.overlay else read_stdin()
        check_file(stdin, find_project_root(stdin), diagnostics, files, STDIN_NAME, text)
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
