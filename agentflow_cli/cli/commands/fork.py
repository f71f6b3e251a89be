"""`agentflow fork`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.run_flags import RunFlags, with_run_flags
from agentflow_cli.foundation.exit_codes import ExitCode

if TYPE_CHECKING:
    from agentflow_cli.application.usecases.fork.fork import Fork

OUTPUTS = ("text", "json", "jsonl", "yaml")


@with_run_flags(again=True)
def command(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(metavar="[RUN]", help="An id, a beginning of one, or `last`.")] = "last",
    start: Annotated[
        str | None, typer.Option("--from", metavar="STEP", help="Run this step again, and all that depends on it.")
    ] = None,
    updated: Annotated[bool, typer.Option("--updated", help="Use the workflow as its files are today.")] = False,
    inputs: Annotated[
        list[str] | None,
        typer.Option("-i", "--input", metavar="KEY=VALUE", help="Change an input: `k=text`, `k=@file`, `k:=json`."),
    ] = None,
    inputs_file: Annotated[
        str | None, typer.Option("--inputs", metavar="FILE", help="Changed inputs from a YAML or JSON file.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be reused.")] = False,
    *,
    flags: RunFlags,
) -> ExitCode:
    """Start a new run from an old one: steps that are what they were are reused, the others run. The old run stays.

    A step is reused when its definition, the code that it runs, the inputs that it reads and all that it depends on are
    what they were.
    """
    from agentflow_cli.application.usecases.fork.fork import create_fork, prepare_fork
    from agentflow_cli.application.usecases.runs import project_container
    from agentflow_cli.application.usecases.workflow_files import read_stdin
    from agentflow_cli.cli.driving import drive_and_report, prepare
    from agentflow_cli.cli.verdict_lines import say_verdicts, write_verdicts

    invocation: Invocation = ctx.obj
    invocation.awaited = "not_started"
    console = invocation.console
    choices = flags.choices(console)
    container = project_container(Path.cwd())
    fork: Fork = prepare_fork(
        container,
        run,
        start=start,
        updated=updated,
        assignments=inputs or [],
        inputs_file=inputs_file,
        read_stdin=read_stdin,
        model=flags.model,
    )
    if dry_run:
        write_verdicts(invocation, fork)
        return ExitCode.SUCCESS
    prepare(console, container, fork.plan, choices, flags.mock, flags.recordings, fork.parent.script)
    journal = create_fork(container, fork)
    say_verdicts(console, fork)
    return drive_and_report(invocation, container, fork.plan, journal, choices, flags.progress)
