"""`agentflow runs list`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentflow_cli.application.usecases.marks import mark_of
from agentflow_cli.cli.invocation import Invocation, choose
from agentflow_cli.cli.output import write_rows, write_table
from agentflow_cli.foundation.clock import SystemClock, iso_time
from agentflow_cli.foundation.duration import format_duration

OUTPUTS = ("text", "json", "jsonl", "yaml")
STATUSES = (
    "running", "suspended", "stopped", "interrupted", "crashed", "succeeded", "failed", "cancelled",
    "accepted", "damaged",
)  # fmt: skip


def command(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option("-n", "--limit", metavar="N", help="At most so many; 0: all.")] = 50,
    status: Annotated[
        str | None, typer.Option("--status", metavar="STATUS", help="Only those: failed, suspended, running…")
    ] = None,
) -> None:
    """All runs of this project, the newest first."""
    from agentflow_cli.application.usecases.runs import list_runs, project_container

    if status is not None:
        choose("--status", status, STATUSES)

    invocation: Invocation = ctx.obj
    console = invocation.console
    found = list_runs(project_container(Path.cwd()))
    runs = [run for run in found if status is None or run.status == status]
    shown = runs[:limit] if limit > 0 else runs
    if invocation.output != "text":
        rows = [
            {
                "run": run.run,
                "workflow": run.workflow,
                "status": run.status,
                "live": run.live,
                "created_at": iso_time(run.created_at),
                "updated_at": iso_time(run.updated_at),
                "steps_done": run.steps_done,
                "steps_total": run.steps_total,
            }
            for run in shown
        ]
        write_rows(invocation, rows, "runs")
        return
    if not shown:
        console.say("there are no runs here" if not found else f"there are no runs that are {status}")
        console.say("  next: agentflow run WORKFLOW" if not found else "  next: agentflow runs list")
        return
    now = SystemClock().now()
    table = []
    for run in shown:
        mark = mark_of(run.status)
        table.append(
            (
                run.short,
                run.workflow,
                f"{mark.sign(console.unicode)} {mark.word}" + (" (live)" if run.live else ""),
                f"{run.steps_done}/{run.steps_total}",
                format_duration(max(0.0, (now if run.live else run.updated_at) - run.created_at)),
                age(now - run.created_at),
            )
        )
    write_table(console, ("RUN", "WORKFLOW", "STATUS", "STEPS", "TOOK", "STARTED"), table, right=(3, 4))
    if len(shown) < len(runs):
        console.say(f"  and {len(runs) - len(shown)} more; `-n 0` shows all")


def age(seconds: float) -> str:
    """`just now`, `5m ago`, `3h ago`, `12d ago`."""
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{int(seconds // 60)}m ago"
    if seconds < 86400:
        return f"{int(seconds // 3600)}h ago"
    return f"{int(seconds // 86400)}d ago"
