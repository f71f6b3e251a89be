"""Plans and events survive the way to JSON and back."""

from __future__ import annotations

import json

import pytest

from agentflow_cli.domain import events as e
from agentflow_cli.domain.codec import from_json, to_json
from agentflow_cli.domain.events import EVENT_TYPES, Event
from agentflow_cli.domain.failure import Failure
from agentflow_cli.domain.plan import Plan, PlanForeach, PlanInput, PlanStep
from agentflow_cli.domain.retry import Retry

EVENTS: list[Event] = [
    e.RunAccepted("r", "w", "sha256:0", {"a": [1, None]}, "0.1.0"),
    e.EpochStarted(2, 17, "build", 5000, 0.5),
    e.StepExpanded("s", [{"x": 1}, None, "t"]),
    e.IterationStarted("s", 2),
    e.StepStarted("s[1]", 3),
    e.ProcessStarted("s", 99, "12345", kept=True),
    e.OperationRecorded("s", "turn:0/model", "sha256:1", {"text": "x"}),
    e.StepRetrying("s", 1, Failure("timeout", "slow", 3.0, {"k": [1]}), 0.5),
    e.StepSucceeded("s", None, {"exit_code": 0}, {"input_tokens": 3}),
    e.StepSucceeded("s", gathered=True),
    e.StepFailed("s", Failure("exit_code", "no"), tolerated=True, has_value=True, value=None),
    e.StepSkipped("s", "because"),
    e.StepCancelled("s", "because"),
    e.AskOpened("s", "sure?", ["a"], {"f": {"type": "string"}}),
    e.AskAnswered("s", {"choice": "a"}, "ada", rejected=True, reason="no"),
    e.RunSuspended(["s"]),
    e.RunInterrupted("interrupted", 130),
    e.RunStopped("build", ["test", "deploy"]),
    e.ModelPassedOver("s", "a/b", Failure("rate_limit", "busy"), "c/d"),
    e.RunFinished("failed", {}, Failure("timeout", "x")),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_an_event_comes_back_as_it_was(event: Event) -> None:
    text = json.dumps(to_json(event))
    assert from_json(EVENT_TYPES[event.type], json.loads(text)) == event


def test_every_event_type_is_tried_here() -> None:
    assert {event.type for event in EVENTS} == set(EVENT_TYPES)


def test_fields_of_a_newer_version_are_passed_over() -> None:
    assert from_json(e.StepSkipped, {"path": "s", "reason": "r", "mood": "blue"}) == e.StepSkipped("s", "r")


def test_a_plan_comes_back_as_it_was() -> None:
    step = PlanStep(
        "s",
        "prompt",
        {"prompt": [{"user": "x"}]},
        {"model": "m"},
        {"A": "b"},
        "title",
        "1 > 0",
        PlanForeach("inputs.x", None, "item", 3, True),
        Retry(2, on=("timeout",), exit_codes=(75,)),
        1.5,
        "value",
        {"a": None},
        {"type": "object"},
        ("a",),
        ("b",),
        ("c",),
        7,
    )
    plan = Plan(
        "w", "f.yaml", "d", "p", {"x": PlanInput("x", {"type": "array"}, False, [1])}, {"s": step}, {"o": "${{ 1 }}"},
        (("a", "b"), ("s",)), ("a", "s"), 60.0, {"f.yaml": "sha256:1"}, {"t.py": "sha256:2"}, "sha256:3",
    )  # fmt: skip
    assert from_json(Plan, json.loads(json.dumps(to_json(plan)))) == plan
