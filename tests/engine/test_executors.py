"""What `http`, `tool`, `wait`, `notify` and `fail` steps do in a run."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from agentflow_cli.domain.events import Record
from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.domain.plan import PlanStep
from agentflow_cli.domain.project import Channel
from agentflow_cli.domain.run_state import StepState
from agentflow_cli.ports.commands import CommandResult
from agentflow_cli.ports.http import HttpReply, HttpRequest
from agentflow_cli.ports.tools import Tool
from tests.engine.driving import drive
from tests.fakes.plans import each, plan_of
from tests.fakes.services import FakeClock, FakeCommands, FakeFunctions, FakeHttp, FakeTools, Listening, fake_services


def http_step(method: str = "GET", **templates: Any) -> PlanStep:
    rest = {key: templates.pop(key) for key in ("retry", "foreach") if key in templates}
    return PlanStep("call", "http", {"url": "https://example.test/x", **templates}, {"method": method}, **rest)


async def sent(step: PlanStep, reply: HttpReply | None = None, **inputs: Any) -> tuple[StepState, list[HttpRequest]]:
    http = FakeHttp(lambda request: reply or HttpReply(200, {}, b""))
    state = await drive(plan_of(step), fake_services(http=http), inputs=inputs)
    return state.steps["call"], http.requests


async def test_a_request_is_made_of_rendered_fields() -> None:
    step, requests = await sent(
        http_step(
            "POST",
            url="https://example.test/${{ inputs.path }}?a=1",
            headers={"X-Count": "${{ inputs.n }}"},
            query={"q": "ä b", "tag": ["x", "y"], "none": "${{ inputs.nothing }}"},
            json={"n": "${{ inputs.n }}"},
        ),
        path="p",
        n=3,
        nothing=None,
    )
    (request,) = requests
    assert request.url == "https://example.test/p?a=1&q=%C3%A4+b&tag=x&tag=y"
    assert (request.method, json.loads(request.body or b"")) == ("POST", {"n": 3})
    assert request.headers == {
        "X-Count": "3",
        "Content-Type": "application/json",
        "Idempotency-Key": "memory:call",
    }
    assert step.output == {"status": 200, "headers": {}, "body": ""}


async def test_a_get_carries_no_idempotency_key_and_an_author_s_own_key_stays() -> None:
    assert not (await sent(http_step()))[1][0].headers
    _, (request,) = await sent(http_step("PUT", headers={"idempotency-key": "mine"}, body="text"))
    assert request.headers == {"idempotency-key": "mine", "Content-Type": "text/plain; charset=utf-8"}
    assert request.body == b"text"


async def test_each_child_of_a_foreach_has_a_key_of_its_own() -> None:
    _, requests = await sent(http_step("POST", foreach=each("[1, 2]")))
    assert {request.headers["Idempotency-Key"] for request in requests} == {"memory:call[0]", "memory:call[1]"}


@pytest.mark.parametrize(
    ("content_type", "body", "output"),
    [
        ("application/json", b'{"a": [1]}', {"a": [1]}),
        ("application/problem+json; charset=utf-8", b"[]", []),
        ("application/json", b"", None),
        ("text/plain; charset=latin-1", "ü".encode("latin-1"), "ü"),
        ("text/plain; charset=nonsense", b"x", "x"),
        ("text/plain", b"\xff", "\N{REPLACEMENT CHARACTER}"),
        ("", b"plain", "plain"),
        ("text/html", b'{"a": 1}', '{"a": 1}'),
    ],
)
async def test_the_body_is_json_only_where_the_server_says_so(content_type: str, body: bytes, output: Any) -> None:
    headers = {"content-type": content_type} if content_type else {}
    step, _ = await sent(http_step(), HttpReply(200, headers, body))
    assert step.output == {"status": 200, "headers": headers, "body": output}


@pytest.mark.parametrize(
    ("content_type", "body", "said"),
    [
        ("application/json", b"{oops", "says that it sends JSON"),
        ("application/json", b"[NaN]", "`NaN` is not JSON"),
        ("image/png", b"\x89PNG\xff", "neither text nor JSON (image/png, 5 bytes)"),
    ],
)
async def test_a_body_that_cannot_be_a_value_fails_the_step(content_type: str, body: bytes, said: str) -> None:
    step, _ = await sent(http_step(), HttpReply(200, {"content-type": content_type}, body))
    assert step.error is not None and step.error.kind == "invalid_output" and said in step.error.message


@pytest.mark.parametrize(
    ("url", "near"),
    [
        ("http://localhost:8080/x", True),
        ("http://127.0.0.1:${{ inputs.x }}/", True),
        ("http://localhost/${{ inputs.x }}", True),
        ("http://[::1]:80/${{ inputs.x }}", True),
        ("${{ inputs.url }}", False),
        ("http://${{ inputs.host }}/", False),
        ("http://intern${{ inputs.tail }}", False),
        ("http://localhost:${{ inputs.sneaky }}", False),
    ],
)
async def test_only_a_host_that_stands_in_the_workflow_may_be_this_machine(url: str, near: bool) -> None:
    inputs = {"x": 1, "url": "http://localhost/", "host": "localhost", "tail": ".al/", "sneaky": "1@10.0.0.1/"}
    _, (request,) = await sent(http_step(url=url), **inputs)
    assert request.near is near


async def test_a_refusal_by_a_server_fails_the_step_and_a_read_is_tried_again() -> None:
    replies: list[Any] = [StepFailure(Failure("unavailable", "busy", retry_after=4)), HttpReply(200, {}, b"ok")]

    def reply(request: HttpRequest) -> HttpReply:
        found = replies.pop(0)
        if isinstance(found, StepFailure):
            raise found
        return found  # type: ignore[no-any-return]

    clock = FakeClock()
    state = await drive(plan_of(http_step()), fake_services(http=FakeHttp(reply), clock=clock))
    assert (state.status, state.steps["call"].attempt, clock.slept) == ("succeeded", 2, [4])
    replies[:] = [StepFailure(Failure("unavailable", "busy"))]
    state = await drive(plan_of(http_step("POST")), fake_services(http=FakeHttp(reply)))
    assert (state.status, state.steps["call"].attempt) == ("failed", 1)


async def test_a_tool_step_calls_the_tool_with_rendered_arguments() -> None:
    tools = FakeTools({"add": lambda a, b: a + b})
    step = PlanStep("call", "tool", {"with": {"a": "${{ inputs.n }}", "b": 2}}, {"tool": "add"})
    state = await drive(plan_of(step), fake_services(tools=tools), inputs={"n": 40})
    assert state.steps["call"].output == 42


async def test_a_fail_step_fails_the_run_with_its_message() -> None:
    state = await drive(plan_of(PlanStep("stop", "fail", {"fail": "bad: ${{ inputs.n }}"})), inputs={"n": 1})
    error = state.steps["stop"].error
    assert (state.status, error) == ("failed", Failure("failed", "bad: 1"))


@pytest.mark.parametrize(("written", "seconds"), [("1m30s", 90), ("250ms", 0.25), (5, 5)])
async def test_a_wait_takes_as_long_as_it_says(written: Any, seconds: float) -> None:
    clock = FakeClock()
    state = await drive(plan_of(PlanStep("wait", "wait", settings={"wait": written})), fake_services(clock=clock))
    assert (state.status, state.steps["wait"].output, sum(clock.slept)) == ("succeeded", None, seconds)


def until(records: Sequence[Record], event_type: str) -> list[Record]:
    """The records up to the first of a type: what is left when a process dies then."""
    at = next(index for index, record in enumerate(records) if record.event.type == event_type)
    return list(records[: at + 1])


async def test_a_resumed_wait_waits_only_for_the_rest() -> None:
    clock, records = FakeClock(), list[Record]()
    plan = plan_of(PlanStep("wait", "wait", settings={"wait": "2h"}))
    await drive(plan, fake_services(clock=clock), records=records)
    clock.time -= 600
    clock.slept.clear()
    state = await drive(plan, fake_services(clock=clock), records=until(records, "operation_recorded"), epoch=2)
    assert (state.status, sum(clock.slept)) == ("succeeded", 600)


def notify_step(channel: str, message: Any = "done: ${{ inputs.n }}") -> PlanStep:
    return PlanStep("tell", "notify", {"message": message}, {"channel": channel})


async def test_a_message_for_the_terminal_goes_to_the_run_s_log_once_even_when_resumed() -> None:
    listener, records = Listening(), list[Record]()
    plan = plan_of(notify_step("terminal"))
    state = await drive(plan, inputs={"n": 1}, listener=listener, records=records)
    assert listener.lines == [("tell", "done: 1")]
    assert state.steps["tell"].output == {
        "channel": "terminal",
        "message": "done: 1",
        "at": "2023-11-14T22:13:20.000Z",
    }
    await drive(plan, listener=listener, records=until(records, "operation_recorded"), epoch=2)
    assert listener.lines == [("tell", "done: 1")]


async def test_a_channel_of_the_project_gets_the_message_on_standard_input() -> None:
    behave: Callable[..., CommandResult] = lambda argv, env: CommandResult(0, b"", b"")  # noqa: E731
    commands = FakeCommands(behave)
    channels = {"ops": Channel(("./post.sh",))}
    services = fake_services(commands=commands)
    state = await drive(plan_of(notify_step("ops")), services, inputs={"n": 1}, channels=channels)
    assert (state.status, commands.calls) == ("succeeded", [("./post.sh",)])
    commands.behave = lambda argv, env: CommandResult(3, b"", b"no network\n")
    state = await drive(plan_of(notify_step("ops")), services, inputs={"n": 1}, channels=channels)
    error = state.steps["tell"].error
    assert error is not None and (error.kind, "no network" in error.message) == ("exit_code", True)


async def test_an_unknown_channel_says_which_there_are() -> None:
    state = await drive(plan_of(notify_step("terminl")), inputs={"n": 1})
    error = state.steps["tell"].error
    assert error is not None and "did you mean `terminal`? the project has `terminal`, `log`" in error.message


async def test_env_reaches_a_function_a_tool_and_the_command_of_a_channel() -> None:
    seen: dict[str, str] = {}

    def behave(argv: Sequence[str], env: Mapping[str, str]) -> CommandResult:
        seen.update(env)
        return CommandResult(0, b"", b"")

    tools = FakeTools({"t": lambda: "t"})
    services = fake_services(functions={"f": lambda: "f"}, tools=tools, commands=FakeCommands(behave))
    env = {"A": "${{ inputs.n }}"}
    plan = plan_of(
        PlanStep("p", "python", {"with": {}}, {"python": "f"}, env=env),
        PlanStep("t", "tool", {"with": {}}, {"tool": "t"}, env=env),
        PlanStep("n", "notify", {"message": "m"}, {"channel": "team"}, env=env),
    )
    await drive(plan, services, inputs={"n": 7}, channels={"team": Channel(("tell",))})
    assert isinstance(services.functions, FakeFunctions)
    assert services.functions.environments == tools.environments == [{"A": "7"}]
    assert seen["A"] == "7"


async def test_env_that_no_program_can_be_given_fails_the_step() -> None:
    plan = plan_of(PlanStep("p", "python", {"with": {}}, {"python": "f"}, env={"A": "${{ inputs.n }}"}))
    state = await drive(plan, fake_services(functions={"f": lambda: "f"}), inputs={"n": ["x"]})
    error = state.steps["p"].error
    assert error is not None and error.kind == "expression" and "`env.A` is an array" in error.message


BUSY = Failure("unavailable", "busy")


def acting(kind: str, idempotent: bool) -> PlanStep:
    templates: dict[str, dict[str, Any]] = {
        "http": {"url": "https://example.test/x"},
        "run": {"argv": ["x"]},
        "tool": {"with": {}},
        "notify": {"message": "m"},
    }
    settings = {"http": {"method": "POST"}, "run": {}, "tool": {"tool": "t"}, "notify": {"channel": "team"}}
    return PlanStep("a", kind, templates[kind], settings[kind], idempotent=idempotent)


@pytest.mark.parametrize("kind", ["http", "run", "tool", "notify"])
@pytest.mark.parametrize("idempotent", [True, False])
async def test_what_acts_on_the_world_is_tried_again_only_when_twice_does_no_harm(kind: str, idempotent: bool) -> None:
    tries = 0

    def busy(*_: Any, **__: Any) -> Any:
        nonlocal tries
        tries += 1
        raise StepFailure(BUSY)

    services = fake_services(http=FakeHttp(busy), commands=FakeCommands(busy), tools=FakeTools({"t": busy}))
    state = await drive(plan_of(acting(kind, idempotent)), services, channels={"team": Channel(("tell",))})
    assert state.status == "failed"
    assert tries == (3 if idempotent else 1)


async def test_a_tool_that_only_reads_is_tried_again() -> None:
    replies: list[Any] = [StepFailure(BUSY), "page"]

    def read() -> Any:
        reply = replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    class Reading(FakeTools):
        def get(self, name: str) -> Tool:
            return replace(super().get(name), effect=False)

    step = PlanStep("a", "tool", {"with": {}}, {"tool": "read"})
    state = await drive(plan_of(step), fake_services(tools=Reading({"read": read})))
    assert state.steps["a"].output == "page"


async def test_an_idempotent_command_that_fails_is_not_tried_again_without_a_word_about_its_exit_code() -> None:
    commands = FakeCommands(lambda argv, env: CommandResult(3, b"", b""))
    await drive(plan_of(acting("run", True)), fake_services(commands=commands))
    assert len(commands.calls) == 1
