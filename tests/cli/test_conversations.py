"""Conversations of agents over several runs, and the commands that show and forget them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Called

Cli = Callable[..., Called]
Write = Callable[[str, str], Path]

TALK = """\
apiVersion: agentflow/v1
inputs: {who: {type: string}}
agents:
  host: {instructions: You greet., memory: {conversation: true}, model: scripted}
steps:
  greet: {agent: host, task: "Greet ${{ inputs.who }}.", conversation: "${{ inputs.who }}"}
"""


@pytest.fixture
def talked(cli: Cli, write: Write) -> None:
    write("talk.yaml", TALK)
    for who in ("ada", "grace", "ada"):
        assert cli("run", "talk.yaml", "-i", f"who={who}").code == 0


@pytest.mark.usefixtures("talked")
def test_conversations_are_kept_over_runs_and_listed_by_name(cli: Cli) -> None:
    rows = json.loads(cli("memory", "conversations", "-o", "json").out)["conversations"]
    assert [(row["agent"], row["conversation"], row["turns"]) for row in rows] == [
        ("host", "ada", 2),
        ("host", "grace", 1),
    ]
    assert "just now" in cli("memory", "conversations").out


@pytest.mark.usefixtures("talked")
def test_one_conversation_is_forgotten_or_all_of_an_agent(cli: Cli) -> None:
    assert "forgot 2 turns of host" in cli("memory", "forget", "host", "ada").err
    called = cli("memory", "forget", "host", "grce")
    assert called.code == 2 and "did you mean `grace`?" in called.err
    assert json.loads(cli("memory", "forget", "host", "-o", "json").out)["turns"] == 1
    assert "no agent keeps a conversation here" in cli("memory", "conversations").err
    assert cli("memory", "forget", "host").code == 2


def test_a_run_with_a_script_leaves_no_conversation_behind(cli: Cli, write: Write) -> None:
    write("talk.yaml", TALK)
    assert cli("run", "talk.yaml", "-i", "who=ada", "--mock").code == 0
    assert json.loads(cli("memory", "conversations", "-o", "json").out)["conversations"] == []
