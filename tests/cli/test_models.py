"""`agentflow models list` and `test`: what there is, what answers, and what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from tests.cli.conftest import Called
from tests.fakes.model_server import ModelServer

KEY = "users-own-key-123456"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    """A loopback endpoint that the user configured; no other key is set and no Ollama is there."""
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "AGENTFLOW_NO_MODELS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:1")
    with ModelServer() as server:
        monkeypatch.setenv("AGENTFLOW_BASE_URL", server.url)
        monkeypatch.setenv("AGENTFLOW_API_KEY", KEY)
        yield server


def test_a_model_that_answers_is_timed_and_counted(cli: Callable[..., Called], server: ModelServer) -> None:
    said = cli("models", "test", "endpoint/tiny")
    assert said.code == 0
    assert said.out.startswith("endpoint/tiny  0.")
    assert "7 tokens in, 5 out" in said.out
    assert "Hello from the server." in said.err
    value = json.loads(cli("models", "test", "endpoint/tiny", "-o", "json").out)
    assert (value["ok"], value["text"], value["output_tokens"]) == (True, "Hello from the server.", 5)
    assert 0 < value["first"] <= value["seconds"] < 30


def test_what_is_wrong_is_said_without_the_key(cli: Callable[..., Called], server: ModelServer) -> None:
    refused = cli("models", "test", "endpoint/401-echo")
    assert refused.code == 4
    assert "401 Unauthorized" in refused.err
    assert "check AGENTFLOW_API_KEY" in refused.err
    assert KEY not in refused.out + refused.err
    busy = cli("models", "test", "endpoint/429-seconds", "-o", "json")
    assert busy.code == 1
    assert json.loads(busy.out)["error"] == {
        "kind": "rate_limit",
        "message": "endpoint/429-seconds answered 429 Too Many Requests: the fault 429 was asked for",
        "retry_after": 7.0,
        "data": {"status": 429, "code": "some_error"},
    }


def test_a_missing_key_and_an_unknown_model_are_told_apart(cli: Callable[..., Called], server: ModelServer) -> None:
    keyless = cli("models", "test", "anthropic/claude-haiku-4-5")
    assert (keyless.code, "set ANTHROPIC_API_KEY" in keyless.err) == (4, True)
    unknown = cli("models", "test", "antropic/claude-haiku-4-5")
    assert (unknown.code, "did you mean `anthropic/claude-haiku-4-5`?" in unknown.err) == (2, True)


def test_the_list_says_which_keys_are_set_and_never_what_they_are(
    cli: Callable[..., Called], server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    listed = cli("models", "list")
    assert listed.code == 0
    assert "ANTHROPIC_API_KEY is set" in listed.out
    assert f"{server.url}, AGENTFLOW_API_KEY is set" in listed.out
    assert "set OPENAI_API_KEY" in listed.out
    assert "nothing answers at http://127.0.0.1:1" in listed.out
    assert "`fast` means anthropic/claude-haiku-4-5: ANTHROPIC_API_KEY is set" in listed.err
    rows = json.loads(cli("models", "list", "-o", "json").out)["models"]
    assert {row["name"]: row["ready"] for row in rows}["anthropic/NAME"] is True
    assert KEY not in listed.out + listed.err + json.dumps(rows)


def test_with_models_switched_off_nobody_is_asked(
    cli: Callable[..., Called], server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTFLOW_NO_MODELS", "1")
    off = cli("models", "test", "endpoint/tiny")
    assert (off.code, "AGENTFLOW_NO_MODELS is set" in off.err, server.asked) == (1, True, [])


def test_a_workflow_runs_on_a_real_endpoint(
    cli: Callable[..., Called], server: ModelServer, write: Callable[[str, str], object]
) -> None:
    write(
        "workflows/ask.yaml",
        "apiVersion: agentflow/v1\nname: ask\nsteps:\n  a:\n    prompt: hi\n    model: endpoint/tiny\n"
        "outputs: {said: '${{ steps.a.output }}'}\n",
    )
    ran = cli("run", "workflows/ask.yaml", "-o", "json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["outputs"] == {"said": "Hello from the server."}
    assert server.asked[0].headers["idempotency-key"]
