"""`agentflow memory forget`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_value

OUTPUTS = ("text", "json", "yaml")


def command(
    ctx: typer.Context,
    agent: Annotated[str, typer.Argument(metavar="AGENT", help="The agent's name.")],
    conversation: Annotated[
        str | None, typer.Argument(metavar="[CONVERSATION]", help="Only this conversation of it.")
    ] = None,
) -> None:
    """Forget what an agent was asked and answered: one conversation, or all of them. Memories of texts stay."""
    from agentflow_cli.application.usecases.conversations import forget
    from agentflow_cli.application.usecases.runs import project_container

    invocation: Invocation = ctx.obj
    turns = forget(project_container(Path.cwd()), agent, conversation)
    if invocation.output != "text":
        write_value(invocation, {"agent": agent, "conversation": conversation, "turns": turns})
        return
    invocation.console.say(f"forgot {turns} {'turn' if turns == 1 else 'turns'} of {agent}")
