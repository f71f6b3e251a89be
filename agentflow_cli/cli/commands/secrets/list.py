"""`agentflow secrets list`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_rows, write_table

if TYPE_CHECKING:
    from agentflow_cli.application.usecases.secrets import SecretUse

OUTPUTS = ("text", "json", "jsonl", "yaml")


def command(ctx: typer.Context) -> None:
    """The secrets that this project names, and whether they are set here. Values are never shown."""
    from agentflow_cli.application.usecases.runs import project_container
    from agentflow_cli.application.usecases.secrets import list_secrets

    container = project_container(Path.cwd())
    container.read_dotenv()
    show(ctx.obj, list_secrets(container))


def show(invocation: Invocation, secrets: list[SecretUse]) -> None:
    """A table, or records."""
    from dataclasses import asdict

    console = invocation.console
    if invocation.output != "text":
        write_rows(invocation, [{**asdict(use), "used_by": list(use.used_by)} for use in secrets], "secrets")
        return
    if not secrets:
        console.say("this project names no secrets")
        return
    rows = [(use.name, use.source, "set" if use.present else "not set", ", ".join(use.used_by)) for use in secrets]
    write_table(console, ("SECRET", "FROM", "HERE", "USED BY"), rows)
