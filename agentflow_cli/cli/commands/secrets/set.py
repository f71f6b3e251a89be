"""`agentflow secrets set`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_value
from agentflow_cli.cli.prompting import secret_value

OUTPUTS = ("text", "json", "yaml")


def command(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What `store:NAME` will mean.")],
) -> None:
    """Keep a secret in your own configuration, in a file that only you can read.

    The value is asked for without being shown, or read from standard input; it never stands on the command line.
    """
    from agentflow_cli.application.runtime.secret_store import checked_name
    from agentflow_cli.application.usecases.runs import project_container
    from agentflow_cli.application.usecases.secrets import keep_secret

    invocation: Invocation = ctx.obj
    console = invocation.console
    checked_name(name)
    replaced = keep_secret(project_container(Path.cwd()), name, secret_value(console, name))
    if invocation.output != "text":
        write_value(invocation, {"version": 1, "name": name, "source": f"store:{name}", "replaced": replaced})
        return
    console.say(f"{name} is {'replaced' if replaced else 'kept'}; name it as `store:{name}` in agentflow.yaml")
