"""`agentflow new`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_value

OUTPUTS = ("text", "json", "yaml")
_NEXT = {
    "workflow": "agentflow run {path} --mock",
    "agent": "agentflow new workflow NAME",
    "tool": "agentflow tools list",
}


def command(
    ctx: typer.Context,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="workflow, agent or tool.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called; its file is named after it.")],
) -> None:
    """Write a new workflow, agent or tool to start from. Nothing is overwritten."""
    from agentflow_cli.application.usecases.scaffold.file import new_file
    from agentflow_cli.language.loader.project import find_project_root

    invocation: Invocation = ctx.obj
    console = invocation.console
    root = find_project_root(Path.cwd())
    done = new_file(root, kind, name)
    if invocation.output != "text":
        write_value(invocation, {"version": 1, "path": done.path, "also": list(done.also), "root": str(root)})
        return
    shown = _shown(root / done.path)
    console.say(f"wrote {shown}")
    for other in done.also:
        console.say(f"wrote {_shown(root / other)}")
    console.say(f"  next: {_NEXT[kind].format(path=shown)}")


def _shown(path: Path) -> str:
    current = Path.cwd()
    return path.relative_to(current).as_posix() if path.is_relative_to(current) else str(path)
