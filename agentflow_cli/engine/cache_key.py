"""What an outcome is kept under across runs: everything that could have made it another one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from agentflow_cli.domain.codec import to_json
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.kinds import acts_outside
from agentflow_cli.domain.plan import PlanAgent, PlanStep
from agentflow_cli.foundation.hashing import hash_json
from agentflow_cli.ports.tools import Tool

FORMAT = 1
"""Of the key and of what is kept; another number forgets everything."""

_NEVER = frozenset({"ask", "remember", "wait", "fail", "notify", "set"})
"""Kinds whose outcome belongs to its run, or costs nothing."""
_IRRELEVANT = frozenset(
    {"id", "name", "when", "foreach", "repeat", "retry", "timeout", "on_error", "on_error_value", "reads", "needs"}
    | {"optional", "line", "cache", "idempotent", "on_crash", "templates", "env"}
)
"""Fields of a step that say when and how it runs, or that stand in the key in their rendered form."""


def cache_key(
    step: PlanStep,
    templates: Mapping[str, Json],
    env: Mapping[str, Json],
    *,
    code: Mapping[str, str],
    model: str | None = None,
    agents: Mapping[str, PlanAgent] | None = None,
    tools: Sequence[Tool] = (),
    memory: Mapping[str, Json] | None = None,
    read: Mapping[str, Json] | None = None,
) -> str | None:
    """The key of one outcome of `step`; None when it is never kept: it acts on the world, or asks it each time.

    `templates` and `env` are rendered; `code` are the hashes of the files that it may run; `model` is the name that
    its model resolves to; `agents` and `tools` are those that its agent may call; `memory` says the version of each
    memory that it searches; `read` are the values that the steps inside a group read from around it.
    """
    if not cacheable(step) or any(tool.effect for tool in tools) or (step.kind == "recall" and not memory):
        return None
    definition = {
        field.name: to_json(getattr(step, field.name))
        for field in dataclasses.fields(PlanStep)
        if field.name not in _IRRELEVANT
    }
    return hash_json(
        {
            "format": FORMAT,
            "step": definition,
            "templates": templates,
            "env": env,
            "code": dict(code),
            "model": model,
            "agents": to_json(dict(agents or {})),
            "tools": [to_json(tool) for tool in sorted(tools, key=lambda tool: tool.name)],
            "memory": dict(memory or {}),
            "read": dict(read or {}),
        }
    )


def cacheable(step: PlanStep) -> bool:
    """Whether outcomes of `step` may be kept at all, by its kind and that of the steps inside it."""
    if step.block is not None:
        return all(inner.kind == "set" or cacheable(inner) for inner in step.block.steps.values())
    return step.kind not in _NEVER and not acts_outside(step.kind, step.settings) and not step.secrets
