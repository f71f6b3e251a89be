"""`agentflow runs logs`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import json_text
from agentflow_cli.cli.progress.jsonl import record_json
from agentflow_cli.domain import events as e
from agentflow_cli.domain.json_value import Json
from agentflow_cli.foundation.clock import iso_time
from agentflow_cli.foundation.terminal_text import clean

OUTPUTS = ("text", "jsonl")


def command(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(metavar="[RUN]", help="An id, a beginning of one, or `last`.")] = "last",
    step: Annotated[str | None, typer.Argument(metavar="[STEP]", help="Only this step and its children.")] = None,
) -> None:
    """What happened in a run, line by line: with a step, also what it wrote and what came out."""
    from agentflow_cli.application.usecases.runs import find_step, look, project_container
    from agentflow_cli.application.usecases.sentences import sentence

    invocation: Invocation = ctx.obj
    console = invocation.console
    view = look(project_container(Path.cwd()), run)
    wanted = find_step(view, step).path if step is not None else None
    within = tuple(f"{wanted}{sign}" for sign in "[#/")
    for record in view.records:
        event = record.event
        path = event.path if isinstance(event, e.StepEvent) else ""
        if wanted is not None and path != wanted and not path.startswith(within):
            continue
        if invocation.output == "jsonl":
            console.raw(json_text(record_json(record)) + "\n")
            continue
        console.data(f"{iso_time(record.at)[11:23]}  {sentence(event)}")
        if wanted is not None:
            for line in _body(event):
                console.data(f"              {line}")


def _body(event: e.Event) -> list[str]:
    """What a step wrote to stderr, its traceback, its output."""
    lines: list[str] = []
    if isinstance(event, e.StepFailed | e.StepRetrying):
        for key in ("stderr", "traceback"):
            lines += _lines(event.error.data.get(key))
    if isinstance(event, e.StepSucceeded):
        lines += _lines(event.beside.get("stderr"))
        output = event.output if isinstance(event.output, str) else json_text(event.output, indent=2)
        lines += _lines(output)
    return lines


def _lines(text: Json) -> list[str]:
    return clean(text).rstrip("\n").split("\n") if isinstance(text, str) and text.strip() else []
