"""The project's names for models, from the file to the server: fail-over, frozen plans, grants."""

from __future__ import annotations

import json
import os
import pty
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Called
from tests.fakes.model_server import ModelServer

Cli = Callable[..., Called]
Write = Callable[[str, str], Path]

ASK = """\
apiVersion: agentflow/v1
name: ask
steps:
  a: {prompt: hi, retry: {max: 0}}
outputs: {said: "${{ steps.a.output }}"}
"""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    monkeypatch.delenv("AGENTFLOW_NO_MODELS", raising=False)
    with ModelServer() as server:
        monkeypatch.setenv("AGENTFLOW_BASE_URL", server.url)
        yield server


def project(models: str, default: str = "writer") -> str:
    return f"apiVersion: agentflow/v1\nmodels:\n  {models}\ndefaults: {{model: {default}}}\n"


def models_asked(server: ModelServer) -> list[str]:
    return [asked.body["model"] for asked in server.asked]


def test_a_name_of_the_project_works_wherever_a_model_is_named(cli: Cli, write: Write, server: ModelServer) -> None:
    write("agentflow.yaml", project("writer: endpoint/one\n  critic: endpoint/two\n  other: critic"))
    write("agents/helper.yaml", "apiVersion: agentflow/v1\nmodel: critic\ninstructions: You are terse.\n")
    steps = (
        "  a: {prompt: hi}\n  b: {prompt: hi, model: other, needs: [a]}\n  c: {agent: helper, task: hi, needs: [b]}\n"
    )
    write("w.yaml", f"apiVersion: agentflow/v1\nsteps:\n{steps}")
    assert cli("run", "w.yaml").code == 0
    assert models_asked(server) == ["one", "two", "two"]
    assert cli("run", "w.yaml", "--model", "critic").code == 0
    assert models_asked(server)[3:] == ["two", "two", "two"]


def test_the_next_model_answers_and_the_record_says_why(cli: Cli, write: Write, server: ModelServer) -> None:
    write("agentflow.yaml", project("writer: [endpoint/429-seconds, endpoint/tiny]"))
    write("w.yaml", ASK)
    ran = cli("run", "w.yaml")
    assert ran.code == 0, ran.err
    assert "endpoint/429-seconds failed (rate_limit), endpoint/tiny is asked" in ran.err
    events = [json.loads(line) for line in cli("runs", "events", "last", "-o", "jsonl").out.splitlines()]
    [passed] = [event for event in events if event.get("type") == "model_passed_over"]
    assert (passed["model"], passed["error"]["kind"], passed["next"]) == (
        "endpoint/429-seconds", "rate_limit", "endpoint/tiny",
    )  # fmt: skip
    assert "asks endpoint/tiny, for endpoint/429-seconds failed" in cli("runs", "logs", "last").out


def test_when_no_model_is_left_the_run_can_be_resumed(cli: Cli, write: Write, server: ModelServer) -> None:
    write("agentflow.yaml", project("writer: [endpoint/503, endpoint/401-echo]"))
    write("w.yaml", ASK)
    ran = cli("run", "w.yaml")
    assert ran.code == 7
    assert "none of the 2 models of `writer` could be had" in ran.err
    assert "agentflow resume" in ran.err
    assert cli("resume", "last", "--model", "endpoint/tiny").code == 0


def test_a_resume_asks_what_was_frozen(cli: Cli, write: Write, server: ModelServer) -> None:
    write("agentflow.yaml", project("writer: [endpoint/503, endpoint/504]"))
    write("w.yaml", ASK)
    assert cli("run", "w.yaml").code == 7
    write("agentflow.yaml", project("writer: endpoint/tiny"))
    assert cli("resume", "last").code == 7
    assert models_asked(server) == ["503", "504", "503", "504"]
    forked = cli("fork", "last", "--updated")
    assert forked.code == 0, forked.err
    assert models_asked(server)[4:] == ["tiny"]


def test_an_outcome_is_kept_under_what_the_project_says_of_its_model(
    cli: Cli, write: Write, server: ModelServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    write("w.yaml", ASK.replace("retry: {max: 0}", "cache: true"))
    for heat, calls in ((0.1, 1), (0.1, 1), (0.2, 2)):
        write("agentflow.yaml", project(f"writer: {{model: endpoint/tiny, temperature: {heat}}}"))
        assert cli("run", "w.yaml").code == 0
        assert len(server.asked) == calls


def test_nothing_is_sent_where_the_project_says_until_that_is_granted(
    cli: Cli, write: Write, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AGENTFLOW_BASE_URL")
    monkeypatch.setenv("HOUSE_KEY", "house-key-12345")
    bound = f"writer: {{model: endpoint/tiny, base_url: '{server.url}', api_key: 'env:HOUSE_KEY'}}"
    write("agentflow.yaml", project(bound))
    write("w.yaml", ASK)
    refused = cli("run", "w.yaml")
    assert (refused.code, server.asked) == (6, [])
    assert f"the key env:HOUSE_KEY go to {server.url}" in refused.err and "next: agentflow trust" in refused.err
    assert cli("models", "test", "writer").code == 6
    assert "agentflow trust" in cli("plan", "w.yaml").out
    assert "agentflow trust" in cli("doctor").out
    assert cli("run", "w.yaml", "--model", "scripted").code == 0, "what is not used needs no grant"
    assert server.asked == []
    granted = cli("trust", "--yes")
    assert granted.code == 0 and "granted to" in granted.err
    assert cli("run", "w.yaml").code == 0
    assert server.asked[0].headers["authorization"] == "Bearer house-key-12345"
    assert cli("models", "test", "writer").code == 0
    [row] = json.loads(cli("trust", "--list", "-o", "json").out)["grants"]
    assert row == {
        "project": str(Path.cwd()), "alias": "writer", "provider": "endpoint",
        "base_url": server.url, "api_key": "env:HOUSE_KEY",
    }  # fmt: skip
    assert "house-key" not in cli("trust", "--list").out


@pytest.mark.parametrize(
    "changed",
    [
        ("/v1',", "/v2',"),
        ("HOUSE_KEY", "OTHER_KEY"),
        ("env:", "store:"),
        ("endpoint/", "openai/"),
        ("writer", "author"),
    ],
    ids=["address", "key", "kind of key", "provider", "name"],
)
def test_what_was_granted_and_then_changed_is_asked_for_again(
    cli: Cli, write: Write, server: ModelServer, changed: tuple[str, str]
) -> None:
    text = project(f"writer: {{model: endpoint/tiny, base_url: '{server.url}', api_key: 'env:HOUSE_KEY'}}")
    write("agentflow.yaml", text)
    assert cli("trust", "--yes").code == 0
    assert cli("trust").code == 0
    write("agentflow.yaml", text.replace(*changed))
    write("w.yaml", ASK)
    assert cli("run", "w.yaml").code == 6
    assert server.asked == []


def test_a_grant_is_for_one_directory_and_can_be_taken_back(
    cli: Cli, write: Write, server: ModelServer, tmp_path: Path
) -> None:
    text = project(f"writer: {{model: endpoint/tiny, base_url: '{server.url}'}}")
    write("agentflow.yaml", text)
    write("w.yaml", ASK)
    assert cli("trust", "--yes").code == 0
    elsewhere = tmp_path / "copy"
    elsewhere.mkdir()
    (elsewhere / "agentflow.yaml").write_text(text)
    (elsewhere / "w.yaml").write_text(ASK)
    assert cli("run", str(elsewhere / "w.yaml")).code == 6
    assert cli("run", "w.yaml").code == 0
    assert "taken back" in cli("trust", "--revoke").err
    assert cli("run", "w.yaml").code == 6
    assert "nothing is granted" in cli("trust", "--list").err


def test_grants_that_others_could_write_are_not_believed(
    cli: Cli, write: Write, server: ModelServer, tmp_path: Path
) -> None:
    write("agentflow.yaml", project(f"writer: {{model: endpoint/tiny, base_url: '{server.url}'}}"))
    write("w.yaml", ASK)
    assert cli("trust", "--yes").code == 0
    kept = tmp_path / "config" / "agentflow" / "trust.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    kept.chmod(0o666)
    refused = cli("run", "w.yaml")
    assert (refused.code, server.asked) == (6, [])
    assert "chmod 600" in refused.err
    kept.chmod(0o600)
    kept.write_text('{"version": 1, "grants": [')
    damaged = cli("run", "w.yaml")
    assert (damaged.code, server.asked) == (65, [])


def test_trust_asks_nobody_where_nobody_is(cli: Cli, write: Write, server: ModelServer) -> None:
    write("agentflow.yaml", project(f"writer: {{model: endpoint/tiny, base_url: '{server.url}'}}"))
    asked = cli("trust", stdin="y\n")
    assert asked.code == 2 and "--yes" in asked.err
    listed = cli("trust", "-o", "json")
    assert (listed.code, json.loads(listed.out)["requests"][0]["granted"]) == (6, False)
    write("agentflow.yaml", project("writer: endpoint/tiny"))
    assert "asks for nothing" in cli("trust").err


@pytest.mark.parametrize(("answer", "code", "count"), [("y", 0, 1), ("n", 6, 0), ("", 6, 0)])
def test_a_person_sees_what_is_granted_before_it_is(
    project: Path, write: Write, server: ModelServer, tmp_path: Path, answer: str, code: int, count: int
) -> None:
    write("agentflow.yaml", PLAIN)
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "agentflow_cli", "trust"], stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True
    )
    os.close(theirs)
    said = b""
    while b"[y/N]" not in said:
        said += os.read(ours, 4096)
    os.write(ours, answer.encode() + b"\n")
    assert child.wait(30) == code
    os.close(ours)
    shown = said.decode()
    assert "prompts and the key env:HOUSE_KEY go to http://models.acme.test/v1" in shown
    assert "without encryption" in shown and "env:HOUSE_KEY is not set" in shown
    kept = tmp_path / "config" / "agentflow" / "trust.json"
    assert (len(json.loads(kept.read_text())["grants"]) if kept.exists() else 0) == count


PLAIN = project("writer: {model: endpoint/tiny, base_url: 'http://models.acme.test/v1', api_key: 'env:HOUSE_KEY'}")


def test_the_list_of_models_says_what_a_name_means_and_why(
    cli: Cli, write: Write, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "k" * 20)
    models = "writer: [anthropic/claude-haiku-4-5, fast]\n  house: {model: endpoint/x, base_url: 'https://h.test/v1'}"
    write("agentflow.yaml", project(models))
    rows = {row["name"]: row for row in json.loads(cli("models", "list", "-o", "json").out)["models"]}
    assert rows["writer"]["ready"] and rows["writer"]["about"] == "anthropic/claude-haiku-4-5, else fast"
    assert "means groq/" in rows["writer"]["how"] and "ANTHROPIC_API_KEY is not set" in rows["writer"]["how"]
    assert not rows["house"]["ready"] and "agentflow trust" in rows["house"]["how"]
    assert "agentflow.yaml says `writer`" in cli("models", "list").err


def test_the_mock_plays_every_model_of_a_name(cli: Cli, write: Write) -> None:
    bound = "{model: endpoint/x, base_url: 'https://models.acme.test/v1', fallbacks: [openai/gpt-5-mini]}"
    write("agentflow.yaml", project(f"writer: {bound}"))
    write("w.yaml", ASK)
    write("answers.yaml", "- {fail: unavailable}\n- text: The second one.\n")
    assert cli("run", "w.yaml", "--mock").code == 0
    assert "The second one." in cli("run", "w.yaml", "--recordings", "answers.yaml").out


def test_a_run_that_was_started_elsewhere_ends_the_same_without_a_grant(
    cli: Cli, write: Write, server: ModelServer
) -> None:
    write("agentflow.yaml", project(f"writer: {{model: endpoint/tiny, base_url: '{server.url}'}}"))
    write("w.yaml", ASK)
    detached = cli("run", "w.yaml", "--detach")
    assert (detached.code, server.asked) == (6, [])
    assert "next: agentflow trust" in detached.err


def test_a_resume_needs_the_grant_too(cli: Cli, write: Write, server: ModelServer) -> None:
    write("agentflow.yaml", project(f"writer: {{model: endpoint/503, base_url: '{server.url}'}}"))
    write("w.yaml", ASK)
    cli("trust", "--yes")
    assert cli("run", "w.yaml").code == 1
    cli("trust", "--revoke")
    asked = len(server.asked)
    assert cli("resume", "last").code == 6
    assert len(server.asked) == asked
