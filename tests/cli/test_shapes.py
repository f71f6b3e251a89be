"""Other programs read the JSON of `plan` and `graph`: its keys are those of the documentation, and always there."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from agentflow_cli.application.usecases.plan import report as r
from tests.architecture.sources import ROOT
from tests.cli.conftest import Called

Cli = Callable[..., Called]
Write = Callable[[str, str], Path]

EVERY = """\
apiVersion: agentflow/v1
name: every
inputs: {who: {type: string}}
agents:
  helper: {instructions: help, tools: [read_file], limits: {turns: 3, tokens: 2k, cost: $0.10, time: 1m}}
steps:
  a: {prompt: "hi ${{ inputs.who }}", cache: true, max_tokens: 5}
  b: {agent: helper, task: do}
  c: {http: {url: "https://a.test/x"}}
  d: {steps: {inner: {set: {x: 1}}}, outputs: {x: "${{ steps.inner.output.x }}"}}
  e: {tool: read_file, with: {path: x}, needs: [d]}
finally: {last: {set: {x: "${{ env.HOME }}"}}}
"""


@pytest.fixture
def plan(cli: Cli, write: Write) -> dict:
    write("every.yaml", EVERY)
    assert cli("run", "every.yaml", "-i", "who=x", "--mock").code in (0, 1)
    called = cli("plan", "every.yaml", "-o", "json")
    assert called.code == 0, called.err
    found: dict = json.loads(called.out)
    return found


def names(cls: type) -> set[str]:
    return {field.name for field in dataclasses.fields(cls)}


def test_the_keys_of_a_plan_are_all_there_whatever_is_known(plan: dict) -> None:
    assert set(plan) == {"version", *names(r.PlanReport)} and plan["version"] == 1
    assert plan["steps"] and all(set(step) == names(r.PlannedStep) for step in plan["steps"])
    by_id = {step["id"]: step for step in plan["steps"]}
    assert set(by_id["a"]["model"]) == names(r.ModelUse) and set(by_id["a"]["cache"]) == names(r.CacheOutlook)
    assert set(by_id["b"]["agent"]) == names(r.AgentUse) and set(by_id["a"]["since_last_run"]) == names(r.SinceLastRun)
    assert set(plan["inputs"]) == names(r.InputsOutlook) and set(plan["last_run"]) == names(r.LastRun)
    assert set(plan["bounds"]) == names(r.Bounds) and set(plan["limits"]) == names(r.Limits)
    for key, cls in (("needs", r.Need), ("reaches", r.Reach), ("tools", r.ToolUse)):
        assert plan[key] and all(set(entry) == names(cls) for entry in plan[key])


def _documented(heading: str) -> set[str]:
    """The keys in the first column of the table below a heading of the page."""
    text = (ROOT / "docs/running.md").read_text()
    section = text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return {key for row in re.findall(r"^\| (`[^|]+) \|", section, re.M) for key in re.findall(r"`(\w+)`", row)}


def test_the_keys_of_a_plan_are_documented(plan: dict) -> None:
    assert _documented("What would run") == {"version", *names(r.PlanReport), *names(r.PlannedStep)}


def test_the_keys_of_a_graph_are_documented(cli: Cli, write: Write) -> None:
    write("every.yaml", EVERY)
    graph = json.loads(cli("graph", "every.yaml", "-o", "json").out)
    assert _documented("Drawings") == {*graph, *graph["nodes"][0], *graph["edges"][0]}
