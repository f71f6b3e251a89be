"""What `run` and `resume` share: the view, the person, the drive, the result, the summary."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.usecases.mock import mock_models
from agentflow_cli.application.usecases.run import RunChoices, drive, exit_code, make_ready
from agentflow_cli.cli.console import Console, OutputClosed
from agentflow_cli.cli.invocation import Invocation
from agentflow_cli.cli.output import write_value
from agentflow_cli.cli.progress.choose import may_ask, view_for
from agentflow_cli.cli.progress.jsonl import EventLines
from agentflow_cli.cli.progress.listeners import Listeners, View
from agentflow_cli.cli.progress.person import TerminalPerson
from agentflow_cli.cli.progress.plain import PlainView
from agentflow_cli.cli.progress.stopping import StoppingNotice
from agentflow_cli.cli.progress.summary import next_command, print_summary
from agentflow_cli.cli.run_result import run_result, write_outputs
from agentflow_cli.cli.weights_bar import WeightsBar
from agentflow_cli.domain.plan import Plan
from agentflow_cli.domain.run_state import RunState
from agentflow_cli.foundation.exit_codes import ExitCode
from agentflow_cli.foundation.terminal_text import clean
from agentflow_cli.services.journal.sqlite_journal import SqliteJournal

OUTPUTS = ("text", "json", "jsonl", "yaml")


def prepare(
    console: Console,
    container: Container,
    plan: Plan,
    choices: RunChoices,
    mock: bool | None = None,
    recordings: str | None = None,
    script: str | None = None,
) -> None:
    """Read the project's `.env`, and load what will be needed, with a bar while weights are fetched.

    `script` is what played the models' part so far; it goes on, unless `mock` or `recordings` say otherwise.
    """
    container.read_dotenv()
    console.environment = container.environment
    if container.dotenv.refused:
        names = ", ".join(container.dotenv.refused)
        console.say(f"`.env` cannot set {clean(names, keep_newlines=False)}: set it in your own environment instead")
    if mock or recordings is not None:
        mock_models(container, recordings)
    elif script is not None and mock is None:
        mock_models(container, script)
    with WeightsBar(console) as bar:
        make_ready(container, plan, choices, bar.moved)


def drive_and_report(
    invocation: Invocation,
    container: Container,
    plan: Plan,
    journal: SqliteJournal,
    choices: RunChoices,
    progress: str | None,
) -> ExitCode:
    """Drive the run of `journal` with a view on stderr; write its result to stdout."""
    console = invocation.console
    listeners: list[Any] = []
    try:
        view = view_for(console, plan, progress)
        invocation.awaited = "crashed"
        if isinstance(view, PlainView):
            listeners.append(StoppingNotice(console))
        if invocation.output == "jsonl":
            lines = EventLines(console)
            try:
                lines.start(journal.run)
            except OutputClosed:
                console.abandon_output()
            listeners.append(lines)
        console.say(
            _opening(console, plan, journal) + ("  (mock: no model is called)" if container.script is not None else "")
        )
    except BaseException:
        journal.close()
        raise
    person = TerminalPerson(console, view.paused) if _person_there(console, choices) else None
    try:
        with shown(view):
            state = drive(
                container, plan, journal, choices, Listeners(view, *listeners), person, on_leave=_Leaving(console, view)
            )
    finally:
        container.close()
    return report(invocation, state, container.root)


@contextlib.contextmanager
def shown(view: View) -> Iterator[None]:
    """The view begun and ended; one that breaks is no reason not to drive the run."""
    quietly = () if os.environ.get("AGENTFLOW_DEBUG") not in (None, "", "0") else (Exception,)
    with contextlib.suppress(*quietly):
        view.begin()
    try:
        yield
    finally:
        with contextlib.suppress(*quietly):
            view.end()


def report(invocation: Invocation, state: RunState, root: Path) -> ExitCode:
    """The result on stdout, the summary on stderr."""
    console, code = invocation.console, exit_code(state)
    invocation.awaited = ""
    try:
        if invocation.output in ("json", "yaml"):
            write_value(invocation, run_result(state, next_command(state, root)))
        elif invocation.output == "text" and state.status == "succeeded":
            write_outputs(console, state.outputs)
        elif invocation.output == "text" and state.status == "stopped" and state.until is not None:
            step = state.steps[state.until]
            if step.has_output:
                write_value(invocation, step.output)
        console.flush()
    except OutputClosed:
        console.abandon_output()  # how the run ended is still to be told
    print_summary(console, state, root)
    return code


class _Leaving:
    """What is said when a second signal ends the process at once."""

    def __init__(self, console: Console, view: View) -> None:
        self._console = console
        self._view = view

    def __call__(self, state: RunState) -> None:
        with contextlib.suppress(Exception):
            self._view.end()
        done = sum(step.status == "succeeded" for step in state.steps.values())
        kept = f"{done} of {len(state.steps)} steps had succeeded, and that is kept"
        self._console.insist(f"left run {state.run[:6]} at once: {kept}")
        self._console.insist(f"  {self._console.paint('next', 'cyan')}: agentflow resume {state.run[:6]}")


def _opening(console: Console, plan: Plan, journal: SqliteJournal) -> str:
    again = "  (resumed)" if journal.epoch > 1 else ""
    return f"{console.paint(plan.workflow, 'bold')}  run {console.paint(journal.run[:6], 'bold')}  {plan.file}{again}"


def _person_there(console: Console, choices: RunChoices) -> bool:
    stdin_is_terminal = sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty()
    return not choices.no_input and may_ask(console, stdin_is_terminal)
