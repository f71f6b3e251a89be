"""`agentflow run`"""

from __future__ import annotations

from typing import Annotated

import typer

from agentflow_cli.cli.options import Invocation
from agentflow_cli.foundation.errors import UsageError
from agentflow_cli.foundation.exit_codes import ExitCode

OUTPUTS = ("text", "json", "jsonl", "yaml")

Progress = Annotated[str | None, typer.Option("--progress", metavar="KIND", help="auto, live, plain or none.")]
MaxParallel = Annotated[
    int | None, typer.Option("--max-parallel", metavar="N", help="Steps under way at once.", show_default=False)
]
Timeout = Annotated[str | None, typer.Option("--timeout", metavar="TIME", help="Interrupt the run after `30s`, `5m`…")]
FailFast = Annotated[bool, typer.Option("--fail-fast", help="Stop at the first failure.")]
NoInput = Annotated[bool, typer.Option("--no-input", help="Ask nobody: questions take their `ci:` answer or fail.")]
Mock = Annotated[bool, typer.Option("--mock", help="Call no model: answers are made up, or come from `--recordings`.")]
MockAgain = Annotated[
    bool | None,
    typer.Option("--mock/--no-mock", help="Call no model, or models after all; else as the run was started."),
]
Recordings = Annotated[
    str | None, typer.Option("--recordings", metavar="FILE", help="A script of the answers that models give.")
]
Model = Annotated[str | None, typer.Option("--model", metavar="NAME", help="The model of steps that name none.")]


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
    no_input: NoInput = False,
    max_parallel: MaxParallel = None,
    timeout: Timeout = None,
    fail_fast: FailFast = False,
    progress: Progress = None,
    model: Model = None,
    mock: Mock = False,
    recordings: Recordings = None,
    tui: Annotated[bool, typer.Option("--tui", help="Look at it in the monitor; the run goes on by itself.")] = False,
    detach: Annotated[
        bool, typer.Option("--detach", help="Only start it: print its id; it goes on without this terminal.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="When a file of it changes, run what changed, until Ctrl-C.")
    ] = False,
) -> ExitCode:
    """Run a workflow: check it, freeze its plan, and carry it out.

    Progress goes to stderr, the outputs to stdout. What succeeded is kept: `agentflow resume last` goes on after a
    failure, an interruption or a crash.
    """
    from agentflow_cli.application.runtime.container import Container
    from agentflow_cli.application.usecases.inputs import read_inputs
    from agentflow_cli.application.usecases.run import create_run
    from agentflow_cli.application.usecases.workflow_files import STDIN, compile_workflow, read_stdin
    from agentflow_cli.cli.driving import choices_of, drive_and_report, prepare

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
    screen = tui or progress == "tui"
    if screen + detach + watch > 1:
        raise UsageError("`--tui`, `--detach` and `--watch` exclude each other")
    if watch and workflow == STDIN:
        raise UsageError("`--watch` needs a file to watch, and standard input is none")
    if screen or detach:
        from agentflow_cli.cli.monitoring import run_and_monitor, runner_options

        options = runner_options(max_parallel, timeout, model, no_input=no_input, fail_fast=fail_fast)
        mocked = (["--mock"] if mock else []) + (["--recordings", recordings] if recordings is not None else [])
        if detach:
            from agentflow_cli.cli.detaching import run_detached

            return run_detached(invocation, workflow, inputs or [], inputs_file, [*options, *mocked])
        return run_and_monitor(invocation, workflow, inputs or [], inputs_file, options, mocked)
    compiled = compile_workflow(workflow)
    plan = compiled.plan
    stdin = None if workflow == STDIN else read_stdin
    values = read_inputs(plan.inputs, inputs or [], inputs_file, stdin, f"`{plan.workflow}`")
    container = Container(compiled.root)
    prepare(console, container, plan, choices, mock, recordings)
    journal = create_run(container, plan, values)
    if not watch:
        return drive_and_report(invocation, container, plan, journal, choices, progress)
    from agentflow_cli.cli.rerunning import rerun_on_change, snapshot_of

    snapshot = snapshot_of(container.root, plan)
    code = drive_and_report(invocation, container, plan, journal, choices, progress)
    return rerun_on_change(invocation, container, journal.run, plan, snapshot, choices, progress, code)
