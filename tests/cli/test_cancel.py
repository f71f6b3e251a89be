"""`agentflow runs cancel`: a run ends for good, whether somebody drives it or not."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Called
from tests.cli.workflows import ASKING, FAILING, SUM

Cli = Callable[..., Called]
Write = Callable[[str, str], Path]

SLOW = """\
apiVersion: agentflow/v1
name: slow
steps:
  first:
    run: echo first >> effects
  long:
    needs: [first]
    run: echo $$ > pid; exec sleep 60
  after:
    needs: [long]
    run: echo after >> effects
"""


def start(project: Path, *arguments: str) -> subprocess.Popen[str]:
    """A run in a process of its own that has reached its long step."""
    process = subprocess.Popen(
        [sys.executable, "-m", "agentflow_cli", "run", *arguments],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    pause = threading.Event()
    for _ in range(600):
        if (project / "pid").exists() and (project / "pid").read_text().strip():
            return process
        if process.poll() is not None:
            break
        pause.wait(0.05)
    process.kill()
    raise AssertionError(process.communicate()[1])


def alive(group: int) -> bool:
    """Whether the process is there; one that only waits to be collected is not."""
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(group)], capture_output=True, text=True).stdout.strip()
    return bool(found) and not found.startswith("Z")


def status(cli: Cli) -> dict[str, object]:
    found: dict[str, object] = json.loads(cli("runs", "show", "-o", "json").out)
    return found


def test_a_live_run_ends_its_steps_and_says_why(cli: Cli, write: Write, project: Path) -> None:
    write("slow.yaml", SLOW)
    process = start(project, "slow.yaml")
    called = cli("runs", "cancel", "last", "--reason", "wrong branch")
    assert called.code == 0 and "cancelled run" in called.err
    assert process.wait(timeout=30) == 1
    shown = status(cli)
    assert (shown["status"], shown["live"]) == ("cancelled", False)
    assert str(shown["error"]).count("wrong branch") == 1
    steps = {name: step["status"] for name, step in shown["steps"].items()}  # type: ignore[attr-defined]
    assert steps == {"first": "succeeded", "long": "cancelled", "after": "cancelled"}
    assert (project / "effects").read_text() == "first\n"
    assert not alive(int((project / "pid").read_text()))


def test_a_run_whose_driver_was_killed_is_settled_and_its_processes_end(cli: Cli, write: Write, project: Path) -> None:
    write("slow.yaml", SLOW)
    process = start(project, "slow.yaml")
    process.kill()
    process.wait()
    assert alive(int((project / "pid").read_text()))
    assert cli("runs", "cancel", "last").code == 0
    assert status(cli)["status"] == "cancelled"
    assert not alive(int((project / "pid").read_text()))


def test_a_run_that_waits_for_a_person_can_be_cancelled(cli: Cli, write: Write) -> None:
    write("asking.yaml", ASKING)
    assert cli("run", "asking.yaml").code == 8
    assert cli("runs", "cancel", "last").code == 0
    assert status(cli)["status"] == "cancelled"
    assert "cancelled by" in cli("runs", "logs").out
    refused = cli("approve", "last", "--choice", "publish")
    assert refused.code == 2 and "waits for nobody: it is cancelled" in refused.err


@pytest.mark.parametrize(("text", "ended"), [(SUM, "succeeded"), (FAILING, "failed")])
def test_a_run_that_has_ended_is_left_as_it_is(cli: Cli, write: Write, text: str, ended: str) -> None:
    write("flow.yaml", text)
    cli("run", "flow.yaml")
    called = cli("runs", "cancel", "last")
    assert called.code == 1 and f"has ended already: it {ended}" in called.err
    assert status(cli)["status"] == ended


def test_cancelling_twice_is_refused_the_second_time(cli: Cli, write: Write) -> None:
    write("asking.yaml", ASKING)
    cli("run", "asking.yaml")
    cli("runs", "cancel", "last")
    called = cli("runs", "cancel", "last")
    assert called.code == 1 and "it was cancelled" in called.err


def test_an_interrupted_run_can_be_cancelled(cli: Cli, write: Write, project: Path) -> None:
    write("slow.yaml", SLOW)
    process = start(project, "slow.yaml")
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130
    assert cli("runs", "cancel", "last").code == 0
    assert status(cli)["status"] == "cancelled"


def test_a_run_that_has_only_just_been_started_is_cancelled_through_its_driver(cli: Cli, write: Write) -> None:
    write("slow.yaml", SLOW)
    run = cli("run", "slow.yaml", "--detach").out.strip()
    called = cli("runs", "cancel", run)
    assert called.code == 0, called.err
    assert cli("runs", "show", run).out.count("cancelled") >= 1
