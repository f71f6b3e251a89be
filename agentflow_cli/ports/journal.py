"""Where a run's events are kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Protocol

from agentflow_cli.domain.events import Event, Record
from agentflow_cli.domain.plan import Plan


class Journal(Protocol):
    """The one writer of a run. Opening it took the run's lock; `close` gives it back."""

    run: str
    """The run's full id."""
    epoch: int
    """Of the driver that opened it, from 1."""
    on_commit: Callable[[Record], None] | None
    """Called with each record, in order, as soon as it is committed and before whoever appended it goes on."""

    def read(self, after: int = 0) -> Iterator[Record]:
        """Committed records with a `seq` greater than `after`, in order."""
        ...

    def append(self, event: Event) -> Awaitable[Record]:
        """Queue `event`; what is returned resolves with its record once that is committed, and never before.

        Events queued in one turn of the loop share a commit, in the order of the calls. Raises StorageError when
        the commit fails; everything appended afterwards fails too.
        """
        ...

    def append_now(self, event: Event) -> Record:
        """Commit one event before returning: for what must be on disk even if the loop never turns again."""
        ...

    async def flush(self) -> None:
        """Wait until everything appended so far is committed."""
        ...

    def close(self) -> None: ...


class RunReader(Protocol):
    """A look at a run, live or not, that never writes."""

    run: str

    def plan(self) -> Plan: ...

    def read(self, after: int = 0) -> Iterator[Record]: ...

    def close(self) -> None: ...
