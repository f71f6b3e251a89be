"""`agentflow validate`"""

from __future__ import annotations

from typing import Annotated

import typer

from agentflow_cli.cli.options import Invocation
from agentflow_cli.foundation.exit_codes import ExitCode

OUTPUTS = ("full", "concise", "json", "jsonl", "github")


def command(
    ctx: typer.Context,
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATH…|-]", help="Files or directories; `-` is standard input.", show_default=False),
    ] = None,
) -> ExitCode:
    """Check workflow files: every problem at once, each at its place.

    Without a path it checks all workflows of the project. Nothing of them is executed.
    Exit code 1 says that there are errors.
    """
    from agentflow_cli.application.usecases.validate import validate
    from agentflow_cli.diagnostics.diagnostic import Severity
    from agentflow_cli.diagnostics.formats import format_report

    invocation: Invocation = ctx.obj
    console = invocation.console
    report = validate(paths or [])
    if not (console.quiet and not report.diagnostics and invocation.output in ("full", "concise")):
        color = console.colors(console.stdout)
        console.raw(format_report(report, invocation.output, color=color, width=max(60, console.width)))
    return ExitCode.FAILED if report.count(Severity.ERROR) else ExitCode.SUCCESS
