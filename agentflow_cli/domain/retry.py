"""When a failed attempt is made again, and after how long."""

from __future__ import annotations

from dataclasses import dataclass

from agentflow_cli.domain.failure import TRANSIENT, Failure

RETRY_AFTER_CAP = 120.0
"""Seconds; a provider that asks for more is not waited for."""


@dataclass(frozen=True, slots=True)
class Retry:
    """`retry:` of a step. `max` counts the attempts after the first."""

    max: int = 0
    delay: float = 1.0
    """Seconds before the first retry; doubled each time."""
    max_delay: float = 60.0
    on: tuple[str, ...] = TRANSIENT
    """Failure kinds that are worth another attempt."""
    exit_codes: tuple[int, ...] = ()
    """Exit codes of a `run` step that are worth another attempt."""

    def allows(self, failure: Failure, attempt: int) -> bool:
        """Whether attempt number `attempt` (from 1), having ended in `failure`, is followed by another."""
        if attempt > self.max:
            return False
        if failure.retry_after is not None and failure.retry_after > RETRY_AFTER_CAP:
            return False
        if failure.kind == "exit_code":
            return failure.data.get("exit_code") in self.exit_codes
        if failure.kind == "no_provider" and any(tried["kind"] in self.on for tried in failure.data.get("tried", ())):
            return True
        return failure.kind in self.on

    def pause(self, failure: Failure, attempt: int, chance: float) -> float:
        """Seconds until the next attempt: what the provider asked for, else exponential with full jitter.

        `chance` is uniform in [0, 1); half of the delay is fixed so that a pause is never nothing.
        Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
        """
        if failure.retry_after is not None:
            return failure.retry_after
        ceiling = min(self.max_delay, self.delay * 2.0 ** min(attempt - 1, 32))
        return ceiling * (0.5 + 0.5 * chance)


NO_RETRY = Retry(max=0)
MODEL_RETRY = Retry(max=2)
"""What a step gets that may be done twice, when its author says nothing."""
