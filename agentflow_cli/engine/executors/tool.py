"""`tool`: a tool by its name, called with `with:`."""

from __future__ import annotations

from agentflow_cli.engine.executors.call import Call, Outcome
from agentflow_cli.engine.executors.texts import as_environment


async def execute(call: Call) -> Outcome:
    arguments = call.templates.get("with") or {}
    value = await call.services.tools.call(
        call.setting("tool"),
        arguments,
        env=as_environment(call.env),
        on_process=call.on_worker,
        on_output=call.on_output,
    )
    return Outcome(value)
