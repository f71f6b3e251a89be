"""Conversations of agents: kept by the agent that a step names one for, and not shared by what runs side by side."""

from __future__ import annotations

from agentflow_cli.diagnostics.diagnostic import Diagnostic, Diagnostics, Severity
from agentflow_cli.domain.workflow import Step
from agentflow_cli.language.compiler.blocks import steps_with_blocks
from agentflow_cli.language.loader.load import Loaded


def check_conversations(loaded: Loaded, diagnostics: Diagnostics) -> None:
    """Report `conversation` for an agent that keeps none, and children of a foreach that would share one."""
    for step, _ in steps_with_blocks(loaded.workflow):
        found = loaded.agents.get(step.settings["agent"].value) if step.kind == "agent" else None
        if found is None:
            continue
        keeps = bool(found.agent.memory.get("conversation"))
        named = step.templates.get("conversation")
        if named is not None and not keeps:
            diagnostics.add(
                Diagnostic("AF392", f"the agent `{found.agent.name}` keeps no conversation",
                           loaded.document.key_span(named.path), label="means nothing to it",
                           help="give the agent `memory: {conversation: true}`")
            )  # fmt: skip
        elif keeps and named is None and _side_by_side(step):
            diagnostics.add(
                Diagnostic("AF393", f"the children of `{step.id}` would talk at once in one conversation",
                           loaded.document.key_span((*step.path, "foreach")), label="its children run side by side",
                           help="give each its own with `conversation`, or write `max_parallel: 1`",
                           severity=Severity.WARNING)
            )  # fmt: skip


def _side_by_side(step: Step) -> bool:
    return step.foreach is not None and step.foreach.max_parallel != 1
