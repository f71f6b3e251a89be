"""Which steps of a parent run a fork takes over, and why the others run."""

from __future__ import annotations

from dataclasses import dataclass

from agentflow_cli.application.usecases.fork.identity import code_of, differences, inputs_read, leaves, models_changed
from agentflow_cli.domain.plan import Plan, PlanStep
from agentflow_cli.domain.run_state import RunState, StepState

REUSED, PARTLY, SKIPPED, RUNS = "reused", "partly", "skipped", "runs"


@dataclass(frozen=True, slots=True)
class StepVerdict:
    """`verdict` is `reused`, `partly` (children of a foreach), `skipped` (as before), or `runs`."""

    id: str
    kind: str
    verdict: str
    why: str

    @property
    def stands(self) -> bool:
        """Whether it is what it was, so that what depends on it may be too."""
        return self.verdict in (REUSED, SKIPPED)


@dataclass(frozen=True, slots=True)
class Change:
    """What a fork changes besides the plan."""

    inputs: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    """Files, from the project's root."""
    start: str | None = None
    """`--from`: this step and all that depends on it run."""
    model: str | None = None
    """For steps that name none."""


def judge(parent: RunState, plan: Plan, change: Change) -> dict[str, StepVerdict]:
    """A verdict for each top-level step of `plan`, in an order in which dependencies come first."""
    verdicts: dict[str, StepVerdict] = {}
    for step_id in (step_id for wave in plan.waves for step_id in wave):
        step = plan.steps[step_id]
        why = _why_again(parent, plan, step, change, verdicts)
        if why is not None:
            verdicts[step_id] = StepVerdict(step_id, step.kind, RUNS, why)
        else:
            verdicts[step_id] = _as_it_was(step, parent.steps[step_id])
    return verdicts


def _why_again(
    parent: RunState, plan: Plan, step: PlanStep, change: Change, verdicts: dict[str, StepVerdict]
) -> str | None:
    """What about it is not what it was; None when it is the same."""
    old = parent.plan.steps.get(step.id)
    if step.id == change.start:
        return "you asked for it (`--from`)"
    if old is None:
        return "it is new"
    if changed := differences(old, step):
        return f"{_listed(changed)} changed"
    for dependency in step.dependencies:
        if not verdicts[dependency].stands:
            return f"`{dependency}` runs"
    if changed := inputs_read(step, plan, change.inputs):
        return f"the input {_listed(changed)} changed"
    if changed := code_of(step, dict.fromkeys(change.code, "")):
        return f"{_listed(changed)} changed"
    return _why_again_inside(parent.plan, plan, step, change)


def _why_again_inside(old: Plan, plan: Plan, step: PlanStep, change: Change) -> str | None:
    """What it calls that is named in its definition, and not part of it."""
    inner = list(leaves(step))
    if old.agents != plan.agents and any(leaf.kind == "agent" for leaf in inner):
        return "an agent changed"
    for leaf in inner:
        if changed := models_changed(old, plan, leaf):
            return f"the project's model {_listed(changed)} changed"
    if change.model is not None and any(_takes_default_model(leaf) for leaf in inner):
        return f"the model is to be `{change.model}`"
    if any(leaf.kind == "remember" and "files" in leaf.settings for leaf in inner):
        return "the files that it remembers may have changed"
    return None


def _takes_default_model(step: PlanStep) -> bool:
    if step.kind == "agent":
        return step.agent is None or step.agent.model is None
    return step.kind == "prompt" and "model" not in step.settings


def _as_it_was(step: PlanStep, state: StepState) -> StepVerdict:
    if state.status == "succeeded":
        return StepVerdict(step.id, step.kind, REUSED, "")
    if state.status == "skipped":
        return StepVerdict(step.id, step.kind, SKIPPED, "as before")
    done = sum(child.status == "succeeded" for child in state.children or ())
    if done:
        return StepVerdict(step.id, step.kind, PARTLY, f"{done} of {len(state.children or ())} children are reused")
    said = {
        "pending": "it did not run",
        "waiting": "it waits for an answer",
        "running": "it did not end",
        "interrupted": "it did not end",
    }
    return StepVerdict(step.id, step.kind, RUNS, said.get(state.status, f"it had {state.status}"))


def _listed(names: list[str]) -> str:
    return ", ".join(name if " " in name else f"`{name}`" for name in names)
