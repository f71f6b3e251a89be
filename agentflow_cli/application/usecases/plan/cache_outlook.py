"""`cache: true`: whether the outcome of a step is there already, by the very key that the run will use."""

from __future__ import annotations

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.runtime.paths import user_cache_directory
from agentflow_cli.application.usecases.plan.foresight import Fails, Foreseen, Known, Names, Unknown
from agentflow_cli.application.usecases.plan.model_choice import ModelChoices
from agentflow_cli.application.usecases.plan.report import CacheOutlook
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.kinds import CACHED
from agentflow_cli.domain.plan import Plan, PlanStep
from agentflow_cli.engine.cache_key import cache_key, cacheable

NOTHING_KEPT = "nothing is kept for what it is made from"


class KeptOutcomes:
    """What earlier runs have kept. Where there is no cache yet, none is made."""

    def __init__(self, container: Container, plan: Plan, models: ModelChoices) -> None:
        self._container = container
        self._code = plan.code
        self._models = models
        self._there: bool | None = None

    def outlook(self, step: PlanStep, names: Names) -> tuple[CacheOutlook, dict[str, Json] | None]:
        """For one call, and what is kept of it: `output` and `beside`."""
        if step.kind not in CACHED or not cacheable(step):
            return CacheOutlook("never", f"a `{step.kind}` like this is not kept"), None
        rendered = names.foresee([step.templates, step.env])
        if not isinstance(rendered, Known):
            return CacheOutlook("unknown", _why(rendered)), None
        model = None
        if step.kind == "prompt":
            use = self._models.of(step)
            model = self._models.identity(step) if use is not None and use.name is not None else None
            if model is None:
                return CacheOutlook("unknown", "unknown until its model is chosen"), None
        templates, env = rendered.value
        key = cache_key(step, templates, env, code=self._code if step.kind == "python" else {}, model=model)
        kept = None if key is None else self._get(key)
        if not isinstance(kept, dict) or "output" not in kept:
            return CacheOutlook("miss", NOTHING_KEPT), None
        return CacheOutlook("hit", "made from the same before"), kept

    def _get(self, key: str) -> Json | None:
        if self._there is None:
            self._there = (user_cache_directory(self._container.environment) / "steps").is_dir()
        return self._container.cache.get(key) if self._there else None


def _why(foreseen: Foreseen) -> str:
    if isinstance(foreseen, Fails):
        return foreseen.message
    assert isinstance(foreseen, Unknown)
    return f"unknown until {foreseen.until}"
