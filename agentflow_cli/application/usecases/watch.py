"""Following a run as its record grows. Whoever follows only looks, can end at any time, and the run never notices."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from types import TracebackType

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.domain.events import EpochStarted, Record
from agentflow_cli.domain.plan import Plan
from agentflow_cli.foundation.lock import is_locked

BATCH = 500
"""Records in one look at most: folding them takes a few milliseconds."""
_PROBE_EVERY = 1.0
"""Seconds between two looks at the run's lock while nothing happens."""


@dataclass(frozen=True, slots=True)
class Look:
    """What came since the last look, and whether a driver holds the run."""

    records: list[Record]
    live: bool
    more: bool
    """Whether the next look will find something at once."""


class Watch:
    """A run's record, read piece by piece. It belongs to the thread that opens it."""

    def __init__(self, container: Container, run: str) -> None:
        """NotFoundError when there is no such run, DamagedDataError when its record cannot be read."""
        self._reader = container.runs.reader(run)
        self._clock = container.clock
        self._after = 0
        self._live = False
        self._probed: float | None = None
        self.run = self._reader.run
        self.plan: Plan = self._reader.plan()

    def __enter__(self) -> Watch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reader.close()

    def look(self) -> Look:
        # The lock before the records: when nobody holds it, the records that follow are all there are.
        now = self._clock.monotonic()
        if self._probed is None or now - self._probed >= _PROBE_EVERY:
            self._live, self._probed = is_locked(self._reader.directory / "lock"), now
        records = list(islice(self._reader.read(self._after), BATCH))
        if records:
            self._after = records[-1].seq
        if any(isinstance(record.event, EpochStarted) for record in records) and not self._live:
            self._probed = None  # somebody has taken it meanwhile
        return Look(records, self._live, len(records) == BATCH)
