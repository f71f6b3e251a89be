"""`agentflow resume`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.run_flags import RunFlags, with_run_flags
from agentflow_cli.foundation.exit_codes import ExitCode

OUTPUTS = ("text", "json", "jsonl", "yaml")


@with_run_flags(again=True)
def command(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(metavar="[RUN]", help="An id, a beginning of one, or `last`.")] = "last",
    take_over: Annotated[
        bool, typer.Option("--take-over", help="End the process that drives it, if that is stuck.")
    ] = False,
    *,
    flags: RunFlags,
) -> ExitCode:
    """Continue a run by its frozen plan, trying again what did not succeed. What had succeeded is not run again.

    The limits and the `--until` that it was started with still hold, unless others are given; `none` lifts a limit.
    """
    return resume(ctx.obj, run, flags, take_over=take_over)


def resume(invocation: Invocation, run: str, flags: RunFlags, *, take_over: bool = False) -> ExitCode:
    """What the command does, for `retry` too."""
    from agentflow_cli.application.usecases.resume import open_run
    from agentflow_cli.application.usecases.runs import look, project_container
    from agentflow_cli.application.usecases.take_over import take_over as end_driver
    from agentflow_cli.cli.driving import drive_and_report, prepare, report

    invocation.awaited = "not_started"
    console = invocation.console
    choices = flags.choices(console)
    container = project_container(Path.cwd())
    state = look(container, run).state
    if take_over and (ended := end_driver(container, run)) is not None:
        console.say(f"ended process {ended}, which drove run {state.run[:6]}")
    if state.status == "succeeded":
        console.say(f"run {state.run[:6]} has succeeded already; there is nothing to resume")
        return report(invocation, state, container.root)
    journal, plan = open_run(container, run)
    if journal.status == "succeeded":  # somebody else has resumed it since we looked
        journal.close()
        console.say(f"run {state.run[:6]} has succeeded meanwhile; there is nothing left to resume")
        return report(invocation, look(container, run).state, container.root)
    try:
        prepare(console, container, plan, choices, flags.mock, flags.recordings, state.script)
    except BaseException:
        journal.close()
        raise
    return drive_and_report(invocation, container, plan, journal, choices, flags.progress)
