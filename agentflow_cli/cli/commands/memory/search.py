"""`agentflow memory search`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_rows
from agentflow_cli.foundation.errors import UsageError
from agentflow_cli.foundation.terminal_text import clean

OUTPUTS = ("text", "json", "jsonl", "yaml")


def command(
    ctx: typer.Context,
    memory: Annotated[str, typer.Argument(metavar="MEMORY", help="The memory's name.")],
    query: Annotated[str, typer.Argument(metavar="QUERY", help="What you want to know.")],
    top: Annotated[int, typer.Option("--top", metavar="N", help="So many passages.")] = 5,
    min_score: Annotated[
        float | None, typer.Option("--min-score", metavar="S", help="Leave out what is less similar (-1 to 1).")
    ] = None,
) -> None:
    """Find passages by meaning, the best first."""
    from agentflow_cli.application.usecases.memory import search
    from agentflow_cli.application.usecases.runs import project_container

    if top < 1:
        raise UsageError("`--top` must be at least 1")
    invocation: Invocation = ctx.obj
    console = invocation.console
    passages = search(project_container(Path.cwd()), memory, query, top, min_score)
    if invocation.output != "text":
        rows = [{"source": p.source, "score": round(p.score, 4), "text": p.text, "id": p.id} for p in passages]
        write_rows(invocation, rows, "passages")
        return
    if not passages:
        console.say("nothing was found")
    for passage in passages:
        console.data(f"{console.paint_data(clean(passage.source, keep_newlines=False), 'bold')}  {passage.score:.2f}")
        for line in clean(passage.text).strip().split("\n"):
            console.data(f"    {line}")
