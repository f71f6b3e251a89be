"""Every example runs as its page says: on scripted answers, and over a real server that speaks the OpenAI protocol."""

from __future__ import annotations

import asyncio
import json
import re
import runpy
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agentflow_cli.application.usecases.data_file import read_data
from agentflow_cli.ports.model import Message, ModelRequest
from agentflow_cli.services.llm.providers.scripted import ScriptedModel
from agentflow_cli.services.llm.script import read_script
from tests.cli.conftest import Called
from tests.fakes.model_server import ModelServer, Said

Cli = Callable[..., Called]

ROOT = Path(__file__).parents[2]
COMMANDS = re.findall(r"^\$ agentflow (.*)$", (ROOT / "examples/README.md").read_text(), re.M)
NAMES = sorted(path.name for path in (ROOT / "examples").iterdir() if path.is_dir())

_split = runpy.run_path(str(ROOT / "examples/map-reduce/pieces.py"))["split"]
PIECES = len(_split((ROOT / "docs/running.md").read_text(), 2000))
"""Of the page that the example sums up, which grows."""

OUTPUTS: dict[str, dict[str, Any]] = {
    "failover": {"from": "the second model", "why": "unavailable"},
    "human-form": {"ticket": "[desk] Printer on the second floor (urgency 3)", "reply": "nobody is told"},
    "map-reduce": {"pieces": PIECES},
    "release-notes": {"file": "build/RELEASE_NOTES.md", "features": 2, "fixes": 1},
    "research-team": {"doubts": ["A step that was in flight runs again."]},
    "review-loop": {"rounds": 2, "approved": True},
}


@pytest.fixture
def examples(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The examples in a small repository of their own."""
    for name in ("examples", "docs", "schemas"):
        shutil.copytree(ROOT / name, project / name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    git = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.test"]
    subprocess.run([*git, "init", "-q"], check=True)
    for subject in ("Add a parser", "Fix the parser", "Document the parser", "Add a printer"):
        subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", subject], check=True)
    return project


def check(called: Called, name: str) -> None:
    assert called.code == 0, called.err
    outputs = json.loads(called.out)["outputs"]
    assert {key: outputs[key] for key in OUTPUTS[name]} == OUTPUTS[name]


@pytest.mark.usefixtures("examples")
def test_every_example_is_valid_and_told_on_the_page(cli: Cli) -> None:
    assert cli("validate", *(f"examples/{name}/workflow.yaml" for name in NAMES)).code == 0
    assert sorted(OUTPUTS) == NAMES
    for name in NAMES:
        assert any(f"examples/{name}/" in command for command in COMMANDS), name


@pytest.mark.usefixtures("examples")
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.split("/")[1])
def test_the_commands_of_the_page_run(cli: Cli, command: str) -> None:
    check(cli(*shlex.split(command), "--no-input", "-o", "json"), command.split("/")[1])


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    with ModelServer() as server:
        monkeypatch.setenv("AGENTFLOW_NO_MODELS", "")
        monkeypatch.setenv("AGENTFLOW_BASE_URL", server.url)
        monkeypatch.setenv("AGENTFLOW_MODEL", "endpoint/example")
        yield server


@pytest.mark.usefixtures("examples")
@pytest.mark.parametrize("name", NAMES)
def test_the_same_answers_over_http_give_the_same_outputs(cli: Cli, server: ModelServer, name: str) -> None:
    server.answer = played(name)
    check(cli("run", f"examples/{name}/workflow.yaml", "--no-input", "-o", "json"), name)
    assert server.asked


def played(name: str) -> Callable[[Any], Said]:
    """The example's script as a server. A failure in it closes the connection without a word."""
    model = ScriptedModel(read_script(read_data(f"examples/{name}/answers.yaml", "")))

    def answer(body: Any) -> Said:
        messages = tuple(Message(said["role"], said.get("content") or "") for said in body["messages"])
        schema = (body.get("response_format") or {}).get("json_schema", {}).get("schema")
        reply = asyncio.run(model.complete(ModelRequest(messages, schema=schema)))
        calls = tuple(
            (f"{len(messages)}_{call.id}", call.name, json.dumps(call.arguments)) for call in reply.tool_calls
        )
        return Said(reply.text or None, calls, finish="tool_calls" if calls else "stop")

    return answer
