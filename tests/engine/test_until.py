"""`--until STEP`: the step and what it needs, and nothing after; a resume does the rest."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agentflow_cli.domain.events import Record
from agentflow_cli.domain.failure import Failure, StepFailure
from tests.engine.driving import drive
from tests.fakes.plans import plan_of, python_step, set_step
from tests.fakes.services import FakeFunctions, fake_services

PLAN = plan_of(
    set_step("a", {"x": 1}),
    set_step("b", {"y": "${{ steps.a.output.x + 1 }}"}, reads=("a",)),
    set_step("beside", {"z": 1}),
    set_step("c", {"w": "${{ steps.b.output.y + steps.beside.output.z }}"}, reads=("b", "beside")),
    outputs={"w": "${{ steps.c.output.w }}"},
)


def statuses(state: Any) -> dict[str, str]:
    return {step_id: step.status for step_id, step in state.steps.items()}


async def test_the_step_and_what_it_needs_run_and_a_resume_does_the_rest() -> None:
    records: list[Record] = []
    state = await drive(PLAN, records=records, until="b")
    assert state.status == "stopped"
    assert statuses(state) == {"a": "succeeded", "b": "succeeded", "beside": "pending", "c": "pending"}
    assert state.reason == "`--until b`: 2 steps are left"
    ran = len(records)
    state = await drive(PLAN, records=records, epoch=2)
    assert (state.status, state.outputs) == ("succeeded", {"w": 3})
    assert not {"a", "b"} & {getattr(record.event, "path", "") for record in records[ran:]}


async def test_neither_finally_nor_outputs_are_made_before_the_end_and_both_then() -> None:
    plan = plan_of(set_step("a", {"x": 1}), set_step("b", {"x": 1}))
    plan = replace(plan, finally_steps={"f": set_step("f", {"x": 1})})
    records: list[Record] = []
    assert not [n for n in (await drive(plan, records=records, until="a")).nodes if n.startswith("@")]
    assert [n for n in (await drive(plan, records=records, epoch=2)).nodes if n.startswith("@")]


async def test_the_last_step_ends_the_run() -> None:
    state = await drive(PLAN, until="c")
    assert (state.status, state.outputs) == ("succeeded", {"w": 3})


@pytest.mark.parametrize("until", [None, "b"])
async def test_a_run_that_stops_short_of_its_step_is_still_told_to_stop_there(until: str | None) -> None:
    fails = [True]

    def flaky() -> int:
        if fails.pop() if fails else False:
            raise StepFailure(Failure("exception", "once"))
        return 1

    plan = plan_of(python_step("a", "f"), set_step("b", {"x": 1}, needs=("a",)), set_step("c", {"x": 1}, needs=("b",)))
    services = fake_services()
    assert isinstance(services.functions, FakeFunctions)
    services.functions.functions["f"] = flaky
    records: list[Record] = []
    state = await drive(plan, services, records=records, until="b")
    assert (state.status, statuses(state)) == ("failed", {"a": "failed", "b": "cancelled", "c": "cancelled"})
    assert state.steps["c"].reason == "it is not needed for `b` (`--until`)"
    state = await drive(plan, services, records=records, epoch=2, until=until)
    assert (state.status, statuses(state)) == ("stopped", {"a": "succeeded", "b": "succeeded", "c": "pending"})
    state = await drive(plan, services, records=records, epoch=3)
    assert state.status == "succeeded"


async def test_a_second_stop_further_on_goes_on_from_the_first() -> None:
    records: list[Record] = []
    await drive(PLAN, records=records, until="a")
    state = await drive(PLAN, records=records, epoch=2, until="beside")
    assert (state.status, state.reason) == ("stopped", "`--until beside`: 2 steps are left")
