"""`agentflow explain`"""

from __future__ import annotations

from typing import Annotated

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_rows

OUTPUTS = ("text", "json", "yaml")


def command(
    ctx: typer.Context,
    word: Annotated[str | None, typer.Argument(metavar="[CODE|FIELD|FUNCTION]", show_default=False)] = None,
) -> None:
    """Explain a diagnostic (AF312), a field (foreach), a kind of step (run) or a function (selectattr).

    Without a word it lists everything that can be explained.
    """
    from agentflow_cli.application.usecases.explain import explain, index

    invocation: Invocation = ctx.obj
    console = invocation.console
    if word is None and invocation.output != "text":
        rows = [{"name": n, "section": head, "about": a} for head, known in index().items() for n, a in known.items()]
        write_rows(invocation, rows, "topics")
        return
    if word is None:
        for head, entries in index().items():
            console.data(console.paint_data(head, "bold"))
            width = max(len(name) for name in entries)
            for name, about in entries.items():
                console.data(f"  {name:<{width}}  {about}")
        return
    topics = explain(word)
    if invocation.output != "text":
        write_rows(invocation, [{"name": t.name, "kind": t.kind, "text": t.text} for t in topics], "topics")
        return
    for number, topic in enumerate(topics):
        if number:
            console.data("")
        if len(topics) > 1:
            console.data(console.paint_data(f"{topic.name} ({topic.kind})", "bold"))
        console.data(topic.text)
