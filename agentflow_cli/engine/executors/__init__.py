"""How each kind of step is carried out: one file a kind, listed in this table."""

from __future__ import annotations

from collections.abc import Mapping

from agentflow_cli.engine.executors import (
    agent,
    ask,
    fail,
    http,
    notify,
    prompt,
    python,
    recall,
    remember,
    run,
    set_values,
    tool,
    wait,
)
from agentflow_cli.engine.executors.call import Executor

EXECUTORS: Mapping[str, Executor] = {
    "prompt": prompt.execute,
    "run": run.execute,
    "python": python.execute,
    "set": set_values.execute,
    "ask": ask.execute,
    "recall": recall.execute,
    "remember": remember.execute,
    "agent": agent.execute,
    "tool": tool.execute,
    "http": http.execute,
    "wait": wait.execute,
    "notify": notify.execute,
    "fail": fail.execute,
}
