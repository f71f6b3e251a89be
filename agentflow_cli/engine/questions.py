"""Questions to people: asked at the terminal, answered from anywhere, once."""

from __future__ import annotations

import asyncio
import contextvars
from typing import Any

from agentflow_cli.domain.events import AskAnswered, AskOpened
from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import PlanStep
from agentflow_cli.domain.run_state import RunState, StepState
from agentflow_cli.engine.activity import Activity
from agentflow_cli.engine.answers import APPROVAL, REJECT, as_answer
from agentflow_cli.ports.journal import Journal
from agentflow_cli.ports.people import Answer, Person

CURRENT_ACTIVITY: contextvars.ContextVar[Activity] = contextvars.ContextVar("agentflow_activity")
"""Of the running task: what is parked while nobody has answered."""


class QuestionDesk:
    """Where the steps of one run get their answers. The first committed answer wins."""

    def __init__(self, journal: Journal, state: RunState, person: Person | None, no_input: bool) -> None:
        self._journal = journal
        self._state = state
        self._person = person
        self._no_input = no_input
        self._waiting: dict[str, asyncio.Future[Answer]] = {}
        self._at_the_terminal = asyncio.Lock()

    async def answer(self, path: str, message: str, step: PlanStep) -> Answer:
        """The answer to the step's question, waiting for it as long as it takes."""
        state = self._state.step(path)
        if state.answer is not None:
            return _recorded(state)
        form = step.settings.get("form") or {}
        choices = step.settings.get("choices") or ([] if form else APPROVAL)
        question = AskOpened(path, message, list(choices), form, step.settings.get("required"))
        if state.ask != question:
            await self._journal.append(question)
        waiting: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[path] = waiting
        try:
            if self._no_input:
                await self.offer(path, _ci_answer(question, step.settings))
            elif self._person is not None:
                await self._ask(self._person, question, waiting)
            await self._parked(waiting)
            return _recorded(self._state.step(path))
        finally:
            del self._waiting[path]

    async def offer(self, path: str, answer: Answer) -> str | None:
        """An answer, from whomever. None when it was taken, else why it was not."""
        waiting = self._waiting.get(path)
        try:
            state = self._state.step(path)
        except KeyError:
            return f"the run has no step `{path}`"
        if state.answer is not None:
            return f"`{path}` was answered already, by {state.answer.by}"
        if waiting is None or state.ask is None:
            return f"`{path}` is not waiting for an answer"
        try:
            answer = as_answer(state.ask, answer)
        except ValueError as error:
            return str(error)
        event = AskAnswered(path, answer.values, answer.by, answer.rejected, answer.reason)
        await self._journal.append(event)
        first = self._state.step(path).answer  # the fold keeps the first that was committed
        if first is not None and first is not event:
            return f"`{path}` was answered already, by {first.by}"
        if not waiting.done():
            waiting.set_result(answer)
        return None

    async def _ask(self, person: Person, question: AskOpened, waiting: asyncio.Future[Answer]) -> None:
        """Ask at the terminal, one question at a time, until somebody there or elsewhere has answered."""

        async def in_turn() -> None:
            async with self._at_the_terminal:
                while (answer := await person.ask(question)) is not None:
                    if await self.offer(question.path, answer) is None or waiting.done():
                        return

        asking: asyncio.Future[None] = asyncio.ensure_future(in_turn())
        try:
            both: list[asyncio.Future[Any]] = [asking, waiting]
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            asking.cancel()

    async def _parked(self, waiting: asyncio.Future[Answer]) -> Answer:
        if waiting.done():
            return waiting.result()
        activity = CURRENT_ACTIVITY.get()
        activity.park()
        try:
            return await waiting
        finally:
            activity.unpark()


def _recorded(state: StepState) -> Answer:
    """The committed answer to the step's question."""
    event = state.answer
    assert event is not None
    return Answer(event.answer, event.by, event.rejected, event.reason, state.answered_at)


def _ci_answer(question: AskOpened, settings: dict[str, Json]) -> Answer:
    """The answer that the author wrote for machines; without one, nobody says yes."""
    if "ci" not in settings:
        raise StepFailure(
            Failure(
                "no_input",
                "nobody can be asked here, and the step has no `ci:` answer;"
                " give it one, or run where somebody can answer",
            )
        )
    ci = settings["ci"]
    values = ci if question.form else {"choice": ci}
    return Answer(values, "ci", rejected=not question.form and ci == REJECT and question.choices == APPROVAL)
