"""A journal that forgets: for tests and for runs whose record nobody wants."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from agentflow_cli.domain.events import Event, Record
from agentflow_cli.foundation.clock import Clock, SystemClock


class InMemoryJournal:
    """A ports.journal.Journal over a list. `records` may be handed to a second one to play a resume."""

    def __init__(
        self, run: str = "memory", epoch: int = 1, records: list[Record] | None = None, clock: Clock | None = None
    ) -> None:
        self.run = run
        self.epoch = epoch
        self.records = records if records is not None else []
        self.on_commit: Callable[[Record], None] | None = None
        self._clock = clock or SystemClock()
        self._pending: list[tuple[Event, asyncio.Future[Record]]] = []

    def read(self, after: int = 0) -> Iterator[Record]:
        return iter(self.records[after:])

    def append(self, event: Event) -> asyncio.Future[Record]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Record] = loop.create_future()
        if not self._pending:
            loop.call_soon(self._commit_pending)
        self._pending.append((event, future))
        return future

    def append_now(self, event: Event) -> Record:
        record = Record(len(self.records) + 1, self._clock.now(), self.epoch, event)
        self.records.append(record)
        if self.on_commit is not None:
            self.on_commit(record)
        return record

    async def flush(self) -> None:
        if self._pending:
            await asyncio.wait([future for _, future in self._pending])

    def close(self) -> None:
        self._commit_pending()

    def _commit_pending(self) -> None:
        pending, self._pending = self._pending, []
        for event, future in pending:
            record = self.append_now(event)
            if not future.done():
                future.set_result(record)
