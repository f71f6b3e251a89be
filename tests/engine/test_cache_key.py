"""What changes the key of an outcome, and what is never kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agentflow_cli.domain.plan import Block, PlanRepeat, PlanStep
from agentflow_cli.domain.retry import Retry
from agentflow_cli.engine.cache_key import cache_key

STEP = PlanStep("ask", "prompt", {"prompt": "Say ${{ inputs.x }}"}, {"temperature": 0}, output={"type": "string"})
GIVEN: dict[str, Any] = {"templates": {"prompt": "Say hi"}, "env": {}, "code": {"a.py": "sha256:1"}, "model": "m"}


def key(step: PlanStep = STEP, **changed: Any) -> str | None:
    given = {**GIVEN, **changed}
    return cache_key(step, given.pop("templates"), given.pop("env"), **given)


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "other"},
        {"name": "Other"},
        {"line": 9},
        {"retry": Retry(max=5)},
        {"timeout": 3.0},
        {"needs": ("x",)},
        {"when": "true"},
        {"repeat": PlanRepeat(3)},
        {"on_error": "continue"},
        {"templates": {"prompt": "${{ inputs.y }}"}},
    ],
)
def test_when_a_step_runs_and_how_it_is_written_do_not_matter(changed: dict[str, Any]) -> None:
    assert key(replace(STEP, **changed)) == key()


@pytest.mark.parametrize(
    "changed",
    [
        {"templates": {"prompt": "Say ho"}},
        {"env": {"X": "1"}},
        {"code": {"a.py": "sha256:2"}},
        {"model": "n"},
        {"step": replace(STEP, settings={"temperature": 1})},
        {"step": replace(STEP, output={"type": "object"})},
        {"step": replace(STEP, kind="python")},
    ],
)
def test_whatever_could_change_the_outcome_changes_the_key(changed: dict[str, Any]) -> None:
    other = key(**changed)
    assert other is not None and other != key()


@pytest.mark.parametrize(
    "step",
    [
        PlanStep("x", "run", settings={"script": "true"}),
        PlanStep("x", "http", settings={"method": "POST"}),
        PlanStep("x", "tool", settings={"tool": "send"}),
        PlanStep("x", "notify"),
        PlanStep("x", "ask"),
        PlanStep("x", "remember"),
        PlanStep("x", "wait"),
        PlanStep("x", "recall"),
        PlanStep("x", "prompt", secrets=("KEY",)),
        PlanStep("x", "agent"),
        PlanStep("x", "steps", block=Block({"inner": PlanStep("inner", "prompt")})),
    ],
)
def test_effects_questions_and_secrets_are_never_kept(step: PlanStep) -> None:
    assert key(step) is None


def test_a_request_that_only_reads_is_kept() -> None:
    assert key(PlanStep("x", "http", settings={"method": "GET"})) is not None
