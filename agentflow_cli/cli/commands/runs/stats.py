"""`agentflow runs stats`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_rows, write_table
from agentflow_cli.foundation.duration import format_duration

OUTPUTS = ("text", "json", "jsonl", "yaml")


def command(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option("-n", "--limit", metavar="N", help="The newest N runs; 0: all.")] = 200,
) -> None:
    """How the runs went, by workflow: how many succeeded, how long they took, what they used."""
    from dataclasses import asdict

    from agentflow_cli.application.usecases.runs import project_container
    from agentflow_cli.application.usecases.statistics import run_statistics

    invocation: Invocation = ctx.obj
    console = invocation.console
    found = run_statistics(project_container(Path.cwd()), max(0, limit))
    if invocation.output != "text":
        write_rows(invocation, [asdict(each) for each in found], "workflows")
        return
    if not found:
        console.say("there are no runs here")
        console.say("  next: agentflow run WORKFLOW")
        return
    rows = [
        (
            each.workflow,
            str(each.runs),
            f"{100 * each.succeeded // each.runs}%",
            str(each.failed),
            "" if each.seconds is None else format_duration(each.seconds),
            f"{each.input_tokens} + {each.output_tokens}",
            str(each.retries),
            f"{each.slowest} {format_duration(each.slowest_seconds)}" if each.slowest_seconds is not None else "",
        )
        for each in found
    ]
    header = ("WORKFLOW", "RUNS", "GOOD", "FAILED", "MEDIAN", "TOKENS", "RETRIES", "SLOWEST STEP")
    write_table(console, header, rows, right=(1, 2, 3, 4, 6))
