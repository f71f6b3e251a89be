"""`agentflow tools list`"""

from __future__ import annotations

from pathlib import Path

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_rows, write_table
from agentflow_cli.cli.progress.board import first_line

OUTPUTS = ("text", "json", "jsonl", "yaml")


def command(ctx: typer.Context) -> None:
    """The tools that steps and agents of this project can call. No file of the project is executed."""
    from dataclasses import asdict

    from agentflow_cli.application.usecases.runs import project_container
    from agentflow_cli.application.usecases.tools import list_tools

    invocation: Invocation = ctx.obj
    console = invocation.console
    tools, refused = list_tools(project_container(Path.cwd()))
    if invocation.output != "text":
        write_rows(invocation, [asdict(tool) for tool in tools], "tools")
    else:
        rows = [(tool.name, tool.origin, first_line(tool.description)) for tool in tools]
        write_table(console, ("TOOL", "FROM", "WHAT IT DOES"), rows)
    for entry in refused:
        console.say(f"  {entry.origin} is no tool: {entry.reason}")
    console.say("  next: agentflow tools show NAME")
