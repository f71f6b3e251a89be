"""`agentflow retry`, `resume --take-over`, `completion`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Called
from tests.cli.test_cancel import SLOW, alive, start
from tests.cli.workflows import ASKING, FAILING

Cli = Callable[..., Called]
Write = Callable[[str, str], Path]


def test_a_failed_step_is_tried_again_and_succeeded_ones_are_not(cli: Cli, write: Write, project: Path) -> None:
    write("failing.yaml", FAILING)
    assert cli("run", "failing.yaml").code == 1
    assert cli("retry", "last", "broken").code == 1
    write("mended", "")
    assert cli("retry", "last", "broken").code == 0
    assert (project / "effects").read_text() == "fine\n"


def test_a_run_that_somebody_else_has_finished_meanwhile_is_not_driven_again(
    cli: Cli, write: Write, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agentflow_cli.application.usecases import resume

    write("failing.yaml", FAILING)
    assert cli("run", "failing.yaml").code == 1
    write("mended", "")
    opened = resume.open_run

    def after_another(*arguments: Any) -> Any:
        monkeypatch.setattr(resume, "open_run", opened)
        assert subprocess.run([sys.executable, "-m", "agentflow_cli", "resume"], check=False).returncode == 0
        return opened(*arguments)

    monkeypatch.setattr(resume, "open_run", after_another)
    called = cli("resume", "-o", "json")
    result = json.loads(called.out)
    assert (called.code, result["status"], result["epoch"]) == (0, "succeeded", 2)
    assert "has succeeded meanwhile" in called.err


def test_what_cannot_be_retried_says_what_to_do(cli: Cli, write: Write) -> None:
    write("failing.yaml", FAILING)
    cli("run", "failing.yaml")
    done = cli("retry", "last", "fine")
    assert done.code == 2 and "agentflow fork" in done.err and "--from fine" in done.err
    assert "did you mean `broken`?" in cli("retry", "last", "brokn").err
    write("asking.yaml", ASKING)
    cli("run", "asking.yaml")
    assert "it is waiting" in cli("retry", "last", "publish").err


def test_a_stuck_driver_is_ended_with_all_that_it_started(cli: Cli, write: Write, project: Path) -> None:
    write("slow.yaml", SLOW.replace("exec sleep 60", "test -e mended || exec sleep 60"))
    process = start(project, "slow.yaml")
    child = int((project / "pid").read_text())
    process.send_signal(signal.SIGSTOP)
    held = cli("resume", "last")
    assert held.code == 75 and f"process {process.pid}" in held.err
    write("mended", "")
    taken = cli("resume", "last", "--take-over")
    assert taken.code == 0 and f"ended process {process.pid}" in taken.err
    assert process.wait(timeout=10) != 0
    assert not alive(child)
    assert (project / "effects").read_text() == "first\nafter\n"


def test_take_over_without_a_driver_is_a_plain_resume(cli: Cli, write: Write) -> None:
    write("failing.yaml", FAILING)
    cli("run", "failing.yaml")
    write("mended", "")
    called = cli("resume", "last", "--take-over")
    assert called.code == 0 and "ended process" not in called.err


@pytest.mark.parametrize(
    ("words", "found"), [("ru", {"run", "runs"}), ("runs pr", {"prune"}), ("run --wat", {"--watch"})]
)
def test_a_shell_is_told_what_can_follow(project: Path, words: str, found: set[str]) -> None:
    asked = {"_AGENTFLOW_COMPLETE": "complete_bash", "COMP_WORDS": f"agentflow {words}"}
    environment = {**os.environ, **asked, "COMP_CWORD": str(len(words.split()))}
    done = subprocess.run([sys.executable, "-m", "agentflow_cli"], env=environment, capture_output=True, text=True)
    assert set(done.stdout.split()) == found


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_printed(cli: Cli, shell: str) -> None:
    assert "_AGENTFLOW_COMPLETE" in cli("completion", shell).out
    assert "did you mean `bash`?" in cli("completion", "bsh").err


def test_changed_code_sends_a_resume_to_fork(cli: Cli, write: Write) -> None:
    write("code.py", "def f():\n    raise ValueError('no')\n")
    write("flow.yaml", "apiVersion: agentflow/v1\nsteps:\n  a: {python: 'code.py:f'}\n")
    assert cli("run", "flow.yaml").code == 1
    write("code.py", "def f():\n    return 1\n")
    refused = cli("resume", "last")
    assert refused.code == 2
    command = refused.err.split("next: agentflow ")[1].split()
    assert cli(*command).code == 0
    assert json.loads(cli("runs", "show", "-o", "json").out)["steps"]["a"]["output"] == 1
