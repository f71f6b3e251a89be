"""`agentflow models list`"""

from __future__ import annotations

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_rows, write_table

OUTPUTS = ("text", "json", "jsonl", "yaml")


def command(ctx: typer.Context) -> None:
    """The models that `model:` can name, which of them are ready, and what makes them so. No key is shown."""
    from dataclasses import asdict
    from pathlib import Path

    from agentflow_cli.application.usecases.models import list_models, meanings
    from agentflow_cli.application.usecases.runs import project_container

    invocation: Invocation = ctx.obj
    console = invocation.console
    container = project_container(Path.cwd())
    container.read_dotenv()
    models = list_models(container)
    if invocation.output != "text":
        write_rows(invocation, [asdict(model) for model in models], "models")
        return
    rows = [(m.name, "ready" if m.ready else "not ready", m.how, m.about) for m in models]
    write_table(console, ("MODEL", "STATE", "HOW", "ABOUT"), rows)
    console.say()
    for meaning in meanings(container):
        names = f"`{meaning.route}` means" if meaning.route else "no name means"
        console.say(f"{names} {console.paint(meaning.model, 'bold')}: {meaning.reason}")
