"""`agentflow version`"""

from __future__ import annotations

import typer

from agentflow_cli import __version__
from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_value

OUTPUTS = ("text", "json", "yaml")


def command(ctx: typer.Context) -> None:
    """Print the version."""
    invocation: Invocation = ctx.obj
    if invocation.output == "text":
        invocation.console.data(__version__)
    else:
        write_value(invocation, {"version": __version__})
