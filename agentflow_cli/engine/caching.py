"""`cache: true`: the outcome of a step from an earlier run, kept under everything that could have made it another."""

from __future__ import annotations

from collections.abc import Mapping

from agentflow_cli.engine.cache_key import cache_key, cacheable
from agentflow_cli.engine.executors.call import Call, Outcome
from agentflow_cli.foundation.errors import AgentflowError
from agentflow_cli.ports.cache import Cache


def kept_under(call: Call, code: Mapping[str, str]) -> str | None:
    """The key of the call's outcome; None when it cannot be kept."""
    step = call.step
    if not cacheable(step):
        return None
    model = None
    if step.kind == "prompt":
        try:
            model = call.services.model.identify(call.setting("model") or call.options.default_model)
        except AgentflowError:  # the call itself says what is wrong
            return None
    return cache_key(step, call.templates, call.env, code=code if step.kind == "python" else {}, model=model)


def outcome_kept(cache: Cache, key: str) -> Outcome | None:
    """What is kept under `key`. It used no tokens this time."""
    kept = cache.get(key)
    if not isinstance(kept, dict) or "output" not in kept:
        return None
    return Outcome(kept["output"], kept.get("beside") or {}, reused="cache")


def keep_outcome(cache: Cache, key: str, outcome: Outcome) -> None:
    """What another model than the preferred one has said is not kept: that one may answer the next time."""
    if outcome.usage.get("passed_over"):
        return
    cache.put(key, {"output": outcome.output, "beside": outcome.beside})
