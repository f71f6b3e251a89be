"""What an expression can read while the run goes on: plain JSON data, built once per settled step."""

from __future__ import annotations

from collections.abc import Mapping

from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import PlanForeach
from agentflow_cli.domain.run_state import RunState, StepState
from agentflow_cli.foundation.ids import SHORT_LENGTH


class Scope:
    """The names of a run. `steps` grows as steps settle."""

    def __init__(self, state: RunState, env: Mapping[str, str]) -> None:
        self._steps: dict[str, Json] = {}
        self._names: dict[str, Json] = {
            "inputs": state.inputs,
            "steps": self._steps,
            "env": env,
            "run": {"id": state.run[:SHORT_LENGTH], "workflow": state.plan.workflow},
            "project": {"name": state.plan.project},
        }
        for step in state.steps.values():
            if step.settled:
                self.settle(step)

    def settle(self, step: StepState) -> None:
        """Let expressions read a step that has settled."""
        view = step_view(step)
        if step.children is not None:
            view["children"] = [step_view(child) for child in step.children]
        self._steps[step.path] = view

    @property
    def names(self) -> Mapping[str, Json]:
        return self._names

    def for_child(self, foreach: PlanForeach, item: Json, index: int) -> Mapping[str, Json]:
        return {**self._names, foreach.as_name: item, "index": index}


def step_view(step: StepState) -> dict[str, Json]:
    """`steps.ID` as expressions see it; a missing output is an absent key, never null."""
    view: dict[str, Json] = {"status": step.status, **(step.beside or {})}
    if step.has_output:
        view["output"] = step.output
    if step.error is not None:
        view["error"] = {"kind": step.error.kind, "message": step.error.message}
    return view
