"""`--max-tokens` and `--max-cost`: what ends a run, what is counted, and what a resume knows of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from agentflow_cli.domain.events import Record
from agentflow_cli.domain.failure import Failure
from agentflow_cli.domain.plan import PlanAgent, PlanStep
from agentflow_cli.domain.run_state import RunState
from agentflow_cli.ports.model import (
    ModelFailure,
    ModelReply,
    ModelRequest,
    ModelUsage,
    OnDelta,
    OnPassed,
    Price,
    ToolCall,
)
from tests.engine.driving import drive
from tests.fakes.plans import plan_of, set_step
from tests.fakes.services import FakeModel, FakeTools, fake_services

LIMIT = 5


class Counted(FakeModel):
    """Each call uses 100 tokens, at a price of a tenth of a cent each, unless it is not known."""

    def __init__(self, price: Price | None = Price(0.001, 0.001), cost: float | None = 0.1) -> None:
        super().__init__()
        self._price, self._cost = price, cost
        self.at_once = self.most_at_once = 0
        self.failure: Failure | None = None

    def price(self, name: str | None) -> Price | None:
        return self._price

    async def complete(
        self, request: ModelRequest, on_delta: OnDelta | None = None, on_passed: OnPassed | None = None
    ) -> ModelReply:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        self.requests.append(request)
        if self.failure is not None:
            raise ModelFailure(self.failure)
        return ModelReply("yes", "m/x", usage=ModelUsage(60, 40), cost=self._cost)


def prompts(count: int, chained: bool = True) -> list[PlanStep]:
    return [
        PlanStep(f"p{n}", "prompt", {"prompt": "hi"}, {"max_tokens": 90}, needs=(f"p{n - 1}",) if chained and n else ())
        for n in range(count)
    ]


async def run(model: FakeModel, *steps: PlanStep, **rest: Any) -> RunState:
    return await drive(plan_of(*steps), replace(fake_services(), model=model), **rest)


async def test_no_model_is_called_once_the_tokens_are_used_and_the_run_can_be_resumed() -> None:
    model, records = Counted(), list[Record]()
    state = await run(model, *prompts(4), records=records, max_tokens=150)
    assert (state.status, state.exit_code) == ("interrupted", LIMIT)
    assert state.reason == "the run has used 200 of its 150 tokens (`--max-tokens`)"
    assert [step.status == "succeeded" for step in state.steps.values()] == [True, True, False, False]
    assert len(model.requests) == 2

    state = await run(model, *prompts(4), records=records, epoch=2)  # the limit stays, and so does what was used
    assert (state.status, state.exit_code, len(model.requests)) == ("interrupted", LIMIT, 2)

    state = await run(model, *prompts(4), records=records, epoch=3, max_tokens=400)
    assert (state.status, len(model.requests), state.used.tokens) == ("succeeded", 4, 400)


async def test_a_limit_of_nothing_lifts_what_was_said_before() -> None:
    model, records = Counted(), list[Record]()
    await run(model, *prompts(3), records=records, max_tokens=50, max_cost=0.05)
    state = await run(model, *prompts(3), records=records, epoch=2, max_tokens=0, max_cost=0)
    assert (state.status, state.max_tokens, state.max_cost) == ("succeeded", None, None)


async def test_steps_without_a_model_go_on_to_the_end_when_the_limit_is_just_reached() -> None:
    state = await run(Counted(), *prompts(1), set_step("s", {"x": 1}, needs=("p0",)), max_tokens=100)
    assert state.status == "succeeded"


async def test_no_model_is_called_once_the_money_is_spent() -> None:
    model = Counted()
    state = await run(model, *prompts(3), max_cost=0.15)
    assert (state.exit_code, len(model.requests)) == (LIMIT, 2)
    assert state.reason == "the run has spent $0.2000 of its $0.15 (`--max-cost`)"
    assert state.used.cost == 0.2


async def test_a_model_whose_price_nobody_knows_is_not_called_when_the_cost_is_limited() -> None:
    model = Counted(price=None, cost=None)
    state = await run(model, *prompts(1), max_cost=5)
    assert (state.exit_code, model.requests) == (LIMIT, [])
    assert state.reason is not None and "the price of `fake/model` is not known" in state.reason
    state = await run(model, *prompts(1), max_tokens=5000)
    assert state.status == "succeeded"
    assert (state.used.cost, state.used.unpriced) == (0.0, 1)


async def test_calls_of_unknown_price_in_an_earlier_epoch_are_not_counted_as_nothing() -> None:
    records: list[Record] = []
    await run(Counted(price=None, cost=None), *prompts(2), records=records, max_tokens=50)
    state = await run(Counted(), *prompts(2), records=records, epoch=2, max_tokens=0, max_cost=5)
    assert state.exit_code == LIMIT
    assert state.reason is not None and "the price of a model call is not known" in state.reason


async def test_calls_side_by_side_wait_for_each_other_near_the_limit() -> None:
    model = Counted()
    state = await run(model, *prompts(20, chained=False), max_tokens=450)
    assert model.most_at_once > 1
    assert (state.exit_code, len(model.requests)) == (LIMIT, 5)


async def test_what_a_failed_reply_used_counts_and_is_on_record() -> None:
    model, records = Counted(), list[Record]()
    used = {"input_tokens": 80, "output_tokens": 20, "cost": 0.1}
    model.failure = Failure("rate_limit", "no", data={"usage": used})
    state = await run(model, *prompts(1), records=records, max_tokens=200)
    assert (state.exit_code, len(model.requests)) == (LIMIT, 2)
    assert RunState.fold(state.plan, records).used.tokens == 200


async def test_an_agent_s_calls_count_one_by_one_and_once() -> None:
    class Working(Counted):
        async def complete(
            self, request: ModelRequest, on_delta: OnDelta | None = None, on_passed: OnPassed | None = None
        ) -> ModelReply:
            reply = await super().complete(request, on_delta)
            if len(self.requests) % 3:
                return replace(reply, tool_calls=(ToolCall(f"c{len(self.requests)}", "t", {}),))
            return reply

    model, records = Working(), list[Record]()
    agent = PlanAgent("a", "You work.", tools=("t",))
    plan = plan_of(PlanStep("a", "agent", {"task": "Do."}, {"agent": "a"}, agent=agent))
    services = replace(fake_services(tools=FakeTools({"t": lambda: "ok"})), model=model)
    state = await drive(plan, services, records=records, max_tokens=200)
    assert (state.exit_code, state.steps["a"].status, state.used.tokens) == (LIMIT, "interrupted", 200)
    state = await drive(plan, services, records=records, epoch=2, max_tokens=1000)
    assert (state.status, state.used.tokens, len(model.requests)) == ("succeeded", 300, 3)
    assert state.used.cost == pytest.approx(0.3)
