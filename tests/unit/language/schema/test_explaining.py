"""What is wrong with a workflow is the same whether what is right in it was passed over quickly or explained."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from agentflow_cli.diagnostics.diagnostic import Diagnostics
from agentflow_cli.domain.json_value import Json
from agentflow_cli.language.loader.yaml_reader import read_yaml
from agentflow_cli.language.schema.files import load_schema
from agentflow_cli.language.schema.validator import Violation, is_workflow, violations

CASES = Path(__file__).parents[3] / "diagnostics" / "cases"


def wrong_workflows() -> list[Json]:
    found = []
    for path in sorted(CASES.glob("*.yaml")):
        document = read_yaml(path.read_bytes().decode(errors="replace"), path.name, Diagnostics())
        if document is not None and isinstance(document.data, dict) and not is_workflow(document.data):
            found.append(document.data)
    return found


def told(found: list[Violation]) -> list[tuple[object, ...]]:
    return [(v.path, v.keyword, v.expected, v.value) for v in found]


@pytest.mark.parametrize("beside", [[], [0] * 3_000], ids=["small", "large"])
def test_what_is_passed_over_quickly_is_right(beside: list[Json]) -> None:
    """A copy of the schema is a schema like any other: nothing is passed over."""
    ours, other = load_schema(), copy.deepcopy(load_schema())
    workflows = wrong_workflows()
    assert len(workflows) > 60
    for data in workflows:
        assert isinstance(data, dict)
        quick = violations(ours, {**data, "x-data": beside})
        assert quick
        assert told(quick) == told(violations(other, {**data, "x-data": beside}))
