"""`agentflow config list`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_rows, write_table

OUTPUTS = ("text", "json", "jsonl", "yaml")


def command(
    ctx: typer.Context,
    show_origin: Annotated[bool, typer.Option("--show-origin", help="Say where each value comes from.")] = False,
) -> None:
    """The settings that hold here. Keys are never shown."""
    from dataclasses import asdict

    from agentflow_cli.application.usecases.config import list_settings
    from agentflow_cli.application.usecases.runs import project_container

    invocation: Invocation = ctx.obj
    container = project_container(Path.cwd())
    container.read_dotenv()
    settings = list_settings(container)
    if invocation.output != "text":
        write_rows(invocation, [asdict(each) for each in settings], "settings")
    elif show_origin:
        rows = [(each.name, each.value or "-", each.origin, each.about) for each in settings]
        write_table(invocation.console, ("SETTING", "VALUE", "FROM", "ABOUT"), rows)
        for name in container.dotenv.refused:
            invocation.console.say(f"`.env` names {name}, which a project cannot set")
    else:
        rows3 = [(each.name, each.value or "-", each.about) for each in settings]
        write_table(invocation.console, ("SETTING", "VALUE", "ABOUT"), rows3)
