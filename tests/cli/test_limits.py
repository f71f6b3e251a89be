"""`--until`, `--max-tokens`, `--max-cost`, `--no-cache`, `--refresh`: on `run`, and on what takes a run up again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agentflow_cli.foundation.exit_codes import ExitCode
from tests.cli.conftest import Called

Cli = Callable[..., Called]
Write = Callable[[str, str], Path]

CHAIN = """\
apiVersion: agentflow/v1
name: chain
steps:
  fetch: {run: echo fetched >> log; echo fetched}
  ask: {prompt: "Say ${{ steps.fetch.output }}", model: scripted}
  again: {prompt: "Repeat ${{ steps.ask.output }}", model: scripted}
  keep: {run: [sh, -c, 'echo kept >> log', "${{ steps.again.output }}"]}
outputs: {said: "${{ steps.again.output }}"}
finally:
  note: {run: echo finally >> log}
"""

KILLED = """\
apiVersion: agentflow/v1
steps:
  ask: {prompt: Hello, model: scripted}
  slow: {run: test -e go || sleep 60, needs: [ask]}
  again: {prompt: Hello again, model: scripted, needs: [slow]}
"""


@pytest.fixture
def chain(write: Write) -> Path:
    return write("chain.yaml", CHAIN).with_name("log")


def statuses(result: Any) -> list[str]:
    return [step["status"] for step in result["steps"].values()]


def test_until_prints_what_came_of_the_step_and_a_resume_does_the_rest(cli: Cli, chain: Path) -> None:
    called = cli("run", "chain.yaml", "--until", "ask")
    assert (called.code, called.out) == (0, "This is a scripted answer; no model was asked.\n")
    assert "chain stopped" in called.err and "`--until ask`: 2 steps are left" in called.err
    assert "next: agentflow resume " in called.err
    assert "stopped" in cli("runs", "list").out
    called = cli("resume", "-o", "json")
    assert (called.code, statuses(json.loads(called.out))) == (0, ["succeeded"] * 4)
    assert chain.read_text().split() == ["fetched", "kept", "finally"]


def test_until_as_json_says_what_is_left(cli: Cli, chain: Path) -> None:
    result = json.loads(cli("run", "chain.yaml", "--until", "fetch", "-o", "json").out)
    assert (result["status"], result["exit_code"], result["until"]) == ("stopped", 0, "fetch")
    assert statuses(result) == ["succeeded", "pending", "pending", "pending"]
    assert result["next"] == f"agentflow resume {result['run'][:6]}"


@pytest.mark.parametrize("step, hint", [("fecth", "did you mean `fetch`?"), ("fetch[0]", "`--until fetch`")])
def test_until_names_a_step_of_the_workflow_before_anything_runs(cli: Cli, chain: Path, step: str, hint: str) -> None:
    called = cli("run", "chain.yaml", "--until", step)
    assert called.code == ExitCode.CANNOT_START
    assert hint in called.err
    assert "no runs here" in cli("runs", "list").err


def test_a_run_ends_with_exit_5_at_its_limit_and_says_how_to_go_on(cli: Cli, chain: Path) -> None:
    called = cli("run", "chain.yaml", "--max-tokens", "5")
    assert called.code == ExitCode.LIMIT
    assert "of its 5 tokens" in called.err
    command = called.err.rsplit("next: agentflow ", 1)[1].split()
    assert command[0] == "resume" and command[2] == "--max-tokens"
    assert cli("resume").code == ExitCode.LIMIT
    called = cli(*command, "-o", "json")
    assert (called.code, json.loads(called.out)["max_tokens"]) == (0, int(command[3]))
    assert chain.read_text().split() == ["fetched", "kept", "finally"]


def test_a_step_that_a_limit_refused_is_not_said_to_run(cli: Cli, chain: Path) -> None:
    called = cli("run", "chain.yaml", "--max-tokens", "5", "-o", "json")
    assert called.code == ExitCode.LIMIT
    assert statuses(json.loads(called.out)) == ["succeeded", "succeeded", "interrupted", "pending"]
    shown = cli("runs", "show").out
    assert "interrupted" in next(line for line in shown.splitlines() if line.startswith("again "))
    assert "running" not in shown


def test_a_limit_is_lifted_by_its_word(cli: Cli, chain: Path) -> None:
    assert cli("run", "chain.yaml", "--max-tokens", "5").code == ExitCode.LIMIT
    result = json.loads(cli("resume", "--max-tokens", "none", "-o", "json").out)
    assert result["status"] == "succeeded"
    assert "max_tokens" not in result


def test_limits_and_what_was_used_survive_a_kill(cli: Cli, write: Write, project: Path) -> None:
    write("killed.yaml", KILLED)
    arguments = ["run", "killed.yaml", "--max-tokens", "5", "-o", "jsonl"]
    process = subprocess.Popen([sys.executable, "-m", "agentflow_cli", *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if '"process_started"' in line and '"slow"' in line:
            process.kill()
    process.wait()
    write("go", "")
    called = cli("resume", "-o", "json")
    result = json.loads(called.out)
    assert called.code == ExitCode.LIMIT
    assert (result["max_tokens"], result["steps"]["slow"]["status"]) == (5, "succeeded")
    assert "of its 5 tokens" in result["reason"]


def test_a_cost_limit_refuses_a_model_of_unknown_price_before_it_is_called(
    cli: Cli, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTFLOW_BASE_URL", "http://127.0.0.1:9")
    write("one.yaml", "apiVersion: agentflow/v1\nsteps:\n  a: {prompt: Hello, model: endpoint/x}\n")
    called = cli("run", "one.yaml", "--max-cost", "$1")
    assert called.code == ExitCode.LIMIT
    assert "the price of `endpoint/x` is not known" in called.err
    assert "next: agentflow resume" in called.err and "--max-cost none" in called.err


def test_models_on_this_machine_cost_nothing(cli: Cli, chain: Path) -> None:
    result = json.loads(cli("run", "chain.yaml", "--max-cost", "0.01", "-o", "json").out)
    assert (result["status"], result["usage"]["cost"], result["max_cost"]) == ("succeeded", 0.0, 0.01)


@pytest.mark.parametrize(
    "arguments, said",
    [
        (("--max-tokens", "many"), "`many` is not a number of tokens"),
        (("--max-tokens", "0"), "`--max-tokens none` lifts the limit"),
        (("--max-cost", "-1"), "`-1` is not an amount of dollars"),
        (("--max-cost", ""), "quote it, or leave it out"),
        (("--no-cache", "--refresh"), "choose one"),
    ],
)
def test_limits_that_cannot_be_are_refused(cli: Cli, chain: Path, arguments: tuple[str, ...], said: str) -> None:
    called = cli("run", "chain.yaml", *arguments)
    assert called.code == ExitCode.CANNOT_START
    assert said in called.err


COUNTED = """\
apiVersion: agentflow/v1
steps:
  count: {python: "count.py:count", cache: true}
outputs: {n: "${{ steps.count.output }}"}
"""


@pytest.fixture
def counted(cli: Cli, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    calls = tmp_path / "calls"
    write(
        "count.py",
        f"def count():\n    with open({str(calls)!r}, 'a+') as f:\n        f.write('x')\n        return f.tell()\n",
    )
    write("count.yaml", COUNTED)

    def run(*arguments: str) -> int:
        called = cli("run", "count.yaml", "-o", "json", *arguments)
        assert called.code == 0, called.err
        return int(json.loads(called.out)["outputs"]["n"])

    return run


def test_no_cache_takes_nothing_and_keeps_nothing(counted: Callable[..., int]) -> None:
    assert [counted("--no-cache"), counted("--no-cache")] == [1, 2]
    assert [counted(), counted()] == [3, 3]
    assert counted("--no-cache") == 4
    assert counted() == 3


def test_refresh_computes_again_and_keeps_what_is_new(counted: Callable[..., int]) -> None:
    assert [counted(), counted()] == [1, 1]
    assert counted("--refresh") == 2
    assert counted() == 2


def test_what_a_script_says_is_not_kept_for_later_runs(
    cli: Cli, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    write(
        "talk.yaml",
        "apiVersion: agentflow/v1\nsteps:\n  a: {prompt: Hi, cache: true}\noutputs: {a: '${{ steps.a.output }}'}\n",
    )
    said = []
    for answer in ("one", "two"):
        write("answers.yaml", f"- {answer}\n")
        said.append(cli("run", "talk.yaml", "--recordings", "answers.yaml").out.strip())
    assert said == ["one", "two"]
