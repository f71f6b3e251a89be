"""What `validate` is silent about runs: no expression of these workflows fails, whatever a model says."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Called

VALID = Path(__file__).parents[1] / "diagnostics" / "ok"
RUN = (
    "answers_for_ci_that_leave_out", "as_json", "book_of_chapters", "debate_in_rounds", "deep_objects",
    "failures_that_are_told", "matrix_build", "pages_by_a_cursor", "plan_and_execute", "prompts_with_everything",
    "releases_by_environment", "review_of_a_pull_request", "schemas_of_entities", "teams_and_people",
    "tickets_by_intent", "windows_line_ends", "yaml_of_every_sort",
)  # fmt: skip


@pytest.mark.parametrize("name", RUN)
def test_a_workflow_that_is_found_valid_ends_well(cli: Callable[..., Called], project: Path, name: str) -> None:
    shutil.copy(VALID / f"{name}.yaml", project / f"{name}.yaml")
    called = cli("run", f"{name}.yaml", "--mock", "--no-input", "--progress", "none")
    assert called.code == 0, called.err
