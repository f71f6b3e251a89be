"""`recall`: a search in a memory."""

from __future__ import annotations

from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.domain.json_value import type_name
from agentflow_cli.engine.executors.call import Call, Outcome
from agentflow_cli.ports.memory import MemoryFailure

DEFAULT_TOP = 5


async def execute(call: Call) -> Outcome:
    query = call.templates["recall"]
    if not isinstance(query, str) or not query.strip():
        raise StepFailure(
            Failure("expression", f"`recall` needs a text to search for, and got an empty or {type_name(query)} value")
        )
    try:
        passages = await call.services.memory.search(
            call.setting("memory"), query, call.setting("top", DEFAULT_TOP), call.setting("min_score")
        )
    except MemoryFailure as error:
        raise StepFailure(error.failure) from error
    return Outcome(
        [
            {"text": passage.text, "source": passage.source, "score": round(passage.score, 6), "id": passage.id}
            for passage in passages
        ]
    )
