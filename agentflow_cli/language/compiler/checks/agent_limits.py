"""Agents that may act on the world outside have limits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Severity
from agentflow_cli.domain.project import Project
from agentflow_cli.language.compiler.blocks import blocks_of, steps_with_blocks
from agentflow_cli.language.compiler.tools import BUILT_IN, tool_names
from agentflow_cli.language.loader.agents import DELEGATE, LoadedAgent
from agentflow_cli.language.loader.load import Loaded


def check_agent_limits(agent: LoadedAgent, project: Project, root: Path) -> Iterator[Diagnostic]:
    """Report an agent without limits that has a tool with effects. What a Python tool does is not known, so it counts
    as one that has."""
    own = agent.agent
    if own.limits or not own.tools:
        return
    known = tool_names(root, project.tools).tools
    for tool in own.tools:
        if tool.value in known and tool.value not in BUILT_IN:
            message = f"agent `{own.name}` can act through `{tool.value}` without any limit"
            yield Diagnostic("AF541", message, agent.document.span(tool.path), Severity.WARNING,
                             "as often as the model likes",
                             "say how far it may go: `limits: {turns: 8, tokens: 20k, time: 2m}`")  # fmt: skip
            return


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
