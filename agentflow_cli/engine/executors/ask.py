"""`ask`: a question to a person."""

from __future__ import annotations

from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.engine.executors.call import Call, Outcome
from agentflow_cli.engine.executors.texts import as_text
from agentflow_cli.foundation.clock import iso_time


async def execute(call: Call) -> Outcome:
    answer = await call.questions.answer(call.path, as_text("message", call.templates["message"]), call.step)
    if answer.rejected:
        why = f": {answer.reason}" if answer.reason else ""
        raise StepFailure(Failure("rejected", f"{answer.by} said no{why}"))
    return Outcome({**answer.values, "by": answer.by, "at": iso_time(answer.at or 0.0)})
