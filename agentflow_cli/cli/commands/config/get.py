"""`agentflow config get`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_value

OUTPUTS = ("text", "json", "yaml")


def command(ctx: typer.Context, name: Annotated[str, typer.Argument(metavar="NAME", help="The setting.")]) -> None:
    """One setting's value; an empty line when nothing is set."""
    from dataclasses import asdict

    from agentflow_cli.application.usecases.config import setting
    from agentflow_cli.application.usecases.runs import project_container

    invocation: Invocation = ctx.obj
    container = project_container(Path.cwd())
    container.read_dotenv()
    found = setting(container, name)
    if not found.value:
        invocation.console.say(f"`{name}` is not set: {found.about}")
    write_value(invocation, found.value if invocation.output == "text" else {"version": 1, **asdict(found)})
