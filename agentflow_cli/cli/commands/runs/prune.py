"""`agentflow runs prune`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_value
from agentflow_cli.foundation.duration import parse_duration
from agentflow_cli.foundation.errors import UsageError

OUTPUTS = ("text", "json", "yaml")


def command(
    ctx: typer.Context,
    older_than: Annotated[
        str | None, typer.Option("--older-than", metavar="TIME", help="Only runs that ended before that: `30d`, `12h`.")
    ] = None,
    keep: Annotated[int | None, typer.Option("--keep", metavar="N", help="Leave the newest N runs.")] = None,
    unfinished: Annotated[bool, typer.Option("--unfinished", help="Also runs that could still be resumed.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say which.")] = False,
) -> None:
    """Remove old runs for good. Runs that somebody drives stay, and so do those that could be resumed."""
    from agentflow_cli.application.usecases.prune import prune_runs
    from agentflow_cli.application.usecases.runs import project_container

    invocation: Invocation = ctx.obj
    console = invocation.console
    if older_than is None and keep is None:
        raise UsageError(
            "`prune` needs to know which runs", hint="give `--older-than 30d`, `--keep 20`, or both",
            next_command="agentflow runs prune --keep 20 --dry-run",
        )  # fmt: skip
    if keep is not None and keep < 0:
        raise UsageError("`--keep` must not be negative")
    try:
        seconds = None if older_than is None else parse_duration(older_than)
    except ValueError as error:
        raise UsageError(f"`--older-than`: {error}") from None
    done = prune_runs(project_container(Path.cwd()), seconds, keep, unfinished=unfinished, dry_run=dry_run)
    if invocation.output != "text":
        removed = [run.run for run in done.removed]
        write_value(invocation, {"version": 1, "removed": removed, "kept": done.kept, "dry_run": dry_run})
        return
    for run in done.removed:
        console.data(f"{run.short}  {run.workflow}  {run.status}")
    word = "would be removed" if dry_run else "removed"
    console.say(f"{len(done.removed)} {'run' if len(done.removed) == 1 else 'runs'} {word}, {done.kept} kept")
