"""`agentflow watch`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentflow_cli.cli.invocation import Invocation, choose
from agentflow_cli.foundation.exit_codes import ExitCode

OUTPUTS = ("text", "json", "jsonl", "yaml")
_KINDS = ("auto", "tui", "plain")


def command(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(metavar="[RUN]", help="An id, a beginning of one, or `last`.")] = "last",
    progress: Annotated[str, typer.Option("--progress", metavar="KIND", help="auto, tui or plain.")] = "auto",
) -> ExitCode:
    """Attach to a run, live or not: on a screen where there is a terminal, else line by line until it stops.

    Watching changes nothing: a run does not notice who looks. The exit code is the run's own, once it has ended.
    """
    from agentflow_cli.application.usecases.runs import project_container
    from agentflow_cli.cli.monitoring import can_show, monitor, needs_terminal
    from agentflow_cli.cli.progress.choose import may_move
    from agentflow_cli.cli.watching import watch_plainly

    invocation: Invocation = ctx.obj
    console = invocation.console
    kind = choose("--progress", progress, _KINDS)
    container = project_container(Path.cwd())
    if kind == "tui":
        needs_terminal(console, "`--progress tui`", f"agentflow watch {run} --progress plain")
    if kind == "tui" or (kind == "auto" and can_show(console) and may_move(console)):
        return monitor(invocation, container, container.runs.resolve(run))
    return watch_plainly(invocation, container, run)
