"""`agentflow trust`"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agentflow_cli.cli.console import Console
from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_rows, write_table
from agentflow_cli.cli.prompting import confirmed
from agentflow_cli.foundation.errors import UsageError
from agentflow_cli.foundation.exit_codes import ExitCode
from agentflow_cli.foundation.terminal_text import clean

if TYPE_CHECKING:
    from agentflow_cli.application.runtime.trust import Grant
    from agentflow_cli.application.usecases.trust import Request

OUTPUTS = ("text", "json", "jsonl", "yaml")


def command(
    ctx: typer.Context,
    path: Annotated[
        str | None, typer.Argument(metavar="[PATH]", help="The project, or a file in it; this one, if left out.")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="Show what you have granted to any project.")] = False,
    revoked: Annotated[bool, typer.Option("--revoke", help="Take back what this project has been granted.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Grant it without asking, in a script.")] = False,
) -> ExitCode:
    """Grant what a project asks for: where its models are asked, and which of your keys they get.

    Shows it first, and asks. A grant is for this directory and for exactly what it showed; it is kept in your own
    configuration.
    """
    from dataclasses import asdict

    from agentflow_cli.application.runtime.container import Container
    from agentflow_cli.application.usecases.trust import grant, grants, project_at, requests, revoke

    invocation: Invocation = ctx.obj
    console = invocation.console
    if listed + revoked + yes > 1:
        raise UsageError("`--list`, `--revoke` and `--yes` exclude each other")
    if listed and path is not None:
        raise UsageError("`--list` shows all projects, and takes no path")
    container = Container(project_at(path))
    if listed or revoked:
        found = grants(container) if listed else revoke(container)
        _show_grants(invocation, found)
        if revoked and found:
            console.say("taken back")
        return ExitCode.SUCCESS
    asked = requests(container)
    missing = [each for each in asked if not each.granted]
    if missing and (yes or (invocation.output == "text" and _agreed(console, str(container.root), asked))):
        grant(container, asked)
        if invocation.output == "text":
            console.say(f"granted to {clean(str(container.root))}; take it back with: agentflow trust --revoke")
        asked, missing = requests(container), []
    elif invocation.output == "text":
        _show_rest(console, str(container.root), asked, missing)
    if invocation.output != "text":
        write_rows(invocation, [asdict(each) for each in asked], "requests")
    return ExitCode.DENIED if missing else ExitCode.SUCCESS


def _agreed(console: Console, root: str, asked: list[Request]) -> bool:
    console.insist(f"{clean(root)} asks for:\n")
    for each in asked:
        new = "" if each.granted else console.paint("  not granted yet", "yellow")
        console.insist(f"  {console.paint(clean(each.alias), 'bold')}  {clean(each.model)}{new}")
        console.insist(f"    {clean(each.sends, keep_newlines=False)}")
        if each.plain:
            console.insist(f"    {console.paint('without encryption: whoever is on the way can read it', 'red')}")
        if not each.key_set:
            console.insist(f"    {clean(each.api_key or '')} is not set")
    console.insist("")
    return confirmed(console, "Grant this?", "`--yes` grants it without asking")


def _show_rest(console: Console, root: str, asked: list[Request], missing: list[Request]) -> None:
    if not asked:
        console.say(f"{clean(root)} asks for nothing")
    elif missing:
        console.insist("nothing was granted")
    else:
        names = ", ".join(clean(each.alias) for each in asked)
        console.say(f"{clean(root)} has been granted all that it asks for: {names}")


def _show_grants(invocation: Invocation, found: list[Grant]) -> None:
    from dataclasses import asdict

    if invocation.output != "text":
        write_rows(invocation, [asdict(each) for each in found], "grants")
    elif not found:
        invocation.console.say("nothing is granted")
    else:
        rows = [(g.project, g.alias, g.provider, g.base_url or "its own", g.api_key or "-") for g in found]
        write_table(invocation.console, ("PROJECT", "MODEL", "PROVIDER", "ASKED AT", "KEY"), rows)
