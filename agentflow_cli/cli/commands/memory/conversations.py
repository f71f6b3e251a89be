"""`agentflow memory conversations`"""

from __future__ import annotations

from pathlib import Path

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_rows, write_table
from agentflow_cli.foundation.clock import SystemClock, iso_time

OUTPUTS = ("text", "json", "jsonl", "yaml")


def command(ctx: typer.Context) -> None:
    """The conversations that agents of this project keep, the newest first."""
    from agentflow_cli.application.usecases.conversations import conversations
    from agentflow_cli.application.usecases.runs import project_container
    from agentflow_cli.cli.commands.runs.list import age

    invocation: Invocation = ctx.obj
    console = invocation.console
    found = conversations(project_container(Path.cwd()))
    if invocation.output != "text":
        rows = [
            {"agent": c.agent, "conversation": c.name, "turns": c.turns, "updated_at": iso_time(c.updated_at)}
            for c in found
        ]
        write_rows(invocation, rows, "conversations")
        return
    if not found:
        console.say("no agent keeps a conversation here")
        return
    now = SystemClock().now()
    table = [(c.agent, c.name, str(c.turns), age(now - c.updated_at)) for c in found]
    write_table(console, ("AGENT", "CONVERSATION", "TURNS", "LAST"), table, right=(2,))
    console.say("  next: agentflow memory forget AGENT [CONVERSATION]")
