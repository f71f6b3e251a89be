"""`wait`: a pause that ends at a moment fixed when it began, also when the run is resumed meanwhile."""

from __future__ import annotations

from agentflow_cli.domain.json_value import Json
from agentflow_cli.engine.executors.call import Call, Outcome
from agentflow_cli.foundation.duration import parse_duration

_LONGEST_SLEEP = 60.0
"""Seconds after which the clock is looked at again: it may have been set, or the machine may have slept."""


async def execute(call: Call) -> Outcome:
    clock = call.services.clock
    written = call.setting("wait")
    seconds = parse_duration(written) if isinstance(written, str) else float(written)

    async def fix(_key: str) -> Json:
        return clock.now() + seconds

    until = await call.operations.perform("until", {"seconds": seconds}, fix)
    # A clock that was set back does not make the pause longer than it is written.
    while (left := min(until - clock.now(), seconds)) > 0:
        await clock.sleep(min(left, _LONGEST_SLEEP))
    return Outcome(None)
