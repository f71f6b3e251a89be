"""`agentflow retry`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentflow_cli.cli.commands.resume import resume
from agentflow_cli.cli.run_flags import RunFlags, with_run_flags
from agentflow_cli.foundation.errors import LockedError, UsageError
from agentflow_cli.foundation.exit_codes import ExitCode

OUTPUTS = ("text", "json", "jsonl", "yaml")


@with_run_flags(again=True)
def command(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(metavar="RUN", help="An id, a beginning of one, or `last`.")],
    step: Annotated[str, typer.Argument(metavar="STEP", help="The step that failed.")],
    *,
    flags: RunFlags,
) -> ExitCode:
    """Try a failed step again, and what waits for it. As `resume`, with a check that the step did fail."""
    from agentflow_cli.application.usecases.runs import find_step, look, project_container

    ctx.obj.awaited = "not_started"
    view = look(project_container(Path.cwd()), run)
    state = find_step(view, step)
    if view.live:
        raise LockedError(
            f"run {view.short} is still going on", hint="a step can be tried again when the run has ended",
            next_command=f"agentflow watch {view.short}",
        )  # fmt: skip
    if state.status == "succeeded":
        raise UsageError(
            f"`{step}` of run {view.short} has succeeded, and is never done twice in one run", hint="fork the run",
            next_command=f"agentflow fork {view.short} --from {step.partition('[')[0].partition('/')[0]}",
        )  # fmt: skip
    if state.status not in ("failed", "cancelled"):
        raise UsageError(
            f"`{step}` of run {view.short} has not failed: it is {state.status}",
            next_command=f"agentflow runs show {view.short}",
        )
    others = [other.path for other in view.state.steps.values() if other.fatal and other.path != step.partition("[")[0]]
    if others:
        ctx.obj.console.say(f"tried again, too: {', '.join(others[:5])}{' and more' if len(others) > 5 else ''}")
    return resume(ctx.obj, run, flags)
