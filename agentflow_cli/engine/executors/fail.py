"""`fail`: the run ends as failed, with the author's message."""

from __future__ import annotations

from agentflow_cli.domain.failure import Failure, StepFailure
from agentflow_cli.engine.executors.call import Call, Outcome
from agentflow_cli.engine.executors.texts import as_text


async def execute(call: Call) -> Outcome:
    raise StepFailure(Failure("failed", as_text("fail", call.templates["fail"])))
