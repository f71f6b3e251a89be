"""The append-only view: one line a transition, in stable columns; a sign of life while waiting."""

from __future__ import annotations

import asyncio
import contextlib

from agentflow_cli.application.usecases.marks import mark_of
from agentflow_cli.cli.console import Console
from agentflow_cli.cli.progress.board import Board, Row, first_line, one_line, shown_path, split_path, widths
from agentflow_cli.domain import events as e
from agentflow_cli.domain.plan import Plan
from agentflow_cli.domain.run_state import RunState
from agentflow_cli.foundation.clock import Clock, SystemClock
from agentflow_cli.foundation.duration import format_duration

HEARTBEAT = 15.0
"""Seconds of silence after which the view says what is going on."""
_CHILD_FAILURES = 10
"""Children of one step whose failures get a line each; the others are counted."""


class PlainView:
    """Lines on stderr."""

    def __init__(self, console: Console, plan: Plan, clock: Clock | None = None) -> None:
        self._console = console
        self._board = Board.of(plan)
        self._plan = plan
        self._clock = clock or SystemClock()
        self._begun: float | None = None
        self._driven = False
        """Somebody drives the run. What stands before that in a fork was taken over, and said elsewhere."""
        self._width, self._kind = widths(plan)
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Nothing to draw yet."""

    def end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def paused(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def recorded(self, record: e.Record, state: RunState) -> None:
        if self._begun is None:
            self._begun = record.at
        row = self._board.take(record, state)
        event = record.event
        self._driven = self._driven or isinstance(event, e.EpochStarted)
        if isinstance(event, e.StepEvent) and row is not None and (self._driven or state.parent is None):
            self._transition(record, event, row)

    def delta(self, path: str, text: str) -> None:
        """Streams would not stay append-only."""

    def printed(self, path: str, text: str) -> None:
        if self._console.verbose:
            for line in text.rstrip("\n").split("\n"):
                self._line(self._clock.now(), "·" if self._console.unicode else ".", "", path, "", one_line(line))

    def _transition(self, record: e.Record, event: e.StepEvent, row: Row) -> None:
        _, child = split_path(event.path)
        if child:
            self._child(record, event, row)
            return
        match event:
            case e.StepStarted() if row.kind != "set":
                detail = f"attempt {row.attempt}" if row.attempt > 1 else ""
                if row.status == "waiting":
                    self._status(record.at, row, "waiting", row.note)
                else:
                    self._status(record.at, row, "running", detail, word="started")
            case e.StepExpanded():
                count = len(event.items)
                self._status(record.at, row, "running", "1 item" if count == 1 else f"{count} items", word="started")
            case e.ModelPassedOver():
                self._status(record.at, row, "retrying", row.note, word="fallback")
            case e.StepRetrying():
                pause = f"attempt {event.attempt + 1} in {format_duration(event.pause)}"
                self._status(record.at, row, "retrying", f"{pause}: {row.note}")
            case e.AskOpened():
                self._status(record.at, row, "waiting", row.note)
            case e.AskAnswered():
                said = "no" if event.rejected else ", ".join(f"{k}={v}" for k, v in event.answer.items())
                self._status(record.at, row, "waiting", one_line(f"{said} (by {event.by})"), word="answered")
            case e.StepSucceeded() | e.StepFailed() | e.StepSkipped() | e.StepCancelled():
                self._status(record.at, row, row.status, self._end_detail(row, record.at))

    def _child(self, record: e.Record, event: e.StepEvent, row: Row) -> None:
        if isinstance(event, e.StepFailed) and row.failed <= _CHILD_FAILURES:
            mark = mark_of("failed", event.tolerated)
            sign = self._console.paint(mark.sign(self._console.unicode), mark.style)
            self._line(record.at, sign, mark.word, shown_path(event.path), row.kind, first_line(event.error.message))
        elif isinstance(event, e.AskOpened):
            mark = mark_of("waiting")
            sign = self._console.paint(mark.sign(self._console.unicode), mark.style)
            self._line(record.at, sign, mark.word, shown_path(event.path), row.kind, row.note)

    def _end_detail(self, row: Row, now: float) -> str:
        parts = []
        seconds = row.seconds(now)
        if row.status in ("succeeded", "failed") and seconds is not None:
            parts.append(format_duration(seconds))
        if row.total is not None:
            parts.append(f"{row.done}/{row.total}" + (f", {row.failed} failed" if row.failed else ""))
        if row.tokens:
            parts.append(f"{row.tokens} tokens")
        if row.note:
            parts.append(row.note)
        return "  ".join(parts)

    def _status(self, at: float, row: Row, status: str, detail: str, word: str | None = None) -> None:
        mark = mark_of(status, row.tolerated)
        sign = self._console.paint(mark.sign(self._console.unicode), mark.style)
        self._line(at, sign, word or mark.word, row.step, row.kind, detail)

    def _line(self, at: float, sign: str, word: str, step: str, kind: str, detail: str) -> None:
        elapsed = max(0.0, at - (self._begun if self._begun is not None else at))
        line = f"{format_duration(elapsed):>7}  {sign} {word:<9}  {step:<{self._width}}  {kind:<{self._kind}}  {detail}"
        self._console.say(line.rstrip())
        self._expect_silence()

    def _expect_silence(self) -> None:
        """(Re)start the wait for the next sign of life."""
        if self._timer is not None:
            self._timer.cancel()
        with contextlib.suppress(RuntimeError):  # no loop: somebody plays records to the view
            self._timer = asyncio.get_running_loop().call_later(HEARTBEAT, self._still_here)

    def _still_here(self) -> None:
        now = self._clock.now()
        busy = []
        for row in self._board.rows.values():
            if row.status in ("running", "retrying", "waiting"):
                count = f" {row.done}/{row.total}" if row.total is not None else ""
                seconds = row.seconds(now)
                busy.append(f"{row.step}{count}" + (f" {format_duration(seconds)}" if seconds is not None else ""))
        if busy:
            shown = ", ".join(busy[:6]) + (f" and {len(busy) - 6} more" if len(busy) > 6 else "")
            self._line(now, "…" if self._console.unicode else ".", "still", "", "", shown)
