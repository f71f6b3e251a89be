"""`agentflow secrets check`"""

from __future__ import annotations

from pathlib import Path

import typer

from agentflow_cli.cli.commands.secrets.list import show
from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.foundation.exit_codes import ExitCode

OUTPUTS = ("text", "json", "jsonl", "yaml")


def command(ctx: typer.Context) -> ExitCode:
    """Whether every secret that a workflow uses is set here. Exit code 4 says that one is not."""
    from agentflow_cli.application.usecases.runs import project_container
    from agentflow_cli.application.usecases.secrets import list_secrets

    invocation: Invocation = ctx.obj
    container = project_container(Path.cwd())
    container.read_dotenv()
    secrets = list_secrets(container)
    missing = [use for use in secrets if use.used_by and not use.present]
    show(invocation, secrets)
    for use in missing:
        kind, _, place = use.source.partition(":")
        ways = {"env": f"set the variable {place}", "store": f"agentflow secrets set {place}"}
        what = ways.get(kind, f"write it to {place}")
        invocation.console.insist(f"  `{use.name}` is not set: {what}")
    return ExitCode.CREDENTIALS if missing else ExitCode.SUCCESS
