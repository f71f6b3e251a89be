"""`agentflow reject`"""

from __future__ import annotations

from typing import Annotated

import typer

from agentflow_cli.cli.commands.approve import answer_and_tell

OUTPUTS = ("text", "json", "yaml")


def command(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(metavar="RUN", help="An id, a beginning of one, or `last`.")],
    step: Annotated[str | None, typer.Argument(metavar="[STEP]", help="Needed when several wait.")] = None,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Kept with the answer.")] = "",
) -> None:
    """Say no to a step that waits for a person: the step fails as rejected."""
    answer_and_tell(ctx.obj, run, step, None, [], reason, rejected=True)
