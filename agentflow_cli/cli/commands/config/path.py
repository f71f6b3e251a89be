"""`agentflow config path`"""

from __future__ import annotations

from pathlib import Path

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_value

OUTPUTS = ("text", "json", "yaml")


def command(ctx: typer.Context) -> None:
    """Where the project, its state, and what belongs to the user are kept."""
    from agentflow_cli.application.usecases.config import places
    from agentflow_cli.application.usecases.runs import project_container

    invocation: Invocation = ctx.obj
    found = places(project_container(Path.cwd()))
    if invocation.output == "text":
        write_value(invocation, found)
        return
    paths = {name.replace(" ", "_"): path for name, path in found.items()}
    write_value(invocation, {"version": 1, "paths": paths})
