"""`kill -9` in the middle of an agent, then `agentflow resume last`: no recorded operation is done again."""

from __future__ import annotations

import json
import signal
from collections import Counter
from pathlib import Path

import pytest

from agentflow_cli.domain.events import OperationRecorded
from tests.crash.runs import agentflow, committed

WORKFLOW = """apiVersion: agentflow/v1
name: books
agents:
  clerk:
    instructions: You keep the books.
    tools: [note, "agent:auditor"]
  auditor:
    instructions: You audit.
    tools: [note]
steps:
  keep: {agent: clerk, task: Keep the books.}
outputs:
  said: ${{ steps.keep.output }}
"""

TOOLS = '''import os

def note(text: str) -> str:
    """Write a line to the ledger."""
    with open("ledger.log", "a") as log:
        log.write(text + "\\n")
    return "noted " + text
'''

SCRIPT = """
- {match: Keep the books, tool_calls: [{name: note, arguments: {text: one}}, {name: note, arguments: {text: uno}}]}
- {match: noted uno, tool_calls: [{name: note, arguments: {text: two}}]}
- {match: noted two, tool_calls: [{name: agent_auditor, arguments: {task: Audit them}}]}
- {match: Audit them, tool_calls: [{name: note, arguments: {text: audit}}]}
- {match: noted audit, text: all is well}
- {match: all is well, text: All kept.}
"""

OPERATIONS = {
    "turn:0/model",
    "turn:0/call_1",
    "turn:0/call_2",
    "turn:1/model",
    "turn:1/call_3",
    "turn:2/model",
    "turn:2/call_4",
    "turn:2/call_4/turn:0/model",
    "turn:2/call_4/turn:0/call_1",
    "turn:2/call_4/turn:1/model",
    "turn:3/model",
}


def recorded(directory: Path) -> list[str]:
    return [event.name for event in committed(directory, OperationRecorded)]


def ledger(directory: Path) -> Counter[str]:
    log = directory / "ledger.log"
    return Counter(log.read_text().split()) if log.exists() else Counter()


def project(directory: Path) -> None:
    (directory / "tools").mkdir()
    (directory / "tools" / "ledger.py").write_text(TOOLS)
    (directory / "books.yaml").write_text(WORKFLOW)
    (directory / "script.yaml").write_text(SCRIPT)


# The third tool call is the fifth operation: two model calls and two notes come before it.
POINTS = [f"operation.effect_done:{n}" for n in (1, 3, 5, 9, 11)] + [f"operation.started:{n}" for n in (5, 8)]


@pytest.mark.parametrize("point", POINTS)
def test_an_agent_killed_between_a_call_and_its_record_goes_on_behind_the_last_record(
    tmp_path: Path, point: str
) -> None:
    project(tmp_path)
    killed = agentflow(tmp_path, "run", "books.yaml", "--recordings", "script.yaml", AGENTFLOW_FAULT=f"{point}=kill")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    before, effects = recorded(tmp_path), ledger(tmp_path)
    resumed = agentflow(tmp_path, "resume", "last", "--recordings", "script.yaml", "-o", "json")
    assert resumed.returncode == 0, resumed.stderr
    assert json.loads(resumed.stdout)["outputs"] == {"said": "All kept."}
    after = recorded(tmp_path)
    assert after[: len(before)] == before
    assert len(after) == len(set(after)) and set(after) == OPERATIONS
    done = ledger(tmp_path)
    assert set(done) == {"one", "uno", "two", "audit"}
    names = {
        "turn:0/call_1": "one",
        "turn:0/call_2": "uno",
        "turn:1/call_3": "two",
        "turn:2/call_4/turn:0/call_1": "audit",
    }
    for operation, effect in names.items():
        assert done[effect] - effects[effect] == (0 if operation in before else 1), "recorded: never again; else once"
