"""What `plan` says below its list of steps: order, needs, reach, limits."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from agentflow_cli.application.usecases.plan import report as r
from agentflow_cli.cli.plan_pieces import dollars, tokens
from agentflow_cli.cli.progress.board import one_line
from agentflow_cli.foundation.duration import format_duration

_MOST_LINES = 8
_MOST_PARTS = 3
_MARK = {True: "✓", False: "✗ missing", None: "not set here; `.env` may set it"}

Fact = tuple[str, list[str]]
N = TypeVar("N", int, float)


def facts(report: r.PlanReport, every: bool, room: int) -> Iterator[Fact]:
    """(name, lines); each line at most `room` wide. `every`: nothing is left out."""
    for name, lines in _facts(report):
        cut = [part for line in lines for part in _wrapped(line, max(room, 20), every)]
        if len(cut) > _MOST_LINES and not every:
            cut = [*cut[: _MOST_LINES - 1], f"… and {len(cut) - _MOST_LINES + 1} more (-v shows all)"]
        if cut:
            yield name, cut


def _wrapped(line: str, room: int, every: bool) -> list[str]:
    """Foreign text made safe, on up to three lines."""
    longest = 10_000 if every else _MOST_PARTS * (room - 4)
    return textwrap.wrap(one_line(line, longest), room, subsequent_indent="  ")


def _facts(report: r.PlanReport) -> Iterator[Fact]:
    yield "waves", [_waves(report.waves)]
    outer = sum("/" not in step.path for step in report.steps)
    path = report.critical_path
    chain = " → ".join(path if len(path) <= 8 else [*path[:7], f"{len(path) - 7} more"])
    yield "critical", [f"{len(path)} of {outer} steps, widest {report.widest}: {chain}"]
    yield "inputs", list(_inputs(report.inputs))
    yield "last run", list(_last_run(report))
    yield "needs", [f"{need.name} {_MARK[need.present]}{_source(need)}" for need in report.needs]
    yield "reaches", list(dict.fromkeys(_reach(reach) for reach in report.reaches))
    yield "commands", [f"{path}: {_command(text)}" for path, text in report.commands.items()]
    yield "functions", [f"{path}: {text}" for path, text in report.functions.items()]
    yield "tools", [_tool(tool) for tool in report.tools]
    yield "memories", [f"{path}: {text}" for path, text in report.memories.items()]
    yield "reads", [_listed(report.reads, 6)]
    yield "models", list(_models(report.steps))
    yield "effects", list(_effects(report.steps))
    yield "limits", [" · ".join(_limits(report.limits))]
    if any(step.model is not None for step in report.steps):
        yield "bounds", list(_bounds(report))
    yield "to grant", list(report.requests)
    yield "note", list(report.notes)


def _waves(waves: Iterable[tuple[str, ...]]) -> str:
    told = [", ".join(wave[:4]) + (f" and {len(wave) - 4} more" if len(wave) > 4 else "") for wave in waves]
    return " │ ".join(told if len(told) <= 12 else [*told[:11], f"{len(told) - 11} more"])


def _inputs(inputs: r.InputsOutlook) -> Iterator[str]:
    if inputs.missing:
        yield "to be given: " + "   ".join(inputs.missing.values())
    if inputs.given:
        yield "given: " + ", ".join(inputs.given)


def _last_run(report: r.PlanReport) -> Iterator[str]:
    last = report.last_run
    if last is None:
        return
    said = {"same": "inputs same", "unknown": "inputs not all known"}.get(last.inputs)
    said = said or f"inputs changed: {', '.join(last.inputs_changed)}"
    outer = sum("/" not in step.path for step in report.steps)
    yield f"{last.run} {last.status}, {said}; {last.reusable} of {outer} steps are as they were"
    changed = [f"{step.path}: {step.since_last_run.why}" for step in report.steps
               if step.since_last_run is not None and step.since_last_run.verdict == "changed"]  # fmt: skip
    if changed:
        yield "changed: " + "; ".join(changed)
    if 0 < last.reusable < outer and last.status != "running":
        yield f"`agentflow fork {last.run} --updated` runs only the others"


def _source(need: r.Need) -> str:
    if need.kind == "secret":
        return f" (secret, {need.source})"
    return f" (key of {need.source})" if need.kind == "key" else ""


def _reach(reach: r.Reach) -> str:
    if reach.host is not None:
        if_any = ", if an Ollama answers" if reach.said == "ollama" else ""
        return f"{reach.host} ({reach.why}: {_listed(reach.steps, 4)}{if_any})"
    where = {
        "http": f"decided at run time: {reach.said}",
        "model": f"decided at run time: the host of {reach.said}",
        "notify": f"by a command: {reach.said}",
        "weights": f"your package index, for {reach.said}",
    }.get(reach.why, reach.said)
    return f"{where} ({_listed(reach.steps, 4)})" if reach.steps else where


def _command(text: str) -> str:
    lines = [line for line in text.strip().split("\n") if line.strip()]
    more = len(lines) - 1
    first = lines[0] if lines else ""
    return first + (f"  … {more} more line{'s' if more > 1 else ''}" if more > 0 else "")


def _tool(tool: r.ToolUse) -> str:
    if tool.effect is None:
        return f"{tool.name}: not found ({_listed(tool.steps, 4)})"
    may = "! may change something" if tool.effect else "only reads"
    return f"{tool.name}{may if tool.effect else ' ' + may}, {tool.origin} ({_listed(tool.steps, 4)})"


def _models(steps: Iterable[r.PlannedStep]) -> Iterator[str]:
    """Each with the reason why it is this one."""
    reasons: dict[str, None] = {}
    for step in steps:
        for use in () if step.model is None else (step.model, *step.delegates):
            meant = use.name or "open"
            name = meant if use.written == use.name else f"{use.written or 'no name'} → {meant}"
            then = f", then {', '.join(use.fallbacks)}" if use.fallbacks else ""
            lacking = f"; ✗ {use.missing}" if use.missing else ""
            reasons[f"{name}{then}: {use.reason}{lacking}"] = None
    yield from reasons


def _effects(steps: Iterable[r.PlannedStep]) -> Iterator[str]:
    acting = [step.path for step in steps if step.effect and step.verdict != r.SKIPPED]
    if acting:
        yield f"! act on the world outside: {_listed(acting, 12)}"


def _limits(limits: r.Limits) -> Iterator[str]:
    yield f"{limits.max_parallel} at once"
    if limits.timeout is not None:
        yield f"fails after {format_duration(limits.timeout)}"
    if limits.interrupt is not None:
        yield f"interrupted after {format_duration(limits.interrupt)}"


def _bounds(report: r.PlanReport) -> Iterator[str]:
    """Without a word for what no step does."""
    bounds = report.bounds
    parts = [_most("calls of models", bounds.model_calls, str)]
    if any(step.model is not None and step.agent is None for step in report.steps):
        parts.append(_most("written", bounds.output_tokens, lambda count: f"{tokens(count)} tok"))
        if not bounds.local:
            parts.append(_most("cost of it", bounds.output_cost, dollars))
    if any(step.agent is not None for step in report.steps):
        parts.append(_most("agents", bounds.agent_tokens, lambda count: f"{tokens(count)} tok"))
        if not bounds.local:
            parts.append(_most("cost of agents", bounds.agent_cost, dollars))
    yield " · ".join(parts)
    if bounds.unbounded:
        yield f"no bound is declared or known for {_listed(bounds.unbounded, 6)}"
    yield "no cost: every model runs on this machine" if bounds.local else "cost of what models read: unknown"


def _most(what: str, bound: N | None, shown: Callable[[N], str]) -> str:
    return f"{what} unknown" if bound is None else f"{what} ≤ {shown(bound)}"


def _listed(names: Iterable[str], most: int) -> str:
    every = list(names)
    return ", ".join(every[:most]) + (f" and {len(every) - most} more" if len(every) > most else "")
