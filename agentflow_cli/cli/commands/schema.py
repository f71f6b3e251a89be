"""`agentflow schema`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_rows, write_table, write_value
from agentflow_cli.foundation.errors import UsageError
from agentflow_cli.foundation.exit_codes import ExitCode

if TYPE_CHECKING:
    from agentflow_cli.application.usecases.schemas import Installed

OUTPUTS = ("text", "json", "yaml")


def command(
    ctx: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(metavar="[workflow|agent|project|findings]", show_default="workflow", help="Which schema."),
    ] = None,
    every: Annotated[bool, typer.Option("--list", help="List the schemas, and the files that they are for.")] = False,
    install: Annotated[
        bool, typer.Option("--install", help="Put the schemas into this project, and tell VS Code of them.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit code 1 when --install would change something.")
    ] = False,
    output_file: Annotated[
        Path | None, typer.Option("--output-file", metavar="FILE", help="Write it there instead of to stdout.")
    ] = None,
) -> ExitCode:
    """Print the JSON Schema of workflow, agent or project files, or of findings, or install the others for editors.

    --install writes schemas/*.schema.json and adds them to .vscode/settings.json, where nothing else is changed. Other
    editors read the first line of a file: # yaml-language-server: $schema=../schemas/workflow.schema.json
    """
    from agentflow_cli.application.usecases import schemas

    invocation: Invocation = ctx.obj
    console = invocation.console
    if sum((every, install or check, bool(name or output_file))) > 1:
        raise UsageError("`--list`, `--install` and a schema to print exclude each other")
    if every:
        found = schemas.schemas()
        if invocation.output != "text":
            rows = [{"name": s.name, "about": s.about, "path": str(s.path), "files": list(s.matches)} for s in found]
            write_rows(invocation, rows, "schemas")
            return ExitCode.SUCCESS
        lines = [(s.name, ", ".join(m for m in s.matches if m.endswith(".yaml")) or "-", s.about) for s in found]
        write_table(console, ("SCHEMA", "FOR", "WHAT IT DESCRIBES"), lines)
    elif install or check:
        from agentflow_cli.language.loader.project import find_project_root

        done = schemas.install(find_project_root(Path.cwd()), dry=check)
        _say(invocation, done, check)
        return ExitCode.FAILED if not done.complete or (check and done.written) else ExitCode.SUCCESS
    elif output_file is None:
        console.raw(schemas.published_schema(name or "workflow"))
    else:
        schemas.write_schema(output_file, name or "workflow")
        console.say(f"wrote {output_file}")
        if name not in schemas.PRINTED:
            console.say(f"  first line of a file for it: # yaml-language-server: $schema={output_file}")
    return ExitCode.SUCCESS


def _say(invocation: Invocation, done: Installed, check: bool) -> None:
    console = invocation.console
    if invocation.output != "text":
        refused = [{"path": path, "why": why, "instead": instead} for path, why, instead in done.refused]
        value = {"root": str(done.root), "written": list(done.written), "current": list(done.current)}
        write_value(invocation, {"version": 1, **value, "refused": refused})
        return
    for path in done.written:
        console.say(f"{'would write' if check else 'wrote'} {path}")
    for path, why, instead in done.refused:
        console.say(f"left  {path} as it is: {why}")
        console.say(f"  next: {instead}")
    if check and done.written:
        console.say("  next: agentflow schema --install")
    elif not done.written and done.complete:
        console.say("the schemas of this project are up to date")
