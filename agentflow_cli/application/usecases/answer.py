"""Answer a question that a run asks: through its driver when one is alive, else under the run's lock."""

from __future__ import annotations

import getpass
from collections.abc import Callable

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.domain.events import AskAnswered, AskOpened
from agentflow_cli.domain.run_state import RunState, StepState
from agentflow_cli.engine.answers import as_answer
from agentflow_cli.engine.control import send_answer
from agentflow_cli.foundation.closest import closest
from agentflow_cli.foundation.errors import LockedError, NotFoundError, UsageError
from agentflow_cli.foundation.ids import SHORT_LENGTH
from agentflow_cli.ports.people import Answer

MakeAnswer = Callable[[AskOpened], Answer]
"""Reads what was said with the question in hand: a form says how its fields are typed."""


def answer_question(run: str, step: str | None, make_answer: MakeAnswer, container: Container) -> tuple[str, str, bool]:
    """Give an answer; returns (run's short id, path of the step, whether a live driver took it).

    Without `step` the run must have exactly one open question. UsageError when the answer does not fit, when somebody
    was first, or when nothing waits.
    """
    reader = container.runs.reader(run)
    try:
        state = RunState.fold(reader.plan(), reader.read())
    finally:
        reader.close()
    waiting = _open_question(state, step)
    question = waiting.ask
    assert question is not None
    answer = _fitting(question, make_answer(question))
    short = state.run[:SHORT_LENGTH]
    try:
        journal, plan = container.runs.open(run)
    except LockedError:
        try:
            refused = send_answer(state.run, question.path, answer)
        except ConnectionError as error:
            raise LockedError(f"run {short}: {error}", hint="try again in a moment") from error
        if refused:
            raise UsageError(refused) from None
        return short, question.path, True
    try:
        _open_question(RunState.fold(plan, journal.read()), question.path)  # nobody was quicker, under the lock
        journal.epoch -= 1  # an answer starts no epoch
        journal.append_now(AskAnswered(question.path, answer.values, answer.by, answer.rejected, answer.reason))
    finally:
        journal.close()
    return short, question.path, False


def user_name() -> str:
    """Who is recorded as having answered."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"


def open_questions(state: RunState) -> list[StepState]:
    """The steps and children that wait for an answer, in the plan's order."""
    found = []
    for step in state.steps.values():
        found += [s for s in (step, *(step.children or ())) if _is_open(s)]
    return found


def _is_open(step: StepState) -> bool:
    return step.ask is not None and step.answer is None and not step.settled


def _open_question(state: RunState, path: str | None) -> StepState:
    short = state.run[:SHORT_LENGTH]
    if path is not None:
        try:
            step = state.step(path)
        except (KeyError, ValueError) as error:
            near = closest(path, state.steps)
            hint = f"did you mean `{near}`?" if near else f"its steps are {', '.join(state.steps)}"
            raise NotFoundError(f"run {short} has no step `{path}`", hint=hint) from error
        if step.answer is not None:
            raise UsageError(f"`{path}` was answered already, by {step.answer.by}")
        if not _is_open(step):
            raise UsageError(f"`{path}` does not wait for an answer: it is {step.status}")
        return step
    waiting = open_questions(state)
    if not waiting:
        raise UsageError(f"no step of run {short} waits for an answer", next_command=f"agentflow runs show {short}")
    if len(waiting) > 1:
        names = ", ".join(f"`{step.path}`" for step in waiting[:10])
        raise UsageError(f"{len(waiting)} steps of run {short} wait for an answer: {names}", hint="name one of them")
    return waiting[0]


def _fitting(question: AskOpened, answer: Answer) -> Answer:
    try:
        return as_answer(question, answer)
    except ValueError as error:
        raise UsageError(f"`{question.path}`: {error}") from error
