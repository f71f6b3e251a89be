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
from agentflow_cli.cli.options import Invocation
from agentflow_cli.cli.output import write_value
from agentflow_cli.cli.progress.choose import in_ci, may_ask, view_for
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
from agentflow_cli.foundation.duration import parse_duration
from agentflow_cli.foundation.errors import UsageError
from agentflow_cli.foundation.exit_codes import ExitCode
from agentflow_cli.foundation.terminal_text import clean
from agentflow_cli.services.journal.sqlite_journal import SqliteJournal

OUTPUTS = ("text", "json", "jsonl", "yaml")


def choices_of(
    console: Console,
    *,
    max_parallel: int | None,
    timeout: str | None,
    fail_fast: bool,
    no_input: bool,
    model: str | None,
) -> RunChoices:
    """The options of a command line, checked; a flag wins over its variable."""
    environment = console.environment
    if max_parallel is None and (text := environment.get("AGENTFLOW_MAX_PARALLEL")):
        if not text.isdigit():
            raise UsageError(f"AGENTFLOW_MAX_PARALLEL is `{text}`, which is not a whole number")
        max_parallel = int(text)
    if max_parallel is not None and max_parallel < 1:
        raise UsageError("`--max-parallel` must be at least 1")
    try:
        seconds = parse_duration(timeout) if timeout is not None else None
    except ValueError as error:
        raise UsageError(f"`--timeout`: {error}") from None
    return RunChoices(
        max_parallel=max_parallel,
        no_input=no_input or in_ci(console) or environment.get("AGENTFLOW_NO_INPUT", "") not in ("", "0"),
        fail_fast=fail_fast,
        default_model=model,
        timeout=seconds,
    )


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
            state = drive(container, plan, journal, choices, Listeners(view, *listeners), person)
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
        console.flush()
    except OutputClosed:
        console.abandon_output()  # how the run ended is still to be told
    print_summary(console, state, root)
    return code


def _opening(console: Console, plan: Plan, journal: SqliteJournal) -> str:
    again = f"  (resumed, epoch {journal.epoch})" if journal.epoch > 1 else ""
    return f"{console.paint(plan.workflow, 'bold')}  run {console.paint(journal.run[:6], 'bold')}  {plan.file}{again}"


def _person_there(console: Console, choices: RunChoices) -> bool:
    stdin_is_terminal = sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty()
    return not choices.no_input and may_ask(console, stdin_is_terminal)
