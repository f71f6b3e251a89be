"""`run --watch` forks when a file changes; `run --detach` leaves the run to itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Called
from tests.cli.workflows import ASKING, HELLO, WRONG

Cli = Callable[..., Called]
Write = Callable[[str, str], Path]

FLOW = """\
apiVersion: agentflow/v1
name: flow
steps:
  slow:
    run: echo slow >> effects; echo s
  word:
    set: {text: "${{ steps.slow.output }} one"}
outputs:
  text: ${{ steps.word.output.text }}
"""


class Watched:
    """A process whose lines are read as they come."""

    def __init__(self, project: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-m", "agentflow_cli", *arguments],
            cwd=project,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.seen = ""
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._news:
                self.seen += line
                self._news.notify_all()

    def wait_for(self, text: str, times: int = 1) -> None:
        with self._news:
            assert self._news.wait_for(lambda: self.seen.count(text) >= times, timeout=30), self.seen


@pytest.fixture
def watched(project: Path) -> Iterator[Callable[..., Watched]]:
    started: list[Watched] = []

    def start(*arguments: str) -> Watched:
        started.append(Watched(project, *arguments))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.wait()


def test_a_change_runs_only_what_changed_and_ctrl_c_ends(
    watched: Callable[..., Watched], write: Write, project: Path, cli: Cli
) -> None:
    write("flow.yaml", FLOW)
    watching = watched("run", "flow.yaml", "--watch", "--progress", "plain")
    watching.wait_for("waiting for changes")
    write("flow.yaml", FLOW.replace("one", "two"))
    watching.wait_for("waiting for changes", 2)
    assert "`set` changed" in watching.seen and "slow  run  reused" in watching.seen
    assert "s two" in watching.seen
    write("flow.yaml", WRONG)
    watching.wait_for("did you mean `prompt`?")
    watching.wait_for("waiting for changes", 3)
    write("flow.yaml", FLOW.replace("one", "three"))
    watching.wait_for("s three")
    watching.wait_for("waiting for changes", 4)
    write("flow.yaml", "# only a comment\n" + FLOW.replace("one", "three"))
    watching.wait_for("nothing that matters has changed")
    watching.process.send_signal(signal.SIGINT)
    assert watching.process.wait(timeout=30) == 0
    assert (project / "effects").read_text() == "slow\n"
    runs = json.loads(cli("runs", "list", "-o", "json").out)["runs"]
    assert [run["status"] for run in runs] == ["succeeded"] * 3


def test_a_detached_run_goes_on_by_itself(cli: Cli, write: Write) -> None:
    write("hello.yaml", HELLO)
    called = cli("run", "hello.yaml", "-i", "who=Ada", "--detach")
    assert called.code == 0 and f"agentflow watch {called.out.strip()}" in called.err
    watched = cli("watch", called.out.strip())
    assert (watched.code, watched.out) == (0, "Hello, Ada!\n")


def test_a_detached_run_has_a_session_of_its_own(cli: Cli, write: Write, project: Path) -> None:
    write("slow.yaml", "apiVersion: agentflow/v1\nsteps:\n  a:\n    run: echo $$ > pid; exec sleep 60\n")
    run = cli("run", "slow.yaml", "--detach").out.strip()
    shown = json.loads(cli("runs", "events", run, "-o", "json").out)
    pids = [event["pid"] for event in shown["events"] if event["type"] == "epoch_started"]
    if pids:
        assert os.getsid(pids[0]) == pids[0]
    assert cli("runs", "cancel", run).code == 0


def test_what_is_wrong_is_said_before_anything_is_detached(cli: Cli, write: Write) -> None:
    write("hello.yaml", HELLO)
    assert "`who` is missing" in cli("run", "hello.yaml", "--detach").err
    write("wrong.yaml", WRONG)
    assert cli("run", "wrong.yaml", "--detach").code == 2
    assert cli("runs", "list").out == ""


def test_a_detached_run_that_asks_waits_for_an_answer(cli: Cli, write: Write) -> None:
    write("asking.yaml", ASKING)
    run = cli("run", "asking.yaml", "--detach", "-o", "json")
    short = json.loads(run.out)["run"]
    assert cli("watch", short).code == 8
    assert cli("approve", short, "--choice", "publish").code == 0
    assert cli("resume", short).out == "publish\n"


@pytest.mark.parametrize("options", [("--watch", "--detach"), ("--tui", "--watch")])
def test_ways_to_look_exclude_each_other(cli: Cli, write: Write, options: tuple[str, ...]) -> None:
    write("hello.yaml", HELLO)
    assert "exclude each other" in cli("run", "hello.yaml", *options).err
