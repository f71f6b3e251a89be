"""What a record says of the steps of a run that was stopped and taken up again, folded."""

from __future__ import annotations

from agentflow_cli.domain import events as e
from agentflow_cli.domain.failure import Failure
from agentflow_cli.domain.run_state import RunState, StepState
from tests.fakes.plans import plan_of, set_step


def folded(*events: tuple[float, e.Event]) -> StepState:
    """The step `a` after these events, each with its time."""
    records = [e.Record(n, at, 1, event) for n, (at, event) in enumerate(events, 1)]
    return RunState.fold(plan_of(set_step("a", {"x": 1})), records).steps["a"]


BEGUN = (0.0, e.EpochStarted(1, 1)), (1.0, e.StepStarted("a"))
STOPPED = (5.0, e.RunInterrupted("interrupted", 130))


def test_what_was_under_way_when_a_run_was_stopped_is_not_running() -> None:
    step = folded(*BEGUN, STOPPED)
    assert (step.status, step.settled, step.done_for_good) == ("interrupted", False, False)
    resumed = folded(*BEGUN, STOPPED, (9.0, e.EpochStarted(2, 1)))
    assert (resumed.status, resumed.in_flight) == ("pending", True)


def test_the_time_of_a_step_begins_anew_with_the_epoch_that_tries_it_again() -> None:
    step = folded(*BEGUN, STOPPED, (90_000.0, e.EpochStarted(2, 1)), (90_001.0, e.StepStarted("a", 2)))
    assert step.started_at == 90_001.0


def test_retries_of_one_epoch_are_one_time() -> None:
    retrying = (2.0, e.StepRetrying("a", 1, Failure("timeout", "late"), 1.0))
    assert folded(*BEGUN, retrying, (3.0, e.StepStarted("a", 2))).started_at == 1.0


def test_a_question_has_waited_since_it_was_asked() -> None:
    asked = (2.0, e.AskOpened("a", "ok?"))
    step = folded(*BEGUN, asked, (3.0, e.RunSuspended(["a"])), (9.0, e.EpochStarted(2, 1)), (9.5, e.StepStarted("a")))
    assert (step.status, step.started_at) == ("waiting", 1.0)


def test_a_loop_that_an_epoch_goes_on_with_runs_as_soon_as_a_part_of_it_does() -> None:
    begun = [e.EpochStarted(1, 1), e.StepExpanded("a", [1, 2]), e.IterationStarted("a[0]", 0), e.StepStarted("a[0]#0")]
    stopped = [e.RunInterrupted("interrupted", 130), e.EpochStarted(2, 1)]
    records = [e.Record(n, float(n), 1, event) for n, event in enumerate([*begun, *stopped], 1)]
    state = RunState.fold(plan_of(set_step("a", {"x": 1})), records)
    assert [state.step(path).status for path in ("a", "a[0]", "a[0]#0", "a[1]")] == ["pending"] * 4
    state.apply(e.Record(7, 70.0, 2, e.StepStarted("a[0]#0", 2)))
    assert [state.step(path).status for path in ("a", "a[0]", "a[0]#0")] == ["running"] * 3
    assert (state.step("a").started_at, state.step("a[1]").status) == (70.0, "pending")
