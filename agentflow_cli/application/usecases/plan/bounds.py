"""How much the models of a run may use at most. What is not declared is not known, and is not guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from agentflow_cli.application.usecases.plan.report import CACHED, SKIPPED, Bounds, PlannedStep


def bounds(steps: Iterable[PlannedStep]) -> Bounds:
    """Of one run in which no call is repeated. Groups around a step count as often as they may run."""
    every = list(steps)
    times = _times(every)
    calls: list[int | None] = []
    output_tokens: list[int | None] = []
    agent_tokens: list[int | None] = []
    cost: float = 0.0
    unbounded = []
    for step in every:
        if step.model is None or step.verdict in (SKIPPED, CACHED):
            continue
        often = times[step.path]
        if step.agent is None:
            calls.append(often)
            output_tokens.append(_product(often, step.output_tokens))
        else:
            turns = None if step.delegates else step.agent.turns  # those who are asked have turns of their own
            calls.append(_product(often, turns))
            agent_tokens.append(_product(often, step.agent.tokens))
        if all(use.local for use in (step.model, *step.delegates)):
            continue
        limit = step.agent.cost if step.agent is not None else None
        if limit is None or often is None:
            unbounded.append(step.path)
        else:
            cost += limit * often
    return Bounds(
        model_calls=_sum(calls),
        output_tokens=_sum(output_tokens),
        agent_tokens=_sum(agent_tokens),
        cost=None if unbounded else cost,
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


def _sum(parts: list[int | None]) -> int | None:
    return None if None in parts else sum(part for part in parts if part is not None)


def _product(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one * other
