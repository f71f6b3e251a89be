"""Opening the monitor from a command, and what is said when it is left."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.cli.console import Console
from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.domain.run_state import RunState
from agentflow_cli.foundation.errors import UsageError
from agentflow_cli.foundation.exit_codes import ExitCode

if TYPE_CHECKING:
    from agentflow_cli.application.usecases.detached import Runner


def needs_terminal(console: Console, what: str, next_command: str) -> None:
    """UsageError unless a person sits before a terminal that can show a screen."""
    if not can_show(console):
        raise UsageError(f"{what} needs a terminal to draw on and keys to read", next_command=next_command)


def can_show(console: Console) -> bool:
    stdin = sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty()
    return stdin and console.stderr.isatty() and console.environment.get("TERM", "dumb") != "dumb"


def monitor(
    invocation: Invocation,
    container: Container,
    run: str | None,
    *,
    options: Sequence[str] = (),
    goes_on: bool = False,
) -> ExitCode:
    """Look at `run` (None: at all runs) until the person leaves.

    A run that has ended is reported as `run` reports it, with its exit code; else the next command is said. `options`
    go to the runners that the person starts from inside.
    """
    from agentflow_cli.application.usecases.detached import Runner
    from agentflow_cli.cli.progress.person import user_name
    from agentflow_cli.cli.progress.summary import project_option
    from agentflow_cli.tui.app import Monitor

    console = invocation.console

    def start(arguments: list[str]) -> Runner:
        more = options if arguments[0] == "resume" else ()
        return Runner(container, [*arguments, *more], container.root)

    app = Monitor(
        container,
        run=run,
        by=user_name(),
        start=start,
        goes_on=goes_on,
        ascii_only=not console.unicode,
        color=console.colors(console.stderr),
    )
    app.run()
    if app.failure is not None:
        raise app.failure
    model = app.model
    if model is None or run is None:
        return ExitCode.SUCCESS
    if not model.live or model.ended:
        return report_watched(invocation, model.state, container.root)
    console.say(f"run {model.short} goes on by itself")
    console.say(f"  {console.paint('next', 'cyan')}: agentflow {project_option(container.root)}watch {model.short}")
    return ExitCode.SUCCESS


def report_watched(invocation: Invocation, state: RunState, root: Path) -> ExitCode:
    """A run that no driver has, as `run` would have reported it; one that crashed as such."""
    from agentflow_cli.cli.driving import report
    from agentflow_cli.cli.progress.summary import project_option

    if state.status != "running":
        return report(invocation, state, root)
    console = invocation.console
    console.insist(f"run {state.run[:6]} crashed: its process is gone, and what had succeeded is kept")
    console.insist(f"  {console.paint('next', 'cyan')}: agentflow {project_option(root)}resume {state.run[:6]}")
    return ExitCode.FAILED


def run_and_monitor(
    invocation: Invocation,
    workflow: str,
    inputs: list[str],
    inputs_file: str | None,
    options: Sequence[str],
    mocked: Sequence[str] = (),
) -> ExitCode:
    """Start `agentflow run WORKFLOW` as a process of its own and look at it.

    `options` hold for later runners too; `mocked` are options that the run itself remembers.
    When it ends before there is a run, its message is shown and its exit code is ours.
    """
    from agentflow_cli.application.usecases.detached import Runner
    from agentflow_cli.application.usecases.inputs import read_inputs
    from agentflow_cli.application.usecases.workflow_files import STDIN, compile_workflow

    console = invocation.console
    needs_terminal(console, "`--tui`", f"agentflow run {shlex.quote(workflow)}")
    if workflow == STDIN:
        raise UsageError("`--tui` reads its keys from standard input, so the workflow must come from a file")
    compiled = compile_workflow(workflow)  # here too: what is wrong with it is said before anything is started
    read_inputs(compiled.plan.inputs, inputs, inputs_file, None, f"`{compiled.plan.workflow}`")
    container = Container(compiled.root)
    given = [part for value in inputs for part in ("-i", value)]
    given += ["--inputs", inputs_file] if inputs_file is not None else []
    color = "always" if console.colors(console.stderr) else "never"
    arguments = ["--color", color, "run", workflow, *given, "--progress", "none", *options, *mocked]
    runner = Runner(container, arguments, Path.cwd())
    run = runner.find_run()
    if run is None:
        console.insist(runner.said().rstrip("\n"))
        return ExitCode(runner.wait())
    return monitor(invocation, container, run, options=options, goes_on=True)
