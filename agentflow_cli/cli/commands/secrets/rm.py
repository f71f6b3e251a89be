"""`agentflow secrets rm`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_value

OUTPUTS = ("text", "json", "yaml")


def command(
    ctx: typer.Context, name: Annotated[str, typer.Argument(metavar="NAME", help="A secret that is kept here.")]
) -> None:
    """Forget a secret that `agentflow secrets set` has kept."""
    from agentflow_cli.application.usecases.runs import project_container
    from agentflow_cli.application.usecases.secrets import forget_secret

    invocation: Invocation = ctx.obj
    forget_secret(project_container(Path.cwd()), name)
    if invocation.output == "text":
        invocation.console.say(f"{name} is forgotten")
    else:
        write_value(invocation, {"version": 1, "name": name})
