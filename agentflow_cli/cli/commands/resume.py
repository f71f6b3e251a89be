"""`agentflow resume`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentflow_cli.cli.commands.run import (
    FailFast,
    MaxParallel,
    MockAgain,
    Model,
    NoInput,
    Progress,
    Recordings,
    Timeout,
)
from agentflow_cli.cli.options import Invocation
from agentflow_cli.foundation.exit_codes import ExitCode

OUTPUTS = ("text", "json", "jsonl", "yaml")


def command(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(metavar="[RUN]", help="An id, a beginning of one, or `last`.")] = "last",
    no_input: NoInput = False,
    max_parallel: MaxParallel = None,
    timeout: Timeout = None,
    fail_fast: FailFast = False,
    progress: Progress = None,
    model: Model = None,
    mock: MockAgain = None,
    recordings: Recordings = None,
    take_over: Annotated[
        bool, typer.Option("--take-over", help="End the process that drives it, if that is stuck.")
    ] = False,
) -> ExitCode:
    """Continue a run by its frozen plan, trying again what did not succeed. What had succeeded is not run again."""
    from agentflow_cli.application.usecases.resume import open_run
    from agentflow_cli.application.usecases.runs import look, project_container
    from agentflow_cli.application.usecases.take_over import take_over as end_driver
    from agentflow_cli.cli.driving import choices_of, drive_and_report, prepare, report

    invocation: Invocation = ctx.obj
    invocation.awaited = "not_started"
    console = invocation.console
    choices = choices_of(
        console,
        max_parallel=max_parallel,
        timeout=timeout,
        fail_fast=fail_fast,
        no_input=no_input,
        model=model,
    )
    container = project_container(Path.cwd())
    state = look(container, run).state
    if state.status == "succeeded":
        console.say(f"run {state.run[:6]} has succeeded already; there is nothing to resume")
        return report(invocation, state, container.root)
    if take_over and (ended := end_driver(container, run)) is not None:
        console.say(f"ended process {ended}, which drove run {state.run[:6]}")
    journal, plan = open_run(container, run)
    try:
        prepare(console, container, plan, choices, mock, recordings, state.script)
    except BaseException:
        journal.close()
        raise
    return drive_and_report(invocation, container, plan, journal, choices, progress)
