"""Workflows that nobody wrote: what is found valid does not fail for a reason that could be told, and no step runs that
is said never to run."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from agentflow_cli.domain.run_state import RunState
from agentflow_cli.language.compiler.compile import compile_plan
from tests.diagnostics.generated.workflows import Generated, workflow
from tests.diagnostics.generated.world import checked, ran

NEVER_RUNS = {"AF501", "AF503", "AF504", "AF505"}
MAY_BE_SAID = NEVER_RUNS | {"AF432", "AF502", "AF507"}
"""What chance may write: conditions that exclude each other, required reads of what may be skipped."""
COULD_BE_TOLD = ("expression", "exception", "invalid_output")


async def hold(seed: int, root: Path, runs: int) -> bool:
    """Whether nothing was said about the workflow number `seed`, which was held against `runs` runs."""
    made = workflow(random.Random(seed))
    loaded, diagnostics = checked(made, root)
    assert loaded is not None
    unexpected = [found for found in diagnostics if found.code not in MAY_BE_SAID]
    assert not unexpected, f"{seed}: {unexpected[0].code} {unexpected[0].message}"
    plan = compile_plan(loaded)
    for number in range(runs):
        state = await ran(made, plan, random.Random(f"{seed} {number}"))
        for found in diagnostics:
            named = re.search(r"step `(s\d+)`", found.message)
            if found.code in NEVER_RUNS and named is not None and "`until`" not in found.message:
                assert named[1] not in ended_well(state), f"{seed}: {found.message}, and it ran"
            if found.code == "AF502" and named is not None and "`when`" in found.message:
                assert named[1] not in skipped_by_itself(state), f"{seed}: {found.message}, and it was skipped"
        if not diagnostics.sorted():
            assert not (told := failures(state, made)), f"{seed}: nothing was said, and {told}"
    return not diagnostics.sorted()


def ended_well(state: RunState) -> set[str | None]:
    return {step.step_id for step in state.steps.values() if step.status == "succeeded"}


def skipped_by_itself(state: RunState) -> set[str | None]:
    """The steps of which the condition was false."""
    return {step.step_id for step in state.steps.values() if (step.reason or "").endswith(" is false")}


def failures(state: RunState, made: Generated) -> list[str]:
    """The steps that failed, and the outputs that could not be made, for a reason that could be known before."""
    found = [
        f"{path}: {step.error.message}"
        for path, step in state.steps.items()
        if step.error is not None and step.error.kind in COULD_BE_TOLD and step.step_id not in made.flaky
    ]
    outputs = state.error is not None and state.error.kind == "expression"
    return [*found, *([f"outputs: {state.error.message}"] if state.error is not None and outputs else [])]


@pytest.mark.parametrize("part", range(3))
async def test_what_is_said_of_a_generated_workflow_is_what_happens(
    part: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    silent = [await hold(seed, tmp_path, 2) for seed in range(part * 12, part * 12 + 12)]
    assert silent.count(True) >= 8


@pytest.mark.slow
async def test_what_is_said_of_many_more_generated_workflows_is_what_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    silent = [await hold(seed, tmp_path, 5) for seed in range(1000, 3000)]
    assert silent.count(True) >= 1600
