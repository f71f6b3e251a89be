"""`agentflow memory ingest`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_value

OUTPUTS = ("text", "json", "yaml")


def command(
    ctx: typer.Context,
    memory: Annotated[str, typer.Argument(metavar="MEMORY", help="The memory's name, as `memory:` gives it.")],
    patterns: Annotated[
        list[str], typer.Argument(metavar="PATTERN…", help="Files from the project's root: 'docs/**/*.md'.")
    ],
) -> None:
    """Add text files of the project to a memory. A file that was added before is replaced."""
    from agentflow_cli.application.usecases.memory import ingest
    from agentflow_cli.application.usecases.runs import project_container

    invocation: Invocation = ctx.obj
    done = ingest(project_container(Path.cwd()), memory, patterns)
    if invocation.output == "text":
        files = "1 file" if done.documents == 1 else f"{done.documents} files"
        passages = "1 passage" if done.passages == 1 else f"{done.passages} passages"
        invocation.console.data(f"{memory}: {files}, {passages}, {done.unchanged} unchanged")
        invocation.console.say(f"  next: agentflow memory search {memory} 'what you want to know'")
        return
    value = {"memory": memory, "documents": done.documents, "passages": done.passages, "unchanged": done.unchanged}
    write_value(invocation, value)
