"""`set`: the rendered mapping is the output."""

from __future__ import annotations

from agentflow_cli.engine.executors.call import Call, Outcome


async def execute(call: Call) -> Outcome:
    return Outcome(call.templates["set"])
