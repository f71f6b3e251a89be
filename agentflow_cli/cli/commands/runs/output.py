"""`agentflow runs output`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_value

OUTPUTS = ("text", "json", "jsonl", "yaml")


def command(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(metavar="[RUN]", help="An id, a beginning of one, or `last`.")] = "last",
    step: Annotated[
        str | None, typer.Argument(metavar="[STEP]", help="Of this step, `classify` or `classify[3]`.")
    ] = None,
) -> None:
    """The outputs of a run, or the output of one of its steps."""
    from agentflow_cli.application.usecases.runs import look, output_of, project_container
    from agentflow_cli.cli.run_result import write_outputs

    invocation: Invocation = ctx.obj
    value = output_of(look(project_container(Path.cwd()), run), step)
    if invocation.output == "text" and step is None:
        write_outputs(invocation.console, value)
    else:
        write_value(invocation, value)
