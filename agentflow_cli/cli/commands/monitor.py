"""`agentflow monitor`"""

from __future__ import annotations

from pathlib import Path

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.foundation.exit_codes import ExitCode


def command(ctx: typer.Context) -> ExitCode:
    """All runs of this project on a screen; open one to see it move. `q` leaves, and no run notices."""
    from agentflow_cli.application.usecases.runs import project_container
    from agentflow_cli.cli.monitoring import monitor, needs_terminal

    invocation: Invocation = ctx.obj
    needs_terminal(invocation.console, "the monitor", "agentflow runs list")
    return monitor(invocation, project_container(Path.cwd()), None)
