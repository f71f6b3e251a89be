"""Groups, rounds, called workflows, and what runs when a run settles."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from agentflow_cli.domain.events import Record, RunSuspended
from agentflow_cli.domain.plan import Block, PlanInput, PlanRepeat, PlanStep
from agentflow_cli.domain.retry import Retry
from agentflow_cli.ports.people import Answer
from tests.engine.driving import drive
from tests.fakes.plans import ask_step, each, plan_of, python_step, set_step
from tests.fakes.services import Listening, ScriptedPerson, fake_services


def group(step_id: str, *steps: PlanStep, outputs: dict[str, Any] | None = None, **rest: Any) -> PlanStep:
    return PlanStep(step_id, "steps", block=Block({s.id: s for s in steps}, outputs or {}), **rest)


class Calls:
    """A function that remembers who called it, and fails for names in `bad`."""

    def __init__(self, *bad: str) -> None:
        self.made: list[str] = []
        self.bad = set(bad)

    def __call__(self, name: str) -> str:
        self.made.append(name)
        if name in self.bad:
            raise ValueError(f"{name} is bad")
        return name


def work(step_id: str, name: str, **rest: Any) -> PlanStep:
    return python_step(step_id, "work", {"name": name}, **rest)


async def test_a_group_sees_the_steps_around_it_and_gives_out_only_its_outputs() -> None:
    plan = plan_of(
        set_step("base", {"n": 10}),
        group(
            "g",
            set_step("a", {"v": "${{ steps.base.output.n + inputs.k }}"}),
            set_step("b", {"v": "${{ steps.a.output.v * 2 }}"}, reads=("a",)),
            outputs={"result": "${{ steps.b.output.v }}"},
            reads=("base",),
        ),
        set_step("after", {"r": "${{ steps.g.output.result }}"}, reads=("g",)),
    )
    state = await drive(plan, inputs={"k": 1})
    assert state.status == "succeeded"
    assert state.steps["g"].output == {"result": 22}
    assert state.steps["after"].output == {"r": 22}
    assert state.step("g/a").output == {"v": 11}


async def test_a_failure_inside_a_group_fails_the_group_and_says_where() -> None:
    calls = Calls("x")
    plan = plan_of(group("g", work("a", "x"), work("b", "y", needs=("a",))))
    state = await drive(plan, fake_services(functions={"work": calls}))
    assert state.status == "failed"
    assert state.steps["g"].error is not None and "`g/a` failed" in state.steps["g"].error.message
    assert state.step("g/b").status == "cancelled"


async def test_children_of_a_foreach_can_be_groups_with_a_foreach_inside() -> None:
    plan = plan_of(
        group(
            "rows",
            replace(
                set_step("cells", {"v": "${{ row.name }}${{ cell }}"}),
                foreach=each("row.cells", as_name="cell"),
            ),
            outputs={"all": "${{ steps.cells.output | map(attribute='v') | join(' ') }}"},
            foreach=each("inputs.rows", as_name="row"),
        )
    )
    rows = [{"name": "a", "cells": [1, 2]}, {"name": "b", "cells": []}, {"name": "c", "cells": [3]}]
    state = await drive(plan, inputs={"rows": rows})
    assert state.status == "succeeded", state.error
    assert state.steps["rows"].output == [{"all": "a1 a2"}, {"all": ""}, {"all": "c3"}]
    assert state.step("rows[0]/cells[1]").output == {"v": "a2"}


async def test_resume_goes_on_inside_groups_and_repeats_nothing_there() -> None:
    calls = Calls("2b")
    plan = plan_of(
        group(
            "g",
            work("a", "${{ item }}a"),
            work("b", "${{ item }}b", needs=("a",)),
            outputs={"b": "${{ steps.b.output }}"},
            foreach=each("inputs.list"),
        )
    )
    records: list[Record] = []
    services = fake_services(functions={"work": calls})
    first = await drive(plan, services, records=records, inputs={"list": ["1", "2", "3"]})
    assert first.status == "failed"
    assert sorted(calls.made) == ["1a", "1b", "2a", "2b", "3a", "3b"]
    calls.bad.clear()
    second = await drive(plan, services, records=records, epoch=2)
    assert second.status == "succeeded"
    assert calls.made[6:] == ["2b"]
    assert second.steps["g"].output == [{"b": "1b"}, {"b": "2b"}, {"b": "3b"}]


async def test_a_group_that_is_retried_runs_only_what_had_not_succeeded_again() -> None:
    attempts: list[str] = []

    def flaky(name: str) -> str:
        attempts.append(name)
        if name == "b" and attempts.count("b") == 1:
            raise TimeoutError("slow")
        return name

    async def function(name: str) -> str:
        return flaky(name)

    plan = plan_of(group("g", work("a", "a"), work("b", "b", needs=("a",)), retry=Retry(max=1, on=("exception",))))
    state = await drive(plan, fake_services(functions={"work": function}))
    assert state.status == "succeeded", state.error
    assert attempts == ["a", "b", "b"]


async def test_rounds_go_on_until_the_condition_holds_and_see_the_round_before() -> None:
    plan = plan_of(
        group(
            "loop",
            set_step("n", {"v": "${{ coalesce(previous.n.v, 0) + 1 }}", "i": "${{ iteration }}"}),
            outputs={"v": "${{ steps.n.output.v }}", "i": "${{ steps.n.output.i }}"},
            repeat=PlanRepeat(10, "steps.n.output.v >= 3"),
        )
    )
    state = await drive(plan)
    assert state.status == "succeeded", state.error
    assert state.steps["loop"].output == {"v": 3, "i": 2}
    assert [i.output for i in state.steps["loop"].iterations or ()] == [{"v": n + 1, "i": n} for n in range(3)]


@pytest.mark.parametrize(("on_max", "status"), [("fail", "failed"), ("continue", "succeeded")])
async def test_rounds_are_bounded(on_max: str, status: str) -> None:
    calls = Calls()
    step = replace(work("a", "x${{ iteration }}"), repeat=PlanRepeat(3, "steps.a.output == 'never'", on_max))
    state = await drive(plan_of(step), fake_services(functions={"work": calls}))
    assert state.status == status
    assert calls.made == ["x0", "x1", "x2"]
    if status == "failed":
        assert state.error is not None and "still false after 3 rounds" in state.error.message


async def test_resume_goes_on_in_the_round_that_failed() -> None:
    calls = Calls("1b")
    plan = plan_of(
        group(
            "loop",
            work("a", "${{ iteration }}a"),
            work("b", "${{ iteration }}b", needs=("a",)),
            repeat=PlanRepeat(3),
        )
    )
    records: list[Record] = []
    services = fake_services(functions={"work": calls})
    assert (await drive(plan, services, records=records)).status == "failed"
    calls.bad.clear()
    state = await drive(plan, services, records=records, epoch=2)
    assert state.status == "succeeded"
    assert calls.made == ["0a", "0b", "1a", "1b", "1b", "2a", "2b"]


async def test_a_called_workflow_sees_its_inputs_and_nothing_else() -> None:
    called = Block(
        {"s": set_step("s", {"v": "${{ inputs.a + inputs.b }}", "w": "${{ run.workflow }}"})},
        {"sum": "${{ steps.s.output.v }}", "w": "${{ steps.s.output.w }}"},
        {"a": PlanInput("a", {"type": "integer"}, True), "b": PlanInput("b", {"type": "integer"}, False, 5)},
        "adder",
        "workflows/adder.yaml",
    )
    call = PlanStep("call", "workflow", {"with": {"a": "${{ inputs.x }}"}}, {"workflow": "adder.yaml"}, block=called)
    state = await drive(plan_of(call), inputs={"x": 2})
    assert state.steps["call"].output == {"sum": 7, "w": "adder"}
    wrong = await drive(plan_of(call), inputs={"x": "two"})
    assert wrong.status == "failed" and "input `a`" in str(wrong.error)
    outside = replace(called, steps={"s": set_step("s", {"v": "${{ steps.base.output.n }}"})}, outputs={})
    state = await drive(
        plan_of(set_step("base", {"n": 1}), replace(call, block=outside, needs=("base",))), inputs={"x": 2}
    )
    assert state.status == "failed"


async def test_a_question_inside_a_group_suspends_the_run_and_goes_on_after_the_answer() -> None:
    plan = plan_of(
        group("g", ask_step("sure"), work("after", "x", needs=("sure",)), foreach=each("inputs.list")),
        work("other", "o"),
    )
    calls = Calls()
    services = fake_services(functions={"work": calls})
    records: list[Record] = []
    state = await drive(plan, services, records=records, inputs={"list": [1, 2]})
    assert state.status == "suspended"
    assert calls.made == ["o"]
    assert records[-1].event == RunSuspended(["g[0]/sure", "g[1]/sure"])
    person = ScriptedPerson(Answer({}, "ada"), Answer({}, "ada"))
    done = await drive(plan, services, records=records, epoch=2, person=person)
    assert done.status == "succeeded"
    assert calls.made == ["o", "x", "x"]


async def test_a_timeout_of_a_group_ends_what_runs_inside_it() -> None:
    ended: list[str] = []

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("ended")

    plan = plan_of(group("g", python_step("a", "forever"), timeout=0.02))
    state = await drive(plan, fake_services(functions={"forever": forever}))
    assert state.steps["g"].error is not None and state.steps["g"].error.kind == "timeout"
    assert ended == ["ended"]


def settling(plan: Any, finally_steps: list[PlanStep], on_failure: list[PlanStep] | None = None) -> Any:
    return replace(
        plan,
        finally_steps={s.id: s for s in finally_steps},
        on_failure={s.id: s for s in on_failure or ()},
    )


@pytest.mark.parametrize("bad", [False, True])
async def test_finally_runs_at_every_end_and_on_failure_only_after_a_failure(bad: bool) -> None:
    calls = Calls(*(["main"] if bad else []))
    plan = settling(
        plan_of(work("m", "main"), outputs={"m": "${{ steps.m.output }}"}),
        [work("clean", "clean ${{ run.status }} ${{ steps.m.status }}")],
        [work("tell", "tell ${{ run.error.kind }}")],
    )
    listener = Listening()
    state = await drive(plan, fake_services(functions={"work": calls}), listener=listener)
    if bad:
        assert calls.made == ["main", "tell exception", "clean failed failed"]
        assert state.status == "failed" and state.error is not None and "`m` failed" in state.error.message
    else:
        assert calls.made == ["main", "clean succeeded succeeded"]
        assert (state.status, state.outputs) == ("succeeded", {"m": "main"})
    assert listener.types()[-1] == "run_finished"


async def test_a_failure_in_finally_fails_a_run_that_had_succeeded() -> None:
    calls = Calls("clean")
    plan = settling(plan_of(work("m", "main")), [work("clean", "clean"), work("other", "other")])
    state = await drive(plan, fake_services(functions={"work": calls}))
    assert state.status == "failed"
    assert state.error is not None and "@finally#0/clean" in state.error.message
    assert sorted(calls.made) == ["clean", "main", "other"]


async def test_an_interrupt_runs_no_finally_and_the_end_after_the_resume_does() -> None:
    reached, made = asyncio.Event(), []

    async def function(name: str) -> str:
        made.append(name)
        if name == "main" and made.count("main") == 1:
            reached.set()
            await asyncio.Event().wait()
        return name

    plan = settling(plan_of(work("m", "main")), [work("clean", "clean")])
    records: list[Record] = []
    services = fake_services(functions={"work": function})
    engines: list[Any] = []
    running = asyncio.create_task(drive(plan, services, records=records, engines=engines, grace=0.0))
    await reached.wait()
    engines[0]._interruption._on_signal("interrupted", 130)
    assert (await running).status == "interrupted"
    assert made == ["main"]
    assert (await drive(plan, services, records=records, epoch=2)).status == "succeeded"
    assert made == ["main", "main", "clean"]


async def test_each_end_of_a_run_has_its_own_finally() -> None:
    calls = Calls("main")
    plan = settling(plan_of(work("m", "main")), [work("clean", "clean")])
    records: list[Record] = []
    services = fake_services(functions={"work": calls})
    await drive(plan, services, records=records)
    calls.bad.clear()
    state = await drive(plan, services, records=records, epoch=2)
    assert state.status == "succeeded"
    assert calls.made == ["main", "clean", "main", "clean"]
    assert {"@finally#0/clean", "@finally#1/clean"} <= set(state.nodes)


async def test_fail_fast_still_runs_finally() -> None:
    calls = Calls("bad")

    async def forever() -> None:
        await asyncio.Event().wait()

    plan = settling(
        plan_of(work("b", "bad"), python_step("slow", "forever")), [work("c1", "clean1"), work("c2", "clean2")]
    )
    state = await drive(plan, fake_services(functions={"work": calls, "forever": forever}), fail_fast=True)
    assert state.status == "failed"
    assert state.steps["slow"].status == "cancelled"
    assert sorted(calls.made) == ["bad", "clean1", "clean2"]


@pytest.mark.parametrize(("choice", "status"), [("repeat", "succeeded"), ("fail", "failed")])
async def test_a_step_that_was_in_flight_is_done_again_only_if_a_person_says_so(choice: str, status: str) -> None:
    reached, made = asyncio.Event(), []

    async def function(name: str) -> str:
        made.append(name)
        if len(made) == 1:
            reached.set()
            await asyncio.Event().wait()
        return name

    plan = plan_of(work("pay", "pay", on_crash="ask"))
    records: list[Record] = []
    services = fake_services(functions={"work": function})
    engines: list[Any] = []
    running = asyncio.create_task(drive(plan, services, records=records, engines=engines, grace=0.0))
    await reached.wait()
    engines[0]._interruption._on_signal("interrupted", 130)
    await running
    assert (await drive(plan, services, records=records, epoch=2)).status == "suspended"
    assert made == ["pay"]
    person = ScriptedPerson(Answer({"choice": choice}, "ada"))
    state = await drive(plan, services, records=records, epoch=3, person=person)
    assert state.status == status
    assert len(made) == (2 if choice == "repeat" else 1)
