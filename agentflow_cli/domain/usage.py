"""What the model calls of a run have used, folded from its events: an attempt that failed has used something, too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agentflow_cli.domain.events import OperationRecorded
from agentflow_cli.domain.failure import Failure
from agentflow_cli.domain.json_value import Json


@dataclass(slots=True)
class Usage:
    """`cost` is in dollars, over the calls whose price is known; `unpriced` counts the others."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    unpriced: int = 0

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens

    def add(self, used: Mapping[str, Json]) -> None:
        """Count `{input_tokens, output_tokens, cost}`. Without tokens there was no call; no price is made up."""
        if "input_tokens" not in used and "output_tokens" not in used:
            return
        self.input_tokens += int(used.get("input_tokens") or 0)
        self.output_tokens += int(used.get("output_tokens") or 0)
        cost = used.get("cost")
        if cost is None:
            self.unpriced += 1
        else:
            self.cost += float(cost)

    def add_operation(self, event: OperationRecorded) -> None:
        """Count a recorded model call of an agent; other operations use nothing."""
        reply = event.outcome.get("reply") if isinstance(event.outcome, dict) else None
        if isinstance(reply, dict):
            usage = reply.get("usage")
            tokens = usage if isinstance(usage, dict) else {}
            self.add({"input_tokens": 0, **tokens, "cost": reply.get("cost")})

    def add_failure(self, failure: Failure) -> None:
        """Count what a call used whose reply was of no use."""
        used = failure.data.get("usage")
        if isinstance(used, dict):
            self.add(used)
