"""The journal of a run: one SQLite database, one writer, one commit for all that one turn of the loop appended."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from agentflow_cli.domain import events as e
from agentflow_cli.domain.events import Event, Record
from agentflow_cli.foundation.clock import Clock
from agentflow_cli.foundation.faultpoints import faultpoint
from agentflow_cli.foundation.files import storage_error
from agentflow_cli.foundation.lock import FileLock
from agentflow_cli.foundation.sqlite import storage_failure
from agentflow_cli.services.journal.rows import INSERT, SELECT, from_rows, to_row

_RUN_STATUS = {
    "run_suspended": "suspended",
    "run_interrupted": "interrupted",
    "run_stopped": "stopped",
    "epoch_started": "running",
}
_STEP_ENDS = ("step_succeeded", "step_failed", "step_skipped", "step_cancelled")

_LARGE = 64
_LOOK_AGAIN = 16
_Batch = list[tuple[Event, "asyncio.Future[Record]"]]


class SqliteJournal:
    """A ports.journal.Journal. Made by RunStore, which took the lock."""

    def __init__(
        self, run: str, directory: Path, connection: sqlite3.Connection, lock: FileLock, epoch: int, clock: Clock
    ) -> None:
        self.run = run
        self.directory = directory
        self.epoch = epoch
        self.on_commit: Callable[[Record], None] | None = None
        self._connection = connection
        self._lock = lock
        self._clock = clock
        self._blobs = directory / "blobs"
        self._path = directory / "journal.db"
        self._seq: int = connection.execute("SELECT coalesce(max(seq), 0) FROM event").fetchone()[0]
        self._pending: _Batch = []
        self._under_way: _Batch | None = None
        self._committer: ThreadPoolExecutor | None = None
        self._crowded = False
        self._commits_here = 0
        self._failure: Exception | None = None
        self._status: str = connection.execute("SELECT status FROM run").fetchone()[0]
        self._done: set[str] = {
            record.event.path
            for record in (self.read() if self._seq > 1 else ())
            if isinstance(record.event, e.StepSucceeded | e.StepSkipped) and e.is_top_level(record.event.path)
        }

    @property
    def status(self) -> str:
        """The run's, as it is on record."""
        return self._status

    def read(self, after: int = 0) -> Iterator[Record]:
        try:
            yield from from_rows(self._connection.execute(SELECT, (after,)), self._blobs)
        except sqlite3.Error as error:
            raise storage_failure(error, self._path) from error

    def append(self, event: Event) -> asyncio.Future[Record]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Record] = loop.create_future()
        if self._failure is not None:
            future.set_exception(self._failure)
            return future
        if not self._pending and self._under_way is None:
            loop.call_soon(self._start_commit)
        self._pending.append((event, future))
        return future

    async def flush(self) -> None:
        waiting = [future for _, future in (*(self._under_way or ()), *self._pending)]
        if waiting:
            await asyncio.wait(waiting)
        if self._failure is not None:
            raise self._failure

    def append_now(self, event: Event) -> Record:
        """Commit one event at once, outside any loop."""
        record = self._commit([event])[0]
        if self.on_commit is not None:
            self.on_commit(record)
        return record

    def close(self) -> None:
        try:
            if self._committer is not None:
                self._committer.shutdown(wait=True)
            self._connection.close()
        finally:
            self._lock.release()

    def _start_commit(self) -> None:
        """Commit what is pending: here, when nothing else would use the time, else beside the loop.

        A commit waits for the disk. While a chain of steps waits for it, nothing else is to be done, and a second
        thread would only add two hand-overs; while many steps are under way, others end meanwhile, and go into the
        next commit together. Which it is shows in what came during the last commit beside the loop; when nothing did,
        commits are made here, except for one now and then that looks again. A large batch has gathered already.
        """
        batch, self._pending = self._pending, []
        self._under_way = batch
        self._commits_here += 1
        if len(batch) >= _LARGE or (not self._crowded and self._commits_here % _LOOK_AGAIN):
            self._end_commit(batch, *self._try_commit(batch))
            return
        self._commits_here = 0
        loop = asyncio.get_running_loop()

        def commit() -> None:
            outcome = self._try_commit(batch)
            with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
                loop.call_soon_threadsafe(self._end_commit_beside, batch, *outcome)

        if self._committer is None:
            self._committer = ThreadPoolExecutor(1, "agentflow-journal")
        self._committer.submit(commit)

    def _try_commit(self, batch: _Batch) -> tuple[list[Record] | None, Exception | None]:
        """Whatever goes wrong is for those who wait: an exception that got lost here would let them wait for ever."""
        try:
            return self._commit([event for event, _ in batch]), None
        except Exception as failure:
            return None, failure

    def _end_commit_beside(self, batch: _Batch, records: list[Record] | None, failure: Exception | None) -> None:
        self._crowded = bool(self._pending)
        self._end_commit(batch, records, failure)

    def _end_commit(self, batch: _Batch, records: list[Record] | None, failure: Exception | None) -> None:
        """Tell everybody who waits. After a failure nothing is committed any more."""
        self._under_way = None
        if records is None:
            self._failure = failure
            batch, self._pending = batch + self._pending, []
            for _, future in batch:
                if not future.done() and failure is not None:
                    future.set_exception(failure)
                    future.exception()  # whoever waits sees it; who has gone must not be reported as careless
            return
        if self._pending:
            asyncio.get_running_loop().call_soon(self._start_commit)
        for record, (_, future) in zip(records, batch, strict=True):
            if self.on_commit is not None:
                self.on_commit(record)
            if not future.done():
                future.set_result(record)

    def _commit(self, events: list[Event]) -> list[Record]:
        """Write `events` in one transaction, with the run's row kept in step."""
        now = self._clock.now()
        records = [Record(self._seq + n, now, self.epoch, event) for n, event in enumerate(events, 1)]
        status, done = self._status, len(self._done)
        for event in events:
            if isinstance(event, e.StepEvent):
                if event.type in _STEP_ENDS and e.is_top_level(event.path):
                    self._done.add(event.path)
            elif isinstance(event, e.RunFinished):
                status = event.status
            else:
                status = _RUN_STATUS.get(event.type, status)
        try:
            faultpoint("journal.before_commit")
            rows = [to_row(record, self._blobs) for record in records]
            execute = self._connection.execute
            execute("BEGIN IMMEDIATE")
            try:
                if len(rows) == 1:
                    execute(INSERT, rows[0])
                else:
                    self._connection.executemany(INSERT, rows)
                began = any(isinstance(event, e.EpochStarted) for event in events)
                if status != self._status or len(self._done) != done or began:
                    execute(
                        "UPDATE run SET status = ?, epoch = ?, updated_at = ?, steps_done = ?",
                        (status, self.epoch, now, len(self._done)),
                    )
                execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise storage_failure(error, self._path) from error
        except OSError as error:
            raise storage_error(error, f"cannot write {self._path}") from error
        faultpoint("journal.committed")
        self._seq += len(events)
        self._status = status
        return records
