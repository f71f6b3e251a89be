"""The monitor in a real terminal: start, look, answer, leave, attach from a second one; the run never notices."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentflow_cli.application.runtime.container import Container
from agentflow_cli.application.usecases.runs import look
from tests.tui.projects import HEAD, project

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")

WORKFLOW = (
    HEAD
    + """
  begin: {run: echo ready}
  sure:
    needs: [begin]
    ask: {message: "Shall it go on?"}
  work:
    needs: [sure]
    run: "while [ ! -e stop ]; do sleep 0.05; done; echo finished"
outputs: {said: "${{ steps.work.output }}"}
"""
)


class Terminal:
    """A tmux server of its own; each window is a terminal of 100×30."""

    def __init__(self, directory: Path) -> None:
        self._socket = str(directory / "tmux")
        self._directory = directory

    def tmux(self, *arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", self._socket, "-f", os.devnull, *arguments], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def open(self, name: str, *arguments: str, environment: dict[str, str] | None = None) -> None:
        """A terminal that runs `agentflow ARGUMENTS` and then says its exit code."""
        variables = " ".join(
            f"{k}={v}" for k, v in {"CI": "", "TERM": "screen-256color", **(environment or {})}.items()
        )
        program = f"env {variables} {sys.executable} -m agentflow_cli {' '.join(arguments)}"
        command = f"cd {self._directory}; {program}; echo code=$?; cat"
        self.tmux("new-session", "-d", "-s", name, "-x", "100", "-y", "30", "sh", "-c", command)

    def screen(self, name: str) -> str:
        return self.tmux("capture-pane", "-p", "-t", name)

    def wait(self, name: str, *texts: str, seconds: float = 40.0) -> str:
        """Until the screen shows all of `texts`."""
        end = time.monotonic() + seconds
        while True:
            shown = self.screen(name)
            if all(text in shown for text in texts):
                return shown
            assert time.monotonic() < end, f"no {texts} in\n{shown}"
            time.sleep(0.1)  # a terminal tells nobody that it was drawn on: it can only be looked at again

    def keys(self, name: str, *keys: str) -> None:
        self.tmux("send-keys", "-t", name, *keys)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    opened = Terminal(tmp_path)
    yield opened
    subprocess.run(["tmux", "-S", str(tmp_path / "tmux"), "kill-server"], capture_output=True)


def status(container: Container) -> str:
    return look(container, "last").status


def test_a_run_is_watched_answered_left_and_watched_again_from_a_second_terminal(
    tmp_path: Path, terminal: Terminal
) -> None:
    container = project(tmp_path, WORKFLOW)
    terminal.open("one", "run", "--tui", "demo.yaml")
    shown = terminal.wait("one", "Shall it go on?", "a approve", "◆  sure")
    assert "✓  begin" in shown
    terminal.keys("one", "a")
    terminal.wait("one", "running", "▸  work")
    terminal.open("two", "watch", "last")
    terminal.wait("two", "running", "▸  work", "q detach")
    terminal.keys("one", "q")
    terminal.wait("one", "goes on by itself", "agentflow watch", "code=0")
    assert status(container) == "running"
    terminal.tmux("kill-session", "-t", "one")
    assert status(container) == "running"
    (tmp_path / "stop").touch()
    terminal.wait("two", "succeeded", "✓  work")
    terminal.keys("two", "q")
    terminal.wait("two", "finished", "code=0")
    assert status(container) == "succeeded"


def test_a_failed_run_gives_its_own_exit_code_and_a_wrong_file_is_said_before_anything_starts(
    tmp_path: Path, terminal: Terminal
) -> None:
    project(tmp_path, HEAD + "  bad: {run: exit 7}\n")
    terminal.open("one", "run", "--tui", "demo.yaml")
    terminal.wait("one", "failed", "✗  bad")
    terminal.keys("one", "q")
    terminal.wait("one", "exit code 7", "code=1")
    (tmp_path / "demo.yaml").write_text(HEAD + "  bad: {runn: exit 7}\n")
    terminal.open("two", "run", "--tui", "demo.yaml")
    terminal.wait("two", "did you mean `run`?", "code=2")


def test_all_runs_are_listed_and_one_is_opened_and_left(tmp_path: Path, terminal: Terminal) -> None:
    container = project(tmp_path, HEAD + "  one: {set: {a: 1}}\n")
    for _ in range(2):
        subprocess.run(
            [sys.executable, "-m", "agentflow_cli", "run", "demo.yaml"], cwd=tmp_path, check=True, capture_output=True
        )
    terminal.open("one", "monitor")
    terminal.wait("one", "2 runs, 0 live")
    terminal.keys("one", "Down", "Enter")
    terminal.wait("one", f"run {container.runs.summaries()[1].short}", "✓  one")
    terminal.keys("one", "q")
    terminal.wait("one", "2 runs, 0 live")
    terminal.keys("one", "C-c")
    terminal.wait("one", "code=0")


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"PYTHONIOENCODING": "ascii"}])
def test_poor_terminals_are_drawn_on_too(tmp_path: Path, terminal: Terminal, variables: dict[str, str]) -> None:
    project(tmp_path, HEAD + "  one: {set: {a: 1}}\n")
    terminal.open("one", "run", "--tui", "demo.yaml", environment=variables)
    terminal.wait("one", "succeeded", "q quit")
    if "NO_COLOR" in variables:
        drawn = terminal.tmux("capture-pane", "-e", "-p", "-t", "one")
        assert not re.search(r"\x1b\[[0-9;]*\b(3[0-8]|4[0-8]|9[0-7])[;m]", drawn)
    else:
        assert terminal.screen("one").isascii()
    terminal.keys("one", "q")
    terminal.wait("one", "code=0")
