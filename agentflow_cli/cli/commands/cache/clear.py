"""`agentflow cache clear`"""

from __future__ import annotations

from pathlib import Path

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_value

OUTPUTS = ("text", "json", "yaml")


def command(ctx: typer.Context) -> None:
    """Forget every outcome that steps keep across runs, and what `validate` keeps. Runs keep their own records."""
    from agentflow_cli.application.usecases.cache import clear_cache
    from agentflow_cli.application.usecases.runs import project_container

    invocation: Invocation = ctx.obj
    forgotten = clear_cache(project_container(Path.cwd()))
    if invocation.output == "text":
        invocation.console.say(f"forgot {forgotten} {'outcome' if forgotten == 1 else 'outcomes'}")
    else:
        write_value(invocation, {"version": 1, "cleared": forgotten})
