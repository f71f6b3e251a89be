"""Asking one model after another: which failures make the next one worth asking, and what is said when none is left."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from agentflow_cli.domain.failure import TRANSIENT, Failure
from agentflow_cli.domain.models import Candidate
from agentflow_cli.ports.model import PassedOver

WORTH_ANOTHER = (*TRANSIENT, "auth", "limit")
"""Failures of one provider that say nothing about the others. What is wrong with the request itself stays wrong."""

REST = 30.0
"""Seconds for which a model that could not be had is not asked again, where it does not say how long itself."""
_LONGEST_REST = 600.0


class Rests:
    """Which models could not be had a moment ago. A thousand steps need not find that out one after another."""

    def __init__(self) -> None:
        self._until: dict[Candidate, tuple[float, Failure]] = {}

    def begin(self, candidate: Candidate, failure: Failure, now: float) -> None:
        """`now` is in seconds of a clock that never goes back."""
        asked_for = failure.retry_after if failure.retry_after is not None else REST
        heals = failure.kind in TRANSIENT
        self._until[candidate] = (now + (min(asked_for, _LONGEST_REST) if heals else float("inf")), failure)

    def among(self, candidates: Sequence[Candidate], now: float) -> dict[Candidate, Failure]:
        """Those that rest, with what they said."""
        found = {}
        for candidate in candidates:
            until, failure = self._until.get(candidate, (0.0, None))
            if failure is not None and until > now:
                said = f"{failure.message} (a moment ago: it was not asked again)"
                found[candidate] = dataclasses.replace(failure, message=said)
        return found


def nobody_left(name: str | None, tried: Sequence[PassedOver]) -> Failure:
    """The failure of a name all of whose models failed. It can be tried again as soon as the first of them can."""
    said = "; ".join(each.failure.message for each in tried)
    heal = [each.failure.retry_after for each in tried if each.failure.kind in TRANSIENT]
    waits = [wait for wait in heal if wait is not None]
    return Failure(
        "no_provider",
        f"none of the {len(tried)} models of `{name}` could be had: {said}",
        min(waits) if waits and len(waits) == len(heal) else None,
        {"tried": [{"model": each.model, **each.failure.to_json()} for each in tried]},
    )
