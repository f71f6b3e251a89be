"""What an agent has used, held against its limits. What a delegate uses counts for those who asked it, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.foundation.duration import format_duration

if TYPE_CHECKING:
    from agentflow_cli.ports.model import ModelReply

DEFAULT_TURNS = 16
"""Model calls of an agent that names no limit."""


class LimitReached(StepFailure):
    """A limit ended the work; `meter` says whose limit."""

    def __init__(self, meter: Meter, message: str) -> None:
        super().__init__(Failure("limit", message, data=meter.used()))
        self.meter = meter


class Meter:
    """`limits` are the agent's: `turns`, `tokens`, `cost` (dollars), `time` (seconds)."""

    def __init__(self, agent: str, limits: Mapping[str, Json], outer: Meter | None = None) -> None:
        self._agent = agent
        self._limits = limits
        self._outer = outer
        self.turns: int = limits.get("turns", DEFAULT_TURNS)
        self.time: float | None = limits.get("time")
        self.model: str | None = None
        self.input_tokens = 0
        self.output_tokens = 0
        self.cost: float | None = 0.0
        """None when the price of a call is not known."""
        self.model_calls = 0
        self.tool_calls = 0

    def charge(self, reply: ModelReply) -> None:
        """Count a model call. LimitReached when somebody limits the cost and its price is not known."""
        self.model = reply.model
        self.add(
            {
                "input_tokens": reply.usage.input_tokens,
                "output_tokens": reply.usage.output_tokens,
                "cost": reply.cost,
                "model_calls": 1,
            },
            reply.model,
        )

    def add(self, used: Mapping[str, Json], model: str | None = None) -> None:
        """Count what `used()` of another meter says, here and for all who wait for this agent."""
        for meter in self._chain():
            meter.input_tokens += used.get("input_tokens", 0)
            meter.output_tokens += used.get("output_tokens", 0)
            meter.model_calls += used.get("model_calls", 0)
            meter.tool_calls += used.get("tool_calls", 0)
            cost = used.get("cost")
            meter.cost = None if cost is None or meter.cost is None else meter.cost + cost
        for meter in self._chain():
            if meter.cost is None and "cost" in meter._limits:
                limit, which = f"${meter._limits['cost']:.2f}", f" of `{model}`" if model else ""
                raise LimitReached(
                    meter,
                    f"the agent `{meter._agent}` has a cost limit of {limit}, and the price{which} is not known; "
                    "limit its `tokens` instead, or choose a model whose price is known",
                )

    def check(self) -> None:
        """LimitReached when nothing may be asked any more, by any limit that counts here."""
        for meter in self._chain():
            tokens, cost = meter._limits.get("tokens"), meter._limits.get("cost")
            if tokens is not None and meter.tokens >= tokens:
                said = f"the agent `{meter._agent}` has used {meter.tokens:,} of its {tokens:,} tokens"
                raise LimitReached(meter, f"{said}, and is not done")
            if cost is not None and meter.cost is not None and meter.cost >= cost and meter.cost > 0:
                said = f"the agent `{meter._agent}` has spent ${meter.cost:.4f} of its ${cost:.2f}"
                raise LimitReached(meter, f"{said}, and is not done")

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens

    def tokens_left(self) -> int | None:
        """The fewest that any limit leaves; None without a limit."""
        nearest = self._nearest_token_limit()
        return None if nearest is None else nearest._limits["tokens"] - nearest.tokens

    def out_of_turns(self) -> LimitReached:
        return LimitReached(self, f"the agent `{self._agent}` is not done after {self.turns} turns, its limit")

    def out_of_tokens(self) -> LimitReached:
        meter = self._nearest_token_limit() or self
        said = f"the agent `{meter._agent}` was cut off by its limit of {meter._limits.get('tokens', 0):,} tokens"
        return LimitReached(meter, said)

    def out_of_time(self) -> LimitReached:
        said = f"the agent `{self._agent}` is not done after {format_duration(self.time or 0)}, its limit"
        return LimitReached(self, said)

    def used(self) -> dict[str, Json]:
        """For the record of a step: `model`, tokens, calls, and `cost` in dollars, null when it is not known."""
        return {
            "model": self.model,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cost": self.cost if self.cost is None else round(self.cost, 9),
            "model_calls": self.model_calls,
            "tool_calls": self.tool_calls,
        }

    def _nearest_token_limit(self) -> Meter | None:
        limited = [meter for meter in self._chain() if meter._limits.get("tokens") is not None]
        return min(limited, key=lambda meter: meter._limits["tokens"] - meter.tokens, default=None)

    def _chain(self) -> list[Meter]:
        """This meter and those of the agents that wait for this one."""
        chain, outer = [self], self._outer
        while outer is not None:
            chain.append(outer)
            outer = outer._outer
        return chain
