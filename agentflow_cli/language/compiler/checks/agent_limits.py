"""Agents that may act on the world outside have limits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Secondary, Severity
from agentflow_cli.domain.project import Project
from agentflow_cli.language.compiler.blocks import blocks_of, steps_with_blocks
from agentflow_cli.language.compiler.types.known import BUILT_IN_TOOLS
from agentflow_cli.language.loader.agents import DELEGATE, LoadedAgent
from agentflow_cli.language.loader.load import Loaded
from agentflow_cli.language.loader.structure import read_limits


def check_agent_limits(agent: LoadedAgent, project: Project, root: Path) -> Iterator[Diagnostic]:
    """Report an agent without limits that has a tool with effects. What a Python tool does is not known, so it counts
    as one that has."""
    own = agent.agent
    if own.limits or not own.tools:
        return
    from agentflow_cli.language.compiler.tools import tool_names  # reads Python: only for agents with tools

    known = tool_names(root, project.tools).tools
    for tool in own.tools:
        if tool.value in known and tool.value not in BUILT_IN_TOOLS:
            message = f"agent `{own.name}` can act through `{tool.value}` without any limit"
            yield Diagnostic("AF541", message, agent.document.span(tool.path), Severity.WARNING,
                             "as often as the model likes",
                             "say how far it may go: `limits: {turns: 8, tokens: 20k, time: 2m}`")  # fmt: skip
            return


def check_wider_limits(loaded: Loaded) -> Iterator[Diagnostic]:
    """Report limits of steps that are wider than those of their agent: the narrower one counts."""
    for step, _ in steps_with_blocks(loaded.workflow):
        agent = loaded.agents.get(step.settings["agent"].value) if step.kind == "agent" else None
        if agent is None or "limits" not in step.settings:
            continue
        limits = step.settings["limits"]
        for name, value in read_limits(limits.value).items():
            least = agent.agent.limits.get(name)
            if least is not None and value > least:
                yield Diagnostic("AF347", f"`{name}` of step `{step.id}` is more than agent `{agent.agent.name}` may",
                                 loaded.document.span((*limits.path, name)), Severity.WARNING, "has no effect",
                                 "a step makes the limits of its agent narrower; widen those of the agent",
                                 (Secondary(agent.document.span((*agent.agent.path, "limits", name)), "this counts"),)
                                 )  # fmt: skip


def bounded_by_steps(loaded: Loaded) -> frozenset[str]:
    """The agents of which every use has limits of its own, or takes the tools away."""
    delegated = {tool.value for agent in loaded.agents.values() if agent is not None for tool in agent.agent.tools}
    names = {name for name in loaded.agents if DELEGATE + name not in delegated}
    if "steps" in loaded.workflow.unknown or not all(
        step.whole for block in blocks_of(loaded.workflow) for step in block.steps.values()
    ):
        return frozenset(names)  # what one of a wrong shape says is not known
    used: set[str] = set()
    for step, _ in steps_with_blocks(loaded.workflow):
        if step.kind == "agent":
            name = step.settings["agent"].value
            used.add(name)
            if "limits" not in step.settings and ("tools" not in step.settings or step.settings["tools"].value):
                names.discard(name)
    return frozenset(names & used)
