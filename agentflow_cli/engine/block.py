"""Drives the steps of one block: the top level of a run, a group, a called workflow, `finally`.

Starts what the scheduler says, records what is skipped or cancelled, and ends when every step has settled.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping

from agentflow_cli.domain import events as e
from agentflow_cli.domain.failure import Failure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import Block, PlanStep
from agentflow_cli.domain.run_state import StepState
from agentflow_cli.engine.activity import Activity
from agentflow_cli.engine.driver import Driver, Stopping
from agentflow_cli.engine.questions import CURRENT_ACTIVITY
from agentflow_cli.engine.scheduler import Cancel, Frontier, Skip, verdict
from agentflow_cli.engine.scope import Scope
from agentflow_cli.engine.step import run_step


class BlockRunner:
    """One block under way. `path` is that of the step that holds it, '' for the top level."""

    def __init__(
        self,
        driver: Driver,
        block: Block,
        path: str,
        states: Mapping[str, StepState],
        names: Mapping[str, Json],
        activity: Activity | None = None,
    ) -> None:
        """`activity` is what the block is a part of; without one, the block ends when all that is left waits."""
        self.block = block
        self.wake = asyncio.Event()
        self.scope = Scope(names, states)
        self.tasks: dict[asyncio.Task[None], str] = {}
        self._driver = driver
        self._path = path
        self._states = states
        self._top = activity is None
        self._activity = Activity(activity, on_idle=self.wake.set)
        self._frontier = Frontier(block, states)
        self._ready = deque(self._frontier.ready())
        self._task_failure: BaseException | None = None

    @property
    def done(self) -> bool:
        """Every step has settled."""
        return self._frontier.empty

    @property
    def idle(self) -> bool:
        """All that is left waits for a person."""
        return self._activity.idle and not self._ready

    @property
    def failed(self) -> list[StepState]:
        return [state for state in self._states.values() if state.fatal]

    async def run(self) -> None:
        """Drive until every step has settled, or, at the top, until nothing can go on. Stopping when told to stop."""
        self._driver.blocks[self._path] = self
        try:
            while not self._driver.stopping:
                if self._ready:
                    while self._ready:
                        self._decide(self.block.steps[self._ready.popleft()])
                    await self._driver.journal.flush()  # what was skipped or cancelled may release more
                    continue
                if (self.done and not self.tasks) or (self._top and self.idle):
                    return
                await self._woken()
            while self.tasks and not self._top:
                await self._woken()
            raise Stopping
        except asyncio.CancelledError:
            await self.cancel()
            raise
        finally:
            if not self._top:
                self._driver.blocks.pop(self._path, None)

    def settled(self, state: StepState) -> None:
        """A step of this block has its end on disk."""
        self.scope.settle(state)
        assert state.step_id is not None
        self._ready.extend(self._frontier.settled(state.step_id))
        if state.fatal and self._driver.options.fail_fast and not self._path.startswith("@"):
            self._driver.stop()
        self.wake.set()

    async def cancel(self) -> None:
        """End what is under way, without an outcome."""
        tasks = [task for task in self.tasks if not task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.tasks.clear()

    async def wind_down(self, seconds: float, hurry: asyncio.Event) -> None:
        """Let what is under way end by itself, until somebody is in a hurry or only people are awaited."""
        hurried = asyncio.create_task(hurry.wait())
        ended = asyncio.create_task(self._all_ended())
        try:
            await asyncio.wait([ended, hurried], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                ended.result()
        finally:
            hurried.cancel()
            ended.cancel()

    async def _all_ended(self) -> None:
        while self.tasks and not self._activity.idle:
            await self._woken()

    async def _woken(self) -> None:
        await self.wake.wait()
        self.wake.clear()
        if self._task_failure is not None:
            raise self._task_failure

    def _decide(self, step: PlanStep) -> None:
        """Act on the scheduler's verdict. A step that only needs a record needs no task."""
        decision = verdict(step, self._states)
        path = self._states[step.id].path
        if isinstance(decision, Skip):
            self._driver.journal.append(e.StepSkipped(path, decision.reason))
        elif isinstance(decision, Cancel):
            self._driver.journal.append(e.StepCancelled(path, decision.reason))
        else:
            self._activity.enter()
            task = asyncio.create_task(self._run(step, self._states[step.id]), name=path)
            self.tasks[task] = step.id
            task.add_done_callback(self._task_done)

    async def _run(self, step: PlanStep, state: StepState) -> None:
        CURRENT_ACTIVITY.set(self._activity)
        try:
            await run_step(self._driver, step, state, self.scope.names)
        except Stopping:
            return

    def _task_done(self, task: asyncio.Task[None]) -> None:
        """A task ends with an exception only when the journal failed, or for a bug of ours: then the run stops."""
        self._activity.leave()
        self.tasks.pop(task, None)
        if not task.cancelled() and self._task_failure is None:
            self._task_failure = task.exception()
        self.wake.set()


def failure_of(failed: list[StepState]) -> Failure:
    """What is said of a block in which steps failed."""
    first = failed[0]
    which = ", ".join(f"`{state.path}`" for state in failed)
    message = f"{which} failed" + (f": {first.error.message}" if first.error and len(failed) == 1 else "")
    return Failure(first.error.kind if first.error else "internal", message)
