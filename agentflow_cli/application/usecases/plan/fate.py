"""Whether a step will run: surely, on a condition, or surely not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agentflow_cli.application.usecases.plan.foresight import Fails, Known, Names
from agentflow_cli.domain.plan import PlanStep

RUNS, CONDITIONAL, SKIPPED, FAILS, NO_OUTPUT = "runs", "conditional", "skipped", "fails", "no output"


@dataclass(frozen=True, slots=True)
class Fate:
    """`what` is one of the words above. FAILS is a step that surely ends badly; so does one of NO_OUTPUT, which lets
    the run go on."""

    what: str
    why: str = ""
    status: str = "skipped"
    """Of a skipped one: as the run will record it, `skipped` or `cancelled`."""


def fate_of(step: PlanStep, fates: Mapping[str, Fate], names: Names, around: Fate) -> Fate:
    """Of a step whose dependencies have theirs; `around` is that of the block it stands in."""
    if around.what == SKIPPED:
        return around
    required = {name: fates[name] for name in (*step.reads, *step.needs) if name in fates}
    for name, fate in required.items():
        if fate.what == FAILS:
            return Fate(SKIPPED, f"`{name}` will fail", "cancelled")
        if fate.what == SKIPPED and fate.status == "cancelled":
            return Fate(SKIPPED, f"`{name}` is cancelled", "cancelled")
    for name, fate in required.items():
        if fate.what == SKIPPED:
            return Fate(SKIPPED, f"`{name}` is skipped")
    for name in step.reads:
        if name in fates and fates[name].what == NO_OUTPUT:
            return Fate(SKIPPED, f"`{name}` will fail and have no output")
    condition = Fate(CONDITIONAL, around.why) if around.what == CONDITIONAL else None
    if step.when is not None:
        foreseen = names.foresee_condition(step.when)
        if isinstance(foreseen, Fails):
            return Fate(FAILS, f"`when`: {foreseen.message}")
        if not isinstance(foreseen, Known):
            condition = Fate(CONDITIONAL, f"when {step.when}")
        elif not foreseen.value:
            return Fate(SKIPPED, f"`{step.when}` is false")
    if condition is None:
        for name, fate in required.items():
            if fate.what == CONDITIONAL:
                return Fate(CONDITIONAL, f"only if `{name}` runs")
    return condition or Fate(RUNS)
