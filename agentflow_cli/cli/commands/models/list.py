"""`agentflow models list`"""

from __future__ import annotations

import typer

from agentflow_cli.cli.options import Invocation
from agentflow_cli.cli.output import write_rows, write_table

OUTPUTS = ("text", "json", "jsonl", "yaml")


def command(ctx: typer.Context) -> None:
    """The models that `model:` can name, which of them are ready, and what makes them so. No key is shown."""
    from dataclasses import asdict
    from pathlib import Path

    from agentflow_cli.application.runtime.container import Container
    from agentflow_cli.application.usecases.models import list_models, meanings

    invocation: Invocation = ctx.obj
    console = invocation.console
    models = list_models(console.environment)
    if invocation.output != "text":
        write_rows(invocation, [asdict(model) for model in models], "models")
        return
    rows = [(m.name, "ready" if m.ready else "not ready", m.how, m.about) for m in models]
    write_table(console, ("MODEL", "STATE", "HOW", "ABOUT"), rows)
    console.say()
    for meaning in meanings(Container(Path.cwd(), console.environment).models):
        names = "no name and `fast` mean" if meaning.route == "fast" else f"`{meaning.route}` means"
        console.say(f"{names} {console.paint(meaning.model, 'bold')}: {meaning.reason}")
