"""The words for how a step and a run stand."""

from __future__ import annotations

SETTLED = frozenset({"succeeded", "failed", "skipped", "cancelled"})
"""Step statuses after which dependents may be decided. The others: pending, running, retrying, waiting, and
interrupted: under way when the run was stopped."""

IN_FLIGHT = frozenset({"running", "retrying", "interrupted"})
"""Step statuses of which nobody knows, without a driver, whether the effect has happened."""

RUN_ENDED = frozenset({"succeeded", "failed", "cancelled"})
"""Run statuses that are final. The others: running, suspended, interrupted, stopped."""
