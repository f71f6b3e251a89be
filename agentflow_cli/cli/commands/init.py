"""`agentflow init`"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_value

OUTPUTS = ("text", "json", "yaml")


def command(
    ctx: typer.Context,
    target: Annotated[str, typer.Argument(metavar="[DIR]", help="Made if it is not there.")] = ".",
) -> None:
    """Make a directory a project: a project file, a first workflow, and what editors need. Nothing is overwritten."""
    from agentflow_cli.application.usecases.scaffold.project import HELLO_FILE, init_project

    invocation: Invocation = ctx.obj
    console = invocation.console
    done = init_project(Path(target))
    if invocation.output != "text":
        value = {"root": str(done.root.absolute()), "written": list(done.written), "kept": list(done.kept)}
        write_value(invocation, {"version": 1, **value})
        return
    for name in done.written:
        console.say(f"wrote {name}")
    for name in done.kept:
        console.say(f"kept  {name}, which was there already")
    there = "" if done.root.resolve() == Path.cwd().resolve() else f"cd {shlex.quote(target)} && "
    console.say(f"  next: {there}agentflow validate")
    console.say(f"  next: agentflow run {HELLO_FILE} --mock")
    console.say(f"  next: agentflow run {HELLO_FILE}")
