"""`kill -9` at any moment, then `agentflow resume last`: everything that had succeeded is there once, and only what was
in flight happened again, at most once for each kill."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from agentflow_cli.domain.events import StepSucceeded
from agentflow_cli.services.journal.run_store import RunStore
from tests.crash.effects import effects, expected, write_project
from tests.crash.runs import AGENTFLOW, agentflow, committed


def succeeded(directory: Path) -> list[str]:
    """Paths of all successes in the journal of the last run, repeated ones included."""
    return [event.path for event in committed(directory, StepSucceeded)]


def check(directory: Path, before: list[str], kills: int) -> None:
    """What must hold after the resume that finished the run."""
    after = succeeded(directory)
    assert len(after) == len(set(after)), "a success was recorded twice"
    assert set(before) <= set(after)
    counts = effects(directory)
    assert set(counts) == expected()
    names = {f"each[{n - 1}]": f"each-{n}" for n in range(1, 13)} | {
        f"calls[{n - 1}]": f"call-{n}" for n in range(1, 13)
    }
    names |= {"first": "first", "last": "last"}
    for path, effect in names.items():
        most = 1 if path in before else 1 + kills
        assert 1 <= counts[effect] <= most, f"{effect} happened {counts[effect]} times"


POINTS = [f"journal.committed:{n}" for n in (1, 2, 3, 5, 9, 14, 20, 27)] + [
    "journal.before_commit:4",
    "journal.before_commit:17",
    "engine.started:3",
    "engine.started:9",
    "engine.effect_done:2",
    "engine.effect_done:11",
]


@pytest.mark.parametrize("point", POINTS)
def test_a_run_killed_at_a_named_point_is_finished_by_resume(tmp_path: Path, point: str) -> None:
    workflow = write_project(tmp_path)
    killed = agentflow(tmp_path, "run", str(workflow), AGENTFLOW_FAULT=f"{point}=kill")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    before = succeeded(tmp_path)
    resumed = agentflow(tmp_path, "resume", "last", "-o", "json")
    assert resumed.returncode == 0, resumed.stderr
    assert json.loads(resumed.stdout)["outputs"] == {"text": "-".join(map(str, range(1, 13))) + " 12 12"}
    check(tmp_path, before, kills=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(25))
def test_a_run_killed_again_and_again_at_random_moments_is_finished_by_the_last_resume(
    tmp_path: Path, seed: int
) -> None:
    workflow = write_project(tmp_path)
    chance = random.Random(seed)
    command, kills = ["run", str(workflow)], 0
    while True:
        process = subprocess.Popen(
            [*AGENTFLOW, *command],
            cwd=tmp_path,
            env={**os.environ, "CI": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if kills < 3:
            # A moment that nobody chose: what is tried is a kill anywhere, so there is nothing to wait for.
            time.sleep(chance.uniform(0.1, 1.2))
            process.kill()
        code = process.wait(timeout=60)
        if code == 0:
            break
        assert code == -signal.SIGKILL, f"exit {code}"
        kills += 1
        if (tmp_path / ".agentflow" / "runs").exists() and RunStore(tmp_path / ".agentflow").summaries():
            before = succeeded(tmp_path)
            command = ["resume", "last"]
    check(tmp_path, [], kills)
    if kills and command[0] == "resume":
        assert set(before) <= set(succeeded(tmp_path))
