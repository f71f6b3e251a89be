"""Python functions in worker processes: started when needed, used again, ended when a call is cancelled."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Mapping
from pathlib import Path

from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.foundation.clock import Clock, SystemClock
from agentflow_cli.ports.commands import OnOutput, OnProcess
from agentflow_cli.services.tools.child import finish_despite_cancellation
from agentflow_cli.services.tools.worker_process import WorkerProcess

PATIENCE = 0.02
"""Seconds without a worker becoming free after which more of them are started. Short calls thus share a few
processes; long ones get one each, up to the limit."""

OVERDUE = 12
"""Looks, a span of patience apart, after which who still waits gets a worker even though others become free."""

_AT_FIRST = 2


class WorkerFunctions:
    """A ports.commands.Functions over at most `limit` workers, each with one call at a time."""

    def __init__(self, root: Path, env: Mapping[str, str], *, limit: int = 64, clock: Clock | None = None) -> None:
        """`root` is the project's, put on `sys.path`; workers start there with exactly `env`."""
        self._root = root
        self._env = dict(env)
        self._limit = limit
        self._clock = clock or SystemClock()
        self._idle: list[WorkerProcess] = []
        self._all: set[WorkerProcess] = set()
        self._waiting: deque[asyncio.Future[WorkerProcess]] = deque()
        self._looks: dict[asyncio.Future[WorkerProcess], int] = {}
        self._starting: set[asyncio.Task[None]] = set()
        self._freed = False
        self._timer: asyncio.TimerHandle | None = None

    async def call(
        self,
        function: str,
        arguments: dict[str, Json],
        *,
        env: Mapping[str, str] | None = None,
        on_process: OnProcess,
        on_output: OnOutput | None = None,
    ) -> Json:
        """Call `function`; what it prints goes to `on_output`, line by line. See the port.

        StepFailure of kind `exception` (it raised, cannot be called so, or returned what is not JSON) or `crashed`.
        """
        worker = await self._take()
        try:
            if not worker.announced:
                await on_process(worker.group, worker.start_time)
                worker.announced = True
            reply = await worker.ask(function, arguments, env or {}, on_output)
        except BaseException:
            self._all.discard(worker)
            await finish_despite_cancellation(worker.end(self._clock))
            self._replace()
            raise
        if worker.alive:
            self._give(worker)
        else:
            self._all.discard(worker)
            await finish_despite_cancellation(worker.end(self._clock))
            self._replace()
        if reply[0] == "ok":
            return reply[1]
        _, kind, message, data = reply
        raise StepFailure(Failure(kind, message, data=data))

    async def close(self) -> None:
        """End all workers; calls that are under way fail."""
        for task in self._starting:
            task.cancel()
        if self._timer is not None:
            self._timer.cancel()
        for waiter in self._waiting:
            waiter.cancel()
        self._waiting.clear()
        workers, self._all, self._idle = self._all, set(), []
        await asyncio.gather(
            *self._starting, *(worker.retire(self._clock) for worker in workers), return_exceptions=True
        )

    async def _take(self) -> WorkerProcess:
        while self._idle:
            worker = self._idle.pop()
            if worker.alive:
                return worker
            self._all.discard(worker)
            await worker.end(self._clock)
        waiter: asyncio.Future[WorkerProcess] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        if not self._all and len(self._starting) < min(_AT_FIRST, self._limit):
            self._start_one()
        elif self._timer is None:
            self._freed = True  # the first look is a full span of patience away
            self._look_again()
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._give(waiter.result())
            raise

    def _give(self, worker: WorkerProcess) -> None:
        """Hand a free worker to who has waited longest."""
        self._freed = True
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(worker)
                return
        self._idle.append(worker)

    def _look_again(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(PATIENCE, self._grow)

    def _grow(self) -> None:
        """Start workers for those who wait when none became free since the last look."""
        self._timer = None
        self._looks = {waiter: self._looks.get(waiter, 0) + 1 for waiter in self._waiting if not waiter.done()}
        if not self._looks:
            return
        if not self._starting:
            overdue = sum(looks > OVERDUE for looks in self._looks.values())
            wanted = min(overdue, len(self._all) or 1) if self._freed else len(self._looks)
            for _ in range(min(wanted, self._limit - len(self._all))):
                self._start_one()
        self._freed = False
        if len(self._all) + len(self._starting) < self._limit:
            self._look_again()

    def _replace(self) -> None:
        """A worker was lost: whoever waits must not wait for ever."""
        if self._waiting and not self._starting:
            self._start_one()

    def _start_one(self) -> None:
        task = asyncio.ensure_future(self._start())
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def _start(self) -> None:
        try:
            worker = await WorkerProcess.start(self._root, self._env)
        except OSError as error:
            reason = error.strerror or os.strerror(error.errno or 0)
            failure = StepFailure(Failure("internal", f"cannot start a Python worker: {reason}"))
            if self._all:
                return  # there are others who will serve
            while self._waiting:
                waiter = self._waiting.popleft()
                if not waiter.done():
                    waiter.set_exception(failure)
            return
        self._all.add(worker)
        self._give(worker)
