"""`agentflow validate`"""

from __future__ import annotations

from typing import Annotated

import typer

from agentflow_cli.cli.checking import OUTPUTS as OUTPUTS
from agentflow_cli.cli.checking import check, mend
from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.foundation.exit_codes import ExitCode


def command(
    ctx: typer.Context,
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATH…|-]", help="Files or directories; `-` is standard input.", show_default=False),
    ] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what is certain, and write the files.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what --fix would write; exit 1 if anything.")] = False,
    select: Annotated[
        list[str] | None,
        typer.Option("--select", metavar="CODES", help="Only these: `AF3,AF412`.", show_default=False),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option("--ignore", metavar="CODES", help="All but these.", show_default=False),
    ] = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Check every file again, also those that are as they were.")
    ] = False,
) -> ExitCode:
    """Check workflow files: every problem at once, each at its place.

    Without a path it checks all workflows of the project. Nothing of them is executed.
    Exit code 1 says that there are errors. A line with `# agentflow: ignore[AF512]` is not reported for that code.
    """
    invocation: Invocation = ctx.obj
    if fix or diff:
        return mend(invocation, paths or [], select=select or (), ignore=ignore or (), write=not diff)
    return check(invocation, paths or [], select=select or (), ignore=ignore or (), cache=not no_cache)
