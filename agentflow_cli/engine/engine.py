"""The driver of one run on this machine: starts what the scheduler says, records every end, stops in order."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import replace

from agentflow_cli.domain import events as e
from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import Block, Plan, PlanStep
from agentflow_cli.domain.run_state import RunState
from agentflow_cli.engine.block import BlockRunner, failure_of
from agentflow_cli.engine.budget import Budget, BudgetedModel, Limits
from agentflow_cli.engine.control import ControlServer
from agentflow_cli.engine.driver import Driver, Stopping
from agentflow_cli.engine.group import block_outputs, run_block
from agentflow_cli.engine.interruption import Interruption
from agentflow_cli.engine.options import EngineOptions, Services
from agentflow_cli.engine.questions import QuestionDesk
from agentflow_cli.engine.scope import Scope, run_names
from agentflow_cli.foundation.duration import format_duration
from agentflow_cli.foundation.exit_codes import ExitCode
from agentflow_cli.ports.journal import Journal
from agentflow_cli.ports.listener import Listener
from agentflow_cli.ports.people import Person

_PATIENCE = 300.0
"""Seconds for what is under way when a limit is reached: it was begun, and mostly paid for, before."""


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
        cancel: str | None = None,
        on_leave: Callable[[RunState], None] | None = None,
    ) -> None:
        """`cancel` is why the run is to be cancelled instead of driven on. `on_leave` is told when a second signal
        ends the process at once."""
        self._state = RunState.fold(plan, journal.read())
        self._plan = plan
        self._journal = journal
        self._services = services
        self._options = options
        self._until = options.until or (self._state.until if self._state.status != "stopped" else None)
        self._limits = Limits(
            self._state.max_tokens if options.max_tokens is None else options.max_tokens or None,
            self._state.max_cost if options.max_cost is None else options.max_cost or None,
        )
        self._on_leave = on_leave
        model = services.model
        if self._limits.any:
            model = BudgetedModel(model, Budget(self._limits, self._state.used), self._limit_reached)
        self._driver = Driver(
            plan=plan,
            state=self._state,
            journal=journal,
            services=replace(services, model=model),
            options=options,
            listener=listener,
            questions=QuestionDesk(journal, self._state, person, options.no_input),
            slots=asyncio.Semaphore(options.max_parallel),
            run_block=run_block,
        )
        self._interruption = Interruption(self._driver.stop, self._leave)
        self._cancelled: str | None = None
        self._settling = False
        if cancel is not None:
            self.cancel(cancel)

    def cancel(self, reason: str) -> str | None:
        """Settle the run as cancelled: steps in flight end, `finally` runs. None, or why it is too late."""
        if self._settling:
            return "the run is ending already"
        if self._cancelled is not None:
            return "the run is being cancelled already"
        self._cancelled = reason
        self._driver.stop()
        return None

    async def run(self) -> RunState:
        """Drive the run until it ends, waits for a person, or is interrupted; the state says which.

        Raises AgentflowError when the journal cannot be written (exit 74): the run can be resumed.
        """
        await asyncio.to_thread(self._services.commands.end_survivors, dict(self._state.processes))
        if self._journal.epoch == 1:
            for record in self._journal.read():
                self._driver.tell(record)
        self._journal.on_commit = self._driver.committed
        limits = self._limits
        begun = e.EpochStarted(self._journal.epoch, os.getpid(), self._until, limits.tokens, limits.cost)
        await self._journal.append(begun)
        names = run_names(self._state, self._options.env)
        deadlines = self._set_deadlines()
        try:
            with self._interruption.listening():
                async with ControlServer(self._journal.run, self._driver.questions, self.cancel):
                    await self._journal.append(await self._drive(names))
        finally:
            for deadline in deadlines:
                deadline.cancel()
            await self._services.functions.close()
        return self._state

    async def _drive(self, names: Mapping[str, Json]) -> e.Event:
        """Run the steps, and, once they have settled, `on_failure` and `finally`; how this epoch ends."""
        block, states = self._plan.root, self._state.steps
        if self._until is not None:
            needed = block.needed_for(self._until)
            block = Block({step_id: step for step_id, step in block.steps.items() if step_id in needed})
            states = {step_id: states[step_id] for step_id in block.steps}
        main = BlockRunner(self._driver, block, "", states, names)
        if (early := await self._run_block(main)) is not None:
            return early
        left = [step_id for step_id, state in self._state.steps.items() if not state.settled]
        if self._until is not None and left:
            if not main.failed:
                return e.RunStopped(self._until, left)
            await self._cancel_rest(f"it is not needed for `{self._until}` (`--until`)")
        self._settling = True
        everything = main.scope.names if self._until is None else Scope(names, self._state.steps).names
        outputs: dict[str, Json] = {}
        cancelled = self._cancelled is not None
        failure = Failure("cancelled", self._cancelled) if self._cancelled is not None else None
        if failure is None and main.failed:
            failure = failure_of(main.failed)
        if failure is None:
            try:
                outputs = block_outputs(self._plan.root, everything)
            except StepFailure as error:
                failure = error.failure
        if failure is not None and not cancelled and self._plan.on_failure:
            late = await self._settle("on_failure", self._plan.on_failure, everything, failure)
            if isinstance(late, e.Event):
                return late
        if self._plan.finally_steps:
            late = await self._settle("finally", self._plan.finally_steps, everything, failure)
            if isinstance(late, e.Event):
                return late
            failure = failure or late
        if failure is not None:
            return e.RunFinished("cancelled" if cancelled else "failed", error=failure)
        return e.RunFinished("succeeded", outputs)

    async def _settle(
        self, name: str, steps: dict[str, PlanStep], names: Mapping[str, Json], failure: Failure | None
    ) -> e.Event | Failure | None:
        """Run the steps that follow the run's end: an event when they stop early, a failure when one of them failed."""
        path = self._state.settling(name)
        block = Block(steps)
        if path not in self._state.nodes:
            await self._journal.append(e.StepStarted(path))
        ended = "succeeded" if failure is None else "failed" if self._cancelled is None else "cancelled"
        run = {**names["run"], "status": ended}
        if failure is not None:
            run["error"] = {"kind": failure.kind, "message": failure.message}
        self._driver.stopping = self._interruption.requested
        runner = BlockRunner(self._driver, block, path, self._state.step(path).inner or {}, {**names, "run": run})
        early = await self._run_block(runner)
        return early or (failure_of(runner.failed) if runner.failed else None)

    async def _run_block(self, runner: BlockRunner) -> e.Event | None:
        """Drive a block; None when every step of it has settled, else the event with which the epoch ends."""
        try:
            await runner.run()
        except Stopping:
            if self._interruption.requested:
                limit = self._interruption.exit_code is ExitCode.LIMIT
                await runner.wind_down(_PATIENCE if limit else self._options.grace, self._interruption.signalled)
        finally:
            await runner.cancel()
        await self._journal.flush()
        if runner.done:
            return None
        if self._interruption.requested:
            return e.RunInterrupted(self._interruption.reason or "", int(self._interruption.exit_code))
        if self._driver.stopping:
            cancelled = self._cancelled is not None
            await self._cancel_rest("the run was cancelled" if cancelled else "the run stops at its first failure")
            return None
        return e.RunSuspended([path for path, state in self._state.nodes.items() if state.status == "waiting"])

    async def _cancel_rest(self, reason: str) -> None:
        """What has not settled by now does not run any more in this epoch, and neither does anything inside it."""
        for node in list(self._state.nodes.values()):
            if (
                not node.settled
                and not node.path.startswith("@")
                and (node.status != "pending" or e.is_top_level(node.path))
            ):
                self._journal.append(e.StepCancelled(node.path, reason))
        await self._journal.flush()

    def _limit_reached(self, why: str) -> None:
        self._interruption.request(why, ExitCode.LIMIT)

    def _leave(self) -> None:
        self._services.commands.end_survivors(dict(self._state.processes), at_once=True)
        if self._on_leave is not None:
            self._on_leave(self._state)

    def _set_deadlines(self) -> list[asyncio.TimerHandle]:
        loop = asyncio.get_running_loop()

        def stop_after(seconds: float) -> asyncio.TimerHandle:
            reason = f"the run did not finish within {format_duration(seconds)}"
            request: Callable[..., None] = self._interruption.request
            return loop.call_later(seconds, request, reason, ExitCode.TIMEOUT)

        limits = (self._plan.timeout, self._options.timeout)
        return [stop_after(seconds) for seconds in limits if seconds is not None]
