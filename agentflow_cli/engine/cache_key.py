"""What an outcome is kept under across runs: everything that could have made it another one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from agentflow_cli.domain.codec import to_json
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.kinds import CACHED, acts_outside
from agentflow_cli.domain.plan import PlanStep
from agentflow_cli.foundation.hashing import hash_json

FORMAT = 1
"""Of the key and of what is kept; another number forgets everything."""

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
) -> str | None:
    """The key of one outcome of `step`; None when it is never kept: it acts on the world, or asks it each time.

    `templates` and `env` are rendered; `code` are the hashes of the files that it may run; `model` is the name that
    its model resolves to.
    """
    if not cacheable(step):
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
        }
    )


def cacheable(step: PlanStep) -> bool:
    """Whether outcomes of `step` may be kept at all."""
    return step.kind in CACHED and not acts_outside(step.kind, step.settings) and not step.secrets
