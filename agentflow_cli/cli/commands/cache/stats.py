"""`agentflow cache stats`"""

from __future__ import annotations

from pathlib import Path

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_value

OUTPUTS = ("text", "json", "yaml")


def command(ctx: typer.Context) -> None:
    """How many outcomes are kept for steps with `cache: true`, how large they are, and where."""
    from dataclasses import asdict

    from agentflow_cli.application.usecases.cache import cache_stats
    from agentflow_cli.application.usecases.runs import project_container

    invocation: Invocation = ctx.obj
    stats = cache_stats(project_container(Path.cwd()))
    value = asdict(stats)
    write_value(invocation, value if invocation.output == "text" else {"version": 1, **value})
