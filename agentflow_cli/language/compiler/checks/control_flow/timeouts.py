"""Times that stand inside shorter ones: what is longer never comes to its end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics, Secondary, Severity
from agentflow_cli.domain.json_value import DocumentPath
from agentflow_cli.domain.workflow import Step
from agentflow_cli.foundation.duration import parse_duration
from agentflow_cli.language.compiler.blocks import StepBlock
from agentflow_cli.language.compiler.control_flow.flow import Flow
from agentflow_cli.language.loader.document import Document


class Limit(NamedTuple):
    """A `timeout` around a step."""

    seconds: float
    path: DocumentPath
    whose: str


def check_timeouts(flow: Flow, diagnostics: Diagnostics) -> None:
    """Report each time that is longer than a timeout around it."""
    for step, block in flow.steps():
        around = limits_around(flow, step, block)
        own = [] if step.timeout is None else [Limit(step.timeout, (*step.path, "timeout"), f"step `{step.id}`")]
        if own:
            diagnostics.extend(_shorter(flow, own[0].seconds, own[0].path, around))
        if step.kind == "wait":
            diagnostics.extend(_wait(flow, step, [*own, *around]))
        elif step.kind == "agent" and "limits" in step.settings and "time" in step.settings["limits"].value:
            time = step.settings["limits"]
            diagnostics.extend(
                _shorter(flow, parse_duration(time.value["time"]), (*time.path, "time"), [*own, *around])
            )


def limits_around(flow: Flow, step: Step, block: StepBlock) -> list[Limit]:
    """The timeouts of the groups around a step, the innermost first, and that of the workflow."""
    found = [
        Limit(group.timeout, (*group.path, "timeout"), f"the group `{group.id}`")
        for group in block.groups()
        if group.timeout is not None
    ]
    whole = flow.loaded.workflow.timeout
    if whole is not None and block.section == "steps":
        found.append(Limit(whole, ("timeout",), "the workflow"))
    return found


def _shorter(flow: Flow, seconds: float, path: DocumentPath, limits: list[Limit]) -> Iterator[Diagnostic]:
    document = flow.loaded.document
    for limit in limits:
        if limit.seconds < seconds:
            message = f"`{written(document, path)}` is never used up: {limit.whose} is ended after"
            yield Diagnostic("AF511", f"{message} `{written(document, limit.path)}`", document.span(path),
                             Severity.WARNING, "longer than what is around it", "make one of the two fit the other",
                             (Secondary(document.span(limit.path), "shorter"),))  # fmt: skip
            return


def _wait(flow: Flow, step: Step, limits: list[Limit]) -> Iterator[Diagnostic]:
    document, located = flow.loaded.document, step.settings["wait"]
    try:
        seconds = parse_duration(located.value)
    except ValueError:
        return  # an expression, said elsewhere
    for limit in limits:
        if limit.seconds <= seconds:
            yield Diagnostic("AF512", f"step `{step.id}` waits longer than {limit.whose} may take",
                             document.span(located.path), label=f"always ended after `{written(document, limit.path)}`",
                             help="shorten the pause, or lengthen the timeout",
                             secondary=(Secondary(document.span(limit.path), "by this"),))  # fmt: skip
            return


def written(document: Document, path: DocumentPath) -> str:
    """A time as its author wrote it."""
    value = document.data
    for key in path:
        value = value[key]
    return str(value)
