"""Cancel a run: through its live driver's socket, else by settling it here."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.usecases.live_driver import ask_driver
from agentflow_cli.application.usecases.runs import RunView, look
from agentflow_cli.domain.events import Record, RunFinished, StepCancelled, is_top_level
from agentflow_cli.domain.failure import Failure
from agentflow_cli.domain.run_state import RunState
from agentflow_cli.domain.statuses import RUN_ENDED
from agentflow_cli.engine.control import send_cancel
from agentflow_cli.foundation.errors import AgentflowError, LockedError
from agentflow_cli.foundation.exit_codes import ExitCode

_PATIENCE = 30.0
"""Seconds for a live driver to end its steps and run `finally`."""
_LOOK_EVERY = 0.05


class AlreadyEndedError(AgentflowError):
    """There is nothing left to cancel."""

    exit_code = ExitCode.FAILED


@dataclass(frozen=True, slots=True)
class Cancelled:
    run: str
    live: bool
    """A driver was told to; else the run was settled here."""
    ended: bool
    """Whether it is over: a driver may still be busy with `finally`."""


def cancel_run(container: Container, run: str, reason: str) -> Cancelled:
    """Settle `run` as cancelled: what has not run will not, what is in flight ends, `finally` runs.

    NotFoundError; AlreadyEndedError; LockedError when a driver holds it and does not answer.
    """
    view = look(container, run)
    if view.state.status in RUN_ENDED and not view.live:
        raise AlreadyEndedError(
            f"run {view.short} has ended already: it {_past(view.state.status)}",
            next_command=f"agentflow runs show {view.short}",
        )
    if view.live:
        try:
            refusal = ask_driver(container, view.run, lambda: send_cancel(view.run, reason))
        except ConnectionError:
            pass  # it may have ended just now: whether anybody holds it shows below
        else:
            if refusal is not None:
                raise AlreadyEndedError(f"run {view.short}: {refusal}")
            return Cancelled(view.run, True, _wait(container, view))
    _settle(container, view, reason)
    return Cancelled(view.run, False, True)


def _settle(container: Container, view: RunView, reason: str) -> None:
    """Without a driver. Only `finally` needs one, and what a crashed driver left behind is ended first."""
    from agentflow_cli.application.usecases.run import RunChoices, drive
    from agentflow_cli.services.tools.shell import LocalCommands

    try:
        journal, plan = container.runs.open(view.run)
    except LockedError as error:
        raise LockedError(
            f"{error.message}, and it does not answer", hint="end that process, then try again"
        ) from error
    try:
        state = RunState.fold(plan, journal.read())
        if state.status in RUN_ENDED:
            raise AlreadyEndedError(f"run {view.short} has ended meanwhile: it {_past(state.status)}")
        if plan.finally_steps:
            drive(container, plan, journal, RunChoices(no_input=True), _Nobody(), cancel=reason)
            return
        LocalCommands(container.clock).end_survivors(dict(state.processes))
        journal.epoch = max(1, state.epoch)
        for step in list(state.nodes.values()):
            if not step.settled and (step.status != "pending" or is_top_level(step.path)):
                journal.append_now(StepCancelled(step.path, "the run was cancelled"))
        journal.append_now(RunFinished("cancelled", error=Failure("cancelled", reason)))
    finally:
        journal.close()


def _wait(container: Container, view: RunView) -> bool:
    """Whether the driver has ended the run within a while."""
    clock, pause = container.clock, threading.Event()
    deadline = clock.monotonic() + _PATIENCE
    while clock.monotonic() < deadline:
        if not look(container, view.run).live:
            return True
        pause.wait(_LOOK_EVERY)
    return False


def _past(status: str) -> str:
    return {"cancelled": "was cancelled"}.get(status, status)


class _Nobody:
    """Listens to nothing."""

    def recorded(self, record: Record, state: RunState) -> None:
        """Told, and silent."""

    def delta(self, path: str, text: str) -> None:
        """Told, and silent."""

    def printed(self, path: str, text: str) -> None:
        """Told, and silent."""
