"""`agentflow plan`"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agentflow_cli.cli.console import Console
from agentflow_cli.cli.options import Invocation
from agentflow_cli.cli.output import write_value
from agentflow_cli.cli.progress.board import one_line
from agentflow_cli.foundation.exit_codes import ExitCode

if TYPE_CHECKING:
    from agentflow_cli.application.usecases.plan.describe import PlannedStep, PlanReport

OUTPUTS = ("text", "json", "yaml")
_SIGNS = {"runs": ("+", "green"), "conditional": ("?", "yellow"), "asks": ("!", "magenta")}


def command(
    ctx: typer.Context,
    workflow: Annotated[str, typer.Argument(metavar="WORKFLOW|-", help="The file; `-` is standard input.")],
    model: Annotated[
        str | None, typer.Option("--model", metavar="NAME", help="The model of steps that name none.")
    ] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 1 when something would run.")] = False,
) -> ExitCode:
    """Show what a run would do: which steps, in which order, with which effects. Nothing runs.

    `+` runs, `?` runs if its condition holds, `!` asks a person.
    """
    from agentflow_cli.application.runtime.container import Container
    from agentflow_cli.application.usecases.plan.describe import describe_plan
    from agentflow_cli.application.usecases.run import default_model
    from agentflow_cli.application.usecases.workflow_files import compile_workflow
    from agentflow_cli.domain.codec import to_json

    invocation: Invocation = ctx.obj
    compiled = compile_workflow(workflow)
    container = Container(compiled.root)
    report = describe_plan(container, compiled.plan, default_model(container, model))
    if invocation.output == "text":
        _print(invocation.console, report)
    else:
        write_value(invocation, {"version": 1, **to_json(report)})
    return ExitCode.FAILED if exit_code and report.steps else ExitCode.SUCCESS


def _print(console: Console, report: PlanReport) -> None:
    console.raw(f"{console.paint_data(report.workflow, 'bold')}  {report.file}  plan {report.fingerprint[-6:]}\n\n")
    names = min(28, max((len(_shown(step)) for step in report.steps), default=0))
    kinds = max((len(step.kind) for step in report.steps), default=0)
    for step in report.steps:
        sign, style = _SIGNS[step.verdict]
        detail = "   ".join(part for part in _details(step) if part)
        line = f"  {console.paint_data(sign, style)} {_shown(step):<{names}}  {step.kind:<{kinds}}  {detail}"
        console.raw(line.rstrip() + "\n")
    console.raw("\n")
    outer = sum("/" not in step.path for step in report.steps)
    bar = " │ " if console.unicode else " | "
    waves = [", ".join(wave[:4]) + (f" and {len(wave) - 4} more" if len(wave) > 4 else "") for wave in report.waves]
    shown = waves if len(waves) <= 12 else [*waves[:11], f"{len(waves) - 11} more"]
    _fact(console, "waves", bar.join(shown))
    widest = max((len(wave) for wave in report.waves), default=0)
    arrow = " → " if console.unicode else " > "
    path = report.critical_path
    chain = arrow.join(path if len(path) <= 10 else [*path[:9], f"{len(path) - 9} more"])
    _fact(console, "critical", f"{len(path)} of {outer} steps: {chain}   widest {widest}")
    if report.inputs_missing:
        _fact(console, "inputs", "to be given: " + ", ".join(report.inputs_missing))
    yes, no = ("✓", "✗ not set") if console.unicode else ("set", "not set")
    if report.variables:
        _fact(
            console, "reads", "   ".join(f"{name} {yes if there else no}" for name, there in report.variables.items())
        )
    if report.secrets:
        _fact(console, "secrets", "   ".join(f"{name} from {source}" for name, source in report.secrets.items()))
    _effects(console, "commands", report.commands)
    _effects(console, "functions", report.functions)
    _effects(console, "reaches", report.effects)
    _effects(console, "agents", report.agents)
    _effects(console, "memories", report.memories)
    _effects(console, "models", report.models)
    if report.models:
        cost = "no money: every model runs on this machine" if report.local else "unknown"
        _fact(console, "cost", cost + "; tokens unknown before the run")


def _details(step: PlannedStep) -> list[str]:
    return [
        one_line(step.about, 70) if step.kind != "set" else "",
        f"≤{step.max_tokens} tok" + (" each" if step.foreach else "") if step.max_tokens else "",
        f"foreach {one_line(step.foreach, 50)}" if step.foreach else "",
        f"repeat up to {step.repeat}" if step.repeat else "",
        f"when {one_line(step.when, 60)}" if step.when else "",
    ]


def _shown(step: PlannedStep) -> str:
    """Its id, under its group; what runs when the run settles with the name of that."""
    groups = step.path.split("/")[:-1]
    section = groups.pop(0).removeprefix("@") + ": " if groups and groups[0].startswith("@") else ""
    return "  " * len(groups) + section + step.id


def _fact(console: Console, name: str, text: str) -> None:
    console.raw(f"  {console.paint_data(f'{name:<9}', 'dim')}  {text}\n")


def _effects(console: Console, name: str, effects: dict[str, str]) -> None:
    for number, (step, what) in enumerate(effects.items()):
        _fact(console, name if number == 0 else "", f"{step}: {one_line(what, 100)}")
