"""What may happen next in a block of steps: pure functions of plan and state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agentflow_cli.domain.plan import Block, PlanStep
from agentflow_cli.domain.run_state import StepState


@dataclass(frozen=True, slots=True)
class Start:
    """Every dependency is settled, and none stands in the way."""


@dataclass(frozen=True, slots=True)
class Skip:
    reason: str


@dataclass(frozen=True, slots=True)
class Cancel:
    reason: str


Verdict = Start | Skip | Cancel


def verdict(step: PlanStep, states: Mapping[str, StepState]) -> Verdict:
    """What becomes of a step whose dependencies have all settled.

    A required dependency that failed or was cancelled cancels it; one that was skipped skips it, and so does one that
    went on after an error and so has no output to read. Optional ones are only waited for.
    """
    for required in (*step.reads, *step.needs):
        state = states[required]
        if state.fatal:
            return Cancel(f"`{required}` failed")
        if state.status == "cancelled":
            return Cancel(f"`{required}` was cancelled")
    for required in (*step.reads, *step.needs):
        if states[required].status == "skipped":
            return Skip(f"`{required}` was skipped")
    for read in step.reads:
        if not states[read].has_output:
            return Skip(f"`{read}` failed and has no output")
    return Start()


class Frontier:
    """The border between settled steps and the rest; each dependency is looked at once, however wide the plan."""

    def __init__(self, block: Block, states: Mapping[str, StepState]) -> None:
        self._dependents = block.dependents
        self._waiting_for = {
            step.id: sum(not states[d].settled for d in step.dependencies)
            for step in block.steps.values()
            if not states[step.id].settled
        }

    @property
    def empty(self) -> bool:
        """Every step has settled."""
        return not self._waiting_for

    def ready(self) -> list[str]:
        """The unsettled steps that wait for nothing, in the plan's order."""
        return [step_id for step_id, count in self._waiting_for.items() if count == 0]

    def settled(self, step_id: str) -> list[str]:
        """The steps that waited for nothing else than `step_id`."""
        self._waiting_for.pop(step_id, None)
        released = []
        for dependent in self._dependents.get(step_id, ()):
            if dependent in self._waiting_for:
                self._waiting_for[dependent] -= 1
                if self._waiting_for[dependent] == 0:
                    released.append(dependent)
        return released
