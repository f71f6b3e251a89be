"""What calls used: counts that are possible, and what they cost. A provider's mistake is not passed on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from agentflow_cli.domain.failure import Failure
from agentflow_cli.domain.json_value import Json
from agentflow_cli.ports.model import ModelReply, ModelRequest, ModelUsage, Price

_MOST_TOKENS = 100_000_000
"""No call has more: a larger count is a provider's mistake."""


@dataclass(frozen=True, slots=True)
class Used:
    """The sum over the turns of one request; `cost` in dollars, None when a price is not known."""

    turns: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = 0.0

    def plus(self, reply: ModelReply) -> Used:
        cost = None if self.cost is None or reply.cost is None else self.cost + reply.cost
        usage = reply.usage
        return Used(
            self.turns + 1, self.input_tokens + usage.input_tokens, self.output_tokens + usage.output_tokens, cost
        )

    def on(self, failure: Failure) -> Failure:
        """The failure with what was used before it; as it is when nothing was."""
        if not self.turns:
            return failure
        usage: dict[str, Json] = {
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cost": self.cost,
        }
        return replace(failure, data={**failure.data, "usage": usage})


NOTHING = Used()


def counted_reply(reply: ModelReply, request: ModelRequest, price: Price | None) -> ModelReply:
    """`reply` with possible usage, and with its cost when the price is known."""
    usage = ModelUsage(
        _believed(reply.usage.input_tokens, _estimate(message.content for message in request.messages)),
        _believed(reply.usage.output_tokens, _estimate([reply.text, *(str(c.arguments) for c in reply.tool_calls)])),
        min(_tokens(reply.usage.cached_tokens), _tokens(reply.usage.input_tokens)),
    )
    cost = reply.cost
    if cost is None and price is not None:
        cost = round(price.of(usage.input_tokens, usage.output_tokens, usage.cached_tokens), 9)
    return replace(reply, usage=usage, cost=cost)


def _tokens(count: int) -> int:
    return count if 0 < count <= _MOST_TOKENS else 0


def _believed(reported: int, estimated: int) -> int:
    """What a provider counted; our estimate where it counted nothing, or so little that it cannot be."""
    count = _tokens(reported)
    return count if count * 4 >= estimated else estimated


def _estimate(texts: Iterable[str]) -> int:
    """Tokens of `texts` when nobody counted them: about four characters each."""
    return sum(len(text) // 4 + 1 for text in texts)
