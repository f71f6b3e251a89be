"""Settings: flag, variable, `.env`, project file, user file, default; and secrets that are kept here."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Called
from tests.fakes.model_server import ModelServer

Cli = Callable[..., Called]
Write = Callable[[str, str], Path]

HEAD = "apiVersion: agentflow/v1\n"
TALK = HEAD + "steps:\n  a: {prompt: Hello}\noutputs: {a: '${{ steps.a.output }}'}\n"
SHOW = HEAD + (
    "steps:\n  a:\n    run: 'echo \"$TOKEN\"'\n    secrets: [TOKEN]\n    env: {TOKEN: '${{ secrets.TOKEN }}'}\n"
    "outputs: {a: '${{ steps.a.output }}'}\n"
)


@pytest.fixture
def user_file(tmp_path: Path) -> Path:
    path = tmp_path / "config" / "agentflow" / "settings.yaml"
    path.parent.mkdir(parents=True)
    return path


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    monkeypatch.delenv("AGENTFLOW_NO_MODELS", raising=False)
    with ModelServer() as server:
        monkeypatch.setenv("AGENTFLOW_BASE_URL", server.url)
        yield server


def origin(cli: Cli, name: str) -> tuple[str, str]:
    called = cli("config", "get", name, "-o", "json")
    assert called.code == 0, called.err
    found = json.loads(called.out)
    return found["value"], found["origin"]


def test_each_layer_wins_over_those_behind_it(
    cli: Cli, write: Write, user_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert origin(cli, "max_parallel") == ("16", "default")
    user_file.write_text("max_parallel: 2\nprogress: plain\n")
    assert origin(cli, "max_parallel") == ("2", str(user_file))
    assert origin(cli, "progress") == ("plain", str(user_file))
    write("agentflow.yaml", HEAD + "defaults: {max_parallel: 3}\n")
    assert origin(cli, "max_parallel") == ("3", "agentflow.yaml")
    write(".env", "AGENTFLOW_MAX_PARALLEL=4\nAGENTFLOW_PROGRESS=none\n")
    assert origin(cli, "max_parallel") == ("4", ".env")
    assert origin(cli, "progress") == ("none", ".env")
    monkeypatch.setenv("AGENTFLOW_MAX_PARALLEL", "5")
    assert origin(cli, "max_parallel") == ("5", "AGENTFLOW_MAX_PARALLEL")
    shown = cli("config", "list", "--show-origin")
    assert "AGENTFLOW_MAX_PARALLEL" in shown.out and ".env" in shown.out


def test_a_setting_that_nobody_has_set_is_an_empty_line_and_never_words(cli: Cli) -> None:
    called = cli("config", "get", "model")
    assert (called.code, called.out) == (0, "\n") and "`model` is not set" in called.err
    assert cli("config", "get", "model", "-q").err == ""
    assert origin(cli, "model") == ("", "default")


@pytest.mark.parametrize("layer", ["user", "project", "dotenv", "variable", "flag"])
def test_the_model_of_a_run_is_what_the_first_layer_says(
    cli: Cli, write: Write, user_file: Path, server: ModelServer, monkeypatch: pytest.MonkeyPatch, layer: str
) -> None:
    layers = ["user", "project", "dotenv", "variable", "flag"]
    said = set(layers[: layers.index(layer) + 1])
    write("talk.yaml", TALK)
    write("agentflow.yaml", HEAD + ("defaults: {model: endpoint/project}\n" if "project" in said else ""))
    user_file.write_text("model: endpoint/user\n")
    write(".env", "AGENTFLOW_MODEL=endpoint/dotenv\n" if "dotenv" in said else "")
    if "variable" in said:
        monkeypatch.setenv("AGENTFLOW_MODEL", "endpoint/variable")
    ran = cli("run", "talk.yaml", *(["--model", "endpoint/flag"] if "flag" in said else []))
    assert ran.code == 0, ran.err
    assert [asked.body["model"] for asked in server.asked] == [layer]


def test_the_user_file_speaks_to_the_console_and_to_the_endpoint(
    cli: Cli, write: Write, user_file: Path, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AGENTFLOW_BASE_URL")
    cli("secrets", "set", "HOUSE", stdin="house-key-12345\n")
    user_file.write_text(f"base_url: {server.url}\napi_key: store:HOUSE\ncolor: always\nmodel: endpoint/tiny\n")
    write("talk.yaml", TALK)
    ran = cli("run", "talk.yaml")
    assert ran.code == 0, ran.err
    assert server.asked[0].headers["authorization"] == "Bearer house-key-12345"
    assert "\x1b[" in ran.err
    assert "\x1b[" not in cli("--color", "never", "runs", "list").out
    assert "house-key" not in cli("config", "list").out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("modle: x\n", "did you mean `model`?"),
        ("max_parallel: many\n", "not a whole number"),
        ("no_input: maybe\n", "true or false"),
        ("api_key: hunter2hunter2\n", "store:NAME"),
        ("- model\n", "a mapping"),
        ("model: [\n", "settings.yaml"),
    ],
)
def test_a_wrong_user_file_is_named(cli: Cli, user_file: Path, text: str, said: str) -> None:
    user_file.write_text(text)
    called = cli("config", "list")
    assert called.code == 2
    assert said in called.err
    assert "hunter2" not in called.err
    assert cli("--help").code == 0


def test_a_wrong_value_says_where_it_stands(cli: Cli, write: Write) -> None:
    write("talk.yaml", TALK)
    write(".env", "AGENTFLOW_MAX_PARALLEL=0\n")
    called = cli("run", "talk.yaml", "--model", "scripted")
    assert called.code == 2
    assert "AGENTFLOW_MAX_PARALLEL in `.env` is `0`" in called.err


def test_a_key_from_the_dotenv_file_works_and_an_address_does_not(
    cli: Cli, write: Write, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    write(".env", "OPENAI_API_KEY=from-the-file-123\nANTHROPIC_BASE_URL=http://127.0.0.1:1\n")
    write("talk.yaml", TALK)
    ran = cli("run", "talk.yaml", "--model", "openai/tiny")
    assert ran.code == 0, ran.err
    assert server.asked[0].headers["authorization"] == "Bearer from-the-file-123"
    assert "`.env` cannot set ANTHROPIC_BASE_URL" in ran.err
    assert "OPENAI_API_KEY is set" in cli("models", "list").out


def test_what_only_looks_does_not_read_the_dotenv_file(cli: Cli, write: Write) -> None:
    write("talk.yaml", TALK)
    write(".env", "this is no assignment\n")
    for arguments in (["validate", "talk.yaml"], ["plan", "talk.yaml"], ["graph", "talk.yaml"], ["runs", "list"]):
        called = cli(*arguments)
        assert (called.code, "assignment" in called.err) == (0, False)
    refused = cli("run", "talk.yaml", "--mock")
    assert refused.code == 2 and ".env, line 1: this is no assignment" in refused.err


@pytest.mark.parametrize("source", ["env:TOKEN", "store:TOKEN"])
def test_a_secret_of_either_kind_is_used_and_masked(cli: Cli, write: Write, source: str) -> None:
    write("agentflow.yaml", HEAD + f"secrets: {{TOKEN: '{source}'}}\n")
    write("workflows/show.yaml", SHOW)
    assert cli("secrets", "check").code == 4
    if source.startswith("env"):
        write(".env", "TOKEN=s3cr3t-value-1\n")
    else:
        assert "agentflow secrets set TOKEN" in cli("secrets", "check").err
        cli("secrets", "set", "TOKEN", stdin="s3cr3t-value-1\n")
    checked = cli("secrets", "check")
    assert checked.code == 0, checked.err
    ran = cli("run", "workflows/show.yaml", "-o", "json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["outputs"] == {"a": "***\n"} or json.loads(ran.out)["outputs"] == {"a": "***"}
    logs = cli("runs", "events", "last", "-o", "jsonl")
    assert "s3cr3t-value-1" not in checked.out + checked.err + ran.out + ran.err + logs.out


def test_a_secret_is_kept_where_only_its_user_reads_it(cli: Cli, project: Path, tmp_path: Path) -> None:
    kept = cli("secrets", "set", "TOKEN", stdin="s3cr3t-value-1\n")
    assert kept.code == 0 and "store:TOKEN" in kept.err and "s3cr3t" not in kept.out + kept.err
    path = tmp_path / "config" / "agentflow" / "secrets.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert json.loads(path.read_text())["secrets"] == {"TOKEN": "s3cr3t-value-1"}
    listed = cli("secrets", "list")
    assert "store:TOKEN" in listed.out and "s3cr3t" not in listed.out
    replaced = json.loads(cli("secrets", "set", "TOKEN", "-o", "json", stdin="line 1\nline 2\n").out)
    assert replaced == {"version": 1, "name": "TOKEN", "source": "store:TOKEN", "replaced": True}
    assert json.loads(path.read_text())["secrets"] == {"TOKEN": "line 1\nline 2"}
    assert "did you mean `TOKEN`?" in cli("secrets", "rm", "TOKNE").err
    assert cli("secrets", "rm", "TOKEN").code == 0
    assert "TOKEN" not in path.read_text()
    assert not list(project.rglob("*secret*"))


@pytest.mark.parametrize(("name", "stdin"), [("a-b", "x"), ("", "x"), ("A", ""), ("A", "x\0y")])
def test_what_cannot_be_a_secret_is_refused(cli: Cli, tmp_path: Path, name: str, stdin: str) -> None:
    assert cli("secrets", "set", name, stdin=stdin).code == 2
    assert not (tmp_path / "config" / "agentflow" / "secrets.json").exists()


def test_secrets_that_others_can_read_are_not_used(cli: Cli, write: Write, tmp_path: Path) -> None:
    write("agentflow.yaml", HEAD + "secrets: {TOKEN: 'store:TOKEN'}\n")
    cli("secrets", "set", "TOKEN", stdin="s3cr3t-value-1")
    (tmp_path / "config" / "agentflow" / "secrets.json").chmod(0o644)
    refused = cli("secrets", "check")
    assert refused.code == 6 and "chmod 600" in refused.err
