"""`agentflow runs events`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_value
from agentflow_cli.cli.progress.jsonl import EventLines, record_json

OUTPUTS = ("jsonl", "json")


def command(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(metavar="[RUN]", help="An id, a beginning of one, or `last`.")] = "last",
    after: Annotated[int, typer.Option("--after", metavar="SEQ", help="Only events with a greater `seq`.")] = 0,
) -> None:
    """The events of a run as they were committed: a version record, then one line each."""
    from agentflow_cli.application.usecases.runs import events_of, project_container

    invocation: Invocation = ctx.obj
    with events_of(project_container(Path.cwd()), run, after) as (full, records):
        if invocation.output == "json":
            write_value(invocation, {"version": 1, "run": full, "events": [record_json(record) for record in records]})
            return
        lines = EventLines(invocation.console)
        lines.start(full)
        for record in records:
            lines.write(record)
