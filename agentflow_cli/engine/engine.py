"""The driver of one run on this machine: starts what the scheduler says, records every end, stops in order."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping

from agentflow_cli.domain import events as e
from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import Block, Plan, PlanStep
from agentflow_cli.domain.run_state import RunState
from agentflow_cli.engine.block import BlockRunner, failure_of
from agentflow_cli.engine.control import ControlServer
from agentflow_cli.engine.driver import Driver, Stopping
from agentflow_cli.engine.group import block_outputs, run_block
from agentflow_cli.engine.interruption import Interruption
from agentflow_cli.engine.options import EngineOptions, Services
from agentflow_cli.engine.questions import QuestionDesk
from agentflow_cli.engine.scope import run_names
from agentflow_cli.foundation.duration import format_duration
from agentflow_cli.foundation.exit_codes import ExitCode
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
        cancel: str | None = None,
    ) -> None:
        """`cancel` is why the run is to be cancelled instead of driven on."""
        self._state = RunState.fold(plan, journal.read())
        self._plan = plan
        self._journal = journal
        self._services = services
        self._options = options
        self._driver = Driver(
            plan=plan,
            state=self._state,
            journal=journal,
            services=services,
            options=options,
            listener=listener,
            questions=QuestionDesk(journal, self._state, person, options.no_input),
            slots=asyncio.Semaphore(options.max_parallel),
            run_block=run_block,
        )
        self._interruption = Interruption(self._driver.stop, self._end_processes)
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
        await self._journal.append(e.EpochStarted(self._journal.epoch, os.getpid()))
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
        main = BlockRunner(self._driver, self._plan.root, "", self._state.steps, names)
        if (early := await self._run_block(main)) is not None:
            return early
        self._settling = True
        outputs: dict[str, Json] = {}
        cancelled = self._cancelled is not None
        failure = Failure("cancelled", self._cancelled) if self._cancelled is not None else None
        if failure is None and main.failed:
            failure = failure_of(main.failed)
        if failure is None:
            try:
                outputs = block_outputs(self._plan.root, main.scope.names)
            except StepFailure as error:
                failure = error.failure
        if failure is not None and not cancelled and self._plan.on_failure:
            late = await self._settle("on_failure", self._plan.on_failure, main.scope.names, failure)
            if isinstance(late, e.Event):
                return late
        if self._plan.finally_steps:
            late = await self._settle("finally", self._plan.finally_steps, main.scope.names, failure)
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
            busy = [t for t, step_id in runner.tasks.items() if runner.block.steps[step_id].kind != "ask"]
            if self._interruption.requested and busy:
                await asyncio.wait(busy, timeout=self._options.grace)
        finally:
            await runner.cancel()
        await self._journal.flush()
        if runner.done:
            return None
        if self._interruption.requested:
            return e.RunInterrupted(self._interruption.reason or "", int(self._interruption.exit_code))
        if self._driver.stopping:
            await self._cancel_rest()
            return None
        return e.RunSuspended([path for path, state in self._state.nodes.items() if state.status == "waiting"])

    async def _cancel_rest(self) -> None:
        """`fail_fast`, or the run is cancelled: what has not settled by now does not run any more."""
        reason = "the run stops at its first failure" if self._cancelled is None else "the run was cancelled"
        for state in self._state.steps.values():
            if not state.settled:
                self._journal.append(e.StepCancelled(state.path, reason))
        await self._journal.flush()

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
