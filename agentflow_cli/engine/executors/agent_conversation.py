"""`memory: {conversation: true}`: an agent knows what it was asked before, and what it answered.

Both ways are operations: a resume sees the turns that the first attempt saw, and keeps the new one once.
"""

from __future__ import annotations

from agentflow_cli.domain.codec import from_json, to_json
from agentflow_cli.domain.json_value import Json
from agentflow_cli.domain.plan import PlanAgent
from agentflow_cli.engine.executors.agent_tools import result_text
from agentflow_cli.engine.executors.call import Call
from agentflow_cli.engine.executors.texts import as_text
from agentflow_cli.ports.conversations import Turn
from agentflow_cli.ports.model import Message


def keeps_conversation(agent: PlanAgent) -> bool:
    return bool(agent.memory.get("conversation"))


async def earlier_turns(call: Call, agent: PlanAgent) -> list[Message]:
    """What was said before, as messages; nothing when the agent keeps no conversation."""
    if not keeps_conversation(agent):
        return []
    name = _name(call)

    async def look(_key: str) -> Json:
        return [to_json(turn) for turn in await call.services.conversations.turns(agent.name, name)]

    said = await call.operations.perform("conversation", {"agent": agent.name, "conversation": name}, look)
    turns = [from_json(Turn, turn) for turn in said]
    return [message for turn in turns for message in (Message("user", turn.task), Message("assistant", turn.answer))]


async def keep_turn(call: Call, agent: PlanAgent, task: str, answer: Json) -> None:
    """Let the next task know of this one."""
    if not keeps_conversation(agent):
        return
    name, turn = _name(call), Turn(task, result_text(answer))

    async def add(key: str) -> Json:
        await call.services.conversations.add(agent.name, name, turn, key)
        return None

    request = {"agent": agent.name, "conversation": name, "turn": to_json(turn)}
    await call.operations.perform("conversation/turn", request, add)


def _name(call: Call) -> str:
    """Which conversation of the agent it is: what the step says under `conversation`."""
    return as_text("conversation", call.templates.get("conversation", ""))
