"""`agentflow doctor`"""

from __future__ import annotations

from pathlib import Path

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_rows
from agentflow_cli.foundation.exit_codes import ExitCode

OUTPUTS = ("text", "json", "jsonl", "yaml")
_SIGNS = {"ok": ("✓", "v", "green"), "missing": ("○", "-", "yellow"), "broken": ("✗", "x", "red")}


def command(ctx: typer.Context) -> ExitCode:
    """Check this installation and say what to do. Exit code 1 says that something needed is broken."""
    from dataclasses import asdict

    from agentflow_cli.application.usecases.doctor import examine
    from agentflow_cli.application.usecases.runs import project_container

    invocation: Invocation = ctx.obj
    console = invocation.console
    findings = examine(project_container(Path.cwd()))
    broken = any(finding.state == "broken" for finding in findings)
    if invocation.output != "text":
        write_rows(invocation, [asdict(finding) for finding in findings], "findings")
    else:
        width = max(len(finding.name) for finding in findings)
        for finding in findings:
            glyph, ascii_glyph, style = _SIGNS[finding.state]
            sign = console.paint_data(glyph if console.unicode else ascii_glyph, style)
            console.raw(f"{sign} {finding.state:<7}  {finding.name:<{width}}  {finding.detail}\n")
            if finding.todo:
                console.raw(f"{'':<9}  {'':<{width}}  next: {finding.todo}\n")
    return ExitCode.FAILED if broken else ExitCode.SUCCESS
