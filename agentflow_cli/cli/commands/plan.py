"""`agentflow plan`"""

from __future__ import annotations

from typing import Annotated

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import FORMAT_VERSION, write_value
from agentflow_cli.foundation.exit_codes import ExitCode

OUTPUTS = ("text", "json", "yaml")


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
    model: Annotated[
        str | None, typer.Option("--model", metavar="NAME", help="The model of steps that name none.")
    ] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 1 when something would run.")] = False,
) -> ExitCode:
    """Show what a run would do: which steps, in which order, with which effects. Nothing runs.

    `+` runs, `~` runs and has changed since the last run, `≡` is taken from the cache, `?` runs on a condition,
    `!` asks a person, `-` is skipped for certain. `-v` leaves nothing out.
    """
    from agentflow_cli.application.runtime.container import Container
    from agentflow_cli.application.usecases.plan.describe import describe_plan
    from agentflow_cli.application.usecases.plan.inputs_outlook import foreseen_inputs
    from agentflow_cli.application.usecases.plan.report import CACHED, SKIPPED
    from agentflow_cli.application.usecases.run import default_model
    from agentflow_cli.application.usecases.workflow_files import STDIN, compile_workflow, read_stdin

    invocation: Invocation = ctx.obj
    console = invocation.console
    compiled = compile_workflow(workflow)
    container = Container(compiled.root)
    stdin = None if workflow == STDIN else read_stdin
    told, values = foreseen_inputs(compiled.plan, inputs or [], inputs_file, stdin)
    report = describe_plan(container, compiled.plan, default_model(container, model, compiled.plan), told, values)
    container.close()
    if invocation.output == "text":
        from agentflow_cli.cli.plan_text import write_plan

        write_plan(console, report, every=console.verbose > 0)
    else:
        import dataclasses

        write_value(invocation, {"version": FORMAT_VERSION, **dataclasses.asdict(report)})
    runs = any(step.verdict not in (SKIPPED, CACHED) for step in report.steps)
    return ExitCode.FAILED if exit_code and runs else ExitCode.SUCCESS
