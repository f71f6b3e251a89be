"""Answer a step that waits for a person: through the live driver's socket, else straight into the run's record."""

from __future__ import annotations

from dataclasses import dataclass

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.usecases.live_driver import ask_driver
from agentflow_cli.application.usecases.runs import RunView, find_step, look
from agentflow_cli.domain.events import AskAnswered, AskOpened
from agentflow_cli.domain.run_state import RunState, StepState
from agentflow_cli.domain.statuses import RUN_ENDED
from agentflow_cli.engine.answers import as_answer
from agentflow_cli.engine.control import send_answer
from agentflow_cli.foundation.errors import AgentflowError, LockedError, NotFoundError, UsageError
from agentflow_cli.foundation.exit_codes import ExitCode
from agentflow_cli.ports.people import Answer


class RefusedAnswerError(AgentflowError):
    """The answer came too late, or is none to this question."""

    exit_code = ExitCode.FAILED


@dataclass(frozen=True, slots=True)
class Answered:
    run: str
    path: str
    answer: Answer
    live: bool
    """Whether a driver was there and goes on by itself."""
    still_waiting: tuple[str, ...]
    """Other steps of the run that wait for an answer."""


def waiting_steps(view: RunView) -> list[StepState]:
    """Steps, children and inner steps whose question has no answer yet."""
    if view.state.status in RUN_ENDED:
        return []
    return [s for s in view.state.nodes.values() if s.status == "waiting" and s.ask and s.answer is None]


def question_of(container: Container, run: str, path: str | None) -> AskOpened:
    """The question that an answer to `run` and `path` would answer."""
    step = _chosen(look(container, run), path)
    assert step.ask is not None
    return step.ask


def answer_step(container: Container, run: str, path: str | None, answer: Answer) -> Answered:
    """Record `answer` for the step at `path` (None: the one that waits).

    NotFoundError, UsageError when it does not fit the question, RefusedAnswerError when somebody was first.
    """
    view = look(container, run)
    step = _chosen(view, path)
    assert step.ask is not None
    try:
        checked = as_answer(step.ask, answer)
    except ValueError as error:
        raise UsageError(str(error), next_command=f"agentflow runs show {view.short}") from None
    others = tuple(s.path for s in waiting_steps(view) if s.path != step.path)
    if view.live:
        try:
            refusal = ask_driver(container, view.run, lambda: send_answer(view.run, step.path, checked))
        except ConnectionError:
            refusal = None
        else:
            if refusal is not None:
                raise RefusedAnswerError(refusal)
            return Answered(view.run, step.path, checked, True, others)
    _record(container, view.run, step.ask, checked)
    return Answered(view.run, step.path, checked, False, others)


def _record(container: Container, run: str, asked: AskOpened, answer: Answer) -> None:
    """Append the answer under the run's lock, if it is still the first and the question is still `asked`."""
    path = asked.path
    try:
        journal, plan = container.runs.open(run)
    except LockedError as error:
        raise LockedError(f"{error.message}, and it does not answer", hint="try again in a moment") from error
    try:
        state = RunState.fold(plan, journal.read())
        step = state.step(path)
        if step.answer is not None:
            raise RefusedAnswerError(f"`{path}` was answered already, by {step.answer.by}")
        if step.settled or step.ask != asked or state.status in RUN_ENDED:
            raise UsageError(
                f"`{path}` no longer waits for this answer: it is {step.status}",
                next_command=f"agentflow runs show {run[:6]}",
            )
        journal.epoch = max(1, state.epoch)
        journal.append_now(AskAnswered(path, answer.values, answer.by, answer.rejected, answer.reason))
    finally:
        journal.close()


def _chosen(view: RunView, path: str | None) -> StepState:
    waiting = waiting_steps(view)
    if path is not None:
        step = find_step(view, path)
        if step.answer is not None:
            raise RefusedAnswerError(f"`{path}` was answered already, by {step.answer.by}")
        if step.ask is None or step.settled or view.state.status in RUN_ENDED:
            open_now = ", ".join(f"`{s.path}`" for s in waiting[:5])
            raise UsageError(
                f"`{path}` is not waiting for an answer: it is {step.status}",
                hint=f"waiting: {open_now}" if open_now else None,
                next_command=f"agentflow runs show {view.short}",
            )
        return step
    if not waiting:
        raise _nobody(view)
    if len(waiting) > 1:
        names = ", ".join(f"`{step.path}`" for step in waiting[:8]) + ("…" if len(waiting) > 8 else "")
        raise UsageError(
            f"run {view.short} waits for {len(waiting)} answers: {names}",
            hint="name the step",
            next_command=f"agentflow approve {view.short} {waiting[0].path}",
        )
    return waiting[0]


def _nobody(view: RunView) -> NotFoundError:
    """No question is open: the run has ended, or all are answered and the run is to go on."""
    answered = [node for node in view.state.nodes.values() if node.status == "waiting" and node.answer is not None]
    if answered and (not view.live or view.status == "suspended") and view.state.status not in RUN_ENDED:
        return NotFoundError(
            f"run {view.short} waits for no more answers: `{answered[0].path}` is answered",
            next_command=f"agentflow resume {view.short}",
        )
    ended = f"it has {view.status} already" if view.status in ("succeeded", "failed") else f"it is {view.status}"
    return NotFoundError(
        f"run {view.short} waits for nobody: {ended}", next_command=f"agentflow runs show {view.short}"
    )
