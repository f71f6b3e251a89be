"""`agentflow runs show`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentflow_cli.application.usecases.marks import mark_of_step
from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_table, write_value
from agentflow_cli.cli.progress.board import first_line, one_line, shown_path, split_path
from agentflow_cli.domain.run_state import StepState
from agentflow_cli.foundation.duration import format_duration

OUTPUTS = ("text", "json", "jsonl", "yaml")
_MOST_CHILDREN = 20


def command(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(metavar="[RUN]", help="An id, a beginning of one, or `last`.")] = "last",
    children: Annotated[bool, typer.Option("--children", help="Every child of a foreach too.")] = False,
) -> None:
    """One run, step by step, live or not."""
    from agentflow_cli.application.usecases.runs import look, project_container
    from agentflow_cli.cli.progress.summary import headline, next_command, plan_step_of
    from agentflow_cli.cli.run_result import run_result

    invocation: Invocation = ctx.obj
    console = invocation.console
    container = project_container(Path.cwd())
    view = look(container, run)
    state = view.state
    following = next_command(state, container.root) if view.status != "running" else None
    if view.status == "crashed":
        following = f"agentflow resume {view.short}"
    if invocation.output != "text":
        write_value(invocation, {**run_result(state, following, view.status), "live": view.live})
        return
    rows = []
    below: dict[str, list[StepState]] = {}
    for node in state.nodes.values():
        if node.ask is not None and node.path not in state.steps:
            below.setdefault(split_path(node.path)[0], []).append(node)
    settling = [step for name in ("on_failure", "finally") for step in state.last_settling(name).values()]
    for step in (*state.steps.values(), *settling):
        rows.append(_row(console.unicode, step, plan_step_of(state, step).kind))
        inner = step.children or []
        asked = [n for n in below.get(step.path, ()) if n.status == "waiting" and n not in inner]
        shown = inner if children else [c for c in inner if c.fatal or c.status == "waiting"]
        shown = [*shown, *asked] if children else [*shown, *asked][:_MOST_CHILDREN]
        rows += [_row(console.unicode, child, "") for child in shown]
    state.status = view.status
    console.data(headline(console, state))
    origin = f"  fork of {state.parent[:6]}" if state.parent else ""
    console.data(f"  {view.plan.file}  run {view.run}{origin}" + (f"  process {state.pid}" if view.live else ""))
    console.data("")
    write_table(console, ("STEP", "KIND", "STATUS", "TOOK", "TRIES", "DETAIL"), rows, right=(3, 4))
    if following and not following.endswith(f"runs show {view.short}"):
        console.say(f"  next: {following}")


def _row(unicode: bool, step: StepState, kind: str) -> tuple[str, ...]:
    mark = mark_of_step(step)
    took = ""
    if step.started_at is not None and step.ended_at is not None:
        took = format_duration(max(0.0, step.ended_at - step.started_at))
    details = [f"reused from {step.reused[:6]}"] if step.reused else []
    if step.children is not None:
        details.append(f"{step.settled_children}/{len(step.children)}")
    if step.error is not None:
        details.append(f"{step.error.kind}: {first_line(step.error.message)}")
    elif step.reason:
        details.append(one_line(step.reason, 120))
    elif step.status == "waiting" and step.ask is not None:
        details.append(one_line(step.ask.message, 120))
    if step.usage and "output_tokens" in step.usage:
        details.append(f"{step.usage.get('input_tokens', 0)} + {step.usage['output_tokens']} tokens")
    tries = str(step.attempt) if step.attempt else ""
    return (shown_path(step.path), kind, f"{mark.sign(unicode)} {mark.word}", took, tries, "  ".join(details))
