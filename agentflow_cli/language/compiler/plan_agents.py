"""Agents, frozen with the plan."""

from __future__ import annotations

from collections.abc import Mapping

from agentflow_cli.domain.agent import Agent
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import PlanAgent
from agentflow_cli.domain.workflow import Step
from agentflow_cli.language.loader.load import Loaded
from agentflow_cli.language.loader.structure import read_limits


def plan_agents(loaded: Loaded) -> dict[str, PlanAgent]:
    """Every agent that a workflow may call, by the name that its steps and `agent:NAME` use."""
    return {name: frozen(found.agent) for name, found in loaded.agents.items() if found is not None}


def frozen(agent: Agent) -> PlanAgent:
    return PlanAgent(
        name=agent.name,
        instructions=agent.instructions.value,
        version=agent.version,
        description=agent.description,
        model=agent.model,
        tools=tuple(tool.value for tool in agent.tools),
        output=None if agent.output is None else agent.output.value,
        limits=dict(agent.limits),
        memory=dict(agent.memory),
    )


def agent_of(loaded: Loaded, step: Step) -> PlanAgent:
    """The agent of a step, with the tools and limits that the step leaves it."""
    found = loaded.agents[step.settings["agent"].value]
    assert found is not None  # the loader has reported it
    agent = frozen(found.agent)
    tools = tuple(step.settings["tools"].value) if "tools" in step.settings else agent.tools
    own = read_limits(step.settings["limits"].value) if "limits" in step.settings else {}
    output = step.output.value if step.output is not None else agent.output
    return PlanAgent(
        name=agent.name,
        instructions=agent.instructions,
        version=agent.version,
        description=agent.description,
        model=agent.model,
        tools=tools,
        output=output,
        limits=narrower(agent.limits, own),
        memory=dict(agent.memory),
    )


def narrower(limits: Mapping[str, Json], own: Mapping[str, Json]) -> dict[str, Json]:
    """Both sets of limits, the smaller one of each."""
    return {name: min(value for value in (limits.get(name), own.get(name)) if value is not None)
            for name in {**limits, **own}}  # fmt: skip
