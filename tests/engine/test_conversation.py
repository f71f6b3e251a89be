"""`memory: {conversation: true}`: what an agent knows of earlier tasks, and what is kept of this one."""

from __future__ import annotations

from dataclasses import replace

from agentflow_cli.domain.events import OperationRecorded, Record
from agentflow_cli.domain.plan import Plan, PlanAgent, PlanStep
from agentflow_cli.engine.options import Services
from agentflow_cli.ports.conversations import KEPT, Turn
from agentflow_cli.services.llm.gateway import ModelGateway
from agentflow_cli.services.llm.providers.scripted import ScriptedModel
from agentflow_cli.services.llm.script import Answer
from tests.engine.driving import drive
from tests.fakes.plans import plan_of
from tests.fakes.services import fake_services

TALKER = PlanAgent("talker", "You talk.", memory={"conversation": True})


def talk(task: str, conversation: str | None = None, agent: PlanAgent = TALKER) -> Plan:
    templates = {"task": task} | ({} if conversation is None else {"conversation": conversation})
    return plan_of(PlanStep("talk", "agent", templates, {"agent": agent.name}, agent=agent))


def speaking(services: Services, *answers: str) -> tuple[Services, ScriptedModel]:
    model = ScriptedModel([Answer(answer) for answer in answers])
    return replace(services, model=ModelGateway(scripted=model)), model


def heard(model: ScriptedModel) -> list[tuple[str, str]]:
    return [(message.role, message.content) for message in model.requests[-1].messages[1:]]


async def test_an_agent_knows_what_it_was_asked_before_and_what_it_answered() -> None:
    services, model = speaking(fake_services(), "Hello Ada.", "Ada.")
    await drive(talk("I am Ada."), services)
    await drive(talk("Who am I?"), services)
    assert heard(model) == [("user", "I am Ada."), ("assistant", "Hello Ada."), ("user", "Who am I?")]


async def test_each_name_is_a_conversation_of_its_own() -> None:
    services, model = speaking(fake_services(), "1", "2", "3")
    for number, name in enumerate(["ada", "grace", "ada"]):
        await drive(talk(f"task {number}", "${{ inputs.who }}"), services, inputs={"who": name})
    assert [content for _, content in heard(model)] == ["task 0", "1", "task 2"]


async def test_an_agent_without_that_memory_knows_nothing_and_keeps_nothing() -> None:
    services, model = speaking(fake_services(), "1", "2")
    agent = replace(TALKER, memory={})
    for task in ("first", "second"):
        await drive(talk(task, agent=agent), services)
    assert heard(model) == [("user", "second")]
    assert services.conversations.list() == []


async def test_a_resume_sees_the_turns_that_the_first_attempt_saw_and_keeps_its_own_once() -> None:
    services, _ = speaking(fake_services(), "the answer")
    records: list[Record] = []
    await drive(talk("the task"), services, records=records)
    names = [r.event.name for r in records if isinstance(r.event, OperationRecorded)]
    assert names == ["conversation", "turn:0/model", "conversation/turn"]

    for crash_behind in names:  # the process died just after this was recorded
        until = next(n for n, r in enumerate(records) if getattr(r.event, "name", "") == crash_behind)
        await services.conversations.add("talker", "", Turn("of another run", "meanwhile"), f"other:{crash_behind}")
        again, model = speaking(services, "the answer")
        state = await drive(talk("the task"), again, records=records[: until + 1], epoch=2)
        assert state.steps["talk"].output == "the answer"
        if model.requests:
            assert heard(model) == [("user", "the task")]
    turns = await services.conversations.turns("talker", "")
    assert [turn.task for turn in turns].count("the task") == 1


async def test_only_the_newest_turns_are_told() -> None:
    services = fake_services()
    for number in range(KEPT + 5):
        await services.conversations.add("talker", "", Turn(f"task {number}", "ok"), str(number))
    services, model = speaking(services, "last")
    await drive(talk("now"), services)
    assert len(heard(model)) == 2 * KEPT + 1
    assert heard(model)[0] == ("user", "task 5")


async def test_an_answer_that_is_no_text_is_kept_as_json() -> None:
    agent = replace(TALKER, output={"type": "object", "properties": {"n": {"type": "integer"}}})
    services, _ = speaking(fake_services(), '{"n": 3}')
    await drive(talk("count", agent=agent), services)
    assert await services.conversations.turns("talker", "") == [Turn("count", '{"n": 3}')]
