"""`agentflow graph`"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from agentflow_cli.cli.options import Invocation
from agentflow_cli.cli.output import write_value
from agentflow_cli.domain.plan import Plan, PlanStep
from agentflow_cli.foundation.errors import NotFoundError

OUTPUTS = ("text", "mermaid", "json")


def command(
    ctx: typer.Context,
    what: Annotated[str, typer.Argument(metavar="WORKFLOW|RUN", help="A file, `-`, or a run.")],
) -> None:
    """Draw the steps and what they wait for."""
    from agentflow_cli.language.compiler.mermaid import mermaid
    from agentflow_cli.language.compiler.text_graph import text_graph

    invocation: Invocation = ctx.obj
    console = invocation.console
    plan = _plan(what)
    if invocation.output == "text":
        for line in text_graph(plan, ascii_only=not console.unicode):
            console.data(line)
    elif invocation.output == "mermaid":
        console.raw(mermaid(plan))
    else:
        waves = [list(wave) for wave in plan.waves]
        value = {"version": 1, "workflow": plan.workflow, **_graph(plan.steps), "waves": waves}
        for name, steps in (("on_failure", plan.on_failure), ("finally", plan.finally_steps)):
            if steps:
                value[name] = _graph(steps)
        write_value(invocation, {**value, "critical_path": list(plan.critical_path)})


def _graph(steps: Mapping[str, PlanStep]) -> dict[str, Any]:
    """Nodes, with the graph of their inner steps under `inner`, and edges."""
    nodes = []
    for step in steps.values():
        node = {"id": step.id, "kind": step.kind, "foreach": step.foreach is not None, "when": step.when}
        nodes.append(node if step.block is None else {**node, "inner": _graph(step.block.steps)})
    edges = [
        {"from": source, "to": step.id, "required": source in (*step.reads, *step.needs)}
        for step in steps.values()
        for source in step.dependencies
    ]
    return {"nodes": nodes, "edges": edges}


def _plan(what: str) -> Plan:
    """Of a file if there is one by that name, else of a run."""
    from agentflow_cli.application.usecases.runs import look, project_container
    from agentflow_cli.application.usecases.workflow_files import compile_workflow

    try:
        return compile_workflow(what).plan
    except NotFoundError as no_file:
        if "/" in what or what.endswith((".yaml", ".yml")):
            raise
        try:
            return look(project_container(Path.cwd()), what).plan
        except NotFoundError:
            raise NotFoundError(f"there is no file and no run `{what}`", hint=no_file.hint) from None
