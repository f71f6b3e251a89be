"""Kills inside a nested foreach, a repeat and a called workflow: resume repeats nothing that had succeeded there."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.crash.effects import effects
from tests.crash.runs import agentflow
from tests.crash.test_kill import succeeded

CALLER = """apiVersion: agentflow/v1
steps:
  nested:
    foreach: ["a", "b"]
    as: letter
    max_parallel: 2
    steps:
      inner:
        foreach: [1, 2]
        as: number
        run: echo "nested-$L$N" >> effects.log
        env: {L: "${{ letter }}", N: "${{ number }}"}
      after:
        needs: [inner]
        run: echo "after-$L" >> effects.log; echo "$L"
        env: {L: "${{ letter }}"}
    outputs: {letter: "${{ steps.after.output }}"}
  loop:
    repeat: {max: 5, until: steps.beat.output == '2'}
    steps:
      beat:
        run: echo "beat-$I" >> effects.log; echo "$I"
        env: {I: "${{ iteration }}"}
    outputs: {last: "${{ steps.beat.output }}"}
  call:
    workflow: called.yaml
    with: {name: x}
finally:
  clean:
    run: echo clean >> effects.log
outputs:
  letters: ${{ steps.nested.output | map(attribute='letter') | join('') }}
  rest: ${{ steps.loop.output.last }}${{ steps.call.output.v }}
"""

CALLED = """apiVersion: agentflow/v1
inputs:
  name: {type: string}
steps:
  one: {run: echo called-one >> effects.log}
  two:
    needs: [one]
    run: echo called-two >> effects.log; echo "$NAME"
    env: {NAME: "${{ inputs.name }}"}
outputs:
  v: ${{ steps.two.output }}
"""

EFFECTS = {
    "nested-a1", "nested-a2", "nested-b1", "nested-b2", "after-a", "after-b", "beat-0", "beat-1", "beat-2",
    "called-one", "called-two", "clean",
}  # fmt: skip
PATHS = {
    "nested[0]/inner[0]": "nested-a1",
    "nested[0]/inner[1]": "nested-a2",
    "nested[1]/inner[0]": "nested-b1",
    "nested[1]/inner[1]": "nested-b2",
    "nested[0]/after": "after-a",
    "nested[1]/after": "after-b",
    "loop#0/beat": "beat-0",
    "loop#1/beat": "beat-1",
    "loop#2/beat": "beat-2",
    "call/one": "called-one",
    "call/two": "called-two",
    "@finally#0/clean": "clean",
}


@pytest.mark.parametrize(
    "point",
    [f"journal.committed:{n}" for n in (4, 7, 10, 13, 16, 19, 22)]
    + [f"engine.effect_done:{n}" for n in (1, 4, 8, 12)]
    + [f"engine.started:{n}" for n in (3, 6, 9)],
)
def test_a_kill_inside_blocks_repeats_nothing_that_had_succeeded(tmp_path: Path, point: str) -> None:
    (tmp_path / "caller.yaml").write_text(CALLER)
    (tmp_path / "called.yaml").write_text(CALLED)
    killed = agentflow(tmp_path, "run", "caller.yaml", AGENTFLOW_FAULT=f"{point}=kill")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    before = succeeded(tmp_path)
    resumed = agentflow(tmp_path, "resume", "last", "-o", "json")
    assert resumed.returncode == 0, resumed.stderr
    assert json.loads(resumed.stdout)["outputs"] == {"letters": "ab", "rest": "2x"}
    after = succeeded(tmp_path)
    assert len(after) == len(set(after))
    assert set(PATHS) <= set(after)
    counts = effects(tmp_path)
    assert set(counts) == EFFECTS
    for path, effect in PATHS.items():
        assert counts[effect] <= (1 if path in before else 2), (path, counts)
