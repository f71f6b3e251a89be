"""`agentflow runs cancel`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_value

OUTPUTS = ("text", "json", "yaml")


def command(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(metavar="RUN", help="An id, a beginning of one, or `last`.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Kept with the run.")] = "",
) -> None:
    """End a run for good, live or not: what is in flight ends, what has not run will not, `finally` runs."""
    from agentflow_cli.application.usecases.cancel import cancel_run
    from agentflow_cli.application.usecases.runs import project_container
    from agentflow_cli.cli.progress.person import user_name

    invocation: Invocation = ctx.obj
    console = invocation.console
    why = f"cancelled by {user_name()}" + (f": {reason}" if reason else "")
    done = cancel_run(project_container(Path.cwd()), run, why)
    short = done.run[:6]
    if invocation.output != "text":
        write_value(invocation, {"version": 1, "run": done.run, "live": done.live, "ended": done.ended})
        return
    console.say(
        f"cancelled run {short}" if done.ended else f"run {short} is being cancelled; its driver is not done yet"
    )
    console.say(f"  next: agentflow runs show {short}")
