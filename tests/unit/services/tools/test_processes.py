"""Process groups that a dead driver left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agentflow_cli.services.tools.processes import end_survivors, group_alive, signal_group, start_time

DRIVER = """
import asyncio, os, signal, sys
from pathlib import Path
from agentflow_cli.services.tools.shell import LocalCommands
async def record(group, start):
    print(group, start, flush=True)
    if sys.argv[1] == "die-at-the-gate":
        os.kill(os.getpid(), signal.SIGKILL)
def die(line):
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(LocalCommands().run(["bash", "-c", sys.argv[2]], directory=Path("."), env=dict(os.environ), stdin=None,
                                on_process=record, on_output=die))
"""


def killed_driver(how: str, script: str) -> tuple[int, str]:
    """The group and start time that a driver recorded before it was killed."""
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, how, script], stdout=subprocess.PIPE, text=True, timeout=30, check=False
    )
    assert done.returncode == -9
    group, start = done.stdout.split()
    return int(group), start


@pytest.fixture
def survivor() -> tuple[int, str]:
    group, start = killed_driver("die-later", "trap '' TERM; sleep 60 >/dev/null 2>&1 & echo go >&2; exec sleep 60 >&2")
    assert group_alive(group)
    return group, start


def test_a_survivor_is_ended_with_all_its_children(survivor: tuple[int, str]) -> None:
    group, start = survivor
    assert end_survivors({group: start}) == [group]
    assert not group_alive(group)
    assert end_survivors({group: start}) == []


def test_a_group_whose_leader_is_gone_is_ended_too() -> None:
    group, start = killed_driver("die-later", "sleep 60 >/dev/null 2>&1 & echo go >&2; exit")
    assert end_survivors({group: start}, at_once=True) == [group]


def test_a_group_of_another_start_time_is_left_alone(survivor: tuple[int, str]) -> None:
    group, start = survivor
    boot, _, ticks = start.partition(":")
    for other in (f"{boot}:{int(ticks) - 5}", f"another:{ticks}", "", "nonsense"):
        assert end_survivors({group: other}, at_once=True) == []
    assert group_alive(group)
    assert end_survivors({group: start}, at_once=True) == [group]


def test_a_driver_killed_before_the_gate_opened_leaves_nothing_running(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    group, _ = killed_driver("die-at-the-gate", f"touch {trace}; sleep 60")
    for _ in range(1000):  # the gate ends by itself, soon
        if not group_alive(group):
            break
    assert not group_alive(group) and not trace.exists()


def test_our_own_group_and_the_whole_system_are_never_signalled() -> None:
    assert end_survivors({os.getpgrp(): start_time(os.getpgrp()), 0: "", 1: start_time(1), -1: ""}) == []
    assert not signal_group(os.getpgrp(), 0)  # type: ignore[arg-type]
    assert not signal_group(1, 0)  # type: ignore[arg-type]


def test_many_groups_that_are_long_gone_cost_next_to_nothing() -> None:
    assert end_survivors(dict.fromkeys(range(5000000, 5020000), "x:1")) == []
