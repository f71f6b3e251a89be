"""What a run does, seen through its final state and its events."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from agentflow_cli.domain.events import AskAnswered, ProcessStarted, Record
from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.domain.plan import PlanStep
from agentflow_cli.domain.retry import Retry
from agentflow_cli.foundation.clock import iso_time
from agentflow_cli.foundation.errors import DamagedDataError
from agentflow_cli.ports.commands import CommandResult, OnProcess
from agentflow_cli.ports.people import Answer
from tests.engine.driving import drive
from tests.fakes.plans import ask_step, each, plan_of, python_step, set_step
from tests.fakes.services import FakeClock, FakeCommands, FakeFunctions, Listening, ScriptedPerson, fake_services


def failing(kind: str, message: str = "boom", **rest: Any) -> Any:
    def function(**_: Any) -> None:
        raise StepFailure(Failure(kind, message, **rest))

    return function


async def test_values_flow_from_step_to_step_and_into_the_outputs() -> None:
    plan = plan_of(
        set_step("a", {"x": "${{ inputs.n + 1 }}"}),
        set_step("b", {"y": "${{ steps.a.output.x * 2 }}"}, reads=("a",)),
        outputs={"result": "${{ steps.b.output.y }}", "text": "n is ${{ inputs.n }}"},
    )
    state = await drive(plan, inputs={"n": 20})
    assert state.status == "succeeded"
    assert state.outputs == {"result": 42, "text": "n is 20"}


async def test_a_false_condition_skips_the_step_and_those_that_need_it_with_the_reason() -> None:
    plan = plan_of(
        set_step("a", {"x": 1}, when="1 > 2"),
        set_step("b", {"y": "${{ steps.a.output.x }}"}, reads=("a",)),
        set_step("c", {"z": "${{ steps.a.output.x | default('none') }}"}, optional=("a",)),
    )
    state = await drive(plan)
    assert state.status == "succeeded"
    assert (state.steps["a"].status, state.steps["a"].reason) == ("skipped", "`1 > 2` is false")
    assert (state.steps["b"].status, state.steps["b"].reason) == ("skipped", "`a` was skipped")
    assert state.steps["c"].output == {"z": "none"}


async def test_a_condition_that_is_no_boolean_fails_the_step_and_names_it() -> None:
    state = await drive(plan_of(set_step("a", {"x": 1}, when="inputs.name")), inputs={"name": "yes"})
    assert state.status == "failed"
    assert state.error is not None and "`a` failed" in state.error.message
    assert state.steps["a"].error is not None and state.steps["a"].error.kind == "expression"


async def test_a_failure_cancels_what_depends_on_it_and_lets_the_rest_go_on() -> None:
    plan = plan_of(
        python_step("bad", "fail"),
        set_step("after", {"x": 1}, needs=("bad",)),
        set_step("far", {"x": 1}, needs=("after",)),
        set_step("other", {"x": 1}),
    )
    state = await drive(plan, fake_services(functions={"fail": failing("exception")}))
    assert state.status == "failed"
    assert {s.path: s.status for s in state.steps.values()} == {
        "bad": "failed",
        "after": "cancelled",
        "far": "cancelled",
        "other": "succeeded",
    }


@pytest.mark.parametrize(
    ("on_error", "status", "output"), [("continue", "skipped", None), ("value", "succeeded", {"y": 7})]
)
async def test_on_error_lets_the_run_go_on(on_error: str, status: str, output: Any) -> None:
    plan = plan_of(
        python_step("bad", "fail", on_error=on_error, on_error_value={"x": 7}),
        set_step("reader", {"y": "${{ steps.bad.output.x }}"}, reads=("bad",)),
        set_step("watcher", {"s": "${{ steps.bad.status }}", "m": "${{ steps.bad.error.message }}"}, optional=("bad",)),
        set_step("later", {"z": 1}, needs=("bad",)),
    )
    state = await drive(plan, fake_services(functions={"fail": failing("exception", "boom")}))
    assert state.status == "succeeded"
    assert (state.steps["reader"].status, state.steps["reader"].output) == (status, output)
    assert state.steps["watcher"].output == {"s": "failed", "m": "boom"}
    assert state.steps["later"].status == "succeeded"


async def test_transient_failures_are_retried_after_the_pause_that_was_asked_for() -> None:
    attempts: list[int] = []

    def flaky() -> str:
        attempts.append(1)
        if len(attempts) < 3:
            raise StepFailure(Failure("rate_limit", "slow down", retry_after=7.0))
        return "ok"

    clock, listener = FakeClock(), Listening()
    plan = plan_of(python_step("a", "flaky", retry=Retry(max=2)))
    state = await drive(plan, fake_services(functions={"flaky": flaky}, clock=clock), listener=listener)
    assert state.steps["a"].output == "ok"
    assert clock.slept == [7.0, 7.0]
    assert listener.types("a") == [
        "step_started", "step_retrying", "step_started", "step_retrying", "step_started", "step_succeeded",
    ]  # fmt: skip
    assert state.retries == 2


async def test_what_is_not_transient_is_not_retried_and_an_effect_only_on_request() -> None:
    codes = iter([75, 0, 75])
    commands = FakeCommands(lambda argv, env: CommandResult(next(codes), b"", b""))
    plan = plan_of(
        PlanStep("asked", "run", settings={"script": "x"}, retry=Retry(max=1, exit_codes=(75,))),
        PlanStep("plain", "run", settings={"script": "x"}, needs=("asked",)),
    )
    state = await drive(plan, fake_services(commands=commands))
    assert [state.steps[s].status for s in ("asked", "plain")] == ["succeeded", "failed"]
    assert len(commands.calls) == 3


async def test_a_timeout_fails_the_attempt_with_its_kind() -> None:
    async def forever() -> None:
        await asyncio.Event().wait()

    state = await drive(
        plan_of(python_step("a", "forever", timeout=0.01)),
        fake_services(functions={"forever": forever}),
    )
    assert state.steps["a"].error is not None
    assert state.steps["a"].error.kind == "timeout"


async def test_an_output_that_is_not_what_the_step_declares_fails_it() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    plan = plan_of(python_step("a", "f", output=schema))
    state = await drive(plan, fake_services(functions={"f": lambda: {"n": "three"}}))
    assert state.steps["a"].error is not None
    assert state.steps["a"].error.kind == "invalid_output"
    assert "n" in state.steps["a"].error.message


async def test_foreach_keeps_length_and_order_and_gives_each_child_its_item() -> None:
    plan = plan_of(
        set_step("each", {"v": "${{ item }}-${{ index }}"}, foreach=each("inputs.list")),
        set_step("after", {"n": "${{ steps.each.output | map(attribute='v') | join(',') }}"}, reads=("each",)),
    )
    state = await drive(plan, inputs={"list": ["a", "b", "c"]})
    assert state.steps["each"].output == [{"v": "a-0"}, {"v": "b-1"}, {"v": "c-2"}]
    assert state.steps["after"].output == {"n": "a-0,b-1,c-2"}
    empty = await drive(plan, inputs={"list": []})
    assert (empty.status, empty.steps["each"].output) == ("succeeded", [])


async def test_children_of_a_foreach_all_run_and_their_failures_are_reported_together() -> None:
    def odd(n: int) -> int:
        if n % 2:
            raise ValueError(f"odd {n}")
        return n

    plan = plan_of(python_step("each", "odd", {"n": "${{ item }}"}, foreach=each("inputs.list", max_parallel=2)))
    state = await drive(plan, fake_services(functions={"odd": odd}), inputs={"list": [0, 1, 2, 3, 4]})
    error = state.steps["each"].error
    assert error is not None and error.kind == "children"
    assert "2 of 5 children failed" in error.message and "each[1]: ValueError: odd 1" in error.message
    assert [c.status for c in state.steps["each"].children or ()] == [
        "succeeded", "failed", "succeeded", "failed", "succeeded",
    ]  # fmt: skip


async def test_a_child_that_may_fail_leaves_null_in_its_place() -> None:
    def odd(n: int) -> int:
        if n % 2:
            raise ValueError("odd")
        return n

    plan = plan_of(
        python_step("each", "odd", {"n": "${{ item }}"}, foreach=each("inputs.list"), on_error="continue"),
        set_step("look", {"s": "${{ steps.each.children[1].status }}"}, reads=("each",)),
    )
    state = await drive(plan, fake_services(functions={"odd": odd}), inputs={"list": [0, 1, 2]})
    assert state.steps["each"].output == [0, None, 2]
    assert state.steps["look"].output == {"s": "failed"}


async def test_fail_fast_of_a_foreach_stops_its_other_children() -> None:
    started: list[int] = []

    async def work(n: int) -> int:
        started.append(n)
        if n == 1:
            raise ValueError("bad")
        await asyncio.Event().wait()
        return n

    plan = plan_of(
        python_step("each", "work", {"n": "${{ item }}"}, foreach=each("inputs.list", fail_fast=True, max_parallel=2))
    )
    state = await drive(plan, fake_services(functions={"work": work}), inputs={"list": list(range(10))})
    assert started == [0, 1]
    assert state.steps["each"].status == "failed"
    assert [c.status for c in state.steps["each"].children or ()] == ["cancelled", "failed"] + ["cancelled"] * 8


async def test_width_is_bounded_over_the_whole_run() -> None:
    under_way, most = 0, 0

    async def work() -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1

    plan = plan_of(*(python_step(f"s{n}", "work", foreach=each("inputs.list")) for n in range(3)))
    await drive(plan, fake_services(functions={"work": work}), inputs={"list": list(range(20))}, max_parallel=4)
    assert most == 4


async def test_resume_repeats_no_success_and_tries_the_failure_again() -> None:
    calls: list[str] = []
    broken = True

    def work(name: str) -> str:
        calls.append(name)
        if broken and name in ("b", "2"):
            raise ValueError("broken")
        return name

    plan = plan_of(
        python_step("a", "work", {"name": "a"}),
        python_step("b", "work", {"name": "b"}, needs=("a",)),
        python_step("each", "work", {"name": "${{ item }}"}, foreach=each("inputs.list")),
        set_step("end", {"x": "${{ steps.each.output }}"}, reads=("each",), needs=("b",)),
    )
    records: list[Record] = []
    services = fake_services(functions={"work": work})
    first = await drive(plan, services, records=records, inputs={"list": ["1", "2", "3"]})
    assert first.status == "failed"
    assert sorted(calls) == ["1", "2", "3", "a", "b"]
    broken = False
    calls.clear()
    second = await drive(plan, services, records=records, epoch=2)
    assert second.status == "succeeded"
    assert sorted(calls) == ["2", "b"]
    assert second.steps["end"].output == {"x": ["1", "2", "3"]}
    assert second.steps["b"].attempt == 2


async def test_a_step_skipped_because_of_a_failure_that_went_on_is_decided_again_when_that_is_tried_again() -> None:
    broken = True

    def work() -> int:
        if broken:
            raise ValueError("broken")
        return 1

    plan = plan_of(
        set_step("gate", {"x": 1}, when="inputs.open"),
        python_step("a", "work"),
        set_step("b", {"y": "${{ steps.a.output }}"}, reads=("a",)),
    )
    records: list[Record] = []
    services = fake_services(functions={"work": work})
    first = await drive(plan, services, records=records, inputs={"open": False})
    assert first.steps["b"].status == "cancelled"
    broken = False
    second = await drive(plan, services, records=records, epoch=2)
    assert second.steps["b"].output == {"y": 1}
    assert second.steps["gate"].status == "skipped"


async def test_an_interrupted_run_starts_nothing_new_and_goes_on_later() -> None:
    reached = asyncio.Event()
    calls: list[str] = []

    async def work(name: str) -> str:
        calls.append(name)
        if name == "slow" and calls.count("slow") == 1:
            reached.set()
            await asyncio.Event().wait()
        return name

    plan = plan_of(
        python_step("slow", "work", {"name": "slow"}), python_step("next", "work", {"name": "next"}, needs=("slow",))
    )
    records: list[Record] = []
    services = fake_services(functions={"work": work})
    engines: list[Any] = []
    running = asyncio.create_task(drive(plan, services, records=records, engines=engines, grace=0.0))
    await reached.wait()
    engines[0]._interruption._on_signal("interrupted", 130)
    state = await running
    assert (state.status, state.exit_code) == ("interrupted", 130)
    assert calls == ["slow"]
    resumed = await drive(plan, services, records=records, epoch=2)
    assert resumed.status == "succeeded"
    assert calls == ["slow", "slow", "next"]


async def test_the_run_timeout_interrupts_with_its_exit_code() -> None:
    async def forever() -> None:
        await asyncio.Event().wait()

    plan = plan_of(python_step("a", "forever"), timeout=0.02)
    state = await drive(plan, fake_services(functions={"forever": forever}), grace=0.0)
    assert (state.status, state.exit_code) == ("interrupted", 124)


async def test_fail_fast_of_the_run_ends_what_is_under_way() -> None:
    async def forever() -> None:
        await asyncio.Event().wait()

    services = fake_services(functions={"forever": forever, "fail": failing("exception")})
    plan = plan_of(python_step("slow", "forever"), python_step("bad", "fail"))
    state = await drive(plan, services, fail_fast=True)
    assert state.status == "failed"
    assert state.steps["slow"].status == "cancelled"


async def test_fail_fast_of_the_run_leaves_no_child_running() -> None:
    begun = asyncio.Event()

    async def forever(n: int) -> None:
        begun.set()
        await asyncio.Event().wait()

    async def fail() -> None:
        await begun.wait()
        raise StepFailure(Failure("exception", "boom"))

    services = fake_services(functions={"forever": forever, "fail": fail})
    each_one = python_step("all", "forever", {"n": "${{ item }}"}, foreach=each("inputs.list", max_parallel=1))
    records: list[Record] = []
    inputs = {"list": [1, 2]}
    plan = plan_of(each_one, python_step("bad", "fail"))
    state = await drive(plan, services, fail_fast=True, inputs=inputs, records=records)
    assert [state.step(path).status for path in ("all", "all[0]", "all[1]")] == ["cancelled", "cancelled", "pending"]
    quick = fake_services(functions={"forever": lambda n: n, "fail": lambda: 1})
    state = await drive(plan, quick, records=records, epoch=2)
    assert (state.status, state.steps["all"].output) == ("succeeded", [1, 2])


async def test_a_question_without_anybody_to_ask_suspends_the_run_once_nothing_else_can_go_on() -> None:
    plan = plan_of(
        ask_step("sure"),
        set_step("other", {"x": 1}),
        set_step("after", {"c": "${{ steps.sure.output.choice }}"}, reads=("sure",)),
    )
    records: list[Record] = []
    state = await drive(plan, records=records)
    assert (state.status, state.steps["sure"].status) == ("suspended", "waiting")
    assert state.steps["other"].status == "succeeded"
    assert [r.event.type for r in records].count("ask_opened") == 1


async def test_a_person_at_the_terminal_answers_and_the_choice_is_the_output() -> None:
    person = ScriptedPerson(Answer({"choice": "mauve"}, "ada"), Answer({"choice": "red"}, "ada"))
    plan = plan_of(ask_step("colour", choices=["red", "blue"]))
    state = await drive(plan, person=person)
    assert state.steps["colour"].output["choice"] == "red"
    assert state.steps["colour"].output["by"] == "ada"
    assert len(person.asked) == 2


async def test_saying_no_fails_the_step_with_its_own_kind() -> None:
    state = await drive(plan_of(ask_step("sure")), person=ScriptedPerson(Answer({"choice": "reject"}, "ada")))
    error = state.steps["sure"].error
    assert error is not None and error.kind == "rejected" and "ada" in error.message


@pytest.mark.parametrize(
    ("settings", "status", "kind"),
    [
        ({"choices": ["go", "stop"], "ci": "stop"}, "succeeded", None),
        ({"ci": "approve"}, "succeeded", None),
        ({"ci": "reject"}, "failed", "rejected"),
        ({}, "failed", "no_input"),
    ],
)
async def test_where_nobody_can_be_asked_the_ci_answer_counts_and_nothing_else(
    settings: dict[str, Any], status: str, kind: str | None
) -> None:
    state = await drive(plan_of(ask_step("sure", **settings)), no_input=True)
    step = state.steps["sure"]
    assert step.status == status
    assert (step.error.kind if step.error else None) == kind


async def test_a_foreach_of_questions_suspends_when_all_that_is_left_waits() -> None:

    plan = plan_of(replace(ask_step("q", "about ${{ item }}?"), foreach=each("inputs.list")))
    records: list[Record] = []
    person = ScriptedPerson(Answer({"choice": "approve"}, "ada"), None)
    state = await drive(plan, inputs={"list": ["x", "y"]}, records=records, person=person)
    assert state.status == "suspended"
    assert [c.status for c in state.steps["q"].children or ()] == ["succeeded", "waiting"]
    done = await drive(plan, records=records, epoch=2, person=ScriptedPerson(Answer({}, "bob")))
    assert done.status == "succeeded"
    assert [o["by"] for o in done.steps["q"].output] == ["ada", "bob"]


async def test_the_same_idempotency_key_goes_with_every_attempt() -> None:
    keys: list[str] = []

    def behave(argv: Any, env: Any) -> CommandResult:
        keys.append(env["AGENTFLOW_IDEMPOTENCY_KEY"])
        return CommandResult(1, b"", b"")

    plan = plan_of(PlanStep("a", "run", settings={"script": "x"}))
    records: list[Record] = []
    services = fake_services(commands=FakeCommands(behave))
    await drive(plan, services, records=records)
    await drive(plan, services, records=records, epoch=2)
    assert keys == ["memory:a", "memory:a"]


async def test_processes_of_a_dead_driver_are_ended_before_anything_starts() -> None:
    commands = FakeCommands(lambda argv, env: CommandResult(1, b"", b""))
    plan = plan_of(PlanStep("a", "run", settings={"script": "x"}))
    records: list[Record] = []
    await drive(plan, fake_services(commands=commands), records=records)
    started = [isinstance(record.event, ProcessStarted) for record in records].index(True)
    await drive(plan, fake_services(commands=commands), records=records[: started + 1], epoch=2)
    assert commands.survivors == [{}, {1_000_000: "0"}]


async def test_a_group_is_forgotten_when_its_step_has_settled_and_one_that_serves_others_is_not() -> None:
    class Functions(FakeFunctions):
        async def call(self, *args: Any, on_process: OnProcess, **rest: Any) -> Any:
            await on_process(77, "1")
            return 1

    services = replace(fake_services(), functions=Functions())
    state = await drive(plan_of(PlanStep("a", "run", settings={"script": "x"}), python_step("b", "f")), services)
    assert state.status == "succeeded"
    assert state.processes == {77: "1"}


async def test_a_thousand_steps_that_skip_one_after_the_other_end_in_the_same_run() -> None:
    steps = [set_step("s0", {"x": 1}, when="false")]
    steps += [set_step(f"s{n}", {"x": 1}, needs=(f"s{n - 1}",)) for n in range(1, 1000)]
    state = await drive(plan_of(*steps))
    assert state.status == "succeeded"
    assert all(step.status == "skipped" for step in state.steps.values())


async def test_functions_are_closed_at_the_end() -> None:
    closed: list[bool] = []

    class Functions(FakeFunctions):
        async def close(self) -> None:
            closed.append(True)

    await drive(plan_of(set_step("a", {})), replace(fake_services(), functions=Functions()))
    assert closed == [True]


async def test_a_service_that_gives_up_fails_its_step_and_not_the_process() -> None:
    def give_up() -> None:
        raise DamagedDataError("the memory is damaged", hint="fill it again")

    class Functions(FakeFunctions):
        async def call(self, function: str, arguments: dict[str, Any], **rest: Any) -> Any:
            give_up()

    services = replace(fake_services(), functions=Functions())
    state = await drive(plan_of(python_step("a", "f"), set_step("b", {"x": 1})), services)
    assert state.status == "failed"
    assert state.steps["a"].error == Failure("internal", "the memory is damaged; fill it again")
    assert state.steps["b"].status == "succeeded"


async def test_a_child_whose_success_is_being_committed_is_not_cancelled_by_fail_fast() -> None:
    """`fail_fast` looks at the children only once everything that ended is on disk."""
    go = asyncio.Event()

    async def function(n: int) -> int:
        await go.wait() if n else go.set()
        if n == 0:
            raise ValueError("bad")
        return n

    plan = plan_of(
        python_step("each", "f", {"n": "${{ item }}"}, foreach=each("inputs.list", fail_fast=True, max_parallel=8))
    )
    listener = Listening()
    state = await drive(
        plan, fake_services(functions={"f": function}), inputs={"list": list(range(8))}, listener=listener
    )
    for child in state.steps["each"].children or ():
        ends = [t for t in listener.types(child.path) if t in ("step_succeeded", "step_failed", "step_cancelled")]
        assert len(ends) == 1, (child.path, ends)


async def test_a_view_that_breaks_does_not_hurt_the_run() -> None:
    class Broken(Listening):
        def recorded(self, record: Record, state: Any) -> None:
            raise BrokenPipeError

    state = await drive(plan_of(set_step("a", {"x": 1}), set_step("b", {"x": 1}, needs=("a",))), listener=Broken())
    assert state.status == "succeeded"


async def test_an_answer_says_when_it_was_given_and_not_when_the_run_went_on() -> None:
    clock = FakeClock()
    records: list[Record] = []
    plan = plan_of(ask_step("sure"))
    await drive(plan, fake_services(clock=clock), records=records)
    answered = Record(len(records) + 1, 1_700_000_100.0, 1, AskAnswered("sure", {"choice": "approve"}, "ada"))
    records.append(answered)
    state = await drive(plan, fake_services(clock=clock), records=records, epoch=2)
    assert state.steps["sure"].output["at"] == iso_time(1_700_000_100.0)


@pytest.mark.parametrize(("stdout", "said"), [(b"1e999", "too large"), (b"NaN", "not JSON"), (b"{", "expects JSON")])
async def test_json_that_cannot_be_kept_is_refused_where_it_comes_from(stdout: bytes, said: str) -> None:
    commands = FakeCommands(lambda argv, env: CommandResult(0, stdout, b""))
    plan = plan_of(PlanStep("a", "run", settings={"script": "x", "format": "json"}))
    state = await drive(plan, fake_services(commands=commands))
    assert state.steps["a"].error is not None and state.steps["a"].error.kind == "invalid_output"
    assert said in state.steps["a"].error.message


async def test_half_a_surrogate_pair_never_reaches_a_command() -> None:
    plan = plan_of(PlanStep("a", "run", {"stdin": "${{ inputs.t }}"}, {"script": "cat"}))
    state = await drive(plan, inputs={"t": "\udcff"})
    assert state.steps["a"].error is not None and "not UTF-8" in state.steps["a"].error.message
