"""`--max-tokens` and `--max-cost`: no model is called once a run has used what it may use.

The call that reaches a limit is finished and kept. What calls under way may still use is set aside, so that calls side
by side do not run far past a limit together: one that might not fit waits until another has ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.usage import Usage
from agentflow_cli.engine.driver import Stopping
from agentflow_cli.ports.model import Model, ModelFailure, ModelReply, ModelRequest, OnDelta, OnPassed, Price

USUAL_REPLY = 500
"""Tokens that are set aside for a reply of which nobody says how long it may become."""


@dataclass(frozen=True, slots=True)
class Limits:
    tokens: int | None = None
    cost: float | None = None
    """Dollars."""

    @property
    def any(self) -> bool:
        return self.tokens is not None or self.cost is not None


class Budget:
    """What a run has used so far, held against its limits. `used` goes on from what its record says."""

    def __init__(self, limits: Limits, used: Usage) -> None:
        self.limits = limits
        self.used = replace(used)
        self._aside_tokens = 0
        self._aside_cost = 0.0
        self._under_way = 0
        self._changed = asyncio.Event()

    def exhausted(self) -> str | None:
        """Why nothing may be asked any more; None while something may."""
        tokens, cost = self.limits.tokens, self.limits.cost
        if tokens is not None and self.used.tokens >= tokens:
            return f"the run has used {self.used.tokens:,} of its {tokens:,} tokens (`--max-tokens`)"
        if cost is not None and self.used.unpriced:
            calls = "a model call" if self.used.unpriced == 1 else f"{self.used.unpriced} model calls"
            return f"the price of {calls} is not known, so that `--max-cost ${cost:.2f}` cannot be kept"
        if cost is not None and self.used.cost >= cost:
            return f"the run has spent ${self.used.cost:.4f} of its ${cost:.2f} (`--max-cost`)"
        return None

    async def admit(self, tokens: int, cost: float) -> None:
        """Wait until a call of about that size fits, or until it is the only one. Say why not with `exhausted`."""
        while self._under_way and self.exhausted() is None and not self._fits(tokens, cost):
            self._changed.clear()
            await self._changed.wait()

    @contextmanager
    def set_aside(self, tokens: int, cost: float) -> Iterator[None]:
        self._under_way += 1
        self._aside_tokens += tokens
        self._aside_cost += cost
        try:
            yield
        finally:
            self._under_way -= 1
            self._aside_tokens -= tokens
            self._aside_cost -= cost
            self._changed.set()

    def _fits(self, tokens: int, cost: float) -> bool:
        most, dearest = self.limits.tokens, self.limits.cost
        if most is not None and self.used.tokens + self._aside_tokens + tokens > most:
            return False
        return dearest is None or self.used.cost + self._aside_cost + cost <= dearest


class BudgetedModel:
    """A ports.model.Model that asks `model` while the budget lasts, then tells `stop` why it does not, and ends."""

    def __init__(self, model: Model, budget: Budget, stop: Callable[[str], None]) -> None:
        self._model = model
        self._budget = budget
        self._stop = stop

    def resolve(self, name: str | None) -> str:
        return self._model.resolve(name)

    def identify(self, name: str | None) -> str:
        return self._model.identify(name)

    def price(self, name: str | None) -> Price | None:
        return self._model.price(name)

    async def complete(
        self, request: ModelRequest, on_delta: OnDelta | None = None, on_passed: OnPassed | None = None
    ) -> ModelReply:
        """Stopping when a limit is reached, or when it cannot be kept since nobody knows the price."""
        price = await self._price(request)
        said = sum(len(message.content) for message in request.messages) // 4 + 1
        most = request.max_tokens or USUAL_REPLY
        size = said + most, price.of(said, most) if price is not None else 0.0
        await self._budget.admit(*size)
        if (why := self._budget.exhausted()) is not None:
            self._end(why)
        with self._budget.set_aside(*size):
            try:
                reply = await self._model.complete(request, on_delta, on_passed)
            except ModelFailure as error:
                self._budget.used.add_failure(error.failure)
                raise
            usage: dict[str, Json] = {
                "input_tokens": reply.usage.input_tokens,
                "output_tokens": reply.usage.output_tokens,
                "cost": reply.cost,
            }
            self._budget.used.add(usage)
            return reply

    async def _price(self, request: ModelRequest) -> Price | None:
        """Of the model that is to be asked, when somebody limits the cost: without one it is not asked."""
        limit = self._budget.limits.cost
        if limit is None:
            return None
        price = await asyncio.to_thread(self._model.price, request.model)
        if price is None:
            name = self._model.resolve(request.model)
            self._end(
                f"the price of `{name}` is not known, so that `--max-cost ${limit:.2f}` cannot be kept: "
                "limit the tokens instead (`--max-tokens`), or choose a model whose price is known"
            )
        return price

    def _end(self, why: str) -> None:
        self._stop(why)
        raise Stopping
