"""`agentflow runs import`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_value

OUTPUTS = ("text", "json", "yaml")


def command(
    ctx: typer.Context, file: Annotated[str, typer.Argument(metavar="FILE", help="What `runs export` wrote.")]
) -> None:
    """Take a run from a file, to look at it. Nothing of it is executed; resuming it would be running it."""
    from agentflow_cli.application.usecases.run_archive import import_run
    from agentflow_cli.application.usecases.runs import project_container

    invocation: Invocation = ctx.obj
    console = invocation.console
    run = import_run(project_container(Path.cwd()), Path(file))
    if invocation.output == "text":
        console.data(run[:6])
    else:
        write_value(invocation, {"version": 1, "run": run})
    console.say(f"  next: agentflow runs show {run[:6]}")
