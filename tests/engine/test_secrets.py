"""Secrets reach the step that lists them, and nothing that is kept or shown."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from agentflow_cli.domain.codec import to_json
from agentflow_cli.domain.events import Record
from agentflow_cli.domain.plan import PlanAgent, PlanStep
from agentflow_cli.ports.commands import CommandResult
from agentflow_cli.ports.model import ToolCall
from agentflow_cli.services.llm.gateway import ModelGateway
from agentflow_cli.services.llm.providers.scripted import ScriptedModel
from agentflow_cli.services.llm.script import Answer
from tests.engine.driving import drive
from tests.fakes.plans import plan_of, set_step
from tests.fakes.services import FakeCommands, FakeTools, Listening, fake_services

SECRET = "s3cret-va/lue"


def step(**rest: object) -> PlanStep:
    fields = {"settings": {"script": "x"}, "env": {"T": "${{ secrets.TOKEN }}"}, "secrets": ("TOKEN",), **rest}
    return PlanStep("a", "run", **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("exit_code", [0, 1])
async def test_a_secret_reaches_the_command_and_is_masked_in_all_that_comes_back(exit_code: int) -> None:
    seen: list[str] = []

    def behave(argv: Sequence[str], env: Mapping[str, str]) -> CommandResult:
        seen.append(env["T"])
        said = f"{SECRET} {base64.b64encode(SECRET.encode()).decode()} {SECRET.encode().hex()}"
        return CommandResult(exit_code, said.encode(), said.encode())

    records: list[Record] = []
    listener = Listening()
    services = fake_services(commands=FakeCommands(behave))
    await drive(plan_of(step()), services, records=records, listener=listener, secret={"TOKEN": SECRET}.get)
    assert seen == [SECRET]
    kept = json.dumps([to_json(record.event) for record in records])
    for form in (SECRET, base64.b64encode(SECRET.encode()).decode(), SECRET.encode().hex()):
        assert form not in kept
    assert "***" in kept


async def test_a_secret_that_is_not_set_fails_the_step_and_names_it() -> None:
    state = await drive(plan_of(step()), secret={}.get)
    error = state.steps["a"].error
    assert error is not None and error.kind == "auth" and "`TOKEN`" in error.message


async def test_a_step_that_lists_no_secret_reads_none() -> None:
    state = await drive(plan_of(set_step("a", {"t": "${{ secrets.TOKEN }}"})), secret={"TOKEN": SECRET}.get)
    assert state.steps["a"].status == "failed"


async def test_a_secret_that_an_agent_s_tool_says_is_neither_kept_nor_shown_to_the_model() -> None:
    seen: list[dict[str, str]] = []

    def lookup() -> str:
        seen.extend(tools.environments)
        return f"the key is {SECRET}"

    tools = FakeTools({"lookup": lookup})
    model = ScriptedModel([Answer("", tool_calls=(ToolCall("1", "lookup", {}),)), Answer("done")])
    agent = PlanAgent("a", "You work.", tools=("lookup",))
    work = PlanStep(
        "a", "agent", {"task": "Do it."}, {"agent": "a"}, agent=agent, env={"T": "${{ secrets.TOKEN }}"},
        secrets=("TOKEN",),
    )  # fmt: skip
    records: list[Record] = []
    services = replace(fake_services(tools=tools), model=ModelGateway(scripted=model))
    state = await drive(plan_of(work), services, records=records, secret={"TOKEN": SECRET}.get)
    assert state.steps["a"].output == "done"
    assert seen == [{"T": SECRET}]
    assert SECRET not in json.dumps([to_json(record.event) for record in records])
    assert "the key is ***" in model.requests[-1].messages[-1].content
