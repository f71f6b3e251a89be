"""`agentflow graph`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentflow_cli.cli.console import Console
from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import FORMAT_VERSION, write_value
from agentflow_cli.foundation.errors import NotFoundError, UsageError
from agentflow_cli.foundation.exit_codes import ExitCode

if TYPE_CHECKING:
    from agentflow_cli.application.usecases.runs import RunView
    from agentflow_cli.domain.plan import Plan
    from agentflow_cli.language.compiler.drawings.drawing import States

OUTPUTS = ("text", "mermaid", "dot", "json", "yaml")


def command(
    ctx: typer.Context,
    what: Annotated[str, typer.Argument(metavar="WORKFLOW|RUN", help="A file, `-`, or a run.")],
    write: Annotated[
        str | None,
        typer.Option(
            "--write", metavar="FILE#NAME", help="Put it, as Mermaid, into the block NAME of a Markdown file."
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="With `--write`: write nothing, end with 1 when the file is out of date.")
    ] = False,
) -> ExitCode:
    """Draw the steps and what they wait for; of a run, how each of them stands.

    `--write` replaces what stands between `<!-- agentflow:graph NAME -->` and `<!-- /agentflow:graph NAME -->`.
    """
    from agentflow_cli.language.compiler.drawings.dot import dot
    from agentflow_cli.language.compiler.drawings.json_graph import json_graph
    from agentflow_cli.language.compiler.drawings.mermaid import MOST_EDGES, edges, mermaid
    from agentflow_cli.language.compiler.drawings.text_graph import text_graph

    invocation: Invocation = ctx.obj
    console = invocation.console
    if check and write is None:
        raise UsageError("`--check` needs `--write FILE#NAME`", hint="it says whether that file is up to date")
    if write is not None and invocation.output not in ("text", "mermaid"):
        hint = f"leave out `-o {invocation.output}`, or leave out `--write` and put it where it belongs"
        raise UsageError("`--write` writes Mermaid, which viewers of Markdown draw", hint=hint)
    plan, view = _plan(what)
    states = None if view is None else _states(view, console)
    if (write is not None or invocation.output == "mermaid") and edges(plan.root) > MOST_EDGES:
        console.say(f"warning: it has {edges(plan.root)} arrows; most viewers of Mermaid draw at most {MOST_EDGES}")
    if write is not None:
        return _write(console, write, check, plan, mermaid(plan, states))
    if invocation.output == "text":
        for line in text_graph(plan, ascii_only=not console.unicode, states=states):
            console.data(line)
    elif invocation.output == "mermaid":
        console.raw(mermaid(plan, states))
    elif invocation.output == "dot":
        console.raw(dot(plan, states))
    else:
        run = None if view is None else {"id": view.run, "status": view.status}
        write_value(invocation, {"version": FORMAT_VERSION, "run": run, **json_graph(plan, states)})
    return ExitCode.SUCCESS


def _write(console: Console, written: str, check: bool, plan: Plan, source: str) -> ExitCode:
    from agentflow_cli.application.usecases.graph.marked_block import Target, update

    target = Target.of(written, plan.workflow)
    changed = update(target, source, write=not check)
    place = f"{target.file}#{target.marker}"
    if not changed:
        console.say(f"{place} is up to date")
        return ExitCode.SUCCESS
    console.say(f"{place} is out of date" if check else f"{place} is written")
    return ExitCode.FAILED if check else ExitCode.SUCCESS


def _states(view: RunView, console: Console) -> States:
    from agentflow_cli.application.usecases.graph.states import states_of
    from agentflow_cli.application.usecases.marks import MARKS

    marks = {mark.word: mark for mark in MARKS.values()}
    return states_of(view.state, lambda word: marks[word].sign(console.unicode) if word in marks else "")


def _plan(what: str) -> tuple[Plan, RunView | None]:
    """Of a file if there is one by that name, else of a run."""
    from agentflow_cli.application.usecases.runs import look, project_container
    from agentflow_cli.application.usecases.workflow_files import compile_workflow

    try:
        return compile_workflow(what).plan, None
    except NotFoundError as no_file:
        if "/" in what or what.endswith((".yaml", ".yml")):
            raise
        try:
            view = look(project_container(Path.cwd()), what)
        except NotFoundError:
            raise NotFoundError(f"there is no file and no run `{what}`", hint=no_file.hint) from None
        return view.plan, view
