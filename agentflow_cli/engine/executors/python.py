"""`python`: a function called with `with:`."""

from __future__ import annotations

from agentflow_cli.engine.executors.call import Call, Outcome


async def execute(call: Call) -> Outcome:
    arguments = call.templates.get("with") or {}
    return Outcome(await call.services.functions.call(call.setting("python"), arguments, on_process=call.on_process))
