"""All runs of a project: `<state>/runs/<short id>/journal.db`."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentflow_cli.domain.codec import from_json, to_json
from agentflow_cli.domain.events import Event, Record, RunAccepted, StepEvent, is_top_level
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import Plan
from agentflow_cli.domain.run_state import RunState
from agentflow_cli.foundation.clock import Clock, SystemClock
from agentflow_cli.foundation.errors import CannotCreateError, DamagedDataError, NotFoundError, UsageError
from agentflow_cli.foundation.files import make_private_directory, remove_unfinished, storage_error, sync_directory
from agentflow_cli.foundation.ids import SHORT_LENGTH, full_run_id, next_short_id, short_run_id
from agentflow_cli.foundation.lock import FileLock, is_locked
from agentflow_cli.foundation.sqlite import open_reader, open_writer, storage_failure
from agentflow_cli.services.journal.migrations import MIGRATIONS
from agentflow_cli.services.journal.rows import INSERT, SELECT, from_rows, to_row

if TYPE_CHECKING:  # the writer brings asyncio, which those who only look do not need
    from agentflow_cli.services.journal.sqlite_journal import SqliteJournal


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A line of `runs list`."""

    run: str
    short: str
    workflow: str
    status: str
    created_at: float
    updated_at: float
    steps_done: int
    steps_total: int
    live: bool
    """Whether a driver holds the run right now."""


class SqliteRunReader:
    """A ports.journal.RunReader over a run that may be live."""

    def __init__(self, run: str, directory: Path, connection: sqlite3.Connection) -> None:
        self.run = run
        self.directory = directory
        self._connection = connection

    def plan(self) -> Plan:
        try:
            text = self._connection.execute("SELECT plan FROM plan").fetchone()[0]
        except (sqlite3.Error, TypeError) as error:
            raise DamagedDataError(f"the plan in {self.directory} cannot be read: {error}") from error
        return _plan(text, self.directory)

    def read(self, after: int = 0) -> Iterator[Record]:
        try:
            yield from from_rows(self._connection.execute(SELECT, (after,)), self.directory / "blobs")
        except sqlite3.Error as error:
            raise storage_failure(error, self.directory / "journal.db") from error

    def close(self) -> None:
        self._connection.close()


class RunStore:
    """Creates, opens, finds and lists runs."""

    def __init__(self, state_directory: Path, clock: Clock | None = None) -> None:
        self._runs = state_directory / "runs"
        self._clock = clock or SystemClock()

    def create(
        self,
        plan: Plan,
        inputs: dict[str, Json],
        version: str,
        *,
        parent: str | None = None,
        script: str | None = None,
        reused: Sequence[Event] = (),
    ) -> SqliteJournal:
        """A new run, accepted and locked: its plan and inputs are committed when this returns.

        The run is there with all of `reused`, the outcomes that a fork takes over from `parent`, or not at all.
        """
        from agentflow_cli.services.journal.sqlite_journal import SqliteJournal

        make_private_directory(self._runs)
        short = self._new_directory()
        directory, run = self._runs / short, full_run_id(short)
        lock = self._locked(short)
        try:
            connection = open_writer(directory / "journal.db", MIGRATIONS)
            now = self._clock.now()
            done = sum(isinstance(event, StepEvent) and is_top_level(event.path) for event in reused)
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(
                "INSERT INTO run (id, run, workflow, created_at, updated_at, steps_total, steps_done, epoch, status)"
                " VALUES (1, ?, ?, ?, ?, ?, ?, 0, 'accepted')",
                (run, plan.workflow, now, now, len(plan.steps), done),
            )
            text = json.dumps(to_json(plan), ensure_ascii=False)
            connection.execute("INSERT INTO plan (id, plan) VALUES (1, ?)", (text,))
            accepted = RunAccepted(run, plan.workflow, plan.fingerprint, inputs, version, parent, script)
            events = [Record(n, now, 0, event) for n, event in enumerate([accepted, *reused], 1)]
            connection.executemany(INSERT, (to_row(record, directory / "blobs") for record in events))
            connection.execute("COMMIT")  # all of it, or no run
            journal = SqliteJournal(run, directory, connection, lock, 1, self._clock)
            sync_directory(self._runs)
        except sqlite3.Error as error:
            lock.release()
            raise storage_failure(error, directory / "journal.db") from error
        except BaseException:
            lock.release()
            raise
        return journal

    def adopt(self, plan: Plan, run: str, records: Iterable[Record]) -> str:
        """A run from elsewhere, with its `records`, under its own id if that is free here, else under a new one.

        The full id. CannotCreateError when the very run is here already.
        """
        make_private_directory(self._runs)
        short = run[:SHORT_LENGTH]
        if short in self._short_ids() and self._full_id_starts(short, run):
            raise CannotCreateError(f"run {short} is here already", next_command=f"agentflow runs show {short}")
        try:
            (self._runs / short).mkdir(mode=0o700)
        except FileExistsError:
            short = self._new_directory()
            run = full_run_id(short)
        directory = self._runs / short
        lock = self._locked(short)
        try:
            self._write_adopted(plan, run, records, directory)
        except BaseException:
            shutil.rmtree(directory, ignore_errors=True)
            raise
        finally:
            lock.release()
        return run

    def _write_adopted(self, plan: Plan, run: str, records: Iterable[Record], directory: Path) -> None:
        state = RunState.initial(plan)

        def rows() -> Iterator[tuple[Any, ...]]:
            for record in records:
                if isinstance(record.event, RunAccepted):
                    record = replace(record, event=replace(record.event, run=run))
                try:
                    state.apply(record)
                except (KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
                    message = f"event {record.seq} is none of this plan: {error!r}"
                    raise DamagedDataError(message) from error
                yield to_row(record, directory / "blobs")

        try:
            with contextlib.closing(open_writer(directory / "journal.db", MIGRATIONS)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(INSERT, rows())
                text = json.dumps(to_json(plan), ensure_ascii=False)
                connection.execute("INSERT INTO plan (id, plan) VALUES (1, ?)", (text,))
                done = sum(step.settled for step in state.steps.values())
                connection.execute(
                    "INSERT INTO run (id, run, workflow, created_at, updated_at, steps_total, steps_done, epoch,"
                    " status) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (run, plan.workflow, state.accepted_at, state.updated_at, len(plan.steps), done, state.epoch,
                     state.status),
                )  # fmt: skip
                connection.execute("COMMIT")
            sync_directory(self._runs)
        except sqlite3.Error as error:
            raise storage_failure(error, directory / "journal.db") from error

    def open(self, run: str) -> tuple[SqliteJournal, Plan]:
        """Take an existing run to continue it, in its next epoch. LockedError when a driver has it."""
        from agentflow_cli.services.journal.sqlite_journal import SqliteJournal

        short = self.resolve(run)
        directory = self._runs / short
        lock = self._locked(short)
        try:
            connection = open_writer(directory / "journal.db", MIGRATIONS)
            row = connection.execute("SELECT run, plan FROM run, plan").fetchone()
            if row is None:
                raise NotFoundError(f"run {short} ended before it was accepted", next_command="agentflow runs list")
            remove_unfinished(directory / "blobs")
            epoch: int = connection.execute("SELECT coalesce(max(epoch), 0) FROM event").fetchone()[0]
            plan = _plan(row[1], directory)
            journal = SqliteJournal(row[0], directory, connection, lock, epoch + 1, self._clock)
        except sqlite3.Error as error:
            lock.release()
            raise storage_failure(error, directory / "journal.db") from error
        except BaseException:
            lock.release()
            raise
        return journal, plan

    def reader(self, run: str) -> SqliteRunReader:
        short = self.resolve(run)
        directory = self._runs / short
        connection = open_reader(directory / "journal.db", MIGRATIONS)
        try:
            row = connection.execute("SELECT run FROM run").fetchone()
        except sqlite3.Error as error:
            raise storage_failure(error, directory / "journal.db") from error
        if row is None:
            raise NotFoundError(f"run {short} ended before it was accepted", next_command="agentflow runs list")
        return SqliteRunReader(row[0], directory, connection)

    def resolve(self, text: str) -> str:
        """The short id for a full id, a unique prefix or `last`."""
        known = self._short_ids()
        if text == "last":
            # One that ended before it was accepted is no run.
            newest = next((short for short in reversed(known) if self._summary(short) is not None), None)
            if newest is None:
                raise NotFoundError("there is no run yet", next_command="agentflow run WORKFLOW")
            return newest
        wanted = text.lower()
        if len(wanted) > SHORT_LENGTH:
            head = wanted[:SHORT_LENGTH]
            found = [s for s in known if s == head and self._full_id_starts(s, wanted)]
        else:
            found = [s for s in known if wanted and s.startswith(wanted)]
        if len(found) == 1:
            return found[0]
        if found:
            raise UsageError(f"`{text}` could be any of: {', '.join(found[:5])}", hint="type one more character")
        raise NotFoundError(f"there is no run `{text}` here", next_command="agentflow runs list")

    def made_by(self, pid: int, known: Collection[str]) -> str | None:
        """The short id of the run that process `pid` made and accepted, looked for among those not in `known`."""
        for short in self._short_ids():
            if short in known:
                continue
            try:
                holder = (self._runs / short / "lock").read_text()
            except OSError:
                continue
            if holder == str(pid) and self._summary(short) is not None:
                return short
        return None

    def summaries(self) -> list[RunSummary]:
        """Every run, the newest first. A damaged one is shown as such."""
        return list(self.newest())

    def newest(self) -> Iterator[RunSummary]:
        """As `summaries`, one by one as they are asked for."""
        return (summary for short in reversed(self._short_ids()) if (summary := self._summary(short)))

    def _summary(self, short: str) -> RunSummary | None:
        path = self._runs / short / "journal.db"
        try:
            connection = open_reader(path, MIGRATIONS)
            try:
                row = connection.execute(
                    "SELECT run, workflow, status, created_at, updated_at, steps_done, steps_total FROM run"
                ).fetchone()
            finally:
                connection.close()
        except (DamagedDataError, sqlite3.Error) as error:
            if "no such table" in str(error):
                return None  # killed while it was being made
            changed = path.stat().st_mtime if path.exists() else 0.0
            return RunSummary(short, short, "?", "damaged", changed, changed, 0, 0, False)
        if row is None:
            return None
        live = is_locked(path.with_name("lock"))
        run, workflow, status, created_at, updated_at, done, total = row
        if status in ("running", "accepted") and not live:
            status = "crashed"
        return RunSummary(run, short, workflow, status, created_at, updated_at, done, total, live)

    def _short_ids(self) -> list[str]:
        try:
            return sorted(p.name for p in self._runs.iterdir() if (p / "journal.db").is_file())
        except FileNotFoundError:
            return []

    def _full_id_starts(self, short: str, prefix: str) -> bool:
        summary = self._summary(short)
        return summary is not None and summary.run.startswith(prefix)

    def _new_directory(self) -> str:
        """A directory for a new run. Its name sorts after every other: `last` is the one that was made last."""
        known = self._short_ids()
        short = short_run_id(self._clock.now())
        if known and known[-1] >= short:
            short = next_short_id(known[-1])
        while True:
            try:
                (self._runs / short).mkdir(mode=0o700)
                return short
            except FileExistsError:
                short = next_short_id(short)
            except OSError as error:
                raise storage_error(error, f"cannot create {self._runs / short}") from error

    def _locked(self, short: str) -> FileLock:
        lock = FileLock(self._runs / short / "lock")
        lock.acquire(f"run {short}")
        return lock


def _plan(text: str, directory: Path) -> Plan:
    try:
        return from_json(Plan, json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise DamagedDataError(f"the plan in {directory} cannot be read: {error}") from error
