"""`agentflow tools show`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_value
from agentflow_cli.foundation.terminal_text import clean

OUTPUTS = ("text", "json", "yaml")


def command(ctx: typer.Context, name: Annotated[str, typer.Argument(metavar="NAME", help="The tool.")]) -> None:
    """What a tool does and takes, as a model is told it."""
    from dataclasses import asdict

    from agentflow_cli.application.usecases.runs import project_container
    from agentflow_cli.application.usecases.tools import find_tool
    from agentflow_cli.cli.block_text import block_text

    invocation: Invocation = ctx.obj
    console = invocation.console
    tool = find_tool(project_container(Path.cwd()), name)
    if invocation.output != "text":
        write_value(invocation, {"version": 1, **asdict(tool)})
        return
    console.data(f"{tool.name}  {tool.origin}" + ("" if tool.effect else "  changes nothing"))
    console.data("")
    console.data(clean(tool.description).rstrip())
    properties = tool.parameters.get("properties", {})
    if properties:
        console.data("")
        console.data(block_text(properties))
        required = ", ".join(tool.parameters.get("required", ()))
        console.data(f"required: {required or 'nothing'}")
    example = "".join(f" -i {key}=…" for key in tool.parameters.get("required", ()))
    console.say(f"  next: agentflow tools call {tool.name}{example}")
