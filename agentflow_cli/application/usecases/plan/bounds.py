"""How much the models of a run may use at most. What is not declared is not known, and is not guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from agentflow_cli.application.usecases.plan.report import CACHED, SKIPPED, Bounds, PlannedStep

N = TypeVar("N", int, float)


def bounds(steps: Iterable[PlannedStep]) -> Bounds:
    """Of one run. Groups around a step count as often as they may run."""
    every = list(steps)
    times = _times(every)
    calls: list[int | None] = []
    output_tokens: list[int | None] = []
    output_costs: list[float | None] = []
    agent_tokens: list[int | None] = []
    agent_costs: list[float | None] = []
    local = True
    unbounded = []
    for step in every:
        if step.model is None or step.verdict in (SKIPPED, CACHED):
            continue
        often = times[step.path]
        is_local = all(use.local for use in (step.model, *step.delegates))
        local = local and is_local
        if step.agent is None:
            asked = _product(often, 2 if step.declared else 1)
            calls.append(asked)
            output_tokens.append(_product(asked, step.output_tokens))
            output_costs.append(_product(asked, step.output_cost))
        else:
            turns = None if step.delegates else step.agent.turns  # those who are asked have turns of their own
            calls.append(_product(often, _product(turns, 2 if step.declared else 1)))
            agent_tokens.append(_product(often, step.agent.tokens))
            agent_costs.append(0.0 if is_local else _product(often, step.agent.cost))
        most = step.output_tokens if step.agent is None else step.agent.tokens
        if often is None or most is None:
            unbounded.append(step.path)
    return Bounds(
        model_calls=_sum(calls),
        output_tokens=_sum(output_tokens),
        output_cost=_sum(output_costs),
        agent_tokens=_sum(agent_tokens),
        agent_cost=_sum(agent_costs),
        local=local,
        unbounded=tuple(unbounded),
    )


def _times(steps: list[PlannedStep]) -> Mapping[str, int | None]:
    """How often each step is carried out at most."""
    found: dict[str, int | None] = {}
    for step in steps:
        around = step.path.rpartition("/")[0]
        own: int | None = 1 if step.foreach is None else step.count
        own = _product(own, step.repeat or 1)
        found[step.path] = _product(found.get(around, 1), own)
    return found


def _sum(parts: list[N | None]) -> N | None:
    total: N = 0
    for part in parts:
        if part is None:
            return None
        total += part
    return total


def _product(one: int | None, other: N | None) -> N | None:
    return None if one is None or other is None else one * other
