"""Deadlines of our own around a model call, on the monotonic clock: a provider's timeouts do not hold.

Seen elsewhere: slow headers, pings and a dripping body all outlive the timeout that was asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from agentflow_cli.domain.failure import Failure
from agentflow_cli.foundation.clock import Clock
from agentflow_cli.foundation.duration import format_duration
from agentflow_cli.ports.model import ModelFailure, OnDelta

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds. A step's `timeout` is beside these, and usually shorter."""

    total: float = 1800.0
    first_delta: float = 300.0
    """Until the first text; the prompt is read meanwhile."""
    idle: float = 120.0
    """Between two pieces of text."""


async def within(
    deadlines: Deadlines, clock: Clock, work: Callable[[OnDelta | None], Awaitable[T]], on_delta: OnDelta | None
) -> T:
    """What `work` returns, which is given a listener that notes signs of life; ModelFailure `timeout` without them.

    When nobody listens, `work` is given no listener either and may answer in one piece: only the total counts then.
    """
    watch = _Watch(deadlines, clock, on_delta)
    task = asyncio.ensure_future(work(None if on_delta is None else watch.heard))
    try:
        while not task.done():
            timer = asyncio.ensure_future(clock.sleep(watch.left()))
            try:
                await asyncio.wait({task, timer}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                timer.cancel()
            if not task.done() and watch.left() <= 0:
                raise ModelFailure(Failure("timeout", watch.complaint()))
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task})


class _Watch:
    def __init__(self, deadlines: Deadlines, clock: Clock, on_delta: OnDelta | None) -> None:
        self._deadlines = deadlines
        self._clock = clock
        self._on_delta = on_delta
        self._start = self._last = clock.monotonic()
        self._heard = False

    def heard(self, text: str) -> None:
        self._heard = True
        self._last = self._clock.monotonic()
        if text and self._on_delta is not None:
            self._on_delta(text)

    def left(self) -> float:
        """Seconds until the nearest deadline, which may be past."""
        if self._on_delta is None:
            return max(0.0, self._start + self._deadlines.total - self._clock.monotonic())
        silence = self._deadlines.idle if self._heard else self._deadlines.first_delta
        end = min(self._start + self._deadlines.total, self._last + silence)
        return max(0.0, end - self._clock.monotonic())

    def complaint(self) -> str:
        limits = self._deadlines
        if self._clock.monotonic() - self._start >= limits.total:
            return f"the model did not finish within {format_duration(limits.total)}"
        if self._heard:
            return f"the model fell silent for {format_duration(limits.idle)} in the middle of its answer"
        return f"the model did not begin to answer within {format_duration(limits.first_delta)}"
