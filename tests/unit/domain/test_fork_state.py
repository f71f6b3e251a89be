"""What a fork's record says of itself, folded."""

from __future__ import annotations

from agentflow_cli.domain import events as e
from agentflow_cli.domain.run_state import RunState
from tests.fakes.plans import plan_of, set_step


def test_a_reused_outcome_is_kept_by_the_first_driver_and_names_its_run() -> None:
    plan = plan_of(set_step("a", {"x": 1}), set_step("b", {"x": 2}))
    accepted = e.RunAccepted("run", "test", "", {}, "0", parent="old", script="")
    reused = e.StepSucceeded("a", {"x": 1}, reused="old")
    records = [e.Record(n, 0.0, 1, event) for n, event in enumerate([accepted, reused, e.EpochStarted(1, 1)], 1)]
    state = RunState.fold(plan, records)
    assert (state.parent, state.script) == ("old", "")
    assert (state.steps["a"].status, state.steps["a"].reused) == ("succeeded", "old")
    assert state.steps["b"].status == "pending"
