"""`agentflow runs export`"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_value

OUTPUTS = ("text", "json", "yaml")


def command(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(metavar="[RUN]", help="An id, a beginning of one, or `last`.")] = "last",
    file: Annotated[str | None, typer.Argument(metavar="[FILE]", help="By default `WORKFLOW-RUN.zip` here.")] = None,
) -> None:
    """Write a run to one file: its plan, its events, all that models and commands said. Look before you send it."""
    from agentflow_cli.application.usecases.run_archive import export_run
    from agentflow_cli.application.usecases.runs import project_container

    invocation: Invocation = ctx.obj
    console = invocation.console
    done = export_run(project_container(Path.cwd()), run, None if file is None else Path(file))
    if invocation.output == "text":
        console.data(str(done.path))
    else:
        write_value(invocation, {"version": 1, "run": done.run, "file": str(done.path), "events": done.events})
    console.say(f"exported run {done.run[:6]}, {done.events} events")
    console.say(f"  next: agentflow runs import {shlex.quote(str(done.path))}")
