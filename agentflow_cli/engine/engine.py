"""The driver of one run on this machine: starts what the scheduler says, records every end, stops in order."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable, Mapping

from agentflow_cli.domain import events as e
from agentflow_cli.domain.failure import Failure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import Plan, PlanStep
from agentflow_cli.domain.run_state import RunState
from agentflow_cli.engine.activity import Activity
from agentflow_cli.engine.attempt import carry_out
from agentflow_cli.engine.control import ControlServer
from agentflow_cli.engine.driver import Driver
from agentflow_cli.engine.expansion import expand
from agentflow_cli.engine.interruption import Interruption
from agentflow_cli.engine.options import EngineOptions, Services
from agentflow_cli.engine.questions import CURRENT_ACTIVITY, QuestionDesk
from agentflow_cli.engine.scheduler import Cancel, Frontier, Skip, verdict
from agentflow_cli.engine.scope import Scope
from agentflow_cli.foundation.duration import format_duration
from agentflow_cli.foundation.exit_codes import ExitCode
from agentflow_cli.language.expressions.problem import EvaluationError
from agentflow_cli.language.expressions.template import evaluate_condition, render_tree
from agentflow_cli.ports.journal import Journal
from agentflow_cli.ports.listener import Listener
from agentflow_cli.ports.people import Person


class Engine:
    """Runs `plan` from wherever its journal stands. One instance drives one epoch."""

    def __init__(
        self,
        plan: Plan,
        journal: Journal,
        services: Services,
        options: EngineOptions,
        listener: Listener,
        person: Person | None = None,
    ) -> None:
        state = RunState.fold(plan, journal.read())
        self._state = state
        self._plan = plan
        self._journal = journal
        self._services = services
        self._options = options
        self._listener = listener
        self._questions = QuestionDesk(journal, state, person, options.no_input)
        self._wake = asyncio.Event()
        self._activity = Activity(on_idle=self._wake.set)
        self._tasks: dict[asyncio.Task[None], str] = {}
        self._interruption = Interruption(self._wake.set, self._end_processes)
        self._ready: deque[str] = deque()
        self._frontier: Frontier | None = None
        self._scope: Scope | None = None
        self._failed_fast = False
        self._task_failure: BaseException | None = None

    async def run(self) -> RunState:
        """Drive the run until it ends, waits for a person, or is interrupted; the state says which.

        Raises AgentflowError when the journal cannot be written (exit 74): the run can be resumed.
        """
        await asyncio.to_thread(self._services.commands.end_survivors, dict(self._state.processes))
        if self._journal.epoch == 1:
            for record in self._journal.read():
                self._listener.recorded(record, self._state)
        self._journal.on_commit = self._committed
        await self._journal.append(e.EpochStarted(self._journal.epoch, os.getpid()))
        self._scope = Scope(self._state, self._options.env)
        self._frontier = Frontier(self._plan, self._state)
        self._ready.extend(self._frontier.ready())
        slots = asyncio.Semaphore(self._options.max_parallel)
        driver = Driver(
            self._plan,
            self._state,
            self._journal,
            self._services,
            self._options,
            self._listener,
            self._questions,
            self._scope,
            slots,
        )
        deadlines = self._set_deadlines()
        try:
            with self._interruption.listening():
                async with ControlServer(self._journal.run, self._questions):
                    await self._drive(driver)
                    await self._end(driver)
        finally:
            for deadline in deadlines:
                deadline.cancel()
            await self._cancel_tasks()
            await self._services.functions.close()
        return self._state

    def _committed(self, record: e.Record) -> None:
        """Fold a committed record in and let others know: what it settles, what that releases, who listens."""
        event = record.event
        self._state.apply(record)
        if isinstance(event, e.StepEvent) and self._scope and self._frontier:
            step = self._state.steps.get(event.path)
            if step is not None and step.settled:
                self._scope.settle(step)
                self._ready.extend(self._frontier.settled(step.path))
                if step.fatal and self._options.fail_fast:
                    self._failed_fast = True
                self._wake.set()
        self._listener.recorded(record, self._state)

    async def _drive(self, driver: Driver) -> None:
        """Start what is ready until nothing is left, or nothing can go on, or somebody wants it to stop."""
        while not self._interruption.requested and not self._failed_fast:
            if self._ready:
                while self._ready:
                    self._decide(driver, self._plan.steps[self._ready.popleft()])
                await self._journal.flush()  # what was skipped or cancelled may release more
                continue
            if self._activity.idle or (self._frontier_empty and not self._tasks):
                return
            await self._wake.wait()
            self._wake.clear()
            if self._task_failure is not None:
                raise self._task_failure
        driver.stopping = True
        busy = [task for task, step_id in self._tasks.items() if self._plan.steps[step_id].kind != "ask"]
        if self._interruption.requested and busy:
            await asyncio.wait(busy, timeout=self._options.grace)

    def _decide(self, driver: Driver, step: PlanStep) -> None:
        """Act on the scheduler's verdict. A step that only needs a record needs no task."""
        decision = verdict(step, self._state.steps)
        if isinstance(decision, Skip):
            self._journal.append(e.StepSkipped(step.id, decision.reason))
        elif isinstance(decision, Cancel):
            self._journal.append(e.StepCancelled(step.id, decision.reason))
        else:
            self._activity.enter()
            task = asyncio.create_task(self._run_step(driver, step), name=step.id)
            self._tasks[task] = step.id
            task.add_done_callback(self._step_done)

    async def _run_step(self, driver: Driver, step: PlanStep) -> None:
        """when → foreach → the body with its retries."""
        CURRENT_ACTIVITY.set(self._activity)
        if step.when is not None and self._state.steps[step.id].items is None:
            try:
                if not evaluate_condition(step.when, driver.scope.names):
                    await self._journal.append(e.StepSkipped(step.id, f"`{step.when}` is false"))
                    return
            except EvaluationError as error:
                failure = Failure("expression", f"`when`: {error.message}")
                await self._journal.append(e.StepFailed(step.id, failure))
                return
        if step.foreach is not None:
            await expand(driver, step, step.foreach, self._activity)
        else:
            await carry_out(driver, step, step.id, driver.scope.names)

    def _step_done(self, task: asyncio.Task[None]) -> None:
        """A task ends with an exception only when the journal failed, or for a bug of ours: then the run stops."""
        self._activity.leave()
        self._tasks.pop(task, None)
        if not task.cancelled() and self._task_failure is None:
            self._task_failure = task.exception()
        self._wake.set()

    async def _end(self, driver: Driver) -> None:
        """Record how this epoch ends."""
        state = self._state
        if self._failed_fast:
            await self._cancel_tasks()
            for step in state.steps.values():
                if not step.settled:
                    self._journal.append(e.StepCancelled(step.path, "the run stops at its first failure"))
            await self._journal.flush()
        elif self._interruption.requested and not self._frontier_empty:
            await self._cancel_tasks()
            await self._journal.append(
                e.RunInterrupted(self._interruption.reason or "", int(self._interruption.exit_code))
            )
            return
        elif self._activity.idle:
            waiting = sorted(self._questions.open_paths)
            await self._cancel_tasks()
            await self._journal.append(e.RunSuspended(waiting))
            return
        await self._journal.append(self._finished(driver.scope.names))

    @property
    def _frontier_empty(self) -> bool:
        return self._frontier is not None and self._frontier.empty

    def _finished(self, names: Mapping[str, Json]) -> e.RunFinished:
        """Success with the outputs, or failure with what failed."""
        failed = [step for step in self._state.steps.values() if step.fatal]
        if failed:
            first = failed[0]
            which = ", ".join(f"`{step.path}`" for step in failed)
            message = f"{which} failed" + (f": {first.error.message}" if first.error and len(failed) == 1 else "")
            kind = first.error.kind if first.error else "internal"
            return e.RunFinished("failed", error=Failure(kind, message))
        outputs = {}
        for name, template in self._plan.outputs.items():
            try:
                outputs[name] = render_tree(template, names)
            except EvaluationError as error:
                failure = Failure("expression", f"the output `{name}` cannot be made: {error.message}")
                return e.RunFinished("failed", error=failure)
        return e.RunFinished("succeeded", outputs)

    async def _cancel_tasks(self) -> None:
        tasks = [task for task in self._tasks if not task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks.clear()

    def _end_processes(self) -> None:
        self._services.commands.end_survivors(dict(self._state.processes), at_once=True)

    def _set_deadlines(self) -> list[asyncio.TimerHandle]:
        loop = asyncio.get_running_loop()

        def stop_after(seconds: float) -> asyncio.TimerHandle:
            reason = f"the run did not finish within {format_duration(seconds)}"
            request: Callable[..., None] = self._interruption.request
            return loop.call_later(seconds, request, reason, ExitCode.TIMEOUT)

        limits = (self._plan.timeout, self._options.timeout)
        return [stop_after(seconds) for seconds in limits if seconds is not None]
