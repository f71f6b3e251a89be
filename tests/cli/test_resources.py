"""`agentflow tools`, `secrets`, `config`, `cache`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Called

Cli = Callable[..., Called]
Write = Callable[[str, str], Path]

TOOL = '''\
def count(text: str, letter: str = "e") -> int:
    """How often a letter stands in a text.

    Args:
        text: Where to look.
        letter: What to count.
    """
    print("counting")
    if letter == "!":
        raise ValueError("no letter")
    return text.count(letter)


def untyped(x):
    """No hints."""
'''

POSTS = """\
apiVersion: agentflow/v1
name: posts
steps:
  inner:
    steps:
      post:
        run: [curl, "$TOKEN"]
        secrets: [TOKEN]
        env: {TOKEN: "${{ secrets.TOKEN }}"}
"""


def test_tools_are_listed_without_executing_them_and_what_is_none_is_said(cli: Cli, write: Write) -> None:
    write("tools/words.py", 'open("imported", "w")\n' + TOOL)
    called = cli("tools", "list", "-o", "json")
    names = {tool["name"]: tool["origin"] for tool in json.loads(called.out)["tools"]}
    assert names["count"] == "tools/words.py:count"
    assert "tools/words.py:untyped is no tool" in called.err
    assert not Path("imported").exists()


def test_a_tool_is_shown_with_what_it_takes(cli: Cli, write: Write) -> None:
    write("tools/words.py", TOOL)
    shown = cli("tools", "show", "count")
    assert "How often a letter stands in a text." in shown.out and "required: text" in shown.out
    assert "agentflow tools call count -i text=…" in shown.err
    missing = cli("tools", "show", "cuont")
    assert missing.code == 2 and "did you mean `count`?" in missing.err


def test_a_tool_is_called_with_checked_arguments(cli: Cli, write: Write) -> None:
    write("tools/words.py", TOOL)
    called = cli("tools", "call", "count", "-i", "text=eel", "-o", "json")
    assert (called.code, json.loads(called.out)) == (0, 2)
    assert "counting" in called.err
    assert "`text` is missing" in cli("tools", "call", "count").err
    failed = cli("tools", "call", "count", "-i", "text=x", "-i", "letter=!")
    assert failed.code == 1 and "no letter" in failed.err


def test_secrets_are_named_and_never_shown(cli: Cli, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write("workflows/posts.yaml", POSTS)
    write("agentflow.yaml", "apiVersion: agentflow/v1\nsecrets: {TOKEN: 'env:POST_TOKEN', CERT: 'file:cert.pem'}\n")
    rows = {row["name"]: row for row in json.loads(cli("secrets", "list", "-o", "json").out)["secrets"]}
    assert rows["TOKEN"]["used_by"] == ["workflows/posts.yaml: post"] and rows["TOKEN"]["present"] is False
    checked = cli("secrets", "check")
    assert checked.code == 4 and "set the variable POST_TOKEN" in checked.err
    assert "CERT" not in checked.err
    monkeypatch.setenv("POST_TOKEN", "s3cr3t-value")
    write("cert.pem", "s3cr3t-value")
    checked = cli("secrets", "check")
    assert checked.code == 0 and "s3cr3t-value" not in checked.out + checked.err
    assert checked.out.count(" set ") == 1 and "not set" not in checked.out


def test_settings_say_where_they_come_from(cli: Cli, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write("agentflow.yaml", "apiVersion: agentflow/v1\ndefaults: {max_parallel: 3}\n")
    monkeypatch.setenv("AGENTFLOW_PROGRESS", "plain")
    monkeypatch.setenv("AGENTFLOW_API_KEY", "s3cr3t-value")
    called = cli("config", "list", "-o", "json")
    origins = {each["name"]: (each["value"], each["origin"]) for each in json.loads(called.out)["settings"]}
    assert origins["max_parallel"] == ("3", "agentflow.yaml")
    assert origins["progress"] == ("plain", "AGENTFLOW_PROGRESS")
    assert origins["color"] == ("auto", "default")
    assert origins["api_key"] == ("set", "AGENTFLOW_API_KEY")
    assert "AGENTFLOW_PROGRESS" in cli("config", "list", "--show-origin").out
    assert cli("config", "get", "max_parallel").out == "3\n"
    assert "did you mean `max_parallel`?" in cli("config", "get", "max_paralel").err
    assert "user settings:" in cli("config", "path").out
    assert "user_settings" in json.loads(cli("config", "path", "-o", "json").out)["paths"]


def test_the_cache_can_be_looked_at_and_cleared(cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert json.loads(cli("cache", "stats", "-o", "json").out)["entries"] == 0
    assert "forgot 0 outcomes" in cli("cache", "clear").err


def test_the_defaults_of_the_project_hold_where_nothing_else_is_said(
    cli: Cli, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("agentflow.yaml", "apiVersion: agentflow/v1\ndefaults: {timeout: 100ms, model: scripted}\n")
    write(
        "talk.yaml", "apiVersion: agentflow/v1\nsteps:\n  a: {prompt: Hello}\noutputs: {a: '${{ steps.a.output }}'}\n"
    )
    write("slow.yaml", "apiVersion: agentflow/v1\nsteps:\n  a: {run: sleep 30}\n")
    assert cli("run", "talk.yaml").out.startswith("This is a scripted answer")
    assert "scripted" in cli("plan", "talk.yaml").out
    assert cli("run", "slow.yaml").code == 124
    monkeypatch.setenv("AGENTFLOW_MODEL", "embedded")
    assert "AGENTFLOW_NO_MODELS" in cli("run", "talk.yaml").err
