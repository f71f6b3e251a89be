"""What becomes of a failure that may heal when a step says nothing about `retry`."""

from __future__ import annotations

from agentflow_cli.domain.kinds import acts_outside
from agentflow_cli.domain.plan import PlanStep
from agentflow_cli.domain.retry import MODEL_RETRY, NO_RETRY, Retry
from agentflow_cli.foundation.errors import AgentflowError
from agentflow_cli.ports.tools import Tools

ASKS = frozenset({"prompt", "agent", "recall", "remember"})
"""Kinds that ask a service, and can ask again."""


def default_retry(step: PlanStep, tools: Tools) -> Retry:
    """A step that asks a service and changes nothing is tried again, and so is one whose author says that doing it
    twice does no harm (`idempotent: true`); nothing else is."""
    if step.kind in ASKS:
        return MODEL_RETRY
    if step.kind == "http":
        return MODEL_RETRY if step.idempotent or not acts_outside(step.kind, step.settings) else NO_RETRY
    if not acts_outside(step.kind, step.settings):
        return NO_RETRY
    return MODEL_RETRY if step.idempotent or _only_looks(step, tools) else NO_RETRY


def _only_looks(step: PlanStep, tools: Tools) -> bool:
    if step.kind != "tool":
        return False
    try:
        return not tools.get(str(step.settings.get("tool"))).effect
    except AgentflowError:  # the call itself says what is wrong
        return False
