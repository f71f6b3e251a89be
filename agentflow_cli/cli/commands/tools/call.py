"""`agentflow tools call`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_value
from agentflow_cli.foundation.terminal_text import clean

OUTPUTS = ("text", "json", "yaml")


def command(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The tool.")],
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "-i", "--input", metavar="KEY=VALUE", help="An argument: `k=text`, `k=@file`, `k=-` or `k:=json`."
        ),
    ] = None,
) -> None:
    """Call a tool by hand, its arguments checked first, and print what it returns. This executes the tool."""
    from agentflow_cli.application.usecases.inputs import read_inputs
    from agentflow_cli.application.usecases.runs import project_container
    from agentflow_cli.application.usecases.tools import call_tool, find_tool
    from agentflow_cli.application.usecases.workflow_files import read_stdin
    from agentflow_cli.domain.plan import PlanInput

    invocation: Invocation = ctx.obj
    container = project_container(Path.cwd())
    tool = find_tool(container, name)
    required = tool.parameters.get("required", ())
    declared = {
        key: PlanInput(key, schema, key in required) for key, schema in tool.parameters.get("properties", {}).items()
    }
    values = read_inputs(declared, inputs or [], None, read_stdin, f"`{tool.name}`", noun="argument")
    given = {assignment.partition("=")[0].rstrip(":") for assignment in inputs or []}
    arguments = {key: value for key, value in values.items() if key in given}
    result = call_tool(container, tool.name, arguments, lambda text: invocation.console.say(clean(text).rstrip("\n")))
    write_value(invocation, result)
