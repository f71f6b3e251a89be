"""Process groups by number and start time: ended when their driver is gone, never mistaken for somebody else's."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

GRACE = 2.0
"""Seconds between TERM and KILL."""

_PROC = Path("/proc")
_POLL = 0.01


@dataclass(frozen=True, slots=True)
class _Process:
    """A line of the process table. `start` orders processes of one boot on Linux; elsewhere it is text to compare."""

    pid: int
    state: str
    group: int
    start: str


def start_time(pid: int) -> str:
    """When `pid` started, as text that no other process of that number will have; empty when it is gone."""
    found = _process(pid)
    return "" if found is None else found.start


def signal_group(group: int, number: signal.Signals) -> bool:
    """Send a signal to a process group; False when there is nobody in it (any more)."""
    # 0 and 1 are never a child's group: they would mean our own group and the whole system.
    if group <= 1 or group == os.getpgrp():
        return False
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    except PermissionError:  # macOS says so of a group of zombies
        return False
    return True


def group_alive(group: int) -> bool:
    """Whether any member of the group still runs; one that has ended and waits for its parent does not."""
    return _occupied(group) and any(p.group == group and p.state != "Z" for p in _process_table())


def end_survivors(processes: Mapping[int, str], *, at_once: bool = False) -> list[int]:
    """End what is left of the groups (group → start time of its leader), and return those that were alive.

    TERM, up to two seconds of grace, KILL; `at_once` says KILL only. Blocks the calling thread.
    """
    suspects = [group for group in processes if _occupied(group)]
    if not suspects:
        return []
    table = list(_process_table())
    survivors = [group for group in suspects if _is_ours(group, processes[group], table)]
    if not at_once:
        for group in survivors:
            signal_group(group, signal.SIGTERM)
        _wait_until_gone(survivors, GRACE)
    for group in survivors:
        signal_group(group, signal.SIGKILL)
    if not at_once:
        _wait_until_gone(survivors, GRACE)
    return survivors


def _occupied(group: int) -> bool:
    if group <= 1 or group == os.getpgrp():
        return False
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # alive, and another user's: the start time decides
        return True
    return True


def _is_ours(group: int, recorded: str, table: list[_Process]) -> bool:
    """Whether the group is the recorded one. Its number stays taken while any member lives, so a leader with another
    start time proves that the number was given away; without a leader, every member must be younger than the record."""
    members = [process for process in table if process.group == group and process.state != "Z"]
    leader = next((process for process in table if process.pid == group), None)
    if leader is not None:
        return leader.start == recorded and bool(members)
    return bool(members) and all(_not_before(process.start, recorded) for process in members)


def _not_before(start: str, recorded: str) -> bool:
    boot, _, ticks = start.partition(":")
    recorded_boot, _, recorded_ticks = recorded.partition(":")
    if boot != recorded_boot or not (ticks.isdigit() and recorded_ticks.isdigit()):
        return False
    return int(ticks) >= int(recorded_ticks)


def _wait_until_gone(groups: list[int], seconds: float) -> None:
    never = threading.Event()
    for _ in range(int(seconds / _POLL)):
        if not any(group_alive(group) for group in groups):
            return
        never.wait(_POLL)


def _process_table() -> Iterator[_Process]:
    if _PROC.joinpath("self/stat").exists():
        for entry in _PROC.iterdir():
            if entry.name.isdigit() and (found := _process(int(entry.name))) is not None:
                yield found
        return
    yield from _ps("-A")


def _process(pid: int) -> _Process | None:
    try:
        text = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError, NotADirectoryError):
        if _PROC.joinpath("self/stat").exists():
            return None
        return next(_ps("-p", str(pid)), None)
    # `pid (name) state ppid pgrp …`: the name may hold anything, so count from its last parenthesis.
    fields = text[text.rindex(")") + 2 :].split()
    return _Process(pid, fields[0], int(fields[2]), f"{_boot()}:{fields[19]}")


@functools.cache
def _boot() -> str:
    """Tells this boot from others: ticks are counted from it, and group ids begin again with it."""
    with contextlib.suppress(OSError):
        return (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()[:8]
    return "0"


def _ps(*selection: str) -> Iterator[_Process]:
    """The table where there is no /proc (macOS)."""
    done = subprocess.run(
        ["/bin/ps", *selection, "-o", "pid=,state=,pgid=,lstart="],
        capture_output=True,
        text=True,
        check=False,
        env={"LC_ALL": "C"},
    )
    for line in done.stdout.splitlines():
        pid, state, group, start = line.split(None, 3)
        yield _Process(int(pid), state[0], int(group), start.strip())
