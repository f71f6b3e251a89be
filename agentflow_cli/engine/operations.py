"""Effects inside an attempt, each recorded once: a recorded outcome is returned, never made again in that run.

An agent's model calls and tool calls are operations. Their names count within the step (`turn:0/model`,
`turn:0/call_1`), so that a resume, which sees the same recorded outcomes, asks for the same names in the same order.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from agentflow_cli.domain.events import ModelPassedOver, OperationRecorded
from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.run_state import RunState
from agentflow_cli.foundation.faultpoints import faultpoint
from agentflow_cli.foundation.hashing import hash_json
from agentflow_cli.foundation.redaction import mask
from agentflow_cli.ports.journal import Journal
from agentflow_cli.ports.model import PassedOver

Effect = Callable[[str], Awaitable[Json]]
"""Does it, given the operation's own idempotency key; its outcome is JSON. A StepFailure is not recorded."""


class Operations:
    """The operations of one step or child."""

    def __init__(self, journal: Journal, state: RunState, path: str, forms: tuple[str, ...] = ()) -> None:
        """`forms` are the step's secrets in all their disguises: no outcome keeps one, or shows it to a model."""
        self._journal = journal
        self._state = state
        self._path = path
        self._forms = forms

    async def perform(self, name: str, request: Json, effect: Effect) -> Json:
        """The recorded outcome of `name`, else what `effect` gives, recorded before it is returned.

        StepFailure when the record was made for another request: what led here is not what it was.
        """
        digest = hash_json(request)
        recorded = (self._state.step(self._path).operations or {}).get(name)
        if recorded is not None:
            if recorded.request != digest:
                message = f"the operation `{name}` was recorded for another request; fork the run instead"
                raise StepFailure(Failure("internal", message))
            return recorded.outcome
        faultpoint("operation.started")
        outcome = mask(await effect(f"{self._journal.run}:{self._path}/{name}"), self._forms)
        faultpoint("operation.effect_done")
        await self._journal.append(OperationRecorded(self._path, name, digest, outcome))
        return outcome

    def note_passed_over(self, passed: PassedOver) -> None:
        """Record that a model could not be had, and which one is asked instead."""
        told = passed.failure
        failure = replace(told, message=mask(told.message, self._forms), data=mask(told.data, self._forms))
        self._journal.append(ModelPassedOver(self._path, passed.model, failure, passed.next))
