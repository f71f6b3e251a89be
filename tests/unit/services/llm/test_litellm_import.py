"""What importing LiteLLM must not do: seen in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

_PROGRAM = """
import asyncio, gc, json, os, sys, threading
touched = []
sys.addaudithook(lambda event, args: touched.append(event) if event in WATCHED else None)
from agentflow_cli.ports.model import Message, ModelFailure, ModelRequest
from agentflow_cli.services.llm.gateway import ModelGateway

gateway = ModelGateway(environment={"OPENAI_BASE_URL": "http://127.0.0.1:1/v1"})
gateway.prepare(["openai/x"])
at_once = "litellm" in sys.modules and not any(t.name == "agentflow-litellm-load" for t in threading.enumerate())
from agentflow_cli.services.llm.providers import litellm_provider
litellm = litellm_provider._library().result(120)
after_import = list(touched)
async def call():
    try:
        await gateway.complete(ModelRequest((Message("user", "x"),), model="openai/x"), lambda text: None)
    except ModelFailure as error:
        return error.failure.kind
kind = asyncio.run(call())
print(json.dumps({
    "waited": at_once, "network": after_import, "planted": os.environ.get("PLANTED"), "kind": kind,
    "gc": gc.isenabled(),
    "callbacks": [litellm.callbacks, litellm.success_callback, litellm.failure_callback], "cache": litellm.cache,
    "retries": litellm.num_retries, "telemetry": litellm.telemetry,
}))
""".replace("WATCHED", '("socket.connect", "socket.getaddrinfo", "socket.gethostbyname")')


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    project = tmp_path_factory.mktemp("stranger")
    (project / ".env").write_text("PLANTED=1\nOPENAI_API_BASE=http://elsewhere.example\n")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LITELLM")}
    environment |= {"PYTHONPATH": str(Path(__file__).parents[4])}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], cwd=project, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.stderr == ""
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_the_network_is_not_touched(seen: dict[str, object]) -> None:
    assert seen["network"] == []


def test_a_strangers_dotenv_file_is_not_read(seen: dict[str, object]) -> None:
    assert seen["planted"] is None


def test_it_loads_in_the_background_and_garbage_is_collected_again(seen: dict[str, object]) -> None:
    assert seen["waited"] is False
    assert seen["gc"] is True


def test_everything_of_its_own_is_off(seen: dict[str, object]) -> None:
    assert seen["callbacks"] == [[], [], []]
    assert (seen["cache"], seen["retries"], seen["telemetry"]) == (None, 0, False)


def test_the_process_ends_quietly_after_a_call(seen: dict[str, object]) -> None:
    assert seen["kind"] == "unavailable"
