"""Which models a plan may ask for, by the names that it uses."""

from __future__ import annotations

from agentflow_cli.domain.plan import Plan


def models_named(plan: Plan, default: str | None) -> list[str | None]:
    """Each name once; None stands for no name. `default` is that of steps and agents that name none."""
    steps = list(plan.every_step())
    agents = [*plan.agents.values(), *(step.agent for step in steps if step.agent is not None)]
    names = {step.settings.get("model") or default for step in steps if step.kind == "prompt"}
    return sorted(names | {agent.model or default for agent in agents}, key=str)
