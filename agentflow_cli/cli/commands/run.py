"""`agentflow run`"""

from __future__ import annotations

from typing import Annotated

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.run_flags import RunFlags, with_run_flags
from agentflow_cli.foundation.errors import UsageError
from agentflow_cli.foundation.exit_codes import ExitCode

OUTPUTS = ("text", "json", "jsonl", "yaml")


@with_run_flags(again=False)
def command(
    ctx: typer.Context,
    workflow: Annotated[str, typer.Argument(metavar="WORKFLOW|-", help="The file; `-` is standard input.")],
    inputs: Annotated[
        list[str] | None,
        typer.Option("-i", "--input", metavar="KEY=VALUE", help="`k=text`, `k=@file`, `k=-` or `k:=json`."),
    ] = None,
    inputs_file: Annotated[
        str | None, typer.Option("--inputs", metavar="FILE", help="Inputs from a YAML or JSON file.")
    ] = None,
    tui: Annotated[bool, typer.Option("--tui", help="Look at it in the monitor; the run goes on by itself.")] = False,
    detach: Annotated[
        bool, typer.Option("--detach", help="Only start it: print its id; it goes on without this terminal.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="When a file of it changes, run what changed, until Ctrl-C.")
    ] = False,
    *,
    flags: RunFlags,
) -> ExitCode:
    """Run a workflow: check it, freeze its plan, and carry it out.

    Progress goes to stderr, the outputs to stdout. What succeeded is kept: `agentflow resume last` goes on after a
    failure, an interruption or a crash.
    """
    from agentflow_cli.application.runtime.container import Container
    from agentflow_cli.application.usecases.inputs import read_inputs
    from agentflow_cli.application.usecases.run import check_until, create_run
    from agentflow_cli.application.usecases.workflow_files import STDIN, compile_workflow, read_stdin
    from agentflow_cli.cli.driving import drive_and_report, prepare

    invocation: Invocation = ctx.obj
    invocation.awaited = "not_started"
    console = invocation.console
    choices = flags.choices(console)
    screen = tui or flags.progress == "tui"
    if screen + detach + watch > 1:
        raise UsageError("`--tui`, `--detach` and `--watch` exclude each other")
    if watch and workflow == STDIN:
        raise UsageError("`--watch` needs a file to watch, and standard input is none")
    if detach:
        from agentflow_cli.cli.detaching import run_detached

        return run_detached(invocation, workflow, inputs or [], inputs_file, [*flags.lasting(), *flags.remembered()])
    if screen:
        from agentflow_cli.cli.monitoring import run_and_monitor

        return run_and_monitor(invocation, workflow, inputs or [], inputs_file, flags.lasting(), flags.remembered())
    compiled = compile_workflow(workflow)
    plan = compiled.plan
    if flags.until is not None:
        check_until(plan, flags.until)
    stdin = None if workflow == STDIN else read_stdin
    values = read_inputs(plan.inputs, inputs or [], inputs_file, stdin, f"`{plan.workflow}`")
    container = Container(compiled.root)
    prepare(console, container, plan, choices, flags.mock, flags.recordings)
    journal = create_run(container, plan, values)
    if not watch:
        return drive_and_report(invocation, container, plan, journal, choices, flags.progress)
    from agentflow_cli.cli.rerunning import rerun_on_change, snapshot_of

    snapshot = snapshot_of(container.root, plan)
    code = drive_and_report(invocation, container, plan, journal, choices, flags.progress)
    return rerun_on_change(invocation, container, journal.run, plan, snapshot, choices, flags.progress, code)
