"""`tools` of the project file: each path names a file that is there. A pattern may match nothing yet."""

from __future__ import annotations

from pathlib import Path

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics
from agentflow_cli.language.loader.document import Document
from agentflow_cli.language.loader.files import is_file
from agentflow_cli.language.loader.nearby import not_there_help


def check_project_tools(document: Document, root: Path, diagnostics: Diagnostics) -> None:
    """Report paths that name no file; those that lead out of the project are said with the file's shape."""
    for position, written in enumerate(document.data.get("tools", ())):
        if not any(sign in written for sign in "*?[") and not is_file(root / written):
            diagnostics.add(
                Diagnostic("AF331", f"there is no file `{written}`", document.span(("tools", position)),
                           label="not a file", help=not_there_help(root / written, written))
            )  # fmt: skip
