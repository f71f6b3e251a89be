"""What the details of a step say: its output, its definition and item, what happened to it, what went wrong."""

from __future__ import annotations

from agentflow_cli.application.usecases.marks import mark_of
from agentflow_cli.application.usecases.sentences import sentence
from agentflow_cli.domain import events as e
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import PlanStep
from agentflow_cli.domain.run_state import StepState
from agentflow_cli.foundation.clock import iso_time
from agentflow_cli.tui.run_model import RunModel, level_of
from agentflow_cli.tui.shown import Shown
from agentflow_cli.tui.toolkit import Content

TABS = ("output", "input", "log", "error")
_MOST_EVENTS = 500
_MOST_LISTED = 20


def page(tab: str, model: RunModel, step: StepState, shown: Shown) -> Content:
    """The text of one tab for the step or child `step`."""
    makers = {"output": _output, "input": _input, "log": _log, "error": _error}
    return makers[tab](model, step, shown)


def _output(model: RunModel, step: StepState, shown: Shown) -> Content:
    parts: list[Content] = []
    if (step.children is not None or step.inner or step.iterations) and step.status != "succeeded":
        parts.append(_children(model, step, shown))
    elif step.has_output:
        parts.append(_colored(step.output, shown))
    else:
        parts.append(_no_output(step, shown))
    for name, value in (step.beside or {}).items():
        if value not in ("", 0):
            parts.append(Content.assemble((f"{name}\n", "bold"), shown.value(value)))
    return Content("\n\n").join(parts)


def _no_output(step: StepState, shown: Shown) -> Content:
    if step.status == "waiting" and step.ask is not None:
        if step.answer is not None:
            said = "no" if step.answer.rejected else shown.brief(step.answer.answer)
            return Content(f"answered by {shown.line(step.answer.by)}: {said}\nIt counts when the run goes on.")
        return Content.styled("waits for a person; the question is below", "dim")
    if step.reason:
        return Content(f"{step.status}: {shown.text(step.reason)}")
    if step.error is not None:
        return Content.assemble((f"{step.error.kind}: ", "ansi_red"), shown.text(step.error.message))
    return Content.styled(
        {"pending": "not started yet", "running": "no output yet"}.get(step.status, "no output"), "dim"
    )


def _children(model: RunModel, step: StepState, shown: Shown) -> Content:
    """How a fan-out stands, and what failed in it."""
    children = model.parts(step.path)
    done = sum(child.settled for child in children)
    lines = [Content(f"{done} of {len(children)} done; enter lists them")]
    if model.failed_children(step.path):
        failed = [child for child in children if child.status == "failed"]
        for child in failed[:_MOST_LISTED]:
            message = shown.line(child.error.message, 200) if child.error else ""
            lines.append(Content.assemble((f"{child.path}  ", "ansi_red"), message))
        if len(failed) > _MOST_LISTED:
            lines.append(Content(f"and {len(failed) - _MOST_LISTED} more"))
    return Content("\n").join(lines)


def _input(model: RunModel, step: StepState, shown: Shown) -> Content:
    parts: list[Content] = []
    parent = model.step(level_of(step.path) or "")
    if parent is not None and parent.items is not None:
        index = int(step.path[step.path.rindex("[") + 1 : -1])
        parts.append(Content.assemble(("item\n", "bold"), _colored(parent.items[index], shown)))
    plan_step = model.plan_step(step.path)
    if plan_step is None:
        return Content.styled("steps that run when the run settles", "dim")
    for name, value in _definition(plan_step).items():
        text = shown.value(value).rstrip("\n")
        parts.append(Content.assemble((name, "bold"), "\n" if "\n" in text or len(text) > 40 else "  ", text))
    parts.append(Content.styled(_place(model, step, shown), "dim"))
    return Content("\n").join(parts)


def _definition(step: PlanStep) -> dict[str, Json]:
    """What the plan says about a step, without what it leaves at the default."""
    found: dict[str, Json] = {"kind": step.kind, "name": step.name, "when": step.when}
    if step.foreach is not None:
        found["foreach"] = step.foreach.expression or step.foreach.items
        found["max_parallel"] = step.foreach.max_parallel
    if step.repeat is not None:
        found["repeat"] = {"max": step.repeat.max, "until": step.repeat.until}
    found |= {**step.templates, **step.settings, "env": step.env, "output": step.output}
    found |= {"timeout": step.timeout, "waits for": ", ".join(step.dependencies)}
    if step.on_error != "fail":
        found["on_error"] = step.on_error
    return {name: value for name, value in found.items() if value not in (None, "", {}, [])}


def _log(model: RunModel, step: StepState, shown: Shown) -> Content:
    records = model.records_of(step.path)
    lines = (
        [Content.styled(f"{len(records) - _MOST_EVENTS} earlier events", "dim")] if len(records) > _MOST_EVENTS else []
    )
    for record in records[-_MOST_EVENTS:]:
        lines.append(
            Content.assemble((iso_time(record.at)[11:23], "dim"), "  ", shown.line(sentence(record.event), 400))
        )
        if isinstance(record.event, e.StepRetrying):
            lines += _written(record.event.error.data, shown)
    if stderr := (step.beside or {}).get("stderr"):
        lines += [Content.styled("standard error", "bold"), Content(shown.value(stderr).rstrip("\n"))]
    return Content("\n").join(lines) if lines else Content.styled("nothing has happened yet", "dim")


def _error(model: RunModel, step: StepState, shown: Shown) -> Content:
    error = step.error
    if error is None:
        return Content.styled("nothing went wrong", "dim")
    mark = mark_of("failed", step.tolerated)
    lines = [
        Content.styled(f"{shown.sign(mark.glyph, mark.ascii)} {mark.word}: {error.kind}", f"bold {mark.screen_style}"),
        Content.styled(_place(model, step, shown), "dim"),
        Content(""),
        Content(shown.text(error.message)),
        *_written(error.data, shown),
    ]
    rest = {k: v for k, v in error.data.items() if k not in ("stderr", "stdout", "traceback")}
    if rest:
        lines += [Content(""), _colored(rest, shown)]
    return Content("\n").join(lines)


def _place(model: RunModel, step: StepState, shown: Shown) -> str:
    """`workflows/triage.yaml:14`: where the step stands."""
    plan_step = model.plan_step(step.path)
    file = next((block.file for block in model.blocks_around(step.path) if block.file), model.plan.file)
    return shown.line(file) + (f":{plan_step.line}" if plan_step is not None and plan_step.line else "")


def _written(data: dict[str, Json], shown: Shown) -> list[Content]:
    """What a program wrote before it failed."""
    lines = []
    for name in ("stderr", "stdout", "traceback"):
        value = data.get(name)
        if isinstance(value, str) and value.strip():
            lines += [Content(""), Content.styled(name, "bold"), Content(shown.text(value).rstrip("\n"))]
    return lines


def _colored(value: Json, shown: Shown) -> Content:
    """A value; the field names of JSON stand out."""
    content = Content(shown.value(value))
    if isinstance(value, (dict, list)):
        content = content.highlight_regex(r'(?m)^ *"[^"\n]*":', style="ansi_cyan")
    return content
