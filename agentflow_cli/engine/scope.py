"""What an expression can read while the run goes on: plain JSON data, built once per settled step."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping

from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import PlanForeach
from agentflow_cli.domain.run_state import RunState, StepState
from agentflow_cli.foundation.ids import SHORT_LENGTH


class Scope:
    """The names that the steps of one block can read. `steps` grows as they settle."""

    def __init__(self, names: Mapping[str, Json], states: Mapping[str, StepState]) -> None:
        """`names` are those from outside the block; a group sees the steps around it too."""
        self._steps: dict[str, Json] = {}
        outer = names.get("steps")
        self.names: Mapping[str, Json] = {**names, "steps": ChainMap(self._steps, outer) if outer else self._steps}
        for state in states.values():
            if state.settled:
                self.settle(state)

    def settle(self, step: StepState) -> None:
        """Let expressions read a step that has settled."""
        assert step.step_id is not None
        self._steps[step.step_id] = step_view(step)


def run_names(state: RunState, env: Mapping[str, str]) -> dict[str, Json]:
    """The names that a run begins with."""
    return {
        "inputs": state.inputs,
        "env": env,
        "run": {"id": state.run[:SHORT_LENGTH], "workflow": state.plan.workflow},
        "project": {"name": state.plan.project},
    }


def child_names(names: Mapping[str, Json], foreach: PlanForeach, item: Json, index: int) -> Mapping[str, Json]:
    return {**names, foreach.as_name: item, "index": index}


def step_view(step: StepState) -> dict[str, Json]:
    """`steps.ID` as expressions see it; a missing output is an absent key, never null."""
    view: dict[str, Json] = {"status": step.status, **(step.beside or {})}
    if step.has_output:
        view["output"] = step.output
    if step.children is not None:
        view["children"] = [step_view(child) for child in step.children]
    if step.error is not None:
        view["error"] = {"kind": step.error.kind, "message": step.error.message}
    return view
